/* SPDX-License-Identifier: MIT */
#include "io/io.h"

#include "folder.h"

TestSuite(ptbxl, .init = make_folder, .fini = remove_folder);

static const char statements[] =
    ",description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass\n"
    "NORM,normal ECG,1.0,,,NORM,NORM\n"
    "IMI,inferior myocardial infarction,1.0,,,MI,IMI\n"
    "ASMI,anteroseptal myocardial infarction,1.0,,,MI,AMI\n"
    "IPLMI,\"inferoposterolateral\nmyocardial infarction\",1.0,,,MI,IMI\n"
    "INJLA,injury in lateral leads,1.0,,,MI,AMI\n"
    "XXMI,a code of a later version,1.0,,,MI,PMI\n"
    "NST_,non-specific ST changes,1.0,1.0,,STTC,NST_\n"
    "CLBBB,complete left bundle branch block,1.0,,,CD,CLBBB\n"
    "LVH,left ventricular hypertrophy,1.0,,,HYP,LVH\n"
    "ABQRS,abnormal QRS,,1.0,,,\n"
    "SR,sinus rhythm,,,1.0,,\n";

/* Columns in another order than the official table's, with two that are not read. */
static const char names[] = "filename_hr,filename_lr,ecg_id,patient_id,age,sex,report,scp_codes,"
                            "baseline_drift,static_noise,burst_noise,electrodes_problems,"
                            "validated_by,strat_fold\n";

static struct leadseq_ptbxl *open_text(const char *rows)
{
    char *text = leadseq_format("%s%s", names, rows);
    put("ptbxl_database.csv", text);
    put("scp_statements.csv", statements);
    free(text);
    leadseq_error_clear();
    return leadseq_ptbxl_open(folder);
}

/* A row with one field replaced; the caller frees. */
static char *row_with(const char *field, const char *value)
{
    static const char *const fields[][2] = {
        {"filename_hr", "records500/00000/00007_hr"},
        {"filename_lr", "records100/00000/00007_lr"},
        {"ecg_id", "7"},
        {"patient_id", "15709.0"},
        {"age", "56.0"},
        {"sex", "1"},
        {"report", "\"ekg, \"\"normal\"\"\""},
        {"scp_codes", "\"{'NORM': 100.0, 'SR': 0.0}\""},
        {"baseline_drift", ""},
        {"static_noise", ""},
        {"burst_noise", ""},
        {"electrodes_problems", ""},
        {"validated_by", ""},
        {"strat_fold", "3"},
    };
    char *text = leadseq_format("%s", "");
    for (size_t i = 0; i < LEADSEQ_COUNT(fields); i++) {
        bool this_one = !strcmp(fields[i][0], field);
        char *more = leadseq_format("%s%s%s", text, i ? "," : "", this_one ? value : fields[i][1]);
        free(text);
        text = more;
    }
    char *line = leadseq_format("%s\n", text);
    free(text);
    return line;
}

static struct leadseq_ptbxl *open_with(const char *field, const char *value)
{
    char *row = row_with(field, value);
    struct leadseq_ptbxl *p = open_text(row);
    free(row);
    return p;
}

Test(ptbxl, fields_that_make_no_sense_are_refused_by_line_and_column)
{
    static const struct {
        const char *field, *value, *says;
    } cases[] = {
        {"ecg_id", "", "csv:2: ecg_id: expected a whole number from 1"},
        {"ecg_id", "seven", "found \"seven\""},
        {"ecg_id", "7.5", "ecg_id"},
        {"ecg_id", "-7", "ecg_id"},
        {"ecg_id", "1e300", "ecg_id"},
        {"ecg_id", "nan", "ecg_id"},
        {"patient_id", "x", "patient_id"},
        {"age", "old", "age"},
        {"age", "-1", "age"},
        {"age", "150", "300 for over 89"},
        {"age", "inf", "age"},
        {"sex", "2", "sex"},
        {"sex", "f", "sex"},
        {"strat_fold", "0", "strat_fold"},
        {"strat_fold", "11", "strat_fold"},
        {"strat_fold", "1.5", "strat_fold"},
        {"filename_lr", "/etc/passwd", "below the folder"},
        {"filename_hr", "../../x", "below the folder"},
        {"filename_hr", "a/very/long/path/that/goes/on/and/on/and/on/and/on/and/on/and/on/and/on",
         "at most 63 characters"},
        {"scp_codes", "", "csv:2: ecg_id 7: scp_codes: expected {'CODE'"},
        {"scp_codes", "NORM", "expected {'CODE'"},
        {"scp_codes", "\"{'NORM': 100.0\"", "expected , or }"},
        {"scp_codes", "{'NORM'}", "likelihood"},
        {"scp_codes", "{NORM: 100.0}", "likelihood"},
        {"scp_codes", "{'NORM': high}", "likelihood"},
        {"scp_codes", "{'NORM': 101}", "likelihood"},
        {"scp_codes", "{'NORM': -1}", "likelihood"},
        {"scp_codes", "{'NORM': nan}", "likelihood"},
        {"scp_codes", "{'': 1}", "likelihood"},
        {"scp_codes", "{'ACODETHATISMUCHTOOLONG': 1}", "likelihood"},
        {"scp_codes", "{'NORM: 1}", "likelihood"},
        {"scp_codes", "{'NORM': 100.0} x", "after the }"},
        {"scp_codes", "\"{'NORM': 100.0, 'NORM': 80.0}\"", "'NORM' twice"},
        {"scp_codes", "{'NOPE': 100.0}", "expected codes of scp_statements.csv, found 'NOPE'"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        cr_assert_null(open_with(cases[i].field, cases[i].value), "accepted %s = %s",
                       cases[i].field, cases[i].value);
        cr_assert_error_has("ptbxl_database.csv:2");
        cr_assert_error_has(cases[i].says);
    }
}

Test(ptbxl, rows_that_are_no_csv_are_refused_by_line)
{
    char *row = row_with("", "");
    static const struct {
        const char *second, *says;
    } cases[] = {
        {"1,2,3\n", "csv:3: expected 14 cells between commas as in the title line, found 3"},
        {",,,,,,,,,,,,,,,\n", "csv:3: expected 14 cells"},
        {"a,\"broken,quote\n1,2\n", "csv:3: a quote is opened and never closed"},
        {"a,\"bro\"ken,\n", "csv:3: expected commas between cells, found \"ken"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        char text[2048];
        snprintf(text, sizeof text, "%s%s", row, cases[i].second);
        cr_assert_null(open_text(text), "accepted case %zu", i);
        cr_assert_error_has("ptbxl_database.csv");
        cr_assert_error_has(cases[i].says);
    }
    free(row);
}

Test(ptbxl, duplicate_ids_are_refused)
{
    char *row = row_with("", ""), *other = row_with("ecg_id", "8");
    char *twice = leadseq_format("%s%s%s", row, other, row);
    cr_assert_null(open_text(twice));
    cr_assert_error_has("ptbxl_database.csv:4: ecg_id: expected each once, found 7 on line 2 too");
    free(twice), free(other), free(row);
}

Test(ptbxl, a_missing_column_is_named)
{
    static const char *const needed[] = {"ecg_id", "scp_codes"};
    char *row = row_with("", "");
    for (size_t i = 0; i < LEADSEQ_COUNT(needed); i++) {
        char *text = leadseq_format("%s%s", names, row);
        *strstr(text, needed[i]) = 'X';
        put("scp_statements.csv", statements);
        put("ptbxl_database.csv", text);
        cr_assert_null(leadseq_ptbxl_open(folder));
        char says[80];
        snprintf(says, sizeof says, "csv:1: expected a column named \"%s\"", needed[i]);
        cr_assert_error_has(says);
        free(text);
    }
    free(row);
}

/* What one rate does not use, and what only describes a record, may be absent. */
Test(ptbxl, what_is_not_used_is_not_needed)
{
    static const char *const spare[] = {
        "patient_id",  "age",          "sex",         "strat_fold",     "filename_lr",
        "filename_hr", "static_noise", "burst_noise", "baseline_drift", "electrodes_problems"};
    char *row = row_with("static_noise", "\", I-AVR,\"");
    for (size_t i = 0; i < LEADSEQ_COUNT(spare); i++) {
        char *text = leadseq_format("%s%s", names, row);
        *strstr(text, spare[i]) = 'X';
        put("scp_statements.csv", statements);
        put("ptbxl_database.csv", text);
        struct leadseq_ptbxl *p = leadseq_ptbxl_open(folder);
        cr_assert(p, "%s", leadseq_error());
        bool hr = !strcmp(spare[i], "filename_hr"), lr = !strcmp(spare[i], "filename_lr");
        cr_assert_eq(p->row->quality,
                     strcmp(spare[i], "static_noise") ? LEADSEQ_QUALITY_STATIC_NOISE : 0);
        cr_assert_eq(!*p->row->filename_hr, hr);
        cr_assert_eq(!*p->row->filename_lr, lr);
        cr_assert_eq(p->row->patient_id, strcmp(spare[i], "patient_id") ? 15709 : -1);
        cr_assert_eq(p->row->strat_fold, strcmp(spare[i], "strat_fold") ? 3 : -1);
        leadseq_ptbxl_close(p);
        free(text);
    }
    free(row);
    struct leadseq_ptbxl *p = open_with("filename_hr", "");
    cr_assert(p && !*p->row->filename_hr);
    leadseq_ptbxl_close(p);
    p = open_with("patient_id", "NaN");
    cr_assert(p && p->row->patient_id == -1);
    leadseq_ptbxl_close(p);
}

Test(ptbxl, a_record_needs_a_file)
{
    char *row = row_with("filename_hr", "NaN"), *file = strstr(row, "records100");
    size_t n = strcspn(file, ",");
    memmove(file, file + n, strlen(file + n) + 1);
    cr_assert_null(open_text(row));
    cr_assert_error_has("csv:2: filename_lr: expected the record's path");
    free(row);
    char *text = leadseq_format("%s", names);
    *strstr(text, "filename_lr") = *strstr(text, "filename_hr") = 'X';
    put("ptbxl_database.csv", text);
    cr_assert_null(leadseq_ptbxl_open(folder));
    cr_assert_error_has("csv:1: expected a column named \"filename_lr\"");
    free(text);
}

Test(ptbxl, empty_missing_and_binary_tables_are_refused)
{
    cr_assert_null(leadseq_ptbxl_open(folder));
    cr_assert_error_has("scp_statements.csv: cannot be read");
    put("scp_statements.csv", statements);
    cr_assert_null(leadseq_ptbxl_open(folder));
    cr_assert_error_has("ptbxl_database.csv: cannot be read");
    put("ptbxl_database.csv", "");
    cr_assert_null(leadseq_ptbxl_open(folder));
    cr_assert_error_has("expected a title line");
    put("ptbxl_database.csv", names);
    cr_assert_null(leadseq_ptbxl_open(folder));
    cr_assert_error_has("expected one row per record, found none");
    put_bytes("ptbxl_database.csv", "a,b\0c\n", 6);
    cr_assert_null(leadseq_ptbxl_open(folder));
    cr_assert_error_has("zero byte");
}

Test(ptbxl, statements_that_make_no_sense_are_refused)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {",diagnostic,diagnostic_class\nNORM,1.0,NORM\n", "diagnostic_subclass"},
        {",diagnostic,diagnostic_class,diagnostic_subclass\n", "none named NORM"},
        {",diagnostic,diagnostic_class,diagnostic_subclass\nNORM,maybe,NORM,\n",
         "csv:2: diagnostic"},
        {",diagnostic,diagnostic_class,diagnostic_subclass\nNORM,1.0,ODD,\n", "found \"ODD\""},
        {",diagnostic,diagnostic_class,diagnostic_subclass\nNORM,1,NORM,\nNORM,1,NORM,\n",
         "csv:3: column 1: expected each code once"},
        {",diagnostic,diagnostic_class,diagnostic_subclass\n,1,NORM,\n",
         "csv:2: column 1: expected a code"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        put("scp_statements.csv", cases[i].text);
        cr_assert_null(leadseq_ptbxl_open(folder));
        cr_assert_error_has("scp_statements.csv");
        cr_assert_error_has(cases[i].says);
    }
}

Test(ptbxl, labels_follow_the_published_rule)
{
    enum {
        A = LEADSEQ_SITE_ANTERIOR,
        I = LEADSEQ_SITE_INFERIOR,
        L = LEADSEQ_SITE_LATERAL,
        P = LEADSEQ_SITE_POSTERIOR
    };
    static const struct {
        const char *codes;
        uint8_t superclass[LEADSEQ_SUPERCLASSES]; // NORM MI STTC CD HYP
        uint8_t site;
        float likelihood;
    } cases[] = {
        {"\"{'NORM': 100.0, 'SR': 0.0}\"", {1, 0, 0, 0, 0}, 0, 0},
        {"{'IMI': 0.0}", {0, 1, 0, 0, 0}, I, 0}, // a likelihood of 0 counts
        {"\"{'IMI': 35.0, 'ASMI': 50.0, 'NORM': 80}\"", {1, 1, 0, 0, 0}, A | I, 50},
        {"{'IPLMI': 15.0}", {0, 1, 0, 0, 0}, I | P | L, 15},
        {"{'INJLA': 15.0}", {0, 1, 0, 0, 0}, L, 15},  // whatever its subclass
        {"{'XXMI': 100.0}", {0, 1, 0, 0, 0}, P, 100}, // by its subclass
        {"\"{\"\"LVH\"\" : 1,'NST_':2.5 , 'CLBBB': 1e1 }\"", {0, 0, 1, 1, 1}, 0, 0},
        {"\"{'ABQRS': 0.0, 'SR': 0.0}\"", {0, 0, 0, 0, 0}, 0, 0},
        {"{}", {0, 0, 0, 0, 0}, 0, 0},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_ptbxl *p = open_with("scp_codes", cases[i].codes);
        cr_assert(p, "%s", leadseq_error());
        const struct leadseq_ptbxl_row *row = leadseq_ptbxl_find(p, 7);
        cr_assert(row);
        cr_assert_eq(memcmp(row->superclass, cases[i].superclass, sizeof row->superclass), 0, "%s",
                     cases[i].codes);
        cr_assert_eq(row->mi, cases[i].superclass[LEADSEQ_MI]);
        cr_assert_eq(row->mi_site, cases[i].site, "%s", cases[i].codes);
        cr_assert_eq(row->mi_likelihood, cases[i].likelihood);
        leadseq_ptbxl_close(p);
    }
}

Test(ptbxl, a_row_is_read_whatever_the_order_of_columns)
{
    char *a = row_with("report", "\"two\nlines, and \"\"quotes\"\"\"");
    char *b = row_with("ecg_id", "3"), *c = row_with("ecg_id", "12");
    char *text = leadseq_format("%s\r\n%s%s", a, c, b);
    struct leadseq_ptbxl *p = open_text(text);
    cr_assert(p, "%s", leadseq_error());
    cr_assert_eq(p->n, 3);
    cr_assert(p->row[0].ecg_id == 3 && p->row[1].ecg_id == 7 && p->row[2].ecg_id == 12);
    const struct leadseq_ptbxl_row *row = leadseq_ptbxl_find(p, 7);
    cr_assert_eq(row->patient_id, 15709);
    cr_assert_eq(row->age_years, 56);
    cr_assert_eq(row->sex, 1);
    cr_assert_eq(row->strat_fold, 3);
    cr_assert_str_eq(row->filename_lr, "records100/00000/00007_lr");
    cr_assert_str_eq(row->filename_hr, "records500/00000/00007_hr");
    cr_assert_eq(row->quality, 0);
    cr_assert_null(leadseq_ptbxl_find(p, 8));
    cr_assert_eq(strncmp(p->checksum, "crc32:", 6), 0);
    leadseq_ptbxl_close(p);
    leadseq_ptbxl_close(NULL);
    free(text), free(c), free(b), free(a);
}

Test(ptbxl, an_error_behind_a_field_of_several_lines_names_the_right_line)
{
    char *a = row_with("report", "\"three\nlines\nof text\""), *b = row_with("ecg_id", "x");
    char *text = leadseq_format("%s\n%s", a, b);
    cr_assert_null(open_text(text));
    cr_assert_error_has("ptbxl_database.csv:6: ecg_id");
    free(text), free(b), free(a);
}

Test(ptbxl, unknown_ages_and_sexes_are_minus_one_and_300_is_over_89)
{
    static const struct {
        const char *age;
        int years;
    } cases[] = {{"", -1}, {"nan", -1}, {"300.0", LEADSEQ_AGE_OVER_89}, {"89", 89}, {"0", 0}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_ptbxl *p = open_with("age", cases[i].age);
        cr_assert(p, "%s", leadseq_error());
        cr_assert_eq(p->row->age_years, cases[i].years);
        leadseq_ptbxl_close(p);
    }
    struct leadseq_ptbxl *p = open_with("sex", "");
    cr_assert(p && p->row->sex == -1);
    leadseq_ptbxl_close(p);
}

/* What pandas (na_rep), R, SQL and tables of 0 and 1 write for no remark. */
Test(ptbxl, quality_flags_are_not_set_by_what_means_nothing)
{
    static const struct {
        const char *cell;
        bool set;
    } cases[] = {
        {"", false},
        {"NaN", false},
        {"nan", false},
        {"NULL", false},
        {"None", false},
        {"NA", false},
        {"N/A", false},
        {"<NA>", false},
        {"False", false},
        {"FALSE", false},
        {"0", false},
        {"0.0", false},
        {" ", false},
        {"\" \"", false},
        {"null", false},
        {"\\N", false},
        {"no", false},
        {"-", false},
        {"--", false},
        {"?", false},
        {"unknown", false},
        {"Missing", false},
        {"nil", false},
        {"-1", false},
        {"No problem", false},
        {"\xe2\x80\x93", false},
        {"no signal", true},
        {"True", true},
        {"1", true},
        {"1.0", true},
        {"alles", true},
        {"I-AVR", true},
        {"\" , I-AVR,\"", true},
        {"V1, V2\tx", true},
        {"noisch", true},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        bool is_quoted = strchr(cases[i].cell, '"');
        char *quoted = is_quoted ? leadseq_format("%s", cases[i].cell)
                                 : leadseq_format("\"%s\"", cases[i].cell);
        struct leadseq_ptbxl *p = open_with("static_noise", quoted);
        cr_assert(p, "%s", leadseq_error());
        cr_assert_eq(p->row->quality, cases[i].set ? LEADSEQ_QUALITY_STATIC_NOISE : 0, "%s",
                     cases[i].cell);
        leadseq_ptbxl_close(p);
        free(quoted);
    }
}

Test(ptbxl, quality_flags_are_set_by_any_text)
{
    static const struct {
        const char *column;
        uint8_t bit;
    } cases[] = {
        {"baseline_drift", LEADSEQ_QUALITY_BASELINE_DRIFT},
        {"static_noise", LEADSEQ_QUALITY_STATIC_NOISE},
        {"burst_noise", LEADSEQ_QUALITY_BURST_NOISE},
        {"electrodes_problems", LEADSEQ_QUALITY_ELECTRODES},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_ptbxl *p = open_with(cases[i].column, "\" , I-V1,  \"");
        cr_assert(p, "%s", leadseq_error());
        cr_assert_eq(p->row->quality, cases[i].bit);
        leadseq_ptbxl_close(p);
    }
}

/* --- The official table ----------------------------------------------------------- */

static struct leadseq_ptbxl *open_official(void)
{
    const char *root = real_folder(NULL, "ptbxl-metadata");
    if (!root) cr_skip_test("no folder ptbxl-metadata with the official tables");
    struct leadseq_ptbxl *p = leadseq_ptbxl_open(root);
    cr_assert(p, "%s", leadseq_error());
    return p;
}

Test(ptbxl, the_official_table_has_its_known_counts)
{
    struct leadseq_ptbxl *p = open_official();
    size_t superclass[LEADSEQ_SUPERCLASSES] = {0}, none = 0, mi[4] = {0}, below_100 = 0;
    static const int known_ids[] = {8, 39, 50, 63, 77};
    for (size_t i = 0; i < p->n; i++) {
        const struct leadseq_ptbxl_row *row = &p->row[i];
        bool any = false;
        for (int c = 0; c < LEADSEQ_SUPERCLASSES; c++)
            superclass[c] += row->superclass[c], any = any || row->superclass[c];
        none += !any;
        if (!row->mi) continue;
        mi[0] += row->mi_likelihood >= 35, mi[1] += row->mi_likelihood >= 50;
        mi[2] += row->mi_likelihood >= 80, mi[3] += row->mi_likelihood == 100;
        cr_assert(row->mi_site, "ecg_id %d: no site", row->ecg_id);
        if (row->ecg_id < 100) {
            cr_assert_lt(below_100, 5);
            cr_assert_eq(row->ecg_id, known_ids[below_100++]);
        }
    }
    static const size_t known[LEADSEQ_SUPERCLASSES] = {9514, 5469, 5235, 4898, 2649};
    cr_assert_eq(p->n, 21799);
    for (int c = 0; c < LEADSEQ_SUPERCLASSES; c++)
        cr_assert_eq(superclass[c], known[c], "%s", leadseq_superclass_name[c]);
    cr_assert_eq(none, 411);
    cr_assert_eq(below_100, 5);
    cr_assert(mi[0] == 4261 && mi[1] == 4134 && mi[2] == 3174 && mi[3] == 2975);
    leadseq_ptbxl_close(p);
}

static int by_patient(const void *a, const void *b)
{
    return ((const int *)a)[0] - ((const int *)b)[0];
}

Test(ptbxl, the_official_folds_have_their_known_counts_and_share_no_patient)
{
    struct leadseq_ptbxl *p = open_official();
    static const size_t known[11][2] = {{0, 0},      {2175, 549}, {2181, 538}, {2192, 528},
                                        {2174, 551}, {2174, 563}, {2173, 562}, {2176, 550},
                                        {2173, 538}, {2183, 540}, {2198, 550}};
    size_t count[11][2] = {{0}}, patients = 0;
    int(*key)[2] = calloc(p->n, sizeof *key);
    for (size_t i = 0; i < p->n; i++) {
        count[p->row[i].strat_fold][0]++;
        count[p->row[i].strat_fold][1] += p->row[i].mi;
        key[i][0] = p->row[i].patient_id, key[i][1] = p->row[i].strat_fold;
        cr_assert(i == 0 || p->row[i].ecg_id > p->row[i - 1].ecg_id);
    }
    for (int fold = 1; fold <= 10; fold++)
        cr_assert(count[fold][0] == known[fold][0] && count[fold][1] == known[fold][1],
                  "fold %d: %zu records, %zu MI", fold, count[fold][0], count[fold][1]);
    qsort(key, p->n, sizeof *key, by_patient);
    for (size_t i = 0; i < p->n; i++) {
        bool same = i && key[i][0] == key[i - 1][0];
        cr_assert(!same || key[i][1] == key[i - 1][1], "patient %d is in two folds", key[i][0]);
        patients += !same;
    }
    cr_assert_eq(patients, 18869);
    free(key);
    leadseq_ptbxl_close(p);
}
