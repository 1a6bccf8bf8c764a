/* SPDX-License-Identifier: MIT
 *
 * diagnostics.h5 as it is written. Rows wait in memory and are appended to a copy of
 * the file that then takes its place, so that the file under its name is always
 * closed and whole, whenever somebody opens it. Measures nothing, and knows no
 * type of probe: tables are added by probes.c. */
#include "file.h"
#include "config.h"

#include "io/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int probe_check_kind(struct leadseq_store *store)
{
    char kind[64];
    int64_t schema;
    if (leadseq_store_get_text(store, "/", "kind", kind, sizeof kind) ||
        strcmp(kind, "leadseq diagnostics"))
        return leadseq_fail("%s: expected diagnostics of leadseq, found another HDF5 file",
                            leadseq_store_path(store));
    if (leadseq_store_get_int(store, "/", "schema", &schema)) return -1;
    if (schema == LEADSEQ_DIAGNOSTICS_SCHEMA) return 0;
    return leadseq_fail("%s: expected diagnostics of schema %d, found %lld; read them with the "
                        "version that wrote them",
                        leadseq_store_path(store), LEADSEQ_DIAGNOSTICS_SCHEMA, (long long)schema);
}

/* Rows are brought to the file this long after the last time, and at least FLUSH_RATIO times as
 * long as that took: a long file costs no more of the run's time than a short one. */
static const double FLUSH_SECONDS = 2, FLUSH_RATIO = 300;
enum { CHUNK_BYTES = 8192 };

const char *const leadseq_axis_name[LEADSEQ_AXES] = {
    "",     "output", "record", "layer", "lead",     "channel", "tensor",
    "gate", "signal", "decade", "bin",   "exponent", "point"};

/* --- Tables in memory ------------------------------------------------------------------------- */

/* The axes a quantity has in this file: that of outputs is left out where there is one output, so
 * that files of such runs look as they did before models had several. */
static int axes_of(const struct probe_file *f, const struct leadseq_quantity *q,
                   enum leadseq_axis axis[LEADSEQ_QUANTITY_RANK])
{
    int rank = 0;
    for (int i = 0; i < LEADSEQ_QUANTITY_RANK && q->axis[i] != LEADSEQ_AXIS_END; i++)
        if (q->axis[i] != LEADSEQ_AXIS_OUTPUT || f->size[LEADSEQ_AXIS_OUTPUT] > 1)
            axis[rank++] = q->axis[i];
    return rank;
}

/* "head/predicted" and "head" are in "head"; "heads/x" is not. */
static bool is_in(const char *name, const char *group)
{
    size_t n = strlen(group);
    return !strncmp(name, group, n) && (name[n] == '/' || !name[n]);
}

static struct probe_table *find_table(const struct probe_file *f, const char *name)
{
    for (size_t i = 0; i < f->n_tables; i++)
        if (is_in(name, f->table[i].name)) return (struct probe_table *)(uintptr_t)&f->table[i];
    return NULL;
}

/* The table of a quantity, made where it is the first of its group. */
static struct probe_table *table_for(struct probe_file *f, const char *quantity, const char *absent)
{
    struct probe_table *t = find_table(f, quantity);
    if (!t && f->n_tables < LEADSEQ_COUNT(f->table)) {
        t = &f->table[f->n_tables++];
        snprintf(t->name, sizeof t->name, "%.*s", (int)strcspn(quantity, "/"), quantity);
        snprintf(t->absent, sizeof t->absent, "%s", absent);
    }
    if (t && !*absent) t->absent[0] = '\0'; // one type of those that share it is enough
    return t;
}

int probe_file_add(struct probe_file *f, const struct leadseq_probe_type *type, const char *absent)
{
    for (size_t i = 0; i < type->n_quantities; i++) {
        const struct leadseq_quantity *q = &type->quantity[i];
        struct probe_table *t = table_for(f, q->name, absent);
        if (!t) return leadseq_fail("probes: expected at most %zu groups", f->n_tables);
        if (type->attribute)
            t->attribute = type->attribute, t->attribute_text = type->attribute_text;
        struct probe_column *grown = leadseq_realloc(t->column, t->n_columns + 1, sizeof *grown);
        if (!grown) return -1;
        t->column = grown;
        struct probe_column *c = &t->column[t->n_columns++];
        *c = (struct probe_column){.quantity = q, .stored = !*absent, .items = 1};
        for (int k = 0; k < LEADSEQ_QUANTITY_RANK && q->axis[k]; k++)
            c->items *= f->size[q->axis[k]];
    }
    return 0;
}

static void set_sizes(struct probe_file *f, const struct probe_session *s)
{
    const struct leadseq_training *t = &s->t;
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    int channels = 0, cells = leadseq_model_cells(t->model);
    for (int i = 0; i < cells; i++) {
        int of_cell = leadseq_model_cell(t->model, i).channels;
        if (of_cell > channels) channels = of_cell;
    }
    int batch = t->e->train.batch;
    f->size[LEADSEQ_AXIS_OUTPUT] = (size_t)s->outputs;
    f->size[LEADSEQ_AXIS_RECORD] = batch < PROBE_RECORDS ? (size_t)batch : PROBE_RECORDS;
    f->size[LEADSEQ_AXIS_LAYER] = (size_t)cells;
    f->size[LEADSEQ_AXIS_LEAD] = (size_t)spec->leads;
    f->size[LEADSEQ_AXIS_CHANNEL] = (size_t)channels;
    f->size[LEADSEQ_AXIS_TENSOR] = s->params->n_slices;
    f->size[LEADSEQ_AXIS_GATE] = PROBE_GATES;
    f->size[LEADSEQ_AXIS_SIGNAL] = PROBE_SIGNALS;
    f->size[LEADSEQ_AXIS_DECADE] = PROBE_DECADES;
    f->size[LEADSEQ_AXIS_BIN] = PROBE_BINS;
    f->size[LEADSEQ_AXIS_EXPONENT] = PROBE_EXPONENTS;
    f->size[LEADSEQ_AXIS_POINT] = PROBE_POINTS;
}

int probe_file_init(struct probe_file *f, const struct probe_session *s, const char *path)
{
    *f = (struct probe_file){.path = leadseq_format("%s", path)};
    if (!f->path) return -1;
    set_sizes(f, s);
    return 0;
}

void probe_file_clear(struct probe_file *f)
{
    if (!f) return;
    for (size_t i = 0; i < f->n_tables; i++) {
        struct probe_table *t = &f->table[i];
        for (size_t k = 0; k < t->n_columns; k++) free(t->column[k].value);
        free(t->column);
        free(t->step);
    }
    free(f->path);
    *f = (struct probe_file){0};
}

bool probe_file_lacks(const struct leadseq_probes *p, const char *group)
{
    const struct probe_table *t = find_table(&p->file, group);
    return !t || t->lacking;
}

/* Room for one more row, doubled when it is full. Pointers from probe_values() point into it, which
 * is why they are valid only until the next probe_row(). */
static int make_room(struct probe_table *t)
{
    if (t->rows < t->room) return 0;
    size_t room = t->room ? 2 * t->room : 16;
    int64_t *step = leadseq_realloc(t->step, room, sizeof *step);
    if (!step) return -1;
    t->step = step;
    for (size_t k = 0; k < t->n_columns; k++) {
        struct probe_column *c = &t->column[k];
        double *value =
            c->stored ? leadseq_realloc(c->value, room * c->items, sizeof *value) : NULL;
        if (c->stored && !value) return -1;
        c->value = value;
    }
    t->room = room;
    return 0;
}

int probe_row(struct leadseq_probes *p, const char *group, uint64_t step)
{
    struct probe_table *t = find_table(&p->file, group);
    assert(t && !t->absent[0]);
    if (t->rows && t->step[t->rows - 1] == (int64_t)step) return 0;
    if (make_room(t)) return -1;
    for (size_t k = 0; k < t->n_columns; k++) {
        struct probe_column *c = &t->column[k];
        for (size_t i = 0; c->stored && i < c->items; i++) c->value[t->rows * c->items + i] = NAN;
    }
    t->step[t->rows++] = (int64_t)step;
    return 0;
}

double *probe_values(struct leadseq_probes *p, const char *name)
{
    struct probe_table *t = find_table(&p->file, name);
    for (size_t k = 0; t && k < t->n_columns; k++)
        if (t->column[k].stored && !strcmp(t->column[k].quantity->name, name))
            return t->column[k].value + (t->rows - 1) * t->column[k].items;
    assert(!"a quantity of a type that applies");
    return NULL;
}

/* --- What the file says of the run: lists of names -------------------------------------------- */

/* An empty list is stored as one empty text; read.c turns it into a list of length 0 again. */
static int set_list(struct leadseq_store *store, const char *name, const char *const *text,
                    size_t n)
{
    if (n == 0) return leadseq_store_set_text(store, "/", name, "");
    return leadseq_store_set_texts(store, "/", name, text, n);
}

static int set_layers(struct leadseq_store *store, const struct leadseq_training *t)
{
    int n = leadseq_model_layers(t->model);
    const char **chain = leadseq_calloc((size_t)n, 2 * sizeof *chain), **cell = chain + n;
    size_t found = 0;
    if (!chain) return -1;
    for (int i = 0; i < n; i++) chain[i] = leadseq_model_layer_name(t->model, i);
    for (int i = 0; i < leadseq_model_cells(t->model); i++)
        cell[found++] = leadseq_model_cell(t->model, i).name;
    int status = set_list(store, "chain", chain, (size_t)n);
    if (!status) status = set_list(store, "layers", cell, found);
    free(chain);
    return status;
}

static int set_tensors(struct leadseq_store *store, const struct leadseq_params *params)
{
    const char **name = leadseq_calloc(params->n_slices, sizeof *name);
    if (!name) return -1;
    for (size_t i = 0; i < params->n_slices; i++) name[i] = params->slice[i].name;
    int status = set_list(store, "tensors", name, params->n_slices);
    free(name);
    return status;
}

/* Of what the model sees one after the other, or side by side. */
static int set_leads(struct leadseq_store *store, const struct leadseq_training *t)
{
    const struct leadseq_batch_options *feed = &t->feed;
    const char *name[LEADSEQ_LEADS] = {"page"};
    if (leadseq_drawing_images(t->drawing) == 1) return set_list(store, "leads", name, 1);
    bool shuffled = feed->order == LEADSEQ_LEADS_SHUFFLED;
    for (int i = 0; i < feed->n_leads; i++)
        name[i] = shuffled ? "shuffled" : leadseq_lead_name[feed->leads[i]];
    return set_list(store, "leads", name, (size_t)feed->n_leads);
}

/* Only of several: a model with one output has no axis of outputs. */
static int set_outputs(struct leadseq_store *store, const struct leadseq_task *task)
{
    const char *name[LEADSEQ_OUTPUTS_MOST];
    if (task->outputs < 2) return 0;
    for (int k = 0; k < task->outputs; k++) name[k] = task->name[k];
    return set_list(store, "outputs", name, (size_t)task->outputs);
}

/* Words and numbers. */

static int set_option(struct leadseq_store *store, const struct leadseq_experiment *e,
                      const char *name, const char *key)
{
    char *text = leadseq_experiment_value(e, key);
    int status = text ? leadseq_store_set_text(store, "/", name, text) : -1;
    free(text);
    return status;
}

static int set_words(struct leadseq_store *store, const struct leadseq_experiment *e)
{
    static const char *const option[][2] = {{"preset", "diagnose.probes"},
                                            {"optimizer", "train.optimizer"},
                                            {"loss", "train.loss"},
                                            {"model", "model.type"},
                                            {"head", "model.head"}};
    if (leadseq_store_set_text(store, "/", "kind", "leadseq diagnostics")) return -1;
    if (leadseq_store_set_text(store, "/", "program_version", PACKAGE_VERSION)) return -1;
    for (size_t i = 0; i < LEADSEQ_COUNT(option); i++)
        if (set_option(store, e, option[i][0], option[i][1])) return -1;
    return 0;
}

static int set_numbers(struct leadseq_store *store, const struct leadseq_training *t)
{
    const struct leadseq_params *params = leadseq_model_params(t->model);
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    const size_t count = leadseq_params_values(params);
    const struct {
        const char *name;
        double value;
    } number[] = {
        {"batch", t->e->train.batch},  {"total_steps", (double)t->total},
        {"lr", t->e->train.lr},        {"positive_weight", t->e->train.positive_weight[0]},
        {"parameters", (double)count}, {"features", (double)leadseq_model_features(t->model)},
        {"leads_n", spec->leads},      {"height", spec->height},
        {"width", spec->width},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(number); i++)
        if (leadseq_store_set_real(store, "/", number[i].name, number[i].value)) return -1;
    return 0;
}

static int describe(struct leadseq_store *store, const struct leadseq_training *t)
{
    if (leadseq_store_set_int(store, "/", "schema", LEADSEQ_DIAGNOSTICS_SCHEMA)) return -1;
    if (set_words(store, t->e) || set_numbers(store, t) || set_layers(store, t)) return -1;
    if (set_tensors(store, leadseq_model_params(t->model))) return -1;
    return set_leads(store, t) ? -1 : set_outputs(store, &t->e->data.task);
}

/* --- A new file ------------------------------------------------------------------------------- */

static int describe_set(struct leadseq_store *store, const struct probe_file *f,
                        const struct leadseq_quantity *q)
{
    enum leadseq_axis axis[LEADSEQ_QUANTITY_RANK];
    int rank = axes_of(f, q, axis);
    char axes[128] = "row";
    size_t n = strlen(axes);
    for (int i = 0; i < rank; i++)
        n += (size_t)snprintf(axes + n, sizeof axes - n, " %s", leadseq_axis_name[axis[i]]);
    if (leadseq_store_set_text(store, q->name, "axes", axes)) return -1;
    if (leadseq_store_set_text(store, q->name, "unit", q->unit)) return -1;
    return leadseq_store_set_text(store, q->name, "meaning", q->meaning);
}

static int add_set(struct leadseq_store *store, const struct probe_file *f,
                   const struct probe_column *c)
{
    const struct leadseq_quantity *q = c->quantity;
    enum leadseq_axis axis[LEADSEQ_QUANTITY_RANK];
    int rank = axes_of(f, q, axis);
    struct leadseq_store_spec spec = {
        .type = rank ? LEADSEQ_STORE_FLOAT32 : LEADSEQ_STORE_FLOAT64,
        .rank = rank,
        .chunk_rows = 1 + CHUNK_BYTES / (c->items * (rank ? sizeof(float) : sizeof(double)))};
    for (int i = 0; i < rank; i++) spec.shape[i] = f->size[axis[i]];
    return leadseq_store_add(store, q->name, &spec) ? -1 : describe_set(store, f, q);
}

static int add_table(struct leadseq_store *store, const struct probe_file *f,
                     const struct probe_table *t)
{
    char name[64];
    const struct leadseq_store_spec step = {.type = LEADSEQ_STORE_INT64,
                                            .chunk_rows = CHUNK_BYTES / sizeof(int64_t)};
    if (leadseq_store_add_group(store, t->name)) return -1;
    if (leadseq_store_set_text(store, t->name, "status", t->absent[0] ? "absent" : "measured"))
        return -1;
    if (t->absent[0]) return leadseq_store_set_text(store, t->name, "reason", t->absent);
    if (t->attribute && leadseq_store_set_text(store, t->name, t->attribute, t->attribute_text))
        return -1;
    snprintf(name, sizeof name, "%s/step", t->name);
    if (leadseq_store_add(store, name, &step)) return -1;
    for (size_t k = 0; k < t->n_columns; k++)
        if (t->column[k].stored && add_set(store, f, &t->column[k])) return -1;
    return 0;
}

static int make_file(struct probe_file *f, const struct leadseq_training *t)
{
    struct leadseq_store *store = leadseq_store_create(f->path);
    int status = store ? describe(store, t) : -1;
    for (size_t i = 0; !status && i < f->n_tables; i++) status = add_table(store, f, &f->table[i]);
    if (!status) return leadseq_store_commit(store);
    leadseq_store_discard(store);
    return -1;
}

/* --- A file that exists already --------------------------------------------------------------- */

/* Rows of a table up to a step. */
static int rows_until(struct leadseq_store *store, const char *name, uint64_t step, size_t *rows)
{
    struct leadseq_store_info info;
    if (leadseq_store_describe(store, name, &info)) return -1;
    int64_t *steps = leadseq_calloc(info.rows + 1, sizeof *steps);
    if (!steps) return -1;
    int status =
        leadseq_store_read(store, name, LEADSEQ_STORE_INT64, 0, 1, 0, info.rows, steps) ? -1 : 0;
    *rows = 0;
    while (!status && *rows < info.rows && steps[*rows] <= (int64_t)step) ++*rows;
    free(steps);
    return status;
}

/* What the file has counts, not what is measured now: ranks may be others than before. */
static int cut_table(struct leadseq_store *store, struct probe_table *t, uint64_t step)
{
    char name[64];
    size_t rows;
    snprintf(name, sizeof name, "%s/step", t->name);
    t->lacking = !leadseq_store_has(store, name);
    if (t->lacking) return 0;
    if (rows_until(store, name, step, &rows) || leadseq_store_cut(store, name, rows)) return -1;
    for (size_t i = 0; i < t->n_columns; i++) {
        const char *column = t->column[i].quantity->name;
        t->column[i].lacking = !leadseq_store_has(store, column);
        if (!t->column[i].lacking && leadseq_store_cut(store, column, rows)) return -1;
    }
    return 0;
}

/* Continues the file of a resumed run. The program may have been killed after it wrote rows that
 * are later than its last checkpoint; the resumed run takes those steps again, so their rows are
 * removed first. All tables are cut in one amended copy: a kill in the middle leaves the old file.
 */
static int take_up(struct probe_file *f, uint64_t step)
{
    struct leadseq_store *store = leadseq_store_amend(f->path);
    int status = store ? probe_check_kind(store) : -1;
    for (size_t i = 0; !status && i < f->n_tables; i++)
        status = cut_table(store, &f->table[i], step);
    if (!status) return leadseq_store_commit(store);
    leadseq_store_discard(store);
    return leadseq_fail_in("%s cannot be continued; move it away to begin another", f->path);
}

int probe_file_start(struct probe_file *f, const struct leadseq_training *t, uint64_t step)
{
    int status = leadseq_path_exists(f->path) ? take_up(f, step) : make_file(f, t);
    if (!status) f->written = leadseq_seconds();
    return status;
}

/* --- Rows to the file ------------------------------------------------------------------------- */

/* Axes are float32, single values float64. */
static int append_column(struct leadseq_store *store, const struct probe_file *f,
                         const struct probe_table *t, const struct probe_column *c)
{
    enum leadseq_axis axis[LEADSEQ_QUANTITY_RANK];
    size_t n = t->rows * c->items;
    if (axes_of(f, c->quantity, axis) == 0)
        return leadseq_store_append(store, c->quantity->name, t->rows, c->value);
    float *narrow = leadseq_calloc(n, sizeof *narrow);
    if (!narrow) return -1;
    for (size_t i = 0; i < n; i++) narrow[i] = (float)c->value[i];
    int status = leadseq_store_append(store, c->quantity->name, t->rows, narrow);
    free(narrow);
    return status;
}

static int append_table(struct leadseq_store *store, const struct probe_file *f,
                        const struct probe_table *t)
{
    char name[64];
    if (!t->rows || t->lacking) return 0;
    for (size_t k = 0; k < t->n_columns; k++)
        if (t->column[k].stored && !t->column[k].lacking &&
            append_column(store, f, t, &t->column[k]))
            return -1;
    snprintf(name, sizeof name, "%s/step", t->name);
    return leadseq_store_append(store, name, t->rows, t->step);
}

/* Appends the waiting rows to a copy of the file, which then replaces it. Rows are dropped from
 * memory only after the new file is in place. `synced`: the file is on the disk when this returns,
 * which a checkpoint needs; rows written in between may be lost in a power failure. */
int probe_file_flush(struct probe_file *f, bool synced)
{
    double begun = leadseq_seconds();
    struct leadseq_store *store = leadseq_store_amend(f->path);
    int status = store ? 0 : -1;
    for (size_t i = 0; !status && i < f->n_tables; i++)
        status = append_table(store, f, &f->table[i]);
    if (store && status)
        leadseq_store_discard(store);
    else if (store)
        status = synced ? leadseq_store_commit(store) : leadseq_store_commit_unsynced(store);
    if (status) return -1;
    for (size_t i = 0; i < f->n_tables; i++) f->table[i].rows = 0;
    f->written = leadseq_seconds();
    f->took = f->written - begun;
    return 0;
}

int probe_file_flush_later(struct probe_file *f)
{
    double since = leadseq_seconds() - f->written;
    if (since < FLUSH_SECONDS || since < FLUSH_RATIO * f->took) return 0;
    return probe_file_flush(f, false);
}
