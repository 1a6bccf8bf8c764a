/* SPDX-License-Identifier: MIT
 *
 * The table of rules. Causes come before what follows from them, so that a rule can
 * say which finding explains its own; of equally severe findings the earlier in the
 * table is written first. A new rule is one file and its row here. */
#include "finding.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define RULES(ROW) \
    ROW(non_finite) \
    ROW(saturated_output) \
    ROW(head_displacement) \
    ROW(leakage) \
    ROW(learning_rate) \
    ROW(exploding) \
    ROW(saturated_gates) \
    ROW(dead_channels) \
    ROW(class_imbalance) \
    ROW(not_standardised) \
    ROW(vanishing) \
    ROW(shuffled_labels) \
    ROW(overfitting) \
    ROW(constant)
/* clang-format on */

/* The last rule holds where no other does. */
#define DECLARE(name) extern const struct verdict_rule rule_##name;
#define LIST(name)    &rule_##name,
RULES(DECLARE)
DECLARE(healthy)
static const struct verdict_rule *const rules[] = {RULES(LIST) & rule_healthy};

/* The most severe first, equals in the order of the table. */
static void sort(struct findings *all)
{
    for (size_t i = 1; i < all->n; i++)
        for (size_t k = i; k && all->finding[k].severity > all->finding[k - 1].severity; k--) {
            struct finding swap = all->finding[k];
            all->finding[k] = all->finding[k - 1];
            all->finding[k - 1] = swap;
        }
}

static void judge_one(struct verdict *v, struct findings *all, const struct verdict_rule *rule)
{
    struct finding *f = &all->finding[all->n];
    *f = (struct finding){.id = rule->id,
                          .title = rule->title,
                          .output = all->output,
                          .severity = VERDICT_MAJOR,
                          .first_step = NAN,
                          .confidence = .9,
                          .now = v->now,
                          .draw = rule->draw};
    snprintf(f->outputs, sizeof f->outputs, "%s", f->output);
    snprintf(f->caption, sizeof f->caption, "%s", rule->caption);
    if (!rule->holds(v, all, f)) return;
    if (!f->advice[0])
        finding_advise(f, v, NULL,
                       "None of the usual changes applies to this run, or it has them already; "
                       "'leadseq diagnose RUN --remedies' tries others.");
    all->n++;
}

/* Whether two findings of one rule say the same of two outputs. */
static bool says_the_same(const struct finding *a, const struct finding *b)
{
    bool numbers = a->n_numbers == b->n_numbers;
    for (size_t i = 0; numbers && i < a->n_numbers; i++)
        numbers = !strcmp(a->number[i].name, b->number[i].name) &&
                  (a->number[i].value == b->number[i].value ||
                   (isnan(a->number[i].value) && isnan(b->number[i].value)));
    return numbers && !strcmp(a->id, b->id) && a->severity == b->severity &&
           !strcmp(a->mechanism, b->mechanism) && !strcmp(a->advice, b->advice);
}

static bool join(struct findings *all, size_t kept, const struct finding *f)
{
    for (size_t i = 0; *f->output && i < kept; i++) {
        struct finding *first = &all->finding[i];
        size_t n = strlen(first->outputs);
        if (!says_the_same(first, f) || n + strlen(f->output) + 3 > sizeof first->outputs) continue;
        snprintf(first->outputs + n, sizeof first->outputs - n, ", %s", f->output);
        return true;
    }
    return false;
}

/* Identical findings become one that lists its outputs. */
static void join_identical(struct findings *all)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++)
        if (!join(all, kept, &all->finding[i])) all->finding[kept++] = all->finding[i];
    all->n = kept;
}

int verdict_judge(struct verdict *v, struct findings *all)
{
    const struct verdict_output *best = v->now;
    size_t most = LEADSEQ_COUNT(rules) * v->n_outputs;
    *all = (struct findings){leadseq_calloc(most, sizeof *all->finding), 0, ""};
    if (!all->finding) return -1;
    for (size_t i = 0; i < LEADSEQ_COUNT(rules); i++) {
        bool each = rules[i]->each && v->n_outputs > 1;
        for (size_t k = 0; k < (each ? v->n_outputs : 1); k++) {
            v->now = each ? &v->output[k] : best;
            all->output = each ? v->now->name : "";
            judge_one(v, all, rules[i]);
        }
    }
    v->now = best;
    join_identical(all);
    sort(all);
    return 0;
}
