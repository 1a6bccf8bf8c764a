/* SPDX-License-Identifier: MIT
 *
 * A yardstick for labels: a small plain CNN, trained for a few hundred steps on
 * the run's own records and split, in OUT/yardstick. Where it learns the labels
 * by heart and yet nothing of them carries over, it is not the run's model that
 * is to blame. Trained only where a verdict hangs on it. */
#include "verdict_private.h"

#include <math.h>
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

/* The run's data, another network. */
static int prepare(const struct verdict *v, struct leadseq_experiment *e)
{
    static const char *const network[] = {"name",
                                          "yardstick",
                                          "model.type",
                                          "cnn",
                                          "model.hidden",
                                          "[16, 32, 64]",
                                          "train.loss",
                                          "bce-logits",
                                          "data.invert",
                                          "true",
                                          "data.standardise",
                                          "false",
                                          "train.optimizer",
                                          "adamw",
                                          "train.schedule",
                                          "one-cycle",
                                          "train.lr",
                                          "0.01",
                                          "train.weight_decay",
                                          "0.01",
                                          "diagnose.probes",
                                          "none",
                                          NULL};
    leadseq_experiment_default(e);
    e->data = v->e->data;
    e->data.augment = LEADSEQ_AUGMENT_NONE; // what can be learnt of the images as they are
    leadseq_augment_heartnet(&e->data.strength);
    e->seed = v->e->seed;
    if (set_all(e, network) || set_stem(e)) return -1;
    double n = v->counts.n[LEADSEQ_TRAIN], p = v->counts.positive[LEADSEQ_TRAIN];
    if (p > 0 && n > p) e->train.positive_weight[0] = (float)fmin(fmax((n - p) / p, .1), 100);
    if (!e->data.limit || e->data.limit > RECORDS_MOST) e->data.limit = RECORDS_MOST;
    double records = isfinite(n) && n < e->data.limit ? n : e->data.limit;
    e->train.batch = BATCH;
    e->train.threads = v->e->train.threads;
    e->train.epochs = (int)ceil(STEPS / ceil(records / BATCH));
    return 0;
}

static int read(struct verdict *v, const char *folder, const struct leadseq_experiment *e)
{
    struct verdict other = {.run = folder, .e = e};
    int status = verdict_table_read(&other.history, folder, "history.tsv");
    if (!status) status = verdict_scored_read(&other);
    const double *auc = status ? NULL : verdict_column(&other.history, "train_auc");
    if (auc && other.history.rows && other.scored.n) {
        v->yardstick.train_auc = auc[other.history.rows - 1];
        v->yardstick.auc = other.scored.auc;
        v->yardstick.z = other.scored.z;
    }
    verdict_clear(&other);
    return status;
}

/* Its own bars and lines would bury what is said of the run. */
static int train_quietly(const struct leadseq_experiment *e,
                         const struct leadseq_train_options *how)
{
    struct leadseq_progress *bar = leadseq_progress_new("comparison", "networks", 1);
    leadseq_progress_show_only(bar);
    const enum leadseq_log_level level = leadseq_log_level(LEADSEQ_LOG_WARN);
    int status = leadseq_train(e, how);
    leadseq_log_level(level);
    leadseq_progress_show_only(NULL);
    leadseq_progress_step(bar, 1, NULL);
    leadseq_progress_free(bar);
    return status;
}

static int train(struct verdict *v, const char *folder)
{
    struct leadseq_experiment e;
    struct leadseq_train_options how = {.data = v->data, .out = folder};
    if (prepare(v, &e)) return -1;
    leadseq_info("training a plain CNN for comparison: can these labels be learnt?");
    how.resume = leadseq_path_exists(folder);
    int status = train_quietly(&e, &how);
    if (status) {
        verdict_note(v, "the yardstick could not be trained: %s", leadseq_error());
        leadseq_error_clear();
        return 0;
    }
    return leadseq_stop_signal() ? 0 : read(v, folder, &e);
}

int verdict_yardstick(struct verdict *v)
{
    if (!v->rehearse || !v->data || v->busy || isfinite(v->yardstick.train_auc)) return 0;
    char *folder = leadseq_path_join(v->out, "yardstick");
    int status = folder ? train(v, folder) : -1;
    free(folder);
    return status;
}
