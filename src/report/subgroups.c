/* SPDX-License-Identifier: MIT
 *
 * The same figures among women and men, by age, by the site and the likelihood of
 * an infarction, by the quality of the record. Sites and likelihoods are of
 * infarctions: they are judged against all records without one. */
#include "measure.h"

#include <stdlib.h>
#include <string.h>

static const char of_site[] = "MI site", of_likelihood[] = "MI likelihood";

struct definition {
    const char *family, *name;
    bool (*holds)(const struct leadseq_stack_row *row);
};

static bool is_woman(const struct leadseq_stack_row *r)
{
    return r->sex == 1;
}

static bool is_man(const struct leadseq_stack_row *r)
{
    return r->sex == 0;
}

static bool is_aged(const struct leadseq_stack_row *r, int from, int to)
{
    return r->age_years >= from && r->age_years < to;
}

static bool is_under_50(const struct leadseq_stack_row *r)
{
    return is_aged(r, 0, 50);
}

static bool is_in_50s(const struct leadseq_stack_row *r)
{
    return is_aged(r, 50, 60);
}

static bool is_in_60s(const struct leadseq_stack_row *r)
{
    return is_aged(r, 60, 70);
}

static bool is_in_70s(const struct leadseq_stack_row *r)
{
    return is_aged(r, 70, 80);
}

static bool is_over_80(const struct leadseq_stack_row *r)
{
    return r->age_years >= 80; // LEADSEQ_AGE_OVER_89 too
}

static bool has_site(const struct leadseq_stack_row *r, uint8_t site)
{
    return r->mi != 1 || (r->mi_site & site);
}

static bool is_anterior(const struct leadseq_stack_row *r)
{
    return has_site(r, LEADSEQ_SITE_ANTERIOR);
}

static bool is_inferior(const struct leadseq_stack_row *r)
{
    return has_site(r, LEADSEQ_SITE_INFERIOR);
}

static bool is_lateral(const struct leadseq_stack_row *r)
{
    return has_site(r, LEADSEQ_SITE_LATERAL);
}

static bool is_posterior(const struct leadseq_stack_row *r)
{
    return has_site(r, LEADSEQ_SITE_POSTERIOR);
}

static bool is_sure(const struct leadseq_stack_row *r)
{
    return r->mi != 1 || r->mi_likelihood >= 100;
}

static bool is_less_sure(const struct leadseq_stack_row *r)
{
    return r->mi != 1 || (r->mi_likelihood > 0 && r->mi_likelihood < 100);
}

/* PTB-XL writes 0 where the likelihood is not known. */
static bool is_unstated(const struct leadseq_stack_row *r)
{
    return r->mi != 1 || !(r->mi_likelihood > 0);
}

static bool is_clean(const struct leadseq_stack_row *r)
{
    return !r->quality;
}

static bool is_flagged(const struct leadseq_stack_row *r)
{
    return r->quality;
}

static bool has_flag(const struct leadseq_stack_row *r, unsigned bits)
{
    return r->quality & bits;
}

static bool is_drifting(const struct leadseq_stack_row *r)
{
    return has_flag(r, LEADSEQ_QUALITY_BASELINE_DRIFT);
}

static bool is_noisy(const struct leadseq_stack_row *r)
{
    return has_flag(r, LEADSEQ_QUALITY_STATIC_NOISE | LEADSEQ_QUALITY_BURST_NOISE);
}

static bool has_fault(const struct leadseq_stack_row *r)
{
    return has_flag(r, LEADSEQ_QUALITY_ELECTRODES | LEADSEQ_QUALITY_FLAT_LEAD |
                           LEADSEQ_QUALITY_SATURATED | LEADSEQ_QUALITY_MISSING |
                           LEADSEQ_QUALITY_EINTHOVEN | LEADSEQ_QUALITY_REVERSED |
                           LEADSEQ_QUALITY_AMPLITUDE);
}

static const struct definition definitions[] = {
    {"Sex", "women", is_woman},
    {"Sex", "men", is_man},
    {"Age", "under 50", is_under_50},
    {"Age", "50 to 59", is_in_50s},
    {"Age", "60 to 69", is_in_60s},
    {"Age", "70 to 79", is_in_70s},
    {"Age", "80 and over", is_over_80},
    {of_site, "anterior", is_anterior},
    {of_site, "inferior", is_inferior},
    {of_site, "lateral", is_lateral},
    {of_site, "posterior", is_posterior},
    {of_likelihood, "100 %", is_sure},
    {of_likelihood, "under 100 %", is_less_sure},
    {of_likelihood, "not stated", is_unstated},
    {"Quality", "no flag", is_clean},
    {"Quality", "any flag", is_flagged},
    {"Quality", "baseline drift", is_drifting},
    {"Quality", "noise", is_noisy},
    {"Quality", "electrode or lead fault", has_fault},
};
_Static_assert(LEADSEQ_COUNT(definitions) <= REPORT_SUBGROUPS_MAX, "room for every subgroup");

/* Such subgroups have the records without infarction in common. */
static bool is_of_infarctions(const struct definition *d)
{
    return d->family == of_site || d->family == of_likelihood;
}

static const char *const shared = "that of all records";

bool report_is_shared(const struct report_subgroup *s, enum leadseq_metric metric)
{
    const struct leadseq_metric_type *type = leadseq_metrics[metric];
    bool of_negatives = type->needs_negatives && !type->needs_positives;
    return of_negatives && (s->family == of_site || s->family == of_likelihood);
}

/* The records of a subgroup: labels, patients, and one model's (or two models') probabilities. */
struct part {
    size_t n;
    uint8_t *label;
    int *patient; /* NULL: not known */
    double *a, *b;
};

static void take(struct part *part, const struct report *r, const struct definition *d,
                 const double *a, const double *b)
{
    part->n = 0;
    for (size_t i = 0; i < r->records; i++) {
        if (!d->holds(r->row[i])) continue;
        part->label[part->n] = r->label[i];
        if (part->patient) part->patient[part->n] = r->patient_id[i];
        part->a[part->n] = a[i];
        part->b[part->n++] = b[i];
    }
}

static int measure_model(struct report_subgroup *s, const struct part *part,
                         const struct report_model *m, size_t i)
{
    const struct leadseq_predicted p = {part->n, part->a, part->label, m->threshold, part->patient};
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_estimate *e = s->metric[k] ? &s->metric[k][i] : NULL;
        if (!e) continue;
        if (report_is_shared(s, (enum leadseq_metric)k))
            *e = (struct leadseq_estimate){NAN, NAN, NAN, shared};
        else if (leadseq_metrics[k]->needs == LEADSEQ_OF_DECISIONS && isnan(m->threshold))
            *e = (struct leadseq_estimate){NAN, NAN, NAN, "no threshold"};
        else if (report_estimate(e, (enum leadseq_metric)k, &p))
            return -1;
        if (m->flaw && !isnan(e->value) && leadseq_metrics[k]->interval)
            *e = (struct leadseq_estimate){e->value, NAN, NAN, m->flaw};
    }
    return 0;
}

static int measure_pair(struct report_subgroup *s, const struct part *part,
                        const struct report_pair *p, size_t i)
{
    struct leadseq_difference *d = &s->auc_difference[i];
    const char *flaw = p->a->flaw ? p->a->flaw : p->b->flaw;
    if (leadseq_auc_difference(d, part->a, part->b, part->label, part->patient, part->n)) return -1;
    if (s->positives < LEADSEQ_FEWEST || s->n - s->positives < LEADSEQ_FEWEST || flaw)
        *d = (struct leadseq_difference){d->difference, NAN, NAN, NAN, flaw ? flaw : report_few};
    return 0;
}

static int allocate(struct report_subgroup *s, const struct report *r)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        if (leadseq_metrics[k]->place != LEADSEQ_IN_HEADLINE) continue;
        s->metric[k] = leadseq_calloc(r->n_models, sizeof *s->metric[k]);
        if (!s->metric[k]) return -1;
    }
    s->auc_difference = leadseq_calloc(r->n_pairs, sizeof *s->auc_difference);
    s->auc_holm = leadseq_calloc(r->n_pairs, sizeof *s->auc_holm);
    return s->auc_difference && s->auc_holm ? 0 : -1;
}

static int measure(struct report *r, const struct definition *d, struct part *part)
{
    const double *first = r->model[0].test.probability;
    take(part, r, d, first, first);
    struct report_subgroup *s = &r->subgroup[r->n_subgroups];
    *s = (struct report_subgroup){.family = d->family, .name = d->name, .n = part->n};
    for (size_t i = 0; i < part->n; i++) s->positives += part->label[i];
    if (!part->n || (is_of_infarctions(d) && !s->positives)) return 0;
    r->n_subgroups++;
    if (allocate(s, r)) return -1;
    for (size_t i = 0; i < r->n_models; i++) {
        take(part, r, d, r->model[i].test.probability, first);
        if (measure_model(s, part, &r->model[i], i)) return -1;
    }
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        take(part, r, d, p->a->test.probability, p->b->test.probability);
        if (measure_pair(s, part, p, i)) return -1;
    }
    return 0;
}

/* Over the subgroups of one pair. */
static int correct(struct report *r)
{
    double p[REPORT_SUBGROUPS_MAX];
    for (size_t i = 0; i < r->n_pairs; i++) {
        for (size_t s = 0; s < r->n_subgroups; s++) p[s] = r->subgroup[s].auc_difference[i].p;
        if (leadseq_holm(p, p, r->n_subgroups)) return -1;
        for (size_t s = 0; s < r->n_subgroups; s++) r->subgroup[s].auc_holm[i] = p[s];
    }
    return 0;
}

/* Sites and likelihoods say something where infarction is the question. */
static bool applies(const struct report *r, const struct definition *d)
{
    return !is_of_infarctions(d) || !strcasecmp(r->question, "mi");
}

int report_subgroups_measure(struct report *r)
{
    if (!r->row || r->several) return 0;
    struct part part = {.label = leadseq_calloc(r->records, sizeof *part.label),
                        .a = leadseq_calloc(r->records, sizeof *part.a),
                        .b = leadseq_calloc(r->records, sizeof *part.b)};
    if (r->patient_id) part.patient = leadseq_calloc(r->records, sizeof *part.patient);
    bool whole = part.label && part.a && part.b && (part.patient || !r->patient_id);
    int status = whole ? 0 : -1;
    for (size_t k = 0; !status && k < LEADSEQ_COUNT(definitions); k++)
        if (applies(r, &definitions[k])) status = measure(r, &definitions[k], &part);
    if (!status && r->n_subgroups) status = correct(r);
    free(part.label);
    free(part.patient);
    free(part.a);
    free(part.b);
    return status;
}

void report_subgroups_clear(struct report *r)
{
    for (size_t i = 0; i < r->n_subgroups; i++) {
        struct report_subgroup *s = &r->subgroup[i];
        for (int k = 0; k < LEADSEQ_METRICS; k++) free(s->metric[k]);
        free(s->auc_difference);
        free(s->auc_holm);
    }
    r->n_subgroups = 0;
}
