/* SPDX-License-Identifier: MIT
 *
 * A part of a stack evaluated: its predictions, their table, their scores. */
#include "evaluate.h"

#include "folder.h"
#include "predict.h"
#include "ranks.h"
#include "records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *train_checkpoint_name(enum leadseq_checkpoint which)
{
    return which == LEADSEQ_BEST ? "best" : "last";
}

struct train_evaluation train_evaluation_of(const char *folder, enum leadseq_checkpoint which,
                                            const struct train_state *state)
{
    struct train_evaluation how = {
        .folder = folder,
        .checkpoint = train_checkpoint_name(which),
        .epoch = state->batch ? state->epoch + 1 : state->epoch,
        .step = state->step,
        .threshold = 0.5,
    };
    snprintf(how.threshold_origin, sizeof how.threshold_origin, "default");
    if (state->threshold_epoch == 0 || isnan(state->threshold)) return how;
    how.threshold = state->threshold;
    snprintf(how.threshold_origin, sizeof how.threshold_origin,
             "valid, largest Youden index at epoch %llu",
             (unsigned long long)state->threshold_epoch);
    return how;
}

/* The part of every record of the stack in the run's split, LEADSEQ_PARTS where
 * it was left out, or where the split was drawn over another stack. */
static uint8_t *parts_of(const struct train_session *s)
{
    size_t count = leadseq_stack_count(s->stack);
    uint8_t *part = leadseq_calloc(count, sizeof *part);
    if (!part) return NULL;
    memset(part, LEADSEQ_PARTS, count);
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < s->split.n[p]; i++) part[s->split.position[p][i]] = (uint8_t)p;
    return part;
}

static void print_rows(const struct train_predictions *p, const struct train_session *s,
                       const uint8_t *part, FILE *out)
{
    const struct leadseq_stack_row *rows = leadseq_stack_rows(s->stack);
    fputs("ecg_id\tpatient_id\tfold\tsplit\tlabel\tlogit\tprobability\n", out);
    for (size_t i = 0; i < p->n; i++) {
        size_t at = p->position[i];
        const struct leadseq_stack_row *row = &rows[at];
        fprintf(out, "%d\t%d\t%d\t%s\t%d\t%.9g\t%.9g\n", row->ecg_id, row->patient_id,
                row->strat_fold, part[at] < LEADSEQ_PARTS ? leadseq_part_name[part[at]] : "none",
                p->label[i], p->logit[i], p->probability[i]);
    }
}

static int write_table(const struct train_predictions *p, const struct train_session *s,
                       const char *path)
{
    uint8_t *part = parts_of(s);
    struct leadseq_file *file = part ? leadseq_file_create(path) : NULL;
    if (file) print_rows(p, s, part, leadseq_file_stream(file));
    free(part);
    return file ? leadseq_file_commit(file) : -1;
}

static struct train_scores score(const struct train_predictions *p, const struct train_session *s,
                                 const struct train_evaluation *how)
{
    struct train_scores scores = {
        .checkpoint = how->checkpoint,
        .epoch = how->epoch,
        .step = how->step,
        .n = p->n,
        .loss = p->loss,
        .auc = leadseq_auc(p->probability, p->label, p->n),
        .average_precision = leadseq_average_precision(p->probability, p->label, p->n),
        .brier = leadseq_brier(p->probability, p->label, p->n),
        .threshold = how->threshold,
        .threshold_origin = how->threshold_origin,
        .computed_in = leadseq_engine_precision(s->net.engine),
        .at_threshold = leadseq_confusion_at(p->probability, p->label, p->n, how->threshold),
    };
    for (size_t i = 0; i < p->n; i++) scores.positive += p->label[i];
    return scores;
}

static int write_part(const struct train_predictions *p, const struct train_session *s,
                      const struct train_evaluation *how, int part)
{
    const char *name = part < 0 ? "all" : leadseq_part_name[part];
    char *table = leadseq_format("%s/predictions-%s.tsv", how->folder, name);
    char *metrics = train_folder_file(how->folder, "metrics.json");
    struct train_scores scores = score(p, s, how);
    int status = table && metrics ? write_table(p, s, table) : -1;
    if (!status) status = train_scores_write(&scores, name, metrics);
    if (!status)
        leadseq_info("%s: %zu records, %zu with infarction: AUC %.4f, loss %.4g, checkpoint %s of "
                     "epoch %llu",
                     name, scores.n, scores.positive, scores.auc, scores.loss, how->checkpoint,
                     (unsigned long long)how->epoch);
    free(table);
    free(metrics);
    return status;
}

/* Every record with a label, in ascending ecg_id. */
static size_t *labelled(const struct leadseq_stack *stack, size_t *n)
{
    const struct leadseq_stack_row *rows = leadseq_stack_rows(stack);
    size_t count = leadseq_stack_count(stack);
    size_t *position = leadseq_calloc(count, sizeof *position);
    *n = 0;
    for (size_t i = 0; position && i < count; i++)
        if (rows[i].mi <= 1) position[(*n)++] = i;
    return position;
}

int train_evaluate(struct train_session *s, const struct train_evaluation *how, int part)
{
    struct train_predictions p = {0};
    size_t n = part < 0 ? 0 : s->split.n[part];
    size_t *all = part < 0 ? labelled(s->stack, &n) : NULL;
    const size_t *position = part < 0 ? all : s->split.position[part];
    const char *name = part < 0 ? "all" : leadseq_part_name[part];
    int status = part < 0 && !all ? -1 : 0;
    if (!status && !n)
        status = leadseq_fail("%s: expected records in the %s part, found none",
                              leadseq_stack_path(s->stack), name);
    if (!status) status = train_predict(&p, &s->net, &s->e, &s->input, s->stack, position, n, name);
    if (!status && !leadseq_rank()) status = write_part(&p, s, how, part);
    train_predictions_clear(&p);
    free(all);
    return status;
}
