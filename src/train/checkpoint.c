/* SPDX-License-Identifier: MIT
 *
 * Checkpoints: weights, running statistics, moments and the place in training,
 * each parameter a data set under its own name, so that any HDF5 reader finds
 * weights/convlstm0.weight in its shape.
 *
 *   /                  attributes: kind, schema, the place in training
 *   /weights/NAME      parameters
 *   /state/NAME        running statistics
 *   /optimizer/m/NAME  moments, each in a group of its name; last.h5 only
 *   /epoch/logit       what the present epoch's steps predicted, and the labels; last.h5 only
 *
 * A checkpoint is written as PATH.next and renamed, so that a program killed at any moment
 * leaves the previous one whole. No time is in it: the same training gives the same file. */
#include "checkpoint.h"

#include "io/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCHEMA = 1, NAME_MOST = 128 };
static const char KIND[] = "leadseq checkpoint";

/* --- Blocks: (count) floats cut into named data sets of a group ---------------------------- */

static int write_slice(struct leadseq_store *store, const char *group,
                       const struct leadseq_slice *s, const float *block)
{
    char name[NAME_MOST];
    struct leadseq_store_spec spec = {.type = LEADSEQ_STORE_FLOAT32, .rank = s->n_dims - 1};
    for (int i = 1; i < s->n_dims; i++) spec.shape[i - 1] = (size_t)s->dims[i];
    snprintf(name, sizeof name, "%s/%s", group, s->name);
    if (leadseq_store_add(store, name, &spec)) return -1;
    return leadseq_store_append(store, name, (size_t)s->dims[0], block + s->offset);
}

static int write_block(struct leadseq_store *store, const char *group,
                       const struct leadseq_params *params, const float *block)
{
    if (leadseq_store_add_group(store, group)) return -1;
    for (size_t i = 0; i < params->n_slices; i++)
        if (write_slice(store, group, &params->slice[i], block)) return -1;
    return 0;
}

static int check_slice(struct leadseq_store *store, const char *name, const struct leadseq_slice *s)
{
    struct leadseq_store_info info;
    if (!leadseq_store_has(store, name))
        return leadseq_fail("%s: expected %s, which the experiment's model has, found no such "
                            "data set",
                            leadseq_store_path(store), name);
    if (leadseq_store_describe(store, name, &info)) return -1;
    bool same = info.kind == LEADSEQ_KIND_REAL && info.rank == s->n_dims - 1 &&
                info.rows == (size_t)s->dims[0];
    for (int i = 1; same && i < s->n_dims; i++) same = info.shape[i - 1] == (size_t)s->dims[i];
    if (same) return 0;
    return leadseq_fail("%s: %s has another shape than in the experiment's model",
                        leadseq_store_path(store), name);
}

/* By name and shape, not by position: the order of slices may change between versions, and a model
 * with other options is refused with the first tensor that differs. */
static int read_block(struct leadseq_store *store, const char *group,
                      const struct leadseq_params *params, float *block)
{
    char name[NAME_MOST];
    for (size_t i = 0; i < params->n_slices; i++) {
        const struct leadseq_slice *s = &params->slice[i];
        snprintf(name, sizeof name, "%s/%s", group, s->name);
        if (check_slice(store, name, s)) return -1;
        if (leadseq_store_read(store, name, LEADSEQ_STORE_FLOAT32, 0, s->count / (size_t)s->dims[0],
                               0, (size_t)s->dims[0], block + s->offset))
            return -1;
    }
    return 0;
}

/* --- The place in training: one table for writing and reading ------------------------------ */

struct place {
    const char *name;
    size_t offset;
    bool real;
    const char *older; /* its name in older checkpoints; "": they have none, the field stays */
};

#define WHOLE(member)                                                                              \
    {                                                                                              \
#member, offsetof(struct train_state, member), false, NULL                                 \
    }
#define REAL(member)                                                                               \
    {                                                                                              \
#member, offsetof(struct train_state, member), true, NULL                                  \
    }
static const struct place places[] = {
    WHOLE(step),
    WHOLE(epoch),
    WHOLE(batch),
    REAL(loss_sum),
    {"loss_smooth", offsetof(struct train_state, loss_smooth), true, ""},
    WHOLE(seen),
    {"threshold", offsetof(struct train_state, threshold), true, NULL}, // of the first output
    WHOLE(threshold_epoch),
    WHOLE(best.epoch),
    REAL(best.loss),
    {"best.value", offsetof(struct train_state, best.value), true, "best.auc"},
    {"patience.value", offsetof(struct train_state, patience.value), true, ""},
    {"patience.epoch", offsetof(struct train_state, patience.epoch), false, ""},
};

static int write_state(struct leadseq_store *store, const struct train_state *state)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(places); i++) {
        const char *field = (const char *)state + places[i].offset;
        int status = places[i].real ? leadseq_store_set_real(store, "/", places[i].name,
                                                             *(const double *)(const void *)field)
                                    : leadseq_store_set_int(store, "/", places[i].name,
                                                            *(const int64_t *)(const void *)field);
        if (status) return -1;
    }
    return 0;
}

static int read_place(struct leadseq_store *store, const char *name, const struct place *place,
                      struct train_state *state)
{
    char *field = (char *)state + place->offset;
    int64_t whole;
    if (place->real) return leadseq_store_get_real(store, "/", name, (double *)(void *)field);
    if (leadseq_store_get_int(store, "/", name, &whole)) return -1;
    if (whole < 0)
        return leadseq_fail("%s: %s: expected a number from 0, found %lld",
                            leadseq_store_path(store), name, (long long)whole);
    *(uint64_t *)(void *)field = (uint64_t)whole;
    return 0;
}

/* Checkpoints of earlier versions are read too: a field that was renamed is found under its older
 * name, and one that did not exist keeps the value of train_state_init(). */
static int read_state(struct leadseq_store *store, struct train_state *state)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(places); i++) {
        const char *name = places[i].name, *older = places[i].older;
        if (older && !leadseq_store_has_attribute(store, "/", name)) name = older;
        if (*name && read_place(store, name, &places[i], state)) return -1;
    }
    return 0;
}

/* Thresholds of several outputs; that of one is an attribute. */
static int write_thresholds(struct leadseq_store *store, const struct train_state *state)
{
    static const struct leadseq_store_spec spec = {.type = LEADSEQ_STORE_FLOAT64};
    if (state->outputs <= 1) return 0;
    if (leadseq_store_add(store, "thresholds", &spec)) return -1;
    return leadseq_store_append(store, "thresholds", (size_t)state->outputs, state->threshold);
}

static int read_thresholds(struct leadseq_store *store, struct train_state *state, int outputs)
{
    struct leadseq_store_info info;
    if (outputs <= 1) return 0;
    if (leadseq_store_describe(store, "thresholds", &info)) return -1;
    if (info.rows != (size_t)outputs)
        return leadseq_fail("%s: expected thresholds of %d outputs, found %zu",
                            leadseq_store_path(store), outputs, info.rows);
    return leadseq_store_read(store, "thresholds", LEADSEQ_STORE_FLOAT64, 0, 1, 0, info.rows,
                              state->threshold);
}

void train_state_init(struct train_state *state)
{
    *state = (struct train_state){.best = {0, NAN, NAN}, .patience = {NAN, 0}};
    for (int k = 0; k < LEADSEQ_OUTPUTS_MOST; k++) state->threshold[k] = NAN;
}

/* --- The present epoch, as far as it went ---------------------------------------------------- */

static int outputs_of(const struct train_state *state)
{
    return state->outputs ? state->outputs : 1;
}

static int write_epoch(struct leadseq_store *store, const struct train_state *state)
{
    struct leadseq_store_spec logit = {.type = LEADSEQ_STORE_FLOAT32},
                              label = {.type = LEADSEQ_STORE_UINT8};
    if (outputs_of(state) > 1) { // one value per record is stored without an axis of its own
        logit.rank = label.rank = 1;
        logit.shape[0] = label.shape[0] = (size_t)outputs_of(state);
    }
    if (leadseq_store_add_group(store, "epoch")) return -1;
    if (leadseq_store_add(store, "epoch/logit", &logit)) return -1;
    if (leadseq_store_add(store, "epoch/label", &label)) return -1;
    if (!state->seen) return 0;
    if (leadseq_store_append(store, "epoch/logit", state->seen, state->logit)) return -1;
    return leadseq_store_append(store, "epoch/label", state->seen, state->label);
}

static int read_epoch(struct leadseq_store *store, struct train_state *state, size_t room)
{
    struct leadseq_store_info logit, label;
    if (leadseq_store_describe(store, "epoch/logit", &logit)) return -1;
    if (leadseq_store_describe(store, "epoch/label", &label)) return -1;
    size_t outputs = logit.rank ? logit.shape[0] : 1;
    if (logit.rank > 1 || label.rank != logit.rank || outputs != (size_t)outputs_of(state))
        return leadseq_fail("%s: expected logits of %d outputs, found %zu",
                            leadseq_store_path(store), outputs_of(state), outputs);
    if (state->seen > room || logit.rows != state->seen || label.rows != state->seen)
        return leadseq_fail(
            "%s: expected %llu records of the present epoch, at most %zu, found %zu",
            leadseq_store_path(store), (unsigned long long)state->seen, room, logit.rows);
    if (!state->seen) return 0;
    if (leadseq_store_read(store, "epoch/logit", LEADSEQ_STORE_FLOAT32, 0, outputs, 0, state->seen,
                           state->logit))
        return -1;
    return leadseq_store_read(store, "epoch/label", LEADSEQ_STORE_UINT8, 0, outputs, 0, state->seen,
                              state->label);
}

/* --- Whole files ------------------------------------------------------------------------------ */

static int write_moments(struct leadseq_store *store, const struct leadseq_params *params,
                         const struct leadseq_optimizer *o)
{
    const char *const *name = o->how.optimizer->moments;
    char group[NAME_MOST];
    if (leadseq_store_add_group(store, "optimizer")) return -1;
    for (size_t i = 0; name[i]; i++) {
        snprintf(group, sizeof group, "optimizer/%s", name[i]);
        if (write_block(store, group, params, o->moment[i])) return -1;
    }
    return 0;
}

static int write_all(struct leadseq_store *store, const struct train_network *net,
                     const struct leadseq_optimizer *o, const struct train_state *state)
{
    struct leadseq_params *params = leadseq_model_params(net->model),
                          *running = leadseq_model_state(net->model);
    if (leadseq_store_set_text(store, "/", "kind", KIND)) return -1;
    if (leadseq_store_set_int(store, "/", "schema", SCHEMA)) return -1;
    if (write_state(store, state) || write_thresholds(store, state)) return -1;
    if (write_block(store, "weights", params, params->value)) return -1;
    if (running && write_block(store, "state", running, running->value)) return -1;
    if (!o) return 0;
    return write_moments(store, params, o) || write_epoch(store, state) ? -1 : 0;
}

/* The file is complete and on the disk under its temporary name before the rename, which replaces
 * the previous checkpoint in one operation: at every moment PATH is either the old or the new one.
 */
int train_checkpoint_write(const char *path, const struct train_network *net,
                           const struct leadseq_optimizer *o, const struct train_state *state)
{
    char *next = leadseq_format("%s.next", path);
    if (!next) return -1;
    unlink(next); // left by a run killed between writing and renaming
    struct leadseq_store *store = leadseq_store_create(next);
    int status = store ? write_all(store, net, o, state) : -1;
    if (store && status)
        leadseq_store_discard(store);
    else if (store)
        status = leadseq_store_commit(store);
    if (!status) status = leadseq_file_rename(next, path);
    free(next);
    return status;
}

static int check_kind(struct leadseq_store *store)
{
    char kind[64];
    int64_t schema;
    if (leadseq_store_get_text(store, "/", "kind", kind, sizeof kind) || strcmp(kind, KIND))
        return leadseq_fail("%s: expected a checkpoint of leadseq, found another HDF5 file",
                            leadseq_store_path(store));
    if (leadseq_store_get_int(store, "/", "schema", &schema)) return -1;
    if (schema == SCHEMA) return 0;
    return leadseq_fail("%s: expected a checkpoint of schema %d, found %lld; read it with the "
                        "version that wrote it",
                        leadseq_store_path(store), SCHEMA, (long long)schema);
}

static int read_moments(struct leadseq_store *store, const struct leadseq_params *params,
                        struct leadseq_optimizer *o)
{
    const char *const *name = o->how.optimizer->moments;
    char group[NAME_MOST];
    for (size_t i = 0; name[i]; i++) {
        snprintf(group, sizeof group, "optimizer/%s", name[i]);
        if (read_block(store, group, params, o->moment[i])) return -1;
    }
    return 0;
}

/* The place comes first, since it says how much of the epoch follows. `o` NULL: only what
 * predicting needs. On a failure the network may have parts of the file; callers then give up the
 * training. */
static int read_all(struct leadseq_store *store, struct train_network *net,
                    struct leadseq_optimizer *o, struct train_state *state, size_t room)
{
    struct leadseq_params *params = leadseq_model_params(net->model),
                          *running = leadseq_model_state(net->model);
    state->outputs = net->outputs;
    if (check_kind(store) || read_state(store, state)) return -1;
    if (read_thresholds(store, state, net->outputs)) return -1;
    if (read_block(store, "weights", params, params->value)) return -1;
    if (running && read_block(store, "state", running, running->value)) return -1;
    if (!o) return 0;
    o->step = state->step;
    if (read_moments(store, params, o)) return -1;
    return read_epoch(store, state, room);
}

int train_checkpoint_read(const char *path, struct train_network *net, struct leadseq_optimizer *o,
                          struct train_state *state, size_t room)
{
    struct leadseq_store *store = leadseq_store_open(path);
    if (!store) return -1;
    int status = read_all(store, net, o, state, room);
    leadseq_store_close(store);
    return status;
}
