/* SPDX-License-Identifier: MIT
 *
 * The columns of a stack beside its images: which data set holds which member
 * of a row, how they are written, read and checked. */
#include "dataset_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct dataset_column {
    const char *name; /* "label/mi" */
    enum leadseq_store_type type;
    size_t offset, bytes; /* in struct leadseq_stack_row */
    int values;           /* a row's; 0: one, without an axis of its own */
    bool ptbxl;           /* of PTB-XL's codes: a stack with labels of its own has no such column */
};

#define MEMBER(member)                                                                             \
    offsetof(struct leadseq_stack_row, member), sizeof(((struct leadseq_stack_row *)0)->member)

static const struct dataset_column dataset_column[] = {
    {"record", LEADSEQ_STORE_TEXT, MEMBER(record), 0, false},
    {"ecg_id", LEADSEQ_STORE_INT32, MEMBER(ecg_id), 0, false},
    {"patient_id", LEADSEQ_STORE_INT32, MEMBER(patient_id), 0, false},
    {"strat_fold", LEADSEQ_STORE_INT32, MEMBER(strat_fold), 0, false},
    {"age", LEADSEQ_STORE_INT32, MEMBER(age_years), 0, false},
    {"sex", LEADSEQ_STORE_INT32, MEMBER(sex), 0, false},
    {"quality", LEADSEQ_STORE_UINT16, MEMBER(quality), 0, false},
    {"label/mi", LEADSEQ_STORE_UINT8, MEMBER(mi), 0, true},
    {"label/mi_site", LEADSEQ_STORE_UINT8, MEMBER(mi_site), 0, true},
    {"label/mi_likelihood", LEADSEQ_STORE_FLOAT32, MEMBER(mi_likelihood), 0, true},
    {"label/superclass", LEADSEQ_STORE_UINT8, MEMBER(superclass), LEADSEQ_SUPERCLASSES, true},
};
enum { COLUMNS = LEADSEQ_COUNT(dataset_column) };

void leadseq_stack_row_init(struct leadseq_stack_row *row)
{
    *row = (struct leadseq_stack_row){.ecg_id = -1,
                                      .patient_id = -1,
                                      .strat_fold = -1,
                                      .age_years = -1,
                                      .sex = -1,
                                      .mi = LEADSEQ_UNKNOWN,
                                      .mi_likelihood = NAN};
    memset(row->superclass, LEADSEQ_UNKNOWN, sizeof row->superclass);
}

const char *leadseq_stack_row_file(const struct leadseq_stack_row *row, char name[LEADSEQ_ROW_FILE])
{
    size_t n = 0;
    if (row->ecg_id >= 0) {
        snprintf(name, LEADSEQ_ROW_FILE, "%d", row->ecg_id);
        return name;
    }
    for (const char *from = row->record; *from; from++) {
        name[n++] = *from == '/' ? '-' : *from;
        if (*from == '/') name[n++] = '-';
    }
    name[n] = '\0'; // record has at most 63 bytes, this at most 127
    return name;
}

static int write_column(struct leadseq_store *store, const struct dataset_column *column,
                        const struct leadseq_stack_row *row, size_t n)
{
    struct leadseq_store_spec spec = {.type = column->type, .chunk_rows = 4096, .deflate = 6};
    if (column->type == LEADSEQ_STORE_TEXT) spec.text_bytes = column->bytes;
    if (column->values) spec.rank = 1, spec.shape[0] = (size_t)column->values;
    char *values = leadseq_calloc(n, column->bytes);
    if (!values) return -1;
    for (size_t i = 0; i < n; i++)
        memcpy(values + i * column->bytes, (const char *)&row[i] + column->offset, column->bytes);
    int status = leadseq_store_add(store, column->name, &spec);
    if (!status) status = leadseq_store_append(store, column->name, n, values);
    free(values);
    return status;
}

int dataset_columns_write(struct leadseq_store *store, const struct leadseq_stack_row *row,
                          size_t n, bool ptbxl)
{
    for (size_t c = 0; c < COLUMNS; c++)
        if ((ptbxl || !dataset_column[c].ptbxl) && write_column(store, &dataset_column[c], row, n))
            return -1;
    return 0;
}

const char *dataset_contents(struct leadseq_store *store)
{
    return leadseq_store_has(store, "images") ? "images" : "signals";
}

static int check_shape(struct leadseq_store *store, const struct dataset_column *column, size_t n)
{
    struct leadseq_store_info info;
    if (leadseq_store_describe(store, column->name, &info)) return -1;
    const char *path = leadseq_store_path(store);
    if (info.rows != n)
        return leadseq_fail("%s: /%s: expected %zu rows, as /%s has, found %zu", path, column->name,
                            n, dataset_contents(store), info.rows);
    size_t values = info.rank == 0 ? 0 : info.shape[0];
    if (info.rank > 1 || values != (size_t)column->values)
        return leadseq_fail("%s: /%s: expected %d values a row, found %d axes of %zu", path,
                            column->name, column->values ? column->values : 1, info.rank, values);
    return 0;
}

static int read_column(struct leadseq_store *store, const struct dataset_column *column,
                       struct leadseq_stack_row *row, size_t n)
{
    if (check_shape(store, column, n)) return -1;
    char *values = leadseq_calloc(n, column->bytes);
    if (!values) return -1;
    int status = leadseq_store_read(store, column->name, column->type, column->bytes,
                                    column->values ? (size_t)column->values : 1, 0, n, values);
    for (size_t i = 0; !status && i < n; i++)
        memcpy((char *)&row[i] + column->offset, values + i * column->bytes, column->bytes);
    free(values);
    return status;
}

int dataset_columns_read(struct leadseq_store *store, struct leadseq_stack_row *row, size_t n)
{
    for (size_t i = 0; i < n; i++) leadseq_stack_row_init(&row[i]);
    for (size_t c = 0; c < COLUMNS; c++) {
        const struct dataset_column *column = &dataset_column[c];
        if (column->ptbxl && !leadseq_store_has(store, column->name)) continue;
        if (read_column(store, column, row, n)) return -1;
    }
    return 0;
}

/* The first thing about a row that no stack can have, or NULL. */
static const char *fault_of(const struct leadseq_stack_row *row)
{
    if (!row->record[0]) return "no record name";
    if (row->ecg_id < -1) return "ecg_id below -1";
    if (row->patient_id < -1) return "patient_id below -1";
    if (row->strat_fold < -1 || row->strat_fold > 15) return "strat_fold outside -1 to 15";
    if (row->mi > 1 && row->mi != 255) return "label/mi neither 0, 1 nor 255";
    if (row->mi_site > 15) return "label/mi_site with unknown bits";
    if (!isnan(row->mi_likelihood) && !(row->mi_likelihood >= 0 && row->mi_likelihood <= 100))
        return "label/mi_likelihood outside 0 to 100";
    for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++)
        if (row->superclass[k] > 1 && row->superclass[k] != 255)
            return "label/superclass neither 0, 1 nor 255";
    return NULL;
}

/* By ecg_id; records without one by name. */
static int by_key(const void *a, const void *b)
{
    const struct leadseq_stack_row *x = *(const struct leadseq_stack_row *const *)a;
    const struct leadseq_stack_row *y = *(const struct leadseq_stack_row *const *)b;
    if (x->ecg_id != y->ecg_id) return x->ecg_id < y->ecg_id ? -1 : 1;
    return x->ecg_id < 0 ? strcmp(x->record, y->record) : 0;
}

static int check_unique(const char *path, const struct leadseq_stack_row *row, size_t n)
{
    const struct leadseq_stack_row **sorted = leadseq_calloc(n, sizeof *sorted);
    if (!sorted) return -1;
    for (size_t i = 0; i < n; i++) sorted[i] = &row[i];
    qsort(sorted, n, sizeof *sorted, by_key);
    int status = 0;
    for (size_t i = 1; !status && i < n; i++) {
        if (by_key(&sorted[i - 1], &sorted[i])) continue;
        if (sorted[i]->ecg_id >= 0)
            status =
                leadseq_fail("%s: ecg_id %d appears twice, as records %s and %s; a stack "
                             "holds a record once",
                             path, sorted[i]->ecg_id, sorted[i - 1]->record, sorted[i]->record);
        else
            status = leadseq_fail("%s: the record %s appears twice; a stack holds a record once",
                                  path, sorted[i]->record);
    }
    free(sorted);
    return status;
}

int dataset_columns_check(const char *path, const struct leadseq_stack_row *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *fault = fault_of(&row[i]);
        if (fault) return leadseq_fail("%s: row %zu (%s): %s", path, i, row[i].record, fault);
    }
    return check_unique(path, row, n);
}
