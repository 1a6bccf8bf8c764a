/* SPDX-License-Identifier: MIT
 *
 * PTB-XL's table of records: keys, folds, file names, labels, quality flags. Its
 * other columns (reports, weights, devices) are not read. */
#include "io/csv.h"
#include "io_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

struct source {
    struct leadseq_csv table;
    struct io_scp scp;
    int column[COLUMNS];
};

static const char *field(const struct source *s, size_t row, enum column c)
{
    return leadseq_csv_field(&s->table, row, s->column[c]);
}

/* A whole number, which pandas may have written as "15709.0". */
static int read_whole(const struct source *s, size_t row, enum column c, int lo, int hi,
                      bool optional, int *value)
{
    const char *text = field(s, row, c);
    double v;
    if (optional && (!*text || !strcmp(text, "nan"))) {
        *value = -1;
        return 0;
    }
    if (leadseq_parse_number(text, lo, hi, &v) && v == floor(v)) {
        *value = (int)v;
        return 0;
    }
    char expected[96];
    snprintf(expected, sizeof expected, "a whole number from %d to %d%s", lo, hi,
             optional ? " or nothing" : "");
    return leadseq_csv_fail(&s->table, row, column_name[c], expected, text);
}

/* A path below the folder, without its extension. */
static int read_path(const struct source *s, size_t row, enum column c, char *to, size_t size)
{
    const char *text = field(s, row, c);
    bool leaves = *text == '/' || strstr(text, "..") || strchr(text, '\\');
    if (*text && !leaves && io_copy(to, size, text)) return 0;
    return leadseq_csv_fail(&s->table, row, column_name[c],
                            "a path below the folder of at most 63 characters", text);
}

static uint8_t read_quality(const struct source *s, size_t row)
{
    static const struct {
        enum column column;
        uint8_t bit;
    } flags[] = {
        {BASELINE_DRIFT, LEADSEQ_QUALITY_BASELINE_DRIFT},
        {STATIC_NOISE, LEADSEQ_QUALITY_STATIC_NOISE},
        {BURST_NOISE, LEADSEQ_QUALITY_BURST_NOISE},
        {ELECTRODES, LEADSEQ_QUALITY_ELECTRODES},
    };
    uint8_t bits = 0;
    for (size_t i = 0; i < LEADSEQ_COUNT(flags); i++) {
        const char *text = field(s, row, flags[i].column);
        if (*text && strcmp(text, "nan")) bits |= flags[i].bit; // the text names the leads
    }
    return bits;
}

static int read_row(const struct source *s, size_t i, struct leadseq_ptbxl_row *row)
{
    if (read_whole(s, i, ECG_ID, 1, 1000000000, false, &row->ecg_id) ||
        read_whole(s, i, PATIENT_ID, 0, 1000000000, false, &row->patient_id) ||
        read_whole(s, i, AGE, 0, LEADSEQ_AGE_OVER_89, true, &row->age_years) ||
        read_whole(s, i, SEX, 0, 1, true, &row->sex) ||
        read_whole(s, i, STRAT_FOLD, 1, 10, false, &row->strat_fold) ||
        read_path(s, i, FILENAME_LR, row->filename_lr, sizeof row->filename_lr) ||
        read_path(s, i, FILENAME_HR, row->filename_hr, sizeof row->filename_hr))
        return -1;
    if (row->age_years > 120 && row->age_years != LEADSEQ_AGE_OVER_89)
        return leadseq_csv_fail(&s->table, i, "age", "0 to 120, or 300 for over 89",
                                field(s, i, AGE));
    row->quality = read_quality(s, i);
    if (io_scp_label(&s->scp, field(s, i, SCP_CODES), row))
        return leadseq_fail_in("%s:%zu: ecg_id %d: scp_codes", s->table.path, s->table.line[i + 1],
                               row->ecg_id);
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
static int check_unique(const struct leadseq_ptbxl *ptbxl, const struct leadseq_csv *table)
{
    struct key *key = leadseq_calloc(ptbxl->n, sizeof *key);
    if (!key) return -1;
    for (size_t i = 0; i < ptbxl->n; i++)
        key[i] = (struct key){ptbxl->row[i].ecg_id, table->line[i + 1]};
    qsort(key, ptbxl->n, sizeof *key, by_ecg_id_and_line);
    int status = 0;
    for (size_t i = 1; !status && i < ptbxl->n; i++)
        if (key[i].ecg_id == key[i - 1].ecg_id)
            status = leadseq_fail("%s:%zu: ecg_id: expected each once, found %d on line %zu too",
                                  table->path, key[i].line, key[i].ecg_id, key[i - 1].line);
    free(key);
    return status;
}

static int read_rows(struct leadseq_ptbxl *ptbxl, struct source *s)
{
    for (int c = 0; c < COLUMNS; c++)
        if ((s->column[c] = leadseq_csv_column(&s->table, column_name[c])) < 0) return -1;
    if (!s->table.n_rows)
        return leadseq_fail("%s: expected one row per record, found none", s->table.path);
    ptbxl->n = s->table.n_rows;
    ptbxl->row = leadseq_calloc(ptbxl->n, sizeof *ptbxl->row);
    if (!ptbxl->row) return -1;
    for (size_t i = 0; i < ptbxl->n; i++)
        if (read_row(s, i, &ptbxl->row[i])) return -1;
    snprintf(ptbxl->checksum, sizeof ptbxl->checksum, "crc32:%08x", (unsigned)s->table.crc32);
    if (check_unique(ptbxl, &s->table)) return -1;
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
    if (!status) status = leadseq_csv_read(&s.table, database);
    if (!status) status = read_rows(ptbxl, &s);
    leadseq_csv_clear(&s.table);
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
