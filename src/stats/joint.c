/* SPDX-License-Identifier: MIT
 *
 * Several outputs of the same records judged together: calls by the largest probability, and
 * F-max over records, for whole samples, resamples and exchanges of two models. */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const few_at_all = "no interval: fewer than 10 patients";
static const char *const few_of_class = "no interval: fewer than 10 patients of a class";
_Static_assert(LEADSEQ_FEWEST == 10, "the obstacles' words say 10");

#define LEADSEQ_JOINT_TYPE(NAME, name, title, calls, classes) {#name, title, calls, classes},
const struct leadseq_joint_type leadseq_joint_types[LEADSEQ_JOINTS] = {
    LEADSEQ_JOINT_TABLE(LEADSEQ_JOINT_TYPE)};

/* --- What the records are ------------------------------------------------------------------- */

static int allocate(struct leadseq_joint *j)
{
    const size_t cells = j->n * j->k;
    j->truth = leadseq_calloc(j->n, sizeof *j->truth);
    j->called = leadseq_calloc(j->n, sizeof *j->called);
    j->positives = leadseq_calloc(j->n, sizeof *j->positives);
    j->cell = leadseq_calloc(cells, sizeof *j->cell);
    j->share = leadseq_calloc(j->k + 1, sizeof *j->share);
    return j->truth && j->called && j->positives && j->cell && j->share ? 0 : -1;
}

/* Cells of known labels, from the highest probability to the lowest. */
static int sort_cells(struct leadseq_joint *j)
{
    const size_t cells = j->n * j->k;
    size_t *index = leadseq_calloc(cells, sizeof *index);
    if (!index) return -1;
    gsl_sort_index(index, j->probability, 1, cells);
    for (size_t r = cells; r-- > 0;)
        if (j->label[index[r]] <= 1) j->cell[j->cells++] = (uint32_t)index[r];
    free(index);
    return 0;
}

int leadseq_joint_init(struct leadseq_joint *j, const double *probability, const uint8_t *label,
                       size_t n, size_t k)
{
    *j = (struct leadseq_joint){.n = n, .k = k, .probability = probability, .label = label};
    if (!n || !k || n > UINT32_MAX / 2 / k)
        return leadseq_fail("expected records with outputs, at most 2^31 of both, found %zu of %zu",
                            n, k);
    for (size_t i = 0; i < n * k; i++)
        if (!(probability[i] >= 0 && probability[i] <= 1))
            return leadseq_fail("record %zu of %zu: expected probabilities from 0 to 1, found %g",
                                i / k + 1, n, probability[i]);
    if (allocate(j) || sort_cells(j)) {
        leadseq_joint_clear(j);
        return -1;
    }
    leadseq_classes_call(j->called, probability, n, k);
    for (size_t i = 0; i < n; i++) {
        j->truth[i] = leadseq_classes_single(label + i * k, k);
        j->single += j->truth[i] >= 0;
        for (size_t c = 0; c < k; c++) j->positives[i] += label[i * k + c] == 1;
    }
    for (size_t c = 1; c <= k; c++) j->share[c] = 1 / (double)c;
    return 0;
}

void leadseq_joint_clear(struct leadseq_joint *j)
{
    if (!j) return;
    free(j->truth);
    free(j->called);
    free(j->positives);
    free(j->cell);
    free(j->share);
    *j = (struct leadseq_joint){0};
}

/* weight: (n), NULL: each once */
static void count_calls(size_t *count, const struct leadseq_joint *j, const uint32_t *weight)
{
    memset(count, 0, j->k * j->k * sizeof *count);
    for (size_t i = 0; i < j->n; i++)
        if (j->truth[i] >= 0)
            count[(size_t)j->truth[i] * j->k + (size_t)j->called[i]] += weight ? weight[i] : 1;
}

void leadseq_joint_count(size_t *count, const struct leadseq_joint *j)
{
    count_calls(count, j, NULL);
}

struct leadseq_pairs leadseq_joint_right(const struct leadseq_joint *a,
                                         const struct leadseq_joint *b)
{
    struct leadseq_pairs right = {0};
    for (size_t i = 0; i < a->n; i++) {
        if (a->truth[i] < 0) continue;
        bool by_a = a->called[i] == a->truth[i], by_b = b->called[i] == b->truth[i];
        ++*(by_a && by_b ? &right.both
            : by_a       ? &right.only_a
            : by_b       ? &right.only_b
                         : &right.neither);
    }
    return right;
}

/* --- F-max over records --------------------------------------------------------------------- */

/* Sums while a threshold falls, of records that each count `weight` times. */
struct sums {
    double precisions, answered, recalls, best; /* answered: records with something called */
};

/* Calls one more output of a record, `hit`: rightly; of `called` before, `hits` of them rightly. */
static inline void call_one(struct sums *s, const struct leadseq_joint *j, size_t record,
                            double weight, uint32_t *called, uint32_t *hits, bool hit)
{
    s->precisions += weight * ((*hits + hit) * j->share[*called + 1] - *hits * j->share[*called]);
    if (!*called) s->answered += weight;
    if (hit) s->recalls += weight * j->share[j->positives[record]];
    ++*called;
    *hits += hit;
}

/* wanted: records with a true output. */
static inline void look(struct sums *s, double wanted)
{
    double precision = s->precisions / s->answered, recall = s->recalls / wanted;
    double f = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
    if (f > s->best) s->best = f;
}

static double wanted_of(const struct leadseq_joint *j, const uint32_t *weight)
{
    double wanted = 0;
    for (size_t i = 0; i < j->n; i++)
        if (j->positives[i]) wanted += weight ? weight[i] : 1;
    return wanted;
}

/* scratch: (2, n) */
static double f_max(const struct leadseq_joint *j, const uint32_t *weight, uint32_t *scratch)
{
    struct sums s = {0};
    uint32_t *called = scratch, *hits = scratch + j->n;
    double wanted = wanted_of(j, weight);
    if (!(wanted > 0)) return NAN;
    memset(scratch, 0, 2 * j->n * sizeof *scratch);
    for (size_t r = 0; r < j->cells; r++) {
        const uint32_t cell = j->cell[r];
        const size_t record = cell / j->k;
        const double w = weight ? weight[record] : 1;
        if (w > 0) call_one(&s, j, record, w, &called[record], &hits[record], j->label[cell] == 1);
        bool last = r + 1 == j->cells;
        if ((last || j->probability[j->cell[r + 1]] != j->probability[cell]) && s.answered > 0)
            look(&s, wanted);
    }
    return s.best;
}

/* --- Figures -------------------------------------------------------------------------------- */

static void put_figures(double value[LEADSEQ_JOINTS], const size_t *count, size_t k, double f)
{
    const struct leadseq_classes_figures c = leadseq_classes_measure(count, k);
    value[LEADSEQ_JOINT_ACCURACY] = c.accuracy;
    value[LEADSEQ_JOINT_BALANCED_ACCURACY] = c.balanced_accuracy;
    value[LEADSEQ_JOINT_MACRO_PRECISION] = c.macro_precision;
    value[LEADSEQ_JOINT_MACRO_F1] = c.macro_f1;
    value[LEADSEQ_JOINT_KAPPA] = c.kappa;
    value[LEADSEQ_JOINT_MCC] = c.mcc;
    value[LEADSEQ_JOINT_F_MAX] = f;
}

static size_t scratch_of(const struct leadseq_joint *j)
{
    return 2 * j->k * j->k * sizeof(size_t) + 4 * j->n * sizeof(uint32_t);
}

/* memory: scratch_of(j) bytes */
static void measure_one(double *value, const struct leadseq_joint *j, const uint32_t *weight,
                        void *memory)
{
    size_t *count = memory;
    count_calls(count, j, weight);
    put_figures(value, count, j->k, f_max(j, weight, (uint32_t *)(count + j->k * j->k)));
}

int leadseq_joint_measure(double value[LEADSEQ_JOINTS], const struct leadseq_joint *j)
{
    void *memory = leadseq_calloc(scratch_of(j), 1);
    if (!memory) return -1;
    measure_one(value, j, NULL, memory);
    free(memory);
    return 0;
}

struct models {
    const struct leadseq_joint *model;
    size_t count;
};

static void measure_models(double *value, const uint32_t *weight, const void *state, void *scratch)
{
    const struct models *all = state;
    for (size_t m = 0; m < all->count; m++)
        measure_one(value + m * LEADSEQ_JOINTS, &all->model[m], weight, scratch);
}

/* The fewest clusters with a record of a class. */
static size_t fewest_of(const struct leadseq_joint *j, const struct stats_clusters *clusters,
                        uint8_t *seen)
{
    size_t fewest = SIZE_MAX;
    for (size_t c = 0; c < j->k; c++) {
        size_t n = 0;
        memset(seen, 0, clusters->count);
        for (size_t i = 0; i < j->n; i++) {
            uint8_t *of = &seen[clusters->member[i]];
            if (j->truth[i] != (int)c || *of) continue;
            *of = 1;
            n++;
        }
        if (n < fewest) fewest = n;
    }
    return fewest;
}

static int find_obstacles(struct leadseq_resampled *to, const struct models *all,
                          const struct leadseq_bootstrap_options *options)
{
    struct stats_clusters clusters;
    if (stats_clusters_init(&clusters, options->cluster, all->model->n)) return -1;
    uint8_t *seen = leadseq_calloc(clusters.count, sizeof *seen);
    size_t fewest = seen ? fewest_of(all->model, &clusters, seen) : 0;
    for (size_t f = 0; f < to->figures; f++) {
        if (leadseq_joint_types[f % LEADSEQ_JOINTS].of_every_class && fewest < LEADSEQ_FEWEST)
            to->obstacle[f] = few_of_class;
        if (clusters.count < LEADSEQ_FEWEST) to->obstacle[f] = few_at_all;
    }
    free(seen);
    stats_clusters_clear(&clusters);
    return seen ? 0 : -1;
}

int leadseq_resample_joint(struct leadseq_resampled *to, const struct leadseq_joint *model,
                           size_t models, const struct leadseq_bootstrap_options *options)
{
    const struct models all = {model, models};
    const struct leadseq_statistic statistic = {.figures = models * LEADSEQ_JOINTS,
                                                .n = model->n,
                                                .scratch = scratch_of(model),
                                                .measure = measure_models,
                                                .state = &all};
    if (leadseq_resample(to, &statistic, options)) return -1;
    return find_obstacles(to, &all, options);
}

/* --- Exchange of two models ----------------------------------------------------------------- */

/* What both say of all cells by falling probability; those of the second model have the higher
 * numbers. */
struct exchange {
    const struct leadseq_joint *model[2];
    uint32_t *item;
    double *probability;
    size_t items, cells;
    double wanted;
};

static void exchange_f_max(double f[2], const struct exchange *x, const uint32_t *swapped,
                           uint32_t *scratch)
{
    const struct leadseq_joint *j = x->model[0];
    struct sums s[2] = {{0}};
    memset(scratch, 0, 4 * j->n * sizeof *scratch);
    for (size_t r = 0; r < x->items; r++) {
        const size_t from = x->item[r] >= x->cells, cell = x->item[r] - from * x->cells;
        const size_t record = cell / j->k;
        size_t m = from ^ swapped[record];
        uint32_t *called = scratch + 2 * m * j->n, *hits = called + j->n;
        call_one(&s[m], j, record, 1, &called[record], &hits[record], j->label[cell] == 1);
        if (r + 1 < x->items && x->probability[r + 1] == x->probability[r]) continue;
        for (m = 0; m < 2; m++)
            if (s[m].answered > 0) look(&s[m], x->wanted);
    }
    for (size_t m = 0; m < 2; m++) f[m] = x->wanted > 0 ? s[m].best : NAN;
}

static void measure_exchange(double *difference, const uint32_t *swapped, const void *state,
                             void *scratch)
{
    const struct exchange *x = state;
    const struct leadseq_joint *j = x->model[0];
    const size_t classes = j->k * j->k;
    size_t *count = scratch;
    double value[2][LEADSEQ_JOINTS], f[2];
    memset(count, 0, 2 * classes * sizeof *count);
    for (size_t i = 0; i < j->n; i++)
        for (size_t m = 0; j->truth[i] >= 0 && m < 2; m++)
            count[m * classes + (size_t)j->truth[i] * j->k +
                  (size_t)x->model[m ^ swapped[i]]->called[i]]++;
    exchange_f_max(f, x, swapped, (uint32_t *)(count + 2 * classes));
    for (size_t m = 0; m < 2; m++) put_figures(value[m], count + m * classes, j->k, f[m]);
    for (size_t k = 0; k < LEADSEQ_JOINTS; k++) difference[k] = value[0][k] - value[1][k];
}

static int exchange_init(struct exchange *x, const struct leadseq_joint *a,
                         const struct leadseq_joint *b)
{
    *x = (struct exchange){.model = {a, b}, .cells = a->n * a->k, .wanted = wanted_of(a, NULL)};
    x->item = leadseq_calloc(2 * x->cells, sizeof *x->item);
    x->probability = leadseq_calloc(2 * x->cells, sizeof *x->probability);
    if (!x->item || !x->probability) return -1;
    for (size_t r = 0, t = 0; r < a->cells || t < b->cells; x->items++) {
        bool first = t == b->cells ||
                     (r < a->cells && a->probability[a->cell[r]] >= b->probability[b->cell[t]]);
        x->item[x->items] = first ? a->cell[r] : (uint32_t)x->cells + b->cell[t];
        x->probability[x->items] =
            first ? a->probability[a->cell[r++]] : b->probability[b->cell[t++]];
    }
    return 0;
}

int leadseq_permute_joint(double p[LEADSEQ_JOINTS], const struct leadseq_joint *a,
                          const struct leadseq_joint *b,
                          const struct leadseq_bootstrap_options *options)
{
    struct exchange x;
    if (a->n != b->n || a->k != b->k || memcmp(a->label, b->label, a->n * a->k) != 0)
        return leadseq_fail("permutation: expected two models of the same records and outputs");
    struct leadseq_statistic difference = {.figures = LEADSEQ_JOINTS,
                                           .n = a->n,
                                           .scratch = scratch_of(a),
                                           .measure = measure_exchange,
                                           .state = &x};
    int status = exchange_init(&x, a, b);
    if (!status) status = leadseq_permute(p, &difference, options);
    free(x.item);
    free(x.probability);
    return status;
}
