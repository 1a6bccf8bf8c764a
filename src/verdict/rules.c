/* SPDX-License-Identifier: MIT
 *
 * The table of rules: one function a rule. Causes stand before what follows from
 * them, so that a rule can say which finding explains its own; of equally severe
 * findings the earlier in the table is written first. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const verdict_severity_name[] = {"none", "minor", "major", "critical"};

const struct verdict_rule verdict_rules[] = {
    {"non-finite", "Numbers stopped being finite", rule_non_finite, draw_cost,
     "Cost of each batch up to the step that failed."},
    {"saturated-output", "The output is saturated and its gradient is dead", rule_saturated_output,
     draw_cost,
     "Cost of each batch: from the first saturated step on it can only take the values "
     "100 k/B."},
    {"head-displacement", "One step moves the logits too far", rule_head_displacement,
     draw_displacement,
     "How far a step moved the logit that moved most, beside lr·Σ|φ|, which it "
     "cannot exceed by more than the momentum."},
    {"leakage", "Training records leak into the evaluation", rule_leakage, draw_history,
     "Training and validation by epoch."},
    {"learning-rate-too-small", "The learning rate is too small", rule_learning_rate, draw_cost,
     "Cost of each batch: it does not fall."},
    {"exploding-through-leads", "The gradient explodes towards the first lead", rule_exploding,
     draw_flow, "log10 of ‖∂L/∂h‖ by lead, in the order the model reads them."},
    {"saturated-gates", "Gates of the recurrence are saturated", rule_saturated_gates, draw_gates,
     "Share of i, f, o, g and tanh(c) that is saturated."},
    {"dead-channels", "Channels of the recurrence are dead", rule_dead_channels, draw_gates,
     "Share of i, f, o, g and tanh(c) that is saturated."},
    {"class-imbalance", "One class is rare and not weighted", rule_class_imbalance, draw_classes,
     "Probabilities of unseen records, by class."},
    {"input-not-standardised", "The input is far from zero mean", rule_not_standardised,
     draw_logits, "Logits of the batches: smallest, mean and largest."},
    {"vanishing-through-leads", "The gradient vanishes towards the first lead", rule_vanishing,
     draw_flow, "log10 of ‖∂L/∂h‖ by lead, in the order the model reads them."},
    {"shuffled-labels", "The labels cannot be learnt from these images", rule_shuffled_labels,
     draw_history, "Training and validation by epoch."},
    {"overfitting", "It learns the training records by heart", rule_overfitting, draw_history,
     "Training and validation by epoch."},
    {"constant-classifier", "It answers the same for every record", rule_constant, draw_scores,
     "Logits of unseen records, by class."},
    {"healthy", "Nothing wrong", rule_healthy, draw_history, "Training and validation by epoch."},
};
const size_t verdict_n_rules = LEADSEQ_COUNT(verdict_rules);

/* --- Findings -------------------------------------------------------------------------------- */

void finding_number(struct finding *f, const char *name, double value)
{
    if (f->n_numbers == VERDICT_NUMBERS) return;
    f->number[f->n_numbers].name = name;
    f->number[f->n_numbers++].value = value;
}

static LEADSEQ_PRINTF(3, 0) void append(char *text, size_t room, const char *format,
                                        va_list arguments)
{
    size_t n = strlen(text);
    if (n && n + 1 < room) text[n++] = ' ', text[n] = '\0';
    vsnprintf(text + n, room - n, format, arguments);
}

void finding_say(struct finding *f, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(f->mechanism, sizeof f->mechanism, format, arguments);
    va_end(arguments);
}

void finding_advise(struct finding *f, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(f->advice, sizeof f->advice, format, arguments);
    va_end(arguments);
}

void finding_estimate(const struct leadseq_estimate *e, char text[48])
{
    if (isfinite(e->low) && isfinite(e->high))
        snprintf(text, 48, "%.3f [%.3f, %.3f]", e->value, e->low, e->high);
    else
        snprintf(text, 48, "%.3f", e->value);
}

const struct finding *findings_find(const struct findings *all, const char *id)
{
    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(all->finding[i].id, id)) return &all->finding[i];
    return NULL;
}

/* The most severe first, equals as they stand. */
static void sort(struct findings *all)
{
    for (size_t i = 1; i < all->n; i++)
        for (size_t k = i; k && all->finding[k].severity > all->finding[k - 1].severity; k--) {
            struct finding swap = all->finding[k];
            all->finding[k] = all->finding[k - 1];
            all->finding[k - 1] = swap;
        }
}

int verdict_judge(struct verdict *v, struct findings *all)
{
    *all = (struct findings){leadseq_calloc(verdict_n_rules, sizeof *all->finding), 0};
    if (!all->finding) return -1;
    for (size_t i = 0; i < verdict_n_rules; i++) {
        const struct verdict_rule *rule = &verdict_rules[i];
        struct finding *f = &all->finding[all->n];
        *f = (struct finding){.id = rule->id,
                              .title = rule->title,
                              .severity = VERDICT_MAJOR,
                              .first_step = NAN,
                              .confidence = .9};
        snprintf(f->caption, sizeof f->caption, "%s", rule->caption);
        if (rule->holds(v, all, f)) all->n++;
    }
    sort(all);
    return 0;
}
