/* SPDX-License-Identifier: MIT
 *
 * A researcher's own records and a csv table of them: which files, whose, and label columns.
 *
 *   record,patient_id,fold,age,sex,AF,note        --labels AF, or by default the columns whose
 *   a/0001,P17,1,54,female,1,exercise test        cells are only 0, 1 or empty: here AF
 *   a/0002,P17,1,54,female,,                      record a/0002: AF is unknown
 *
 * Every fault is refused with the file, the line and the column: a label that is read wrongly is
 * worse than none. doc/labels.md is the manual. */
#include "dataset_private.h"

#include "page/page.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { OPTION_TABLE, OPTION_RECORDS, OPTION_LABELS };
enum person { PATIENT_ID, FOLD, AGE, SEX, PERSON };
enum { AGE_MOST = 130 };

static const char *const person_name[PERSON] = {"patient_id", "fold", "age", "sex"};

struct table {
    struct leadseq_sheet sheet;
    int file, person[PERSON]; // columns; -1: absent
    int *patient;             // (rows) numbers of patients, -1 unknown
    int label[LEADSEQ_LABELS_MOST];
    size_t n_labels;
    uint32_t crc; // of the records' headers
};

/* --- Columns ------------------------------------------------------------------------- */

static int find_columns(struct table *t)
{
    const struct leadseq_sheet *sheet = &t->sheet;
    int path;
    char titles[256];
    if (leadseq_sheet_find(sheet, "record", &t->file) || leadseq_sheet_find(sheet, "path", &path))
        return -1;
    if (path >= 0) t->file = path;
    for (int k = 0; k < PERSON; k++)
        if (leadseq_sheet_find(sheet, person_name[k], &t->person[k])) return -1;
    leadseq_sheet_titles(sheet, titles, sizeof titles);
    if (t->file < 0)
        return leadseq_fail("%s:%u: expected a column named \"record\" or \"path\" with the "
                            "records' files, found neither among %s (%s)",
                            sheet->path, sheet->line[0], leadseq_count(sheet->columns, "column"),
                            titles);
    return sheet->rows ? 0
                       : leadseq_fail("%s: expected one row per record after the names of the "
                                      "columns, found none",
                                      sheet->path);
}

/* --- Cells ---------------------------------------------------------------------------- */

/* 0, 1, or LEADSEQ_UNKNOWN of an empty cell; -1 of any other. */
static int label_of(const struct leadseq_sheet *sheet, size_t row, int column)
{
    switch (leadseq_sheet_answer(sheet, row, column)) {
    case LEADSEQ_ANSWER_NO:
        return 0;
    case LEADSEQ_ANSWER_YES:
        return 1;
    case LEADSEQ_ANSWER_ABSENT:
        return LEADSEQ_UNKNOWN;
    default:
        return -1;
    }
}

/* The number of a patient, digits alone or as pandas may have written them, "17.0"; false of
 * anything else: names may look like "1e3" or "-7". */
static bool number_of(const char *cell, double *value)
{
    if (cell[strspn(cell, "0123456789.")]) return false;
    return leadseq_parse_number(cell, 0, INT32_MAX, value) && *value == (int)*value;
}

static int sex_of(const char *cell)
{
    static const struct {
        const char *word;
        int sex;
    } word[] = {{"male", 0}, {"m", 0}, {"female", 1}, {"f", 1}};
    double number;
    for (size_t i = 0; i < LEADSEQ_COUNT(word); i++)
        if (!strcasecmp(cell, word[i].word)) return word[i].sex;
    bool is_number = leadseq_parse_number(cell, 0, 1, &number) && (number == 0 || number == 1);
    return is_number ? (int)number : -1;
}

static int read_age(const struct table *t, size_t row, int *years)
{
    double value;
    const int column = t->person[AGE];
    if (leadseq_sheet_absent(&t->sheet, row, column)) return 0;
    const char *cell = leadseq_sheet_cell(&t->sheet, row, column);
    bool known = leadseq_parse_number(cell, 0, LEADSEQ_AGE_OVER_89, &value);
    if (!known && !strpbrk(cell, ",;:=<>")) {
        *years = leadseq_parse_age(cell); // "45Y", "8 months", as headers may have it
        if (*years >= 0) return 0;
    }
    if (!known || (value > AGE_MOST && value != LEADSEQ_AGE_OVER_89))
        return leadseq_sheet_fail(&t->sheet, row, column,
                                  "an age of 0 to 130 years (45, 45Y, 8 months) or nothing");
    *years = (int)value;
    return 0;
}

static int read_person(const struct table *t, size_t row, struct leadseq_stack_row *to)
{
    const int fold = t->person[FOLD], sex = t->person[SEX];
    to->patient_id = t->patient[row];
    if (!leadseq_sheet_absent(&t->sheet, row, fold) &&
        leadseq_sheet_whole(&t->sheet, row, fold, 1, 10, true, &to->strat_fold))
        return -1;
    if (!leadseq_sheet_absent(&t->sheet, row, sex) &&
        (to->sex = sex_of(leadseq_sheet_cell(&t->sheet, row, sex))) < 0)
        return leadseq_sheet_fail(&t->sheet, row, sex,
                                  "male, female, 0 (male), 1 (female) or nothing");
    return read_age(t, row, &to->age_years);
}

/* --- Patients --------------------------------------------------------------------------- */

struct patient {
    const char *text;
    size_t row;
};

static int by_text(const void *a, const void *b)
{
    const struct patient *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* "" where it is not known. */
static const char *patient_cell(const struct table *t, size_t row)
{
    const char *cell = leadseq_sheet_cell(&t->sheet, row, t->person[PATIENT_ID]);
    return leadseq_is_absent(cell) ? "" : cell;
}

static void tell_patients(const struct table *t, bool numbers, size_t unknown)
{
    if (!numbers)
        leadseq_info(
            "%s: patient_id is no number: patients are numbered in the order in which they "
            "first appear",
            t->sheet.path);
    if (t->person[PATIENT_ID] >= 0 && unknown)
        leadseq_warn("%s: %s without patient_id: each counts as a patient of its own",
                     t->sheet.path, leadseq_count(unknown, "record"));
}

/* Whole numbers are themselves. Any other names become 1, 2, 3 … in the order in which they first
 * appear, because a stack has numbers. */
static int number_patients(struct table *t)
{
    size_t n = t->sheet.rows;
    bool numbers = true;
    double value;
    t->patient = leadseq_calloc(n, sizeof *t->patient);
    struct patient *sorted = leadseq_calloc(n, sizeof *sorted);
    size_t *first = leadseq_calloc(n, sizeof *first); // the row where a row's patient appears first
    int status = t->patient && sorted && first ? 0 : -1;
    for (size_t i = 0; !status && i < n; i++) {
        const char *cell = patient_cell(t, i);
        numbers = numbers && (!*cell || number_of(cell, &value));
        sorted[i] = (struct patient){cell, i};
    }
    if (!status && !numbers) {
        qsort(sorted, n, sizeof *sorted, by_text);
        for (size_t i = 0; i < n; i++)
            first[sorted[i].row] = i && !strcmp(sorted[i].text, sorted[i - 1].text)
                                       ? first[sorted[i - 1].row]
                                       : sorted[i].row;
    }
    size_t unknown = 0;
    for (size_t i = 0, named = 0; !status && i < n; i++) {
        const char *cell = patient_cell(t, i);
        if (!*cell)
            t->patient[i] = -1;
        else if (numbers && number_of(cell, &value))
            t->patient[i] = (int)value;
        else
            t->patient[i] = first[i] == i ? (int)++named : t->patient[first[i]];
        unknown += !*cell;
    }
    if (!status) tell_patients(t, numbers, unknown);
    free(sorted);
    free(first);
    return status;
}

/* --- Labels -------------------------------------------------------------------------------- */

static int add_label(struct table *t, int column)
{
    if (t->n_labels == LEADSEQ_LABELS_MOST)
        return leadseq_fail("%s: expected at most %d label columns, found more; name those to take "
                            "with --labels",
                            t->sheet.path, LEADSEQ_LABELS_MOST);
    t->label[t->n_labels++] = column;
    return 0;
}

static bool is_label(const struct table *t, int column)
{
    for (size_t k = 0; k < t->n_labels; k++)
        if (t->label[k] == column) return true;
    return false;
}

static bool has_meaning(const struct table *t, int column)
{
    bool person = column == t->file || !*leadseq_sheet_title(&t->sheet, column);
    for (int k = 0; k < PERSON; k++) person = person || column == t->person[k];
    return person;
}

/* The first row whose cell is neither 0, 1 nor empty; n_rows where all are. *known: how many of all
 * rows are 0 or 1. */
static size_t first_strange(const struct leadseq_sheet *sheet, int column, size_t *known)
{
    size_t strange = sheet->rows;
    *known = 0;
    for (size_t i = 0; i < sheet->rows; i++) {
        int value = label_of(sheet, i, column);
        if (value < 0 && strange == sheet->rows) strange = i;
        *known += value >= 0 && value != LEADSEQ_UNKNOWN;
    }
    return strange;
}

/* Whether all cells are 0, 1 or empty, and not all of them empty. */
static bool looks_like_label(const struct leadseq_sheet *sheet, int column)
{
    size_t known;
    return first_strange(sheet, column, &known) == sheet->rows && known;
}

/* "column 2 (AF) is ignored: line 4 has "2" (labels are 1 or 0, yes or no, or empty)", in fresh
 * memory. */
static char *say_ignored(const struct table *t, int column)
{
    size_t known, row = first_strange(&t->sheet, column, &known);
    const char *title = leadseq_sheet_title(&t->sheet, column);
    if (row < t->sheet.rows)
        return leadseq_format(
            "column %d (%.64s) is ignored: line %zu has \"%.40s\" (labels are 1 or "
            "0, yes or no, or empty)",
            column + 1, title, leadseq_sheet_line(&t->sheet, row),
            leadseq_sheet_cell(&t->sheet, row, column));
    return leadseq_format("column %d (%.64s) is ignored: %s", column + 1, title,
                          known ? "--labels does not name it" : "all its cells are empty");
}

static int fail_unknown_label(const struct leadseq_sheet *sheet, const char *name)
{
    char titles[400];
    leadseq_sheet_titles(sheet, titles, sizeof titles);
    return leadseq_fail("%s: --labels: expected columns of the table (%s), found \"%.64s\"",
                        sheet->path, titles, name);
}

static int name_label(struct table *t, const char *name)
{
    if (!*name)
        return leadseq_fail("--labels: expected names with commas between them, as A,B, found an "
                            "empty one");
    int column = leadseq_sheet_column(&t->sheet, name);
    if (column < 0) return fail_unknown_label(&t->sheet, name);
    if (is_label(t, column))
        return leadseq_fail("--labels: expected each name once, found %s twice", name);
    return add_label(t, column);
}

/* Those that --labels names, in its order. */
static int named_labels(struct table *t, const char *list)
{
    char *copy = leadseq_format("%s", list), *rest = copy;
    int status = copy ? 0 : -1;
    for (char *name; !status && (name = strsep(&rest, ","));) {
        name += strspn(name, " ");
        size_t n = strlen(name);
        while (n && name[n - 1] == ' ') name[--n] = '\0';
        status = name_label(t, name);
    }
    free(copy);
    return status;
}

/* With the reason of each column that is none, the first few. */
static int fail_no_label(const struct table *t)
{
    char reasons[640] = "";
    size_t used = 0;
    for (int i = 0; i < (int)t->sheet.columns && used < 400; i++) {
        char *reason = has_meaning(t, i) ? NULL : say_ignored(t, i);
        if (reason)
            used += (size_t)snprintf(reasons + used, sizeof reasons - used, "; %.200s", reason);
        free(reason);
    }
    return leadseq_fail(
        "%s: expected a label column, whose cells are only 1 or 0, yes or no, or empty, besides "
        "record, path, patient_id, fold, age and sex; found none%s",
        t->sheet.path, reasons);
}

static int found_labels(struct table *t)
{
    for (int i = 0; i < (int)t->sheet.columns; i++)
        if (!has_meaning(t, i) && looks_like_label(&t->sheet, i) && add_label(t, i)) return -1;
    return t->n_labels ? 0 : fail_no_label(t);
}

static int add_labels(struct leadseq_source *source, struct table *t)
{
    const char *slash = strrchr(t->sheet.path, '/');
    for (size_t k = 0; k < t->n_labels; k++) {
        const char *name = leadseq_sheet_title(&t->sheet, t->label[k]);
        char rule[256];
        snprintf(rule, sizeof rule, "column %s of %.150s: 1 yes, 0 no; 255 where the cell is empty",
                 name, slash ? slash + 1 : t->sheet.path);
        if (leadseq_source_label(source, name, rule))
            return leadseq_fail_in("%s:%u: column %d (%.64s)", t->sheet.path, t->sheet.line[0],
                                   t->label[k] + 1, name);
    }
    return 0;
}

static int read_labels(const struct table *t, size_t row, uint8_t *to)
{
    for (size_t k = 0; k < t->n_labels; k++) {
        int value = label_of(&t->sheet, row, t->label[k]);
        if (value < 0) return leadseq_sheet_fail(&t->sheet, row, t->label[k], "0, 1 or nothing");
        to[k] = (uint8_t)value;
    }
    return 0;
}

/* A table that leadseq predict wrote, to which its reader may have added labels: its decisions,
 * which it called label before version 0.2, are no truth. */
static int refuse_decisions(const struct table *t)
{
    if (leadseq_sheet_column(&t->sheet, "threshold_origin") < 0) return 0;
    bool old = true;
    for (int i = 0; i < (int)t->sheet.columns; i++)
        old = old && strncmp(leadseq_sheet_title(&t->sheet, i), "decision", 8) != 0;
    const char *word = old ? "label" : "decision";
    for (size_t k = 0; k < t->n_labels; k++) {
        const char *title = leadseq_sheet_title(&t->sheet, t->label[k]);
        if (strncmp(title, word, strlen(word)) != 0) continue;
        return leadseq_fail("%s:%u: column %d (%.64s): expected a label, found a decision of "
                            "leadseq predict, which is no truth; name the columns of the labels "
                            "by --labels",
                            t->sheet.path, t->sheet.line[0], t->label[k] + 1, title);
    }
    return 0;
}

/* Which columns became labels, with counts, and which are not used and why. */
static void tell_labels(const struct leadseq_source *source, const struct table *t)
{
    for (size_t k = 0; k < t->n_labels; k++) {
        size_t of[256] = {0};
        for (size_t i = 0; i < source->n; i++) of[source->record[i].label[k]]++;
        leadseq_info("label %s: %zu yes, %zu no, %zu unknown", source->label_name[k], of[1], of[0],
                     of[LEADSEQ_UNKNOWN]);
    }
    for (int i = 0; i < (int)t->sheet.columns; i++) {
        if (has_meaning(t, i) || is_label(t, i)) continue;
        char *reason = say_ignored(t, i);
        if (reason) leadseq_info("%s: %s", t->sheet.path, reason);
        free(reason);
    }
}

/* --- Records ------------------------------------------------------------------------------ */

/* A record's name is its path in the table without the ending, because names of files may be the
 * same in several folders. */
static int name_record(const struct table *t, size_t row, struct leadseq_stack_row *to)
{
    const char *cell = leadseq_sheet_cell(&t->sheet, row, t->file);
    char *header = dataset_header_of(cell), expected[96];
    if (!header) return -1;
    size_t n = strlen(header) - strlen(".hea");
    bool fits = n < sizeof to->record;
    if (fits) memcpy(to->record, header, n); // zeroed before
    free(header);
    if (fits) return 0;
    snprintf(expected, sizeof expected, "a path of at most %zu bytes without its ending",
             sizeof to->record - 1);
    return leadseq_sheet_fail(&t->sheet, row, t->file, expected);
}

static int add_record(struct leadseq_source *source, struct table *t, size_t row)
{
    const char *folder = source->value[OPTION_RECORDS].text[0];
    const char *cell = leadseq_sheet_cell(&t->sheet, row, t->file);
    struct leadseq_stack_row known;
    uint8_t label[LEADSEQ_LABELS_MOST];
    leadseq_stack_row_init(&known);
    if (!*cell || *cell == '/')
        return leadseq_sheet_fail(&t->sheet, row, t->file, "a record's path within --records");
    if (name_record(t, row, &known)) return -1;
    if (read_person(t, row, &known) || read_labels(t, row, label)) return -1;
    char *path = leadseq_path_join(folder, cell), *header = path ? dataset_header_of(path) : NULL;
    int status = header ? 0 : -1;
    if (!status && !dataset_is_absent(header)) {
        status = leadseq_source_add(source, header, &known, label);
        if (!status) dataset_header_sum(header, &t->crc);
    } else if (!status) {
        char expected[512];
        snprintf(expected, sizeof expected, "a record whose header %.400s exists", header);
        (void)leadseq_sheet_fail(&t->sheet, row, t->file, expected);
        status = leadseq_source_absent(source);
    }
    free(header);
    free(path);
    return status;
}

static int check_twice(const struct table *t)
{
    size_t n = t->sheet.rows;
    struct patient *sorted = leadseq_calloc(n, sizeof *sorted); // paths, here
    char **header = leadseq_calloc(n, sizeof *header);
    int status = sorted && header ? 0 : -1;
    for (size_t i = 0; !status && i < n; i++) {
        header[i] = dataset_header_of(leadseq_sheet_cell(&t->sheet, i, t->file));
        if (!header[i]) status = -1;
        sorted[i] = (struct patient){header[i], i};
    }
    if (!status) qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 1; !status && i < n; i++) {
        if (strcmp(sorted[i].text, sorted[i - 1].text)) continue;
        char expected[64];
        snprintf(expected, sizeof expected, "each record once (line %zu has it too)",
                 leadseq_sheet_line(&t->sheet, sorted[i - 1].row));
        status = leadseq_sheet_fail(&t->sheet, sorted[i].row, t->file, expected);
    }
    for (size_t i = 0; header && i < n; i++) free(header[i]);
    free(header);
    free(sorted);
    return status;
}

static int read_table(struct leadseq_source *source, struct table *t)
{
    const struct leadseq_source_value *value = source->value;
    const char *folder = value[OPTION_RECORDS].text[0];
    if (value[OPTION_RECORDS].n != 1 || !leadseq_path_is_folder(folder))
        return leadseq_fail("%s: expected the one folder that the paths of --table begin in",
                            folder);
    if (leadseq_sheet_read(&t->sheet, value[OPTION_TABLE].text[0]) || find_columns(t)) return -1;
    const char *named = value[OPTION_LABELS].n ? value[OPTION_LABELS].text[0] : NULL;
    if (named ? named_labels(t, named) : found_labels(t)) return -1;
    if (refuse_decisions(t) || add_labels(source, t) || check_twice(t) || number_patients(t))
        return -1;
    for (size_t i = 0; i < t->sheet.rows; i++)
        if (add_record(source, t, i)) return -1;
    if (source->n == 0)
        return leadseq_fail("%s: expected records in %s, found none of the %zu of the table",
                            t->sheet.path, folder, t->sheet.rows);
    tell_labels(source, t);
    return 0;
}

static int open_table(struct leadseq_source *source)
{
    struct table *t = leadseq_calloc(1, sizeof *t);
    source->state = t;
    return t ? read_table(source, t) : -1;
}

static void close_table(struct leadseq_source *source)
{
    struct table *t = source->state;
    if (!t) return;
    leadseq_sheet_clear(&t->sheet);
    free(t->patient);
    free(t);
}

static char *describe_table(const struct leadseq_source *source)
{
    const struct table *t = source->state;
    return leadseq_format("a table of %zu records, crc32:%08x; crc32 of their headers: %08x",
                          t->sheet.rows, (unsigned)t->sheet.crc32, (unsigned)t->crc);
}

const struct leadseq_source_type dataset_source_table = {
    .name = "table",
    .help = "WFDB records with labels from a csv table",
    .option = {{.name = "table",
                .argument = "FILE.csv",
                .help = "Labels of the records in the folder --records DIR: a table with a column "
                        "record or path, optional patient_id, fold, age and sex, and labels"},
               {.name = "records",
                .argument = "DIR",
                .help = "with --table the one folder the table's paths begin in"},
               {.name = "labels",
                .argument = "A,B",
                .help = "Columns of --table to take as labels; by default all others whose cells "
                        "are only 1 or 0, yes or no, or empty",
                .optional = true}},
    .open = open_table,
    .describe = describe_table,
    .close = close_table,
};
