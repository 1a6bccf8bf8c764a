/* SPDX-License-Identifier: MIT
 *
 * diagnostics.h5 as it is written: rows wait in memory and are brought to the
 * file in a copy that then takes its place, so that the file under its name is
 * always closed and whole. Measures nothing. */
#include "probe_private.h"

#include "io/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Rows are brought to the file this long after the last time, and at least so many times as
 * long as that took: a long file costs no more of the run's time than a short one. */
static const double FLUSH_SECONDS = 2, FLUSH_RATIO = 300;
enum { CHUNK_BYTES = 8192 };
static const char *const table_name[DIAG_TABLES] = {
    "output", "head", "flow", "parameters", "histograms", "gates", "recurrence", "step", "input"};
const double diag_points[DIAG_POINTS] = {0, 0.25, 0.5, 1, 2, 4};

/* --- Tables in memory ------------------------------------------------------------------------- */

static int rank_of(const struct leadseq_quantity *q)
{
    int rank = 0;
    while (rank < LEADSEQ_QUANTITY_RANK && q->axis[rank] != LEADSEQ_AXIS_END) rank++;
    return rank;
}

static bool is_in(const struct leadseq_quantity *q, const char *group)
{
    size_t n = strlen(group);
    return !strncmp(q->name, group, n) && q->name[n] == '/';
}

static int add_column(struct diag_file *f, struct diag_table *t, const struct leadseq_quantity *q)
{
    struct diag_column *grown = leadseq_realloc(t->column, t->n_columns + 1, sizeof *grown);
    if (!grown) return -1;
    t->column = grown;
    struct diag_column *c = &t->column[t->n_columns++];
    *c = (struct diag_column){.quantity = q, .items = 1};
    for (int i = 0; i < rank_of(q); i++) c->items *= f->size[q->axis[i]];
    return 0;
}

/* The experiment's group a table belongs to. */
static enum leadseq_group group_of(const char *table)
{
    int group = 0;
    if (!strcmp(table, "histograms")) table = "parameters";
    while (strcmp(table, leadseq_group_name[group])) group++;
    return group;
}

static int init_table(struct diag_file *f, struct diag_table *t, const struct leadseq_training *of)
{
    t->absent = diag_absent(of, group_of(t->name));
    for (size_t i = 0; !t->absent && i < leadseq_n_quantities; i++)
        if (is_in(&leadseq_quantities[i], t->name) && add_column(f, t, &leadseq_quantities[i]))
            return -1;
    return 0;
}

static void set_sizes(struct diag_file *f, const struct leadseq_training *t)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    int channels = 0;
    for (int i = 0; i < spec->n_layers; i++)
        if (spec->hidden[i] > channels) channels = spec->hidden[i];
    int batch = t->e->train.batch;
    f->size[LEADSEQ_AXIS_RECORD] = batch < DIAG_RECORDS ? (size_t)batch : DIAG_RECORDS;
    f->size[LEADSEQ_AXIS_LAYER] = (size_t)spec->n_layers;
    f->size[LEADSEQ_AXIS_LEAD] = (size_t)spec->leads;
    f->size[LEADSEQ_AXIS_CHANNEL] = (size_t)channels;
    f->size[LEADSEQ_AXIS_TENSOR] = leadseq_model_params(t->model)->n_slices;
    f->size[LEADSEQ_AXIS_GATE] = DIAG_GATES;
    f->size[LEADSEQ_AXIS_SIGNAL] = DIAG_SIGNALS;
    f->size[LEADSEQ_AXIS_DECADE] = DIAG_DECADES;
    f->size[LEADSEQ_AXIS_BIN] = DIAG_BINS;
    f->size[LEADSEQ_AXIS_EXPONENT] = DIAG_EXPONENTS;
    f->size[LEADSEQ_AXIS_POINT] = DIAG_POINTS;
}

int diag_file_init(struct diag_file *f, const struct leadseq_training *t, const char *path)
{
    *f = (struct diag_file){.path = leadseq_format("%s", path)};
    if (!f->path) return -1;
    set_sizes(f, t);
    for (int i = 0; i < DIAG_TABLES; i++) {
        snprintf(f->table[i].name, sizeof f->table[i].name, "%s", table_name[i]);
        if (init_table(f, &f->table[i], t)) return -1;
    }
    return 0;
}

void diag_file_clear(struct diag_file *f)
{
    if (!f) return;
    for (int i = 0; i < DIAG_TABLES; i++) {
        struct diag_table *t = &f->table[i];
        for (size_t k = 0; k < t->n_columns; k++) free(t->column[k].value);
        free(t->column);
        free(t->step);
    }
    free(f->path);
    *f = (struct diag_file){0};
}

static struct diag_table *find_table(const struct diag_file *f, const char *name)
{
    for (int i = 0; i < DIAG_TABLES; i++) {
        size_t n = strlen(f->table[i].name);
        if (!strncmp(f->table[i].name, name, n) && (name[n] == '/' || !name[n]))
            return (struct diag_table *)(uintptr_t)&f->table[i];
    }
    assert(!"a group that is in the table of quantities");
    return NULL;
}

bool diag_file_has(const struct diag_file *f, const char *group)
{
    return !find_table(f, group)->absent;
}

bool diag_file_lacks(const struct diag_file *f, const char *group)
{
    return find_table(f, group)->lacking;
}

static int make_room(struct diag_table *t)
{
    if (t->rows < t->room) return 0;
    size_t room = t->room ? 2 * t->room : 16;
    int64_t *step = leadseq_realloc(t->step, room, sizeof *step);
    if (!step) return -1;
    t->step = step;
    for (size_t k = 0; k < t->n_columns; k++) {
        struct diag_column *c = &t->column[k];
        double *value = leadseq_realloc(c->value, room * c->items, sizeof *value);
        if (!value) return -1;
        c->value = value;
    }
    t->room = room;
    return 0;
}

int diag_row(struct diag_file *f, const char *group, uint64_t step)
{
    struct diag_table *t = find_table(f, group);
    if (t->rows && t->step[t->rows - 1] == (int64_t)step) return 0;
    if (make_room(t)) return -1;
    for (size_t k = 0; k < t->n_columns; k++) {
        struct diag_column *c = &t->column[k];
        for (size_t i = 0; i < c->items; i++) c->value[t->rows * c->items + i] = NAN;
    }
    t->step[t->rows++] = (int64_t)step;
    return 0;
}

double *diag_values(struct diag_file *f, const char *name)
{
    struct diag_table *t = find_table(f, name);
    for (size_t k = 0; k < t->n_columns; k++)
        if (!strcmp(t->column[k].quantity->name, name))
            return t->column[k].value + (t->rows - 1) * t->column[k].items;
    assert(!"a quantity that is in the table");
    return NULL;
}

/* --- The file made ------------------------------------------------------------------------------
 */

static int describe_set(struct leadseq_store *store, const struct leadseq_quantity *q)
{
    char axes[128] = "row";
    size_t n = strlen(axes);
    for (int i = 0; i < rank_of(q); i++)
        n += (size_t)snprintf(axes + n, sizeof axes - n, " %s", leadseq_axis_name[q->axis[i]]);
    if (leadseq_store_set_text(store, q->name, "axes", axes)) return -1;
    if (leadseq_store_set_text(store, q->name, "unit", q->unit)) return -1;
    return leadseq_store_set_text(store, q->name, "meaning", q->meaning);
}

static int add_set(struct leadseq_store *store, const struct diag_file *f,
                   const struct diag_column *c)
{
    const struct leadseq_quantity *q = c->quantity;
    int rank = rank_of(q);
    struct leadseq_store_spec spec = {
        .type = rank ? LEADSEQ_STORE_FLOAT32 : LEADSEQ_STORE_FLOAT64,
        .rank = rank,
        .chunk_rows = 1 + CHUNK_BYTES / (c->items * (rank ? sizeof(float) : sizeof(double)))};
    for (int i = 0; i < rank; i++) spec.shape[i] = f->size[q->axis[i]];
    return leadseq_store_add(store, q->name, &spec) ? -1 : describe_set(store, q);
}

static int add_table(struct leadseq_store *store, const struct diag_file *f,
                     const struct diag_table *t)
{
    char name[64];
    const struct leadseq_store_spec step = {.type = LEADSEQ_STORE_INT64,
                                            .chunk_rows = CHUNK_BYTES / sizeof(int64_t)};
    if (leadseq_store_add_group(store, t->name)) return -1;
    if (leadseq_store_set_text(store, t->name, "status", t->absent ? "absent" : "measured"))
        return -1;
    if (t->absent) return leadseq_store_set_text(store, t->name, "reason", t->absent);
    if (!strcmp(t->name, "step") &&
        leadseq_store_set_text(store, t->name, "points", "0 0.25 0.5 1 2 4")) // diag_points
        return -1;
    snprintf(name, sizeof name, "%s/step", t->name);
    if (leadseq_store_add(store, name, &step)) return -1;
    for (size_t k = 0; k < t->n_columns; k++)
        if (add_set(store, f, &t->column[k])) return -1;
    return 0;
}

int diag_file_make(struct diag_file *f, const struct leadseq_training *t)
{
    struct leadseq_store *store = leadseq_store_create(f->path);
    int status = store ? diag_describe(store, t) : -1;
    for (int i = 0; !status && i < DIAG_TABLES; i++) status = add_table(store, f, &f->table[i]);
    if (!status) return leadseq_store_commit(store);
    leadseq_store_discard(store);
    return -1;
}

/* --- Rows to the file
 * ------------------------------------------------------------------------------ */

/* Axes are float32, single values float64. */
static int append_column(struct leadseq_store *store, const struct diag_table *t,
                         const struct diag_column *c)
{
    size_t n = t->rows * c->items;
    if (rank_of(c->quantity) == 0)
        return leadseq_store_append(store, c->quantity->name, t->rows, c->value);
    float *narrow = leadseq_calloc(n, sizeof *narrow);
    if (!narrow) return -1;
    for (size_t i = 0; i < n; i++) narrow[i] = (float)c->value[i];
    int status = leadseq_store_append(store, c->quantity->name, t->rows, narrow);
    free(narrow);
    return status;
}

static int append_table(struct leadseq_store *store, const struct diag_table *t)
{
    char name[64];
    if (!t->rows || t->lacking) return 0;
    for (size_t k = 0; k < t->n_columns; k++)
        if (append_column(store, t, &t->column[k])) return -1;
    snprintf(name, sizeof name, "%s/step", t->name);
    return leadseq_store_append(store, name, t->rows, t->step);
}

int diag_file_flush(struct diag_file *f, bool synced)
{
    double begun = leadseq_seconds();
    struct leadseq_store *store = leadseq_store_amend(f->path);
    int status = store ? 0 : -1;
    for (int i = 0; !status && i < DIAG_TABLES; i++) status = append_table(store, &f->table[i]);
    if (store && status)
        leadseq_store_discard(store);
    else if (store)
        status = synced ? leadseq_store_commit(store) : leadseq_store_commit_unsynced(store);
    if (status) return -1;
    for (int i = 0; i < DIAG_TABLES; i++) f->table[i].rows = 0;
    f->written = leadseq_seconds();
    f->took = f->written - begun;
    return 0;
}

int diag_file_flush_later(struct diag_file *f)
{
    double since = leadseq_seconds() - f->written;
    if (since < FLUSH_SECONDS || since < FLUSH_RATIO * f->took) return 0;
    return diag_file_flush(f, false);
}
