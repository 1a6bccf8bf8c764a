/* SPDX-License-Identifier: MIT */
#include "dataset/dataset.h"

#include "folder.h"

#include <math.h>

TestSuite(source_table, .init = make_folder, .fini = remove_folder);

static void write_records(void)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    enum { SAMPLES = 1000 };
    static float mv[LEADSEQ_LEADS * SAMPLES];
    for (size_t i = 0; i < LEADSEQ_COUNT(mv); i++) mv[i] = sinf((float)i * 0.01f);
    cr_assert_eq(leadseq_folder_make(in_folder("sub")), 0);
    for (size_t i = 0; i < LEADSEQ_COUNT(names); i++)
        cr_assert_eq(
            leadseq_record_write(in_folder(i == 3 ? "sub" : "."), names[i], 100, mv, SAMPLES), 0,
            "%s", leadseq_error());
}

/* Renders the folder by a table; `labels` NULL: not given. */
static int render(const char *table, const char *labels, bool skip_missing, size_t *missing)
{
    static const char *const given[] = {"table", "records"};
    const struct leadseq_source_type *type = leadseq_source_choose(given, 2);
    cr_assert(type, "%s", leadseq_error());
    struct leadseq_build_options options = {
        .workers = 1, .command_line = "test", .skip_missing = skip_missing};
    struct leadseq_build_report report;
    char *path = strdup(put("t.csv", table)), *list = labels ? strdup(labels) : NULL;
    char *where = strdup(folder);
    const struct leadseq_source_value value[LEADSEQ_SOURCE_OPTIONS] = {
        {&path, 1}, {&where, 1}, {&list, labels != NULL}};
    leadseq_drawing_default(&options.drawing, LEADSEQ_PAPER_TEXT);
    options.drawing.width = options.drawing.height = 32;
    unlink(in_folder("t.h5"));
    leadseq_error_clear();
    int status = leadseq_build(type, value, in_folder("t.h5"), &options, &report);
    if (missing) *missing = report.missing;
    free(path);
    free(list);
    free(where);
    return status;
}

static struct leadseq_stack *stack_of(const char *table, const char *labels)
{
    write_records();
    cr_assert_eq(render(table, labels, false, NULL), 0, "%s", leadseq_error());
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("t.h5"));
    cr_assert(stack, "%s", leadseq_error());
    return stack;
}

Test(source_table, columns_become_rows_and_labels)
{
    struct leadseq_stack *stack = stack_of("record,patient_id,fold,age,sex,AF,note,CD\n"
                                           "a,17,1,54,female,1,x,\n"
                                           "sub/d.hea,17,,,M,0,\"y, z\",1\n"
                                           "b.mat,18,10,300,,,,0\n",
                                           NULL);
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    cr_assert_eq(leadseq_stack_count(stack), 3);
    cr_assert_str_eq(row[1].record, "sub/d"); // a path as written, without its ending
    cr_assert(row[0].patient_id == 17 && row[1].patient_id == 17 && row[2].patient_id == 18);
    cr_assert(row[0].strat_fold == 1 && row[1].strat_fold == -1 && row[2].strat_fold == 10);
    cr_assert(row[0].age_years == 54 && row[1].age_years == -1 && row[2].age_years == 300);
    cr_assert(row[0].sex == 1 && row[1].sex == 0 && row[2].sex == -1);
    cr_assert_eq(leadseq_stack_labels(stack), 2);
    cr_assert_arr_eq(leadseq_stack_label(stack, "AF"), ((uint8_t[]){1, 0, 255}), 3);
    cr_assert_arr_eq(leadseq_stack_label(stack, "CD"), ((uint8_t[]){255, 1, 0}), 3);
    leadseq_stack_close(stack);
}

Test(source_table, patients_that_are_no_numbers_are_numbered_as_they_come)
{
    struct leadseq_stack *stack =
        stack_of("path,patient_id,AF\na,zeta,1\nb,alpha,0\nc,,1\nsub/d,zeta,0\n", NULL);
    static const int expected[] = {1, 2, -1, 1};
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(leadseq_stack_rows(stack)[i].patient_id, expected[i]);
    leadseq_stack_close(stack);
}

Test(source_table, quotes_marks_and_line_ends_of_other_systems_are_read)
{
    struct leadseq_stack *stack = stack_of(
        "\xef\xbb\xbf\"record\",AF,note\r\n\"a\",1.0,\"two\r\nlines\"\r\nb,0.0,\r\n", NULL);
    cr_assert_eq(leadseq_stack_labels(stack), 1);
    cr_assert_arr_eq(leadseq_stack_label(stack, "AF"), ((uint8_t[]){1, 0}), 2);
    leadseq_stack_close(stack);
}

Test(source_table, named_labels_are_taken_and_no_others)
{
    struct leadseq_stack *stack = stack_of("record,AF,CD,sex\na,1,0,1\nb,0,1,0\n", "CD, sex");
    cr_assert_eq(leadseq_stack_labels(stack), 2);
    cr_assert_null(leadseq_stack_label(stack, "AF"));
    cr_assert_arr_eq(leadseq_stack_label(stack, "sex"), ((uint8_t[]){1, 0}), 2);
    leadseq_stack_close(stack);
}

Test(source_table, an_age_may_have_its_unit_as_in_a_header)
{
    static const struct {
        const char *cell;
        int years;
    } cases[] = {{"45Y", 45}, {"045Y", 45}, {"45 years", 45}, {"30 months", 2}, {"64.5", 64}};
    write_records();
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        char *text = leadseq_format("record,age,AF\na,%s,1\nb,,0\n", cases[i].cell);
        struct leadseq_stack *stack = stack_of(text, NULL);
        cr_assert_eq(leadseq_stack_rows(stack)[0].age_years, cases[i].years, "%s", cases[i].cell);
        leadseq_stack_close(stack);
        remove(in_folder("t.h5"));
        free(text);
    }
}

Test(source_table, an_age_of_the_header_does_not_replace_that_of_the_table)
{
    write_records();
    FILE *f = fopen(in_folder("a.hea"), "a");
    cr_assert(f);
    fputs("# Age: 33\n# Sex: Female\n", f);
    cr_assert_eq(fclose(f), 0);
    cr_assert_eq(render("record,age,AF\na,54,1\nb,,0\n", NULL, false, NULL), 0);
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("t.h5"));
    cr_assert(stack);
    cr_assert_eq(leadseq_stack_rows(stack)[0].age_years, 54);
    cr_assert_eq(leadseq_stack_rows(stack)[0].sex, 1); // the table does not say
    leadseq_stack_close(stack);
}

Test(source_table, absent_records_are_counted_where_asked)
{
    size_t missing;
    write_records();
    cr_assert_eq(render("record,AF\na,1\nnone,0\nb,0\n", NULL, true, &missing), 0);
    cr_assert_eq(missing, 1);
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("t.h5"));
    cr_assert_arr_eq(leadseq_stack_label(stack, "AF"), ((uint8_t[]){1, 0}), 2);
    leadseq_stack_close(stack);
}

Test(source_table, what_is_wrong_is_named_with_line_and_column)
{
    static const struct {
        const char *table, *labels, *words;
    } bad[] = {
        {"record,AF\na,1\nb,2\n", "AF", "t.csv:3: AF: expected 0, 1 or nothing, found \"2\""},
        {"record,AF\na,maybe\n", "AF", "t.csv:2: AF: expected 0, 1 or nothing"},
        {"record,AF\na,0.5\n", "AF", "found \"0.5\""},
        {"record,AF\na,10\n", "AF", "found \"10\""},
        {"record,AF\na,1\n", "CD",
         "--labels: expected columns of the table (record, AF), found \"CD\""},
        {"record,AF\na,1\n", "AF,AF", "each name once"},
        {"record,AF\na,1\n", "AF,,", "found an empty one"},
        {"record,AF\na,2\n", NULL, "expected a label column"},
        {"record,AF\na,\n", NULL, "expected a label column"},
        {"record,AF\n", NULL, "expected one row per record"},
        {"", NULL, "expected a title line with the names of the columns"},
        {"name,AF\na,1\n", NULL, "t.csv:1: expected a column named \"record\" or \"path\""},
        {"record,AF\na,1\na.hea,0\n", NULL, "t.csv:3: record: expected each record once (line 2"},
        {"record,AF\na,1\nnone,0\n", NULL, "t.csv:3: record: expected a record whose header"},
        {"record,AF\n/a,1\n", NULL, "t.csv:2: record: expected a record's path"},
        {"record,AF\n,1\n", NULL, "t.csv:2: record: expected a record's path"},
        {"record,mi\na,1\nb,0\n", NULL, "column 2 (mi): the name \"mi\""},
        {"record,superclass\na,1\nb,0\n", "superclass", "rename it"},
        {"record,mi_site\na,1\nb,0\n", "mi_site", "is no label"},
        {"record,a b\na,1\nb,0\n", NULL, "column 2 (a b): expected a label's name"},
        {"record,AF,AF\na,1,0\nb,0,1\n", NULL, "each column once, found \"AF\" as columns 2 and 3"},
        {"record,fold,AF\na,11,1\n", NULL,
         "t.csv:2: fold: expected a whole number from 1 to 10 or nothing, found \"11\""},
        {"record,fold,AF\na,1.5,1\n", NULL, "t.csv:2: fold: "},
        {"record,age,AF\na,old,1\n", NULL, "t.csv:2: age: expected an age"},
        {"record,age,AF\na,4 Monate,1\n", NULL, "t.csv:2: age: expected an age"},
        {"record,age,AF\na,\"45, 46\",1\n", NULL, "t.csv:2: age: expected an age"},
        {"record,sex,AF\na,x,1\n", NULL, "t.csv:2: sex: expected male, female"},
        {"record,AF\na,1\nb\n", NULL,
         "t.csv:3: expected 2 cells between commas as in the title line, found 1"},
        {"record,AF\n\"a,1\n", NULL, "t.csv:2: a quote is opened and never closed"},
    };
    write_records();
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        cr_assert_eq(render(bad[i].table, bad[i].labels, false, NULL), -1, "case %zu was accepted",
                     i);
        cr_assert(strstr(leadseq_error(), bad[i].words), "case %zu: %s", i, leadseq_error());
        cr_assert_not(leadseq_path_exists(in_folder("t.h5")));
    }
}

Test(source_table, sources_are_chosen_by_their_options)
{
    static const struct {
        const char *given[3], *name;
    } cases[] = {{{"ptbxl"}, "ptbxl"},
                 {{"records"}, "records"},
                 {{"records", "table"}, "table"},
                 {{"labels", "table", "records"}, "table"},
                 {{"table"}, NULL},
                 {{"labels", "records"}, NULL},
                 {{"ptbxl", "records"}, NULL},
                 {{NULL}, NULL}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        size_t n = 0;
        while (n < 3 && cases[i].given[n]) n++;
        leadseq_error_clear();
        const struct leadseq_source_type *type = leadseq_source_choose(cases[i].given, n);
        if (cases[i].name) cr_assert(type && !strcmp(type->name, cases[i].name), "case %zu", i);
        if (!cases[i].name) cr_assert(!type && strstr(leadseq_error(), "--table FILE.csv"));
    }
}
