/* SPDX-License-Identifier: MIT
 *
 * PTB-XL's table of records: keys, folds, file names, labels, quality flags. Its
 * other columns (reports, weights, devices) are not read. */
#include "io_private.h"

#include "page/page.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum column {
    ECG_ID,
    PATIENT_ID,
    AGE,
    SEX,
    SCP_CODES,
    STRAT_FOLD,
    FILENAME_LR,
    FILENAME_HR,
    BASELINE_DRIFT,
    STATIC_NOISE,
    BURST_NOISE,
    ELECTRODES,
    COLUMNS
};

static const char *const column_name[COLUMNS] = {
    "ecg_id",         "patient_id",   "age",         "sex",
    "scp_codes",      "strat_fold",   "filename_lr", "filename_hr",
    "baseline_drift", "static_noise", "burst_noise", "electrodes_problems",
};

/* What a table of records may lack: what is unknown of each is marked so. */
static const bool is_optional[COLUMNS] = {
    [PATIENT_ID] = true,     [AGE] = true,          [SEX] = true,
    [STRAT_FOLD] = true,     [FILENAME_LR] = true,  [FILENAME_HR] = true,
    [BASELINE_DRIFT] = true, [STATIC_NOISE] = true, [BURST_NOISE] = true,
    [ELECTRODES] = true,
};

static const struct {
    enum column column;
    uint8_t bit;
} flags[] = {
    {BASELINE_DRIFT, LEADSEQ_QUALITY_BASELINE_DRIFT},
    {STATIC_NOISE, LEADSEQ_QUALITY_STATIC_NOISE},
    {BURST_NOISE, LEADSEQ_QUALITY_BURST_NOISE},
    {ELECTRODES, LEADSEQ_QUALITY_ELECTRODES},
};

enum { FLAGGED_ROWS = 10 }; // fewer may all have a fault

struct source {
    struct leadseq_sheet table;
    struct io_scp scp;
    int column[COLUMNS]; // -1: there is none
    struct {
        size_t rows, first; // that a quality column flags, and the first of them
    } flagged[LEADSEQ_COUNT(flags)];
};

static int read_whole(const struct source *s, size_t row, enum column c, int lo, int hi, int *value)
{
    *value = -1;
    if (s->column[c] < 0) return 0;
    return leadseq_sheet_whole(&s->table, row, s->column[c], lo, hi, is_optional[c], value);
}

/* A path below the folder, without its extension; "" where there is none. */
static int read_path(const struct source *s, size_t row, enum column c, char *to, size_t size)
{
    const char *text = leadseq_sheet_cell(&s->table, row, s->column[c]);
    bool leaves = *text == '/' || strstr(text, "..") || strchr(text, '\\');
    if (leadseq_is_absent(text)) text = "";
    if (!leaves && io_copy(to, size, text)) return 0;
    return leadseq_sheet_fail(&s->table, row, s->column[c],
                              "a path below the folder of at most 63 characters");
}

static int read_paths(const struct source *s, size_t row, struct leadseq_ptbxl_row *to)
{
    int column = s->column[s->column[FILENAME_LR] < 0 ? FILENAME_HR : FILENAME_LR];
    if (read_path(s, row, FILENAME_LR, to->filename_lr, sizeof to->filename_lr) ||
        read_path(s, row, FILENAME_HR, to->filename_hr, sizeof to->filename_hr))
        return -1;
    if (*to->filename_lr || *to->filename_hr) return 0;
    return leadseq_sheet_fail(&s->table, row, column,
                              "the record's path here or in the column of the other rate");
}

/* What means no remark in a column that names leads or says what is wrong. */
static bool is_no_remark(const char *cell)
{
    static const char *const words[] = {
        "?",           "unknown",  "missing",       "nil",          "-1",   "no problem",
        "no problems", "no noise", "no remark",     "no remarks",   "ok",   "good",
        "clean",       "normal",   "not available", "not assessed", "void", "[]"};
    if (!cell[strspn(cell, "-_./, \t")]) return true;
    for (size_t i = 0; i < LEADSEQ_COUNT(words); i++)
        if (!strcasecmp(cell, words[i])) return true;
    return !strcmp(cell, "\xe2\x80\x93") || !strcmp(cell, "\xe2\x80\x94"); // – and —
}

static uint8_t read_quality(struct source *s, size_t row)
{
    uint8_t bits = 0;
    for (size_t i = 0; i < LEADSEQ_COUNT(flags); i++) {
        int column = s->column[flags[i].column];
        enum leadseq_answer said = leadseq_sheet_answer(&s->table, row, column);
        if (said == LEADSEQ_ANSWER_OTHER &&
            is_no_remark(leadseq_sheet_cell(&s->table, row, column)))
            said = LEADSEQ_ANSWER_ABSENT;
        if (said != LEADSEQ_ANSWER_YES && said != LEADSEQ_ANSWER_OTHER) continue;
        if (!s->flagged[i].rows++) s->flagged[i].first = row;
        bits |= flags[i].bit;
    }
    return bits;
}

/* A word for "nothing" that is not known flags every record. */
static void tell_flagged(const struct source *s)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(flags); i++) {
        size_t n = s->flagged[i].rows, rows = s->table.rows;
        if (rows < FLAGGED_ROWS || n * 10 <= rows * 9) continue;
        leadseq_warn(
            "%s: %s flags %zu of %zu records (first: \"%.40s\"): if that means no fault, "
            "write 0 or nothing",
            s->table.path, column_name[flags[i].column], n, rows,
            leadseq_sheet_cell(&s->table, s->flagged[i].first, s->column[flags[i].column]));
    }
}

static int read_row(struct source *s, size_t i, struct leadseq_ptbxl_row *row)
{
    if (read_whole(s, i, ECG_ID, 1, 1000000000, &row->ecg_id) ||
        read_whole(s, i, PATIENT_ID, 0, 1000000000, &row->patient_id) ||
        read_whole(s, i, AGE, 0, LEADSEQ_AGE_OVER_89, &row->age_years) ||
        read_whole(s, i, SEX, 0, 1, &row->sex) ||
        read_whole(s, i, STRAT_FOLD, 1, 10, &row->strat_fold) || read_paths(s, i, row))
        return -1;
    if (row->age_years > 120 && row->age_years != LEADSEQ_AGE_OVER_89)
        return leadseq_sheet_fail(&s->table, i, s->column[AGE], "0 to 120, or 300 for over 89");
    row->quality = read_quality(s, i);
    if (io_scp_label(&s->scp, leadseq_sheet_cell(&s->table, i, s->column[SCP_CODES]), row))
        return leadseq_fail_in("%s:%zu: ecg_id %d: scp_codes", s->table.path,
                               leadseq_sheet_line(&s->table, i), row->ecg_id);
    return 0;
}

static int by_ecg_id(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b; // ecg_id is a row's first member
    return (x > y) - (x < y);
}

struct key {
    int ecg_id;
    size_t line;
};

static int by_ecg_id_and_line(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->ecg_id != y->ecg_id) return x->ecg_id < y->ecg_id ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

/* Rows are still in the table's order. */
static int check_unique(const struct leadseq_ptbxl *ptbxl, const struct leadseq_sheet *table)
{
    struct key *key = leadseq_calloc(ptbxl->n, sizeof *key);
    if (!key) return -1;
    for (size_t i = 0; i < ptbxl->n; i++)
        key[i] = (struct key){ptbxl->row[i].ecg_id, leadseq_sheet_line(table, i)};
    qsort(key, ptbxl->n, sizeof *key, by_ecg_id_and_line);
    int status = 0;
    for (size_t i = 1; !status && i < ptbxl->n; i++)
        if (key[i].ecg_id == key[i - 1].ecg_id)
            status = leadseq_fail("%s:%zu: ecg_id: expected each once, found %d on line %zu too",
                                  table->path, key[i].line, key[i].ecg_id, key[i - 1].line);
    free(key);
    return status;
}

static int find_columns(struct source *s)
{
    const struct leadseq_sheet *t = &s->table;
    for (int c = 0; c < COLUMNS; c++)
        if (is_optional[c] ? leadseq_sheet_find(t, column_name[c], &s->column[c])
                           : leadseq_sheet_need(t, column_name[c], &s->column[c]))
            return -1;
    if (s->column[FILENAME_LR] >= 0 || s->column[FILENAME_HR] >= 0) return 0;
    return leadseq_sheet_need(t, column_name[FILENAME_LR], &s->column[FILENAME_LR]);
}

/* Columns that have nothing for some records, or for all of them. */
static void tell_unknown(const struct leadseq_ptbxl *ptbxl, const struct source *s)
{
    size_t patients = 0, folds = 0;
    for (size_t i = 0; i < ptbxl->n; i++) {
        patients += ptbxl->row[i].patient_id < 0;
        folds += ptbxl->row[i].strat_fold < 0;
    }
    if (patients)
        leadseq_warn("%s: %s without patient_id: each counts as a patient of its own",
                     s->table.path, leadseq_count(patients, "record"));
    if (folds)
        leadseq_warn("%s: %s without strat_fold", s->table.path, leadseq_count(folds, "record"));
}

static int read_rows(struct leadseq_ptbxl *ptbxl, struct source *s)
{
    if (find_columns(s)) return -1;
    if (!s->table.rows)
        return leadseq_fail("%s: expected one row per record, found none", s->table.path);
    ptbxl->n = s->table.rows;
    ptbxl->row = leadseq_calloc(ptbxl->n, sizeof *ptbxl->row);
    if (!ptbxl->row) return -1;
    for (size_t i = 0; i < ptbxl->n; i++)
        if (read_row(s, i, &ptbxl->row[i])) return -1;
    snprintf(ptbxl->checksum, sizeof ptbxl->checksum, "crc32:%08x", (unsigned)s->table.crc32);
    if (check_unique(ptbxl, &s->table)) return -1;
    tell_unknown(ptbxl, s);
    tell_flagged(s);
    qsort(ptbxl->row, ptbxl->n, sizeof *ptbxl->row, by_ecg_id);
    return 0;
}

static int read_folder(struct leadseq_ptbxl *ptbxl)
{
    struct source s = {0};
    char *database = leadseq_path_join(ptbxl->folder, "ptbxl_database.csv");
    char *statements = leadseq_path_join(ptbxl->folder, "scp_statements.csv");
    int status = database && statements ? 0 : -1;
    if (!status) status = io_scp_read(&s.scp, statements);
    if (!status) status = leadseq_sheet_read(&s.table, database);
    if (!status) status = read_rows(ptbxl, &s);
    leadseq_sheet_clear(&s.table);
    io_scp_clear(&s.scp);
    free(statements);
    free(database);
    return status;
}

struct leadseq_ptbxl *leadseq_ptbxl_open(const char *folder)
{
    struct leadseq_ptbxl *ptbxl = leadseq_calloc(1, sizeof *ptbxl);
    if (!ptbxl) return NULL;
    ptbxl->folder = leadseq_format("%s", folder);
    if (ptbxl->folder && !read_folder(ptbxl)) return ptbxl;
    leadseq_ptbxl_close(ptbxl);
    return NULL;
}

void leadseq_ptbxl_close(struct leadseq_ptbxl *ptbxl)
{
    if (!ptbxl) return;
    free(ptbxl->folder);
    free(ptbxl->row);
    free(ptbxl);
}

const struct leadseq_ptbxl_row *leadseq_ptbxl_find(const struct leadseq_ptbxl *ptbxl, int ecg_id)
{
    return bsearch(&ecg_id, ptbxl->row, ptbxl->n, sizeof *ptbxl->row, by_ecg_id);
}
