/* SPDX-License-Identifier: MIT
 *
 * A yardstick for labels: a small plain CNN, to be trained for a few hundred steps on
 * the run's own records and split, in OUT/yardstick. Where it learns the labels
 * by heart and yet nothing of them carries over, the run's model is not to blame.
 * Asked for only where a verdict depends on it. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 300, BATCH = 16, RECORDS_MOST = 640 };

static int set_all(struct leadseq_experiment *e, const char *const *set)
{
    for (; *set; set += 2)
        if (leadseq_experiment_set(e, set[0], set[1])) return -1;
    return 0;
}

/* A patch stem brings large images down to about 64 cells. */
static int set_stem(struct leadseq_experiment *e)
{
    int side = e->data.width < e->data.height ? e->data.width : e->data.height;
    char patch[16];
    if (side < 128) return 0;
    snprintf(patch, sizeof patch, "%d", side / 64);
    if (leadseq_experiment_set(e, "model.patch", patch)) return -1;
    return leadseq_experiment_set(e, "model.stem", "patch");
}

/* Samples of what a network on signals reads; 0: not known. */
static int samples_of(const struct verdict *v)
{
    struct leadseq_stack *stack = NULL;
    if (v->e->data.crop || !v->data) return v->e->data.crop;
    stack = leadseq_stack_open(v->data);
    const size_t samples = stack ? leadseq_stack_samples(stack) : 0;
    leadseq_stack_close(stack);
    leadseq_error_clear();
    return samples < LEADSEQ_SIDE_MAX ? (int)samples : LEADSEQ_SIDE_MAX;
}

/* Windows too short to be halved by each stage are not. */
static int fit_windows(struct leadseq_experiment *e, int samples)
{
    struct leadseq_model_spec spec = e->model;
    spec.leads = e->data.n_leads, spec.width = samples;
    spec.channels = spec.height = spec.outputs = 1;
    if (!samples || !leadseq_model_spec_check(&spec)) return 0;
    leadseq_error_clear();
    return leadseq_experiment_set(e, "model.pool", "1");
}

/* On signals the first type of the table that reads them. */
static int set_network(struct leadseq_experiment *e, const struct verdict *v)
{
    static const char *const on_images[] = {"model.type",       "cnn",         "model.hidden",
                                            "[16, 32, 64]",     "data.invert", "true",
                                            "data.standardise", "false",       NULL};
    const struct leadseq_model_type *type = NULL;
    if (v->e->data.input == LEADSEQ_DATA_IMAGES)
        return set_all(e, on_images) || set_stem(e) ? -1 : 0;
    for (size_t i = 0; (type = leadseq_model_type_at(i)); i++)
        if (type->input == LEADSEQ_INPUT_SIGNALS) break;
    if (!type) return leadseq_fail("no type of model reads signals");
    const char *const on_signals[] = {"model.type", type->name, "data.standardise", "true", NULL};
    return set_all(e, on_signals) ? -1 : fit_windows(e, samples_of(v));
}

/* The run's data, another network. */
int verdict_yardstick(const struct verdict *v, struct leadseq_experiment *e)
{
    static const char *const training[] = {
        "name",     "yardstick", "train.optimizer",    "adamw", "train.schedule",  "one-cycle",
        "train.lr", "0.01",      "train.weight_decay", "0.01",  "diagnose.probes", "none",
        NULL};
    leadseq_experiment_default(e);
    e->data = v->e->data;
    e->data.augment = 0; // what can be learned from the images as they are
    leadseq_augment_defaults(leadseq_augment_at(0), &e->data.of_augment);
    e->seed = v->e->seed;
    if (set_network(e, v) || set_all(e, training)) return -1;
    const bool single = e->data.task.outputs == 1; // others keep their task's loss
    if (leadseq_experiment_set(e, "train.loss",
                               single ? "bce-logits" : leadseq_task_default_loss(&e->data.task)))
        return -1;
    double n = v->counts.n[LEADSEQ_TRAIN], p = v->now->positive[LEADSEQ_TRAIN];
    if (single && p > 0 && n > p)
        e->train.positive_weight[0] = (float)fmin(fmax((n - p) / p, .1), 100);
    if (!e->data.limit || e->data.limit > RECORDS_MOST) e->data.limit = RECORDS_MOST;
    double records = isfinite(n) && n < e->data.limit ? n : e->data.limit;
    e->train.batch = BATCH;
    e->train.threads = v->e->train.threads;
    e->train.epochs = (int)ceil(STEPS / ceil(records / BATCH));
    return 0;
}

int verdict_read_yardstick(struct verdict *v, const char *folder,
                           const struct leadseq_experiment *e)
{
    struct verdict other;
    int status = verdict_read(&other, folder, e);
    const double *auc = status ? NULL : verdict_column(&other.history, "train_auc");
    if (auc && other.history.rows && other.now->scored.n) {
        v->yardstick.train_auc = auc[other.history.rows - 1];
        v->yardstick.auc = other.now->scored.auc;
        v->yardstick.z = other.now->scored.z;
    }
    verdict_clear(&other);
    return status;
}
