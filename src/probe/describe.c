/* SPDX-License-Identifier: MIT
 *
 * What diagnostics.h5 says about the run beside its rows, which groups a model
 * has none of and why, and a file taken up again. */
#include "config.h"
#include "probe_private.h"

#include "io/store.h"

#include <stdlib.h>
#include <string.h>

const char *diag_absent(const struct leadseq_training *t, enum leadseq_group group)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    bool recurrent = group == LEADSEQ_GROUP_FLOW || group == LEADSEQ_GROUP_GATES ||
                     group == LEADSEQ_GROUP_RECURRENCE;
    if (!(t->e->diagnose.groups >> group & 1)) return "not in diagnose.groups";
    if (recurrent && spec->type != LEADSEQ_MODEL_CONVLSTM)
        return "model.type: cnn has no recurrence";
    if (group == LEADSEQ_GROUP_RECURRENCE && spec->leads < 2)
        return "one lead alone: there is no step from one to the next";
    if (t->ranks > 1 && group == LEADSEQ_GROUP_STEP)
        return "several ranks: no rank can repeat the pass of a whole batch";
    if (t->ranks > 1 && group == LEADSEQ_GROUP_INPUT && leadseq_model_state(t->model)->count)
        return "several ranks: batch norm's statistics are not those of rank 0's records";
    return NULL;
}

/* --- Lists of names
 * ------------------------------------------------------------------------------- */

static int set_list(struct leadseq_store *store, const char *name, const char *const *text,
                    size_t n)
{
    if (n == 0) return leadseq_store_set_text(store, "/", name, "");
    return leadseq_store_set_texts(store, "/", name, text, n);
}

static int set_layers(struct leadseq_store *store, const struct leadseq_training *t)
{
    int n = leadseq_model_layers(t->model);
    const char **chain = leadseq_calloc((size_t)n, 2 * sizeof *chain), **lstm = chain + n;
    size_t found = 0;
    if (!chain) return -1;
    for (int i = 0; i < n; i++) {
        chain[i] = leadseq_model_layer_name(t->model, i);
        if (!strncmp(chain[i], "convlstm", 8)) lstm[found++] = chain[i];
    }
    int status = set_list(store, "chain", chain, (size_t)n);
    if (!status) status = set_list(store, "layers", lstm, found);
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

/* --- Words and numbers
 * ---------------------------------------------------------------------------- */

static int set_words(struct leadseq_store *store, const struct leadseq_experiment *e)
{
    static const char *const preset[] = {"none", "economy", "standard", "full"};
    static const char *const loss[] = {"bce", "bce-logits"};
    static const char *const model[] = {"convlstm", "cnn"};
    static const char *const head[] = {"flatten", "mean", "max", "mean-max"};
    const char *const word[][2] = {
        {"kind", "leadseq diagnostics"},
        {"program_version", PACKAGE_VERSION},
        {"preset", preset[e->diagnose.probes]},
        {"optimizer", leadseq_optimizer_name((size_t)e->train.optimizer)},
        {"loss", loss[e->train.loss]},
        {"model", model[e->model.type]},
        {"head", head[e->model.head]},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(word); i++)
        if (leadseq_store_set_text(store, "/", word[i][0], word[i][1])) return -1;
    return 0;
}

static int set_numbers(struct leadseq_store *store, const struct leadseq_training *t)
{
    const struct leadseq_params *params = leadseq_model_params(t->model);
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    size_t count = 0;
    for (size_t i = 0; i < params->n_slices; i++) count += params->slice[i].count;
    const struct {
        const char *name;
        double value;
    } number[] = {
        {"batch", t->e->train.batch},  {"total_steps", (double)t->total},
        {"lr", t->e->train.lr},        {"positive_weight", t->e->train.positive_weight},
        {"parameters", (double)count}, {"features", (double)leadseq_model_features(t->model)},
        {"leads_n", spec->leads},      {"height", spec->height},
        {"width", spec->width},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(number); i++)
        if (leadseq_store_set_real(store, "/", number[i].name, number[i].value)) return -1;
    return 0;
}

int diag_describe(struct leadseq_store *store, const struct leadseq_training *t)
{
    if (leadseq_store_set_int(store, "/", "schema", LEADSEQ_DIAGNOSTICS_SCHEMA)) return -1;
    if (set_words(store, t->e) || set_numbers(store, t) || set_layers(store, t)) return -1;
    if (set_tensors(store, leadseq_model_params(t->model))) return -1;
    return set_leads(store, t);
}

/* --- A file that is there already
 * -------------------------------------------------------------------- */

/* Rows of a table up to a step. */
static int rows_until(struct leadseq_store *store, const char *name, uint64_t step, size_t *rows)
{
    struct leadseq_store_info info;
    if (leadseq_store_describe(store, name, &info)) return -1;
    int64_t *steps = leadseq_calloc(info.rows + 1, sizeof *steps);
    if (!steps) return -1;
    int status =
        leadseq_store_read(store, name, LEADSEQ_STORE_INT64, 0, 0, info.rows, steps) ? -1 : 0;
    *rows = 0;
    while (!status && *rows < info.rows && steps[*rows] <= (int64_t)step) ++*rows;
    free(steps);
    return status;
}

/* What the file has counts, not what is measured now: ranks may be others than before. */
static int cut_table(struct leadseq_store *store, struct diag_table *t, uint64_t step)
{
    char name[64];
    size_t rows, n = strlen(t->name);
    snprintf(name, sizeof name, "%s/step", t->name);
    t->lacking = !leadseq_store_has(store, name);
    if (t->lacking) return 0;
    if (rows_until(store, name, step, &rows) || leadseq_store_cut(store, name, rows)) return -1;
    for (size_t i = 0; i < leadseq_n_quantities; i++) {
        const char *column = leadseq_quantities[i].name;
        if (!strncmp(column, t->name, n) && column[n] == '/' &&
            leadseq_store_cut(store, column, rows))
            return -1;
    }
    return 0;
}

static int take_up(struct diag_file *f, uint64_t step)
{
    struct leadseq_store *store = leadseq_store_amend(f->path);
    int status = store ? diag_check_kind(store) : -1;
    for (int i = 0; !status && i < DIAG_TABLES; i++) status = cut_table(store, &f->table[i], step);
    if (!status) return leadseq_store_commit(store);
    leadseq_store_discard(store);
    return leadseq_fail_in("%s cannot be gone on with; move it away to begin another", f->path);
}

int diag_file_start(struct diag_file *f, const struct leadseq_training *t, uint64_t step)
{
    int status = leadseq_path_exists(f->path) ? take_up(f, step) : diag_file_make(f, t);
    if (!status) f->written = leadseq_seconds();
    return status;
}
