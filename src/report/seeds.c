/* SPDX-License-Identifier: MIT
 *
 * Runs of one experiment that differ in their seed alone, and how far its figures
 * spread over the seeds. */
#include "inputs.h"
#include "measure.h"

#include <stdlib.h>
#include <string.h>

struct check {
    const struct report_model *other;
    bool same;
};

static void check_key(const char *key, const char *value, void *state)
{
    struct check *c = state;
    const char *other = report_experiment_text(c->other, key);
    if (!strcmp(key, "seed") || !strcmp(key, "train.threads")) return;
    if (!other || strcmp(other, value)) c->same = false;
}

static bool is_same_experiment(const struct report_model *a, const struct report_model *b)
{
    struct check ab = {b, true}, ba = {a, true};
    if (!a->experiment || !b->experiment) return false;
    const char *sa = report_experiment_text(a, "seed"), *sb = report_experiment_text(b, "seed");
    if (!sa || !sb || !strcmp(sa, sb)) return false;
    leadseq_json_leaves(a->experiment, check_key, &ab);
    leadseq_json_leaves(b->experiment, check_key, &ba);
    return ab.same && ba.same;
}

static bool is_member(const struct report *r, size_t model)
{
    for (size_t g = 0; g < r->n_groups; g++)
        for (size_t k = 0; k < r->group[g].n; k++)
            if (r->group[g].member[k] == model) return true;
    return false;
}

static int begin_group(struct report *r, size_t first)
{
    struct report_group *g = &r->group[r->n_groups];
    const char *name = report_experiment_text(&r->model[first], "name");
    snprintf(g->name, sizeof g->name, "%s", name ? name : r->model[first].name);
    g->member = leadseq_calloc(r->n_inputs, sizeof *g->member);
    if (!g->member) return -1;
    g->member[g->n++] = first;
    for (size_t i = first + 1; i < r->n_inputs; i++)
        if (is_same_experiment(&r->model[first], &r->model[i])) g->member[g->n++] = i;
    r->n_groups++;
    return 0;
}

/* A lone run is a group of one: its difference from others has no spread to be compared with. */
static int find_groups(struct report *r)
{
    r->group = leadseq_calloc(r->n_inputs, sizeof *r->group);
    if (!r->group) return -1;
    for (size_t i = 0; i < r->n_inputs; i++)
        if (!is_member(r, i) && begin_group(r, i)) return -1;
    return 0;
}

static int measure_group(const struct report *r, struct report_group *g)
{
    double *value = leadseq_calloc(g->n, sizeof *value);
    if (!value) return -1;
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        for (size_t i = 0; i < g->n; i++) value[i] = r->model[g->member[i]].metric[k].value;
        g->spread[k] = leadseq_spread_of(value, g->n);
    }
    g->has_together = true;
    for (size_t i = 0; i < g->n; i++) g->has_together &= r->model[g->member[i]].count != NULL;
    for (int k = 0; g->has_together && k < LEADSEQ_JOINTS; k++) {
        for (size_t i = 0; i < g->n; i++) value[i] = r->model[g->member[i]].together[k].value;
        g->together[k] = leadseq_spread_of(value, g->n);
    }
    free(value);
    return 0;
}

int report_groups_measure(struct report *r)
{
    if (find_groups(r)) return -1;
    for (size_t g = 0; g < r->n_groups; g++)
        if (measure_group(r, &r->group[g])) return -1;
    if (r->n_groups == r->n_inputs) report_groups_clear(r); // nothing has several seeds
    return 0;
}

void report_groups_clear(struct report *r)
{
    for (size_t g = 0; g < r->n_groups; g++) free(r->group[g].member);
    free(r->group);
    r->group = NULL;
    r->n_groups = 0;
}
