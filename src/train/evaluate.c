/* SPDX-License-Identifier: MIT
 *
 * A part of a stack evaluated: its predictions, their table, their scores.
 *
 * All ranks predict; rank 0 writes. The table is replaced as a whole and metrics.json is read,
 * changed in this part and replaced, so that parts evaluated one after the other, by one command or
 * by several, end up side by side. Of two evaluations of one part at the same moment the second is
 * refused; two of different parts write one after the other. */
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
                                            const struct leadseq_task *task,
                                            const struct train_state *state)
{
    struct train_evaluation how = {
        .folder = folder,
        .checkpoint = train_checkpoint_name(state->threshold_epoch ? which : LEADSEQ_LAST),
        .epoch = state->batch ? state->epoch + 1 : state->epoch,
        .step = state->step,
    };
    int chosen = 0;
    for (int k = 0; k < state->outputs; k++) {
        bool has = state->threshold_epoch && !isnan(state->threshold[k]);
        how.threshold[k] = has ? state->threshold[k] : 0.5;
        chosen += has;
    }
    snprintf(how.threshold_origin, sizeof how.threshold_origin, "default");
    if (!chosen) return how;
    snprintf(how.threshold_origin, sizeof how.threshold_origin,
             "valid, largest Youden index at epoch %llu",
             (unsigned long long)state->threshold_epoch);
    /* An output with one class only in validation has no threshold of its own. */
    size_t used = strlen(how.threshold_origin);
    const char *comma = "; 0.5 for ";
    for (int k = 0; k < state->outputs && used < sizeof how.threshold_origin; k++) {
        if (!isnan(state->threshold[k])) continue;
        used += (size_t)snprintf(how.threshold_origin + used, sizeof how.threshold_origin - used,
                                 "%s%s", comma, task->name[k]);
        comma = ", ";
    }
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

/* The names of the columns after `split`. */
static void print_header(const struct leadseq_labels *labels, FILE *out)
{
    fputs("ecg_id\trecord\tpatient_id\tfold\tsplit", out);
    if (labels->exclusive) fputs("\tlabel", out);
    for (int k = 0; k < labels->outputs; k++) {
        const char *name = labels->name[k];
        if (labels->outputs == 1)
            fputs("\tlabel\tlogit\tprobability", out);
        else
            fprintf(out, "\tlabel_%s\tlogit_%s\tprobability_%s", name, name, name);
    }
    fputc('\n', out);
}

/* The one class of a record, where its labels exclude each other; empty where it is not known. */
static const char *class_of(const struct train_predictions *p, const struct leadseq_labels *labels,
                            size_t i)
{
    for (int k = 0; k < p->outputs; k++)
        if (p->label[(size_t)k * p->n + i] == 1) return labels->name[k];
    return "";
}

static void print_outputs(const struct train_predictions *p, size_t i, FILE *out)
{
    for (int k = 0; k < p->outputs; k++) {
        size_t at = (size_t)k * p->n + i;
        if (p->label[at] > 1)
            fputc('\t', out);
        else
            fprintf(out, "\t%d", p->label[at]);
        fprintf(out, "\t%.9g\t%.9g", p->logit[at], p->probability[at]);
    }
    fputc('\n', out);
}

static void print_rows(const struct train_predictions *p, const struct train_session *s,
                       const uint8_t *part, FILE *out)
{
    const struct leadseq_stack_row *rows = leadseq_stack_rows(s->stack);
    print_header(&s->labels, out);
    for (size_t i = 0; i < p->n; i++) {
        size_t at = p->position[i];
        const struct leadseq_stack_row *row = &rows[at];
        fprintf(out, "%d\t%s\t%d\t%d\t%s", row->ecg_id, leadseq_plain(row->record), row->patient_id,
                row->strat_fold, part[at] < LEADSEQ_PARTS ? leadseq_part_name[part[at]] : "none");
        if (s->labels.exclusive) fprintf(out, "\t%s", class_of(p, &s->labels, i));
        print_outputs(p, i, out);
    }
}

/* Takes the file over. */
static int write_table(const struct train_predictions *p, const struct train_session *s,
                       struct leadseq_file *file)
{
    uint8_t *part = parts_of(s);
    if (!part) {
        leadseq_file_discard(file);
        return -1;
    }
    print_rows(p, s, part, leadseq_file_stream(file));
    free(part);
    return leadseq_file_commit(file);
}

/* The share of records whose most probable class is the right one. */
static double class_accuracy(const struct train_predictions *p)
{
    size_t right = 0;
    for (size_t i = 0; i < p->n; i++) {
        int best = 0;
        for (int k = 1; k < p->outputs; k++)
            if (p->logit[(size_t)k * p->n + i] > p->logit[(size_t)best * p->n + i]) best = k;
        right += p->label[(size_t)best * p->n + i] == 1;
    }
    return p->n ? (double)right / (double)p->n : NAN;
}

/* All metrics of one output, over its records whose label is known. The threshold was chosen on the
 * validation part during training and is only applied here. */
static int score_output(struct train_output_scores *scores, const struct train_predictions *p,
                        int output, double threshold)
{
    struct train_output o;
    if (train_output_init(&o, p, output)) return -1;
    *scores = (struct train_output_scores){
        .n = o.n,
        .positive = o.positive,
        .unknown = o.unknown,
        .threshold = threshold,
        .at_threshold = leadseq_confusion_at(o.probability, o.label, o.n, threshold),
    };
    // without a threshold nothing is called positive
    const struct leadseq_predicted predicted = {
        .n = o.n,
        .probability = o.probability,
        .label = o.label,
        .threshold = isnan(threshold) ? INFINITY : threshold,
    };
    int status = 0;
    for (int m = 0; !status && m < LEADSEQ_MONITOR_LOSS; m++)
        status = leadseq_metric_of(&scores->value[m], leadseq_monitor_metric[m], &predicted);
    train_output_clear(&o);
    return status;
}

/* Records whose pictures show nothing: whatever is predicted of them is about nothing. */
static size_t count_empty(const struct train_predictions *p, const struct leadseq_stack *stack)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    size_t empty = 0;
    for (size_t i = 0; i < p->n; i++)
        empty += !!(row[p->position[i]].quality & LEADSEQ_QUALITY_EMPTY);
    return empty;
}

static int score(struct train_scores *scores, const struct train_predictions *p,
                 const struct train_session *s, const struct train_evaluation *how, int part)
{
    *scores = (struct train_scores){
        .checkpoint = how->checkpoint,
        .epoch = how->epoch,
        .step = how->step,
        .n = p->n,
        .empty = count_empty(p, s->stack),
        .left_out = train_left_out(s, part),
        .loss = p->loss,
        .class_accuracy = s->labels.exclusive ? class_accuracy(p) : NAN,
        .threshold_origin = how->threshold_origin,
        .computed_in = leadseq_engine_precision(s->net.engine),
        .stack = how->foreign ? leadseq_stack_path(s->stack) : NULL,
        .outputs = p->outputs,
    };
    for (int k = 0; k < p->outputs; k++) {
        if (score_output(&scores->output[k], p, k, how->threshold[k])) return -1;
        scores->output[k].name = s->labels.name[k];
    }
    return 0;
}

/* "test: 6 records, 1 with infarction: AUC 0.9312, …"; of several outputs the mean AUC and each. */
static void tell_scores(const struct train_scores *scores, const struct train_session *s,
                        const char *name)
{
    char more[1024] = "", right[48] = "", text[TRAIN_SCORE_TEXT];
    double auc[LEADSEQ_OUTPUTS_MOST];
    size_t used = 0;
    for (int k = 0; k < scores->outputs; k++) {
        const struct train_output_scores *o = &scores->output[k];
        auc[k] = o->value[LEADSEQ_MONITOR_AUC];
        if (scores->outputs > 1 && used < sizeof more)
            used += (size_t)snprintf(more + used, sizeof more - used, "%s%s %s", k ? ", " : " (",
                                     o->name, train_score_text(text, auc[k]));
    }
    if (!isnan(scores->class_accuracy))
        snprintf(right, sizeof right, ", right class %.4f", scores->class_accuracy);
    if (scores->outputs == 1)
        leadseq_info("%s: %s, %zu with %s: AUC %s, loss %.4g, checkpoint %s of epoch "
                     "%llu",
                     name, leadseq_count(scores->n, "record"), scores->output[0].positive,
                     leadseq_task_positive(&s->e.data.task, 0), train_score_text(text, auc[0]),
                     scores->loss, scores->checkpoint, (unsigned long long)scores->epoch);
    else
        leadseq_info("%s: %s: mean AUC %s%s)%s, loss %.4g, checkpoint %s of epoch %llu", name,
                     leadseq_count(scores->n, "record"),
                     train_score_text(text, train_macro(auc, scores->outputs)), more, right,
                     scores->loss, scores->checkpoint, (unsigned long long)scores->epoch);
    if (scores->empty)
        leadseq_warn("%s: these scores include %s nothing (\"empty\" in "
                     "metrics.json)",
                     name,
                     leadseq_count_of(scores->empty, "record that shows", "records that show"));
}

static const char *name_of_part(int part)
{
    return part < 0 ? "all" : leadseq_part_name[part];
}

/* Takes the table over. */
static int write_part(const struct train_predictions *p, const struct train_session *s,
                      const struct train_evaluation *how, int part, struct leadseq_file *table)
{
    char *metrics = train_folder_file(how->folder, "metrics.json");
    struct train_scores scores;
    int status = metrics ? score(&scores, p, s, how, part) : -1;
    if (status)
        leadseq_file_discard(table);
    else
        status = write_table(p, s, table);
    if (!status) status = train_scores_write(&scores, name_of_part(part), metrics);
    if (!status) tell_scores(&scores, s, name_of_part(part));
    free(metrics);
    return status;
}

/* Begun before anything is computed: a table that cannot be written is no surprise at the end. */
static struct leadseq_file *begin_table(const struct train_evaluation *how, const char *name)
{
    char *path = leadseq_format("%s/predictions-%s.tsv", how->folder, name);
    struct leadseq_file *file = NULL;
    if (path && how->elsewhere)
        file = leadseq_folder_make(how->folder) ? NULL : leadseq_output_create(path, how->force);
    else if (path)
        file = leadseq_file_create(path);
    free(path);
    return file;
}

/* Every record with a known label. */
static size_t *labelled(const struct leadseq_stack *stack, const struct leadseq_labels *labels,
                        size_t *n)
{
    size_t count = leadseq_stack_count(stack);
    size_t *position = leadseq_calloc(count, sizeof *position);
    *n = 0;
    for (size_t i = 0; position && i < count; i++)
        if (leadseq_labels_known(labels, i)) position[(*n)++] = i;
    return position;
}

static int tell_left_out(const struct train_session *s)
{
    char *text = train_left_out_text(s);
    if (!text) return -1;
    if (*text) leadseq_info("%s", text);
    free(text);
    return 0;
}

/* What a part's scores are to be added to is looked at before the work, not after it. */
static int check_metrics(const char *folder)
{
    char *path = train_folder_file(folder, "metrics.json");
    int status = path ? train_scores_check(path) : -1;
    free(path);
    return status;
}

static int fail_empty(const struct train_session *s, int part)
{
    const char *path = leadseq_stack_path(s->stack);
    char *text = part < 0 ? train_left_out_text(s) : NULL;
    if (text && *text)
        leadseq_fail("%s: expected records that data.task has labels of, found none: %s; predict "
                     "needs no labels",
                     path, text);
    else
        leadseq_fail("%s: expected records in the %s part, found none", path, name_of_part(part));
    free(text);
    return -1;
}

int train_evaluate(struct train_session *s, const struct train_evaluation *how, int part)
{
    struct train_predictions p = {0};
    size_t n = part < 0 ? 0 : s->split.n[part];
    size_t *all = part < 0 ? labelled(s->stack, &s->labels, &n) : NULL;
    const size_t *position = part < 0 ? all : s->split.position[part];
    const char *name = name_of_part(part);
    int status = part < 0 && !all ? -1 : 0;
    if (!status && !leadseq_rank()) status = check_metrics(how->folder);
    status = train_ranks_verdict(status);
    if (!status && !n) status = fail_empty(s, part);
    struct leadseq_file *table = NULL; // rank 0's
    if (!status) {
        if (!leadseq_rank()) table = begin_table(how, name);
        status = train_ranks_verdict(leadseq_rank() || table ? 0 : -1);
    }
    if (!status)
        status =
            train_predict(&p, &s->net, &s->e, &s->input, s->stack, &s->labels, position, n, name);
    if (!status && !leadseq_rank() && part < 0) status = tell_left_out(s);
    if (!status && !leadseq_rank())
        status = write_part(&p, s, how, part, table);
    else
        leadseq_file_discard(table);
    train_predictions_clear(&p);
    free(all);
    return status;
}
