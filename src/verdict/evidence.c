/* SPDX-License-Identifier: MIT
 *
 * What rules and writers ask of the evidence, and how an estimate is put in words.
 * Reads no file. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

/* --- Words ------------------------------------------------------------------------------------ */

bool verdict_is_undefined(const char *text)
{
    static const char *const word[] = {"nan", "inf"};
    for (size_t i = 0; i < LEADSEQ_COUNT(word); i++)
        for (const char *at = text; (at = strstr(at, word[i])); at += 3) {
            bool starts = at == text || strchr(" -+([:=,", at[-1]);
            bool ends = !at[3] || strchr(" ,.;:)]%", at[3]);
            if (starts && ends) return true;
        }
    return false;
}

struct verdict_words verdict_estimate(const struct leadseq_estimate *e)
{
    struct verdict_words w = {"not known"};
    if (isfinite(e->low) && isfinite(e->high) && isfinite(e->value))
        snprintf(w.text, sizeof w.text, "%.3f [%.3f, %.3f]", e->value, e->low, e->high);
    else if (isfinite(e->value))
        snprintf(w.text, sizeof w.text, "%.3f", e->value);
    return w;
}

void verdict_note(struct verdict *v, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < v->n_notes; i++)
        if (!strcmp(v->note[i], text)) return;
    if (v->n_notes == VERDICT_NOTES) return;
    char *copy = leadseq_format("%s", text);
    if (copy) v->note[v->n_notes++] = copy;
}

/* --- Numbers ---------------------------------------------------------------------------------- */

const double *verdict_column(const struct verdict_table *t, const char *title)
{
    int column = leadseq_sheet_column(&t->sheet, title);
    return column < 0 ? NULL : t->value + (size_t)column * t->rows;
}

double verdict_mean(const double *value, size_t first, size_t last)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = first; value && i < last; i++)
        if (isfinite(value[i])) sum += value[i], n++;
    return n ? sum / (double)n : NAN;
}

/* --- Judgements rules share ------------------------------------------------------------------- */

/* Hanley & McNeil (1982): the standard error of an AUC from its value and the counts. */
static double auc_error(double a, double p, double n)
{
    double q1 = a / (2 - a), q2 = 2 * a * a / (1 + a), square = a * a;
    return sqrt((a * (1 - a) + (p - 1) * (q1 - square) + (n - 1) * (q2 - square)) / (p * n));
}

/* How far the last epoch's AUC of a part is above chance, in standard errors of chance; NaN. */
static double last_epoch_z(const struct verdict *v, enum leadseq_part part)
{
    const struct verdict_output *o = v->now;
    char title[96];
    snprintf(title, sizeof title, "%s_auc%s%s", part == LEADSEQ_TRAIN ? "train" : "valid",
             *o->name ? "_" : "", o->name);
    const double *auc = verdict_column(&v->history, title);
    double p = o->positive[part], n = o->labelled[part] - p;
    if (!auc || !v->history.rows || !(p > 0 && n > 0)) return NAN;
    return (auc[v->history.rows - 1] - .5) / auc_error(.5, p, n);
}

/* One early checkpoint that ranks well by luck does not make a model that learns: the last epoch
 * must not contradict it, unless the odds are below one in a thousand. */
int verdict_learned(const struct verdict *v)
{
    const double five_percent = 1.959964, one_in_a_thousand = 3.290527;
    double last = last_epoch_z(v, LEADSEQ_VALID), z = v->now->scored.z;
    if (!v->now->scored.n) return isnan(last) ? -1 : last > five_percent;
    if (isnan(z)) return -1;
    if (v->now->scored.auc.low <= .5) return 0; // the interval that is shown, by patients
    if (z > one_in_a_thousand) return 1;
    return z > five_percent && !(last < 1);
}

bool verdict_fits(const struct verdict *v)
{
    const double one_in_a_thousand = 3.290527;
    return last_epoch_z(v, LEADSEQ_TRAIN) > one_in_a_thousand;
}

double verdict_positives(const struct verdict *v)
{
    return v->now->positive[LEADSEQ_TRAIN] / v->now->labelled[LEADSEQ_TRAIN];
}

double verdict_weight(const struct verdict *v, const struct verdict_output *o)
{
    const struct leadseq_loss loss = leadseq_experiment_loss(v->e);
    const size_t k = (size_t)(o - v->output);
    return loss.type->weighted && k < (size_t)loss.outputs ? (double)loss.positive_weight[k] : 1;
}

/* Of the training records whose label of an output is known, after smoothing to `classes`. */
static double target_mean(const struct verdict *v, const struct verdict_output *o, int classes)
{
    const double e = v->e->train.label_smoothing;
    const double p = o->positive[LEADSEQ_TRAIN] / o->labelled[LEADSEQ_TRAIN];
    return (1 - e) * p + e / classes;
}

/* Of one output, yes or no; q is the constant probability of least weighted cost. */
static double constant_cost(const struct verdict *v, const struct verdict_output *o)
{
    const double p = target_mean(v, o, 2), w = verdict_weight(v, o), q = w * p / (w * p + 1 - p);
    if (!(p > 0 && p < 1)) return NAN;
    return -(w * p * log(q) + (1 - p) * log1p(-q));
}

/* Of classes that exclude each other: the entropy of their weighted shares. */
static double constant_classes(const struct verdict *v)
{
    double all = 0, weights = 0, sum = 0, part[LEADSEQ_OUTPUTS_MOST];
    for (size_t k = 0; k < v->n_outputs; k++) {
        const struct verdict_output *o = &v->output[k];
        const double w = verdict_weight(v, o);
        all += part[k] = w * target_mean(v, o, (int)v->n_outputs);
        weights += w * o->positive[LEADSEQ_TRAIN] / o->labelled[LEADSEQ_TRAIN];
    }
    for (size_t k = 0; k < v->n_outputs; k++)
        if (part[k] > 0) sum -= part[k] * log(part[k] / all);
    return sum / weights;
}

/* The training's cost of independent outputs is a mean over all records of the sum over known
 * labels, so an output whose label is known of a tenth of the records adds a tenth of its own mean.
 * One output of softmax is yes and no, and the mean divides by the weights of both. */
double verdict_constant_cost(const struct verdict *v)
{
    const bool exclusive = leadseq_loss_at(v->e->train.loss)->exclusive;
    double sum = 0;
    if (exclusive && v->n_outputs > 1) return constant_classes(v);
    for (size_t k = 0; k < v->n_outputs; k++) {
        const struct verdict_output *o = &v->output[k];
        const double p = o->positive[LEADSEQ_TRAIN] / o->labelled[LEADSEQ_TRAIN];
        const double known = *o->name ? o->labelled[LEADSEQ_TRAIN] / v->counts.n[LEADSEQ_TRAIN] : 1;
        const double divisor = exclusive ? verdict_weight(v, o) * p + 1 - p : 1;
        sum += known * constant_cost(v, o) / divisor;
    }
    return sum;
}

double verdict_cost_share(const struct verdict *v, const struct verdict_output *o)
{
    const bool classes = leadseq_loss_at(v->e->train.loss)->exclusive && v->n_outputs > 1;
    const double p = o->positive[LEADSEQ_TRAIN] / o->labelled[LEADSEQ_TRAIN];
    const double own = verdict_weight(v, o) * p;
    double others = classes ? 0 : 1 - p;
    for (size_t k = 0; classes && k < v->n_outputs; k++) {
        const struct verdict_output *other = &v->output[k];
        const double share = other->positive[LEADSEQ_TRAIN] / other->labelled[LEADSEQ_TRAIN];
        if (other != o) others += verdict_weight(v, other) * share;
    }
    return own / (own + others);
}
