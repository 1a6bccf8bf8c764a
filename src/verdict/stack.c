/* SPDX-License-Identifier: MIT
 *
 * Evidence from the run's stack, where it may be looked at; nothing is trained.
 *
 * Images of training that appear again among the unseen records: pixel for pixel, by a
 * hash of all leads, or nearly, by the means of the cells of a coarse grid over each
 * lead, which grey levels, noise and another encoding hardly move. Shifted or cut
 * images are not found. Of large stacks an even sample of records is looked at.
 *
 * The records a run was fitted to, ranked by the weights that rank the unseen ones,
 * both in evaluation: the AUC of training in history.tsv is of weights that were still
 * changing, with dropout and norms of batches, and may well be below validation's.
 * Measured only where it is. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

/* --- Images that appear twice ----------------------------------------------------------------- */

enum { COLUMNS = 16, ROWS = 4, CELLS = COLUMNS * ROWS * LEADSEQ_LEADS };
static const double BYTES_MOST = 6e9; /* of pixels: some ten seconds */
static const double NEARLY = .05;     /* of the distance two records usually have */

struct sketch {
    uint64_t hash;
    int ecg_id;
    bool blank; /* one value everywhere */
    float cell[CELLS];
};
struct album { /* of a part of the split */
    struct sketch *sketch;
    size_t n;
};

/* Means over the cells of a grid; `stride` bytes are a pixel, of which the first is taken. */
static void sketch_lead(const uint8_t *image, int height, int width, int stride, float *cell)
{
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            int top = row * height / ROWS, bottom = (row + 1) * height / ROWS;
            int left = column * width / COLUMNS, right = (column + 1) * width / COLUMNS;
            double sum = 0;
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++) sum += image[(y * width + x) * stride];
            int count = (bottom - top) * (right - left);
            *cell++ = count ? (float)(sum / count) : 0;
        }
}

static bool is_blank(const uint8_t *p, size_t n)
{
    return !memcmp(p, p + 1, n - 1);
}

/* The same of a signal: means over equal parts of the time. Missing samples count as 0 mV. */
static void sketch_signal(const float *mv, size_t n, float *cell)
{
    for (size_t i = 0; i < COLUMNS * ROWS; i++) {
        const size_t from = i * n / (COLUMNS * ROWS), to = (i + 1) * n / (COLUMNS * ROWS);
        double sum = 0;
        for (size_t k = from; k < to; k++) sum += isnan(mv[k]) ? 0 : (double)mv[k];
        cell[i] = to > from ? (float)(sum / (double)(to - from)) : 0;
    }
}

static int sketch_signals(struct leadseq_stack *stack, size_t position, float *mv, struct sketch *s)
{
    const size_t n = leadseq_stack_samples(stack);
    if (leadseq_stack_read_signals(stack, position, mv)) return -1;
    s->ecg_id = leadseq_stack_rows(stack)[position].ecg_id;
    s->hash = leadseq_hash_words(mv, LEADSEQ_LEADS * n * sizeof *mv);
    s->blank = leadseq_signal_empty(mv, n);
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
        sketch_signal(mv + lead * n, n, s->cell + lead * COLUMNS * ROWS);
    return 0;
}

static int sketch_record(struct leadseq_stack *stack, size_t position, uint8_t *images,
                         struct sketch *s)
{
    const struct leadseq_drawing *d = leadseq_stack_drawing(stack);
    const size_t bytes = leadseq_stack_image_bytes(stack);
    const size_t count = (size_t)leadseq_stack_images(stack);
    const int stride = (int)(bytes / ((size_t)d->width * (size_t)d->height));
    if (leadseq_stack_read(stack, position, images)) return -1;
    s->ecg_id = leadseq_stack_rows(stack)[position].ecg_id;
    s->hash = leadseq_hash_words(images, count * bytes);
    s->blank = is_blank(images, count * bytes);
    for (size_t lead = 0; lead < count; lead++)
        sketch_lead(images + lead * bytes, d->height, d->width, stride,
                    s->cell + lead * COLUMNS * ROWS);
    return 0;
}

/* Of a record's images, or of its signals where it has none. */
static size_t record_bytes(const struct leadseq_stack *stack)
{
    const size_t images = (size_t)leadseq_stack_images(stack);
    return images ? images * leadseq_stack_image_bytes(stack)
                  : LEADSEQ_LEADS * leadseq_stack_samples(stack) * sizeof(float);
}

/* `n` of `count` records, evenly. */
static int fill_album(struct album *a, struct leadseq_stack *stack, const size_t *position,
                      size_t count, size_t n)
{
    const bool images = leadseq_stack_images(stack) > 0;
    void *room = leadseq_calloc(record_bytes(stack), 1);
    int status = room ? 0 : -1;
    for (size_t i = 0; i < n && !status && !leadseq_stop_signal(); i++) {
        struct sketch *s = &a->sketch[a->n++];
        const size_t at = position[i * count / n];
        status = images ? sketch_record(stack, at, room, s) : sketch_signals(stack, at, room, s);
    }
    free(room);
    return status;
}

static double distance(const struct sketch *a, const struct sketch *b)
{
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < CELLS; i++) {
        float d = a->cell[i] - b->cell[i];
        sum += d * d;
    }
    return sqrt((double)sum / CELLS);
}

/* The median distance of each unseen record to one of training, drawn by turns. */
static int find_typical(const struct album *train, const struct album *unseen, double *typical)
{
    double *d = leadseq_calloc(unseen->n, sizeof *d);
    if (!d) return -1;
    for (size_t i = 0; i < unseen->n; i++)
        d[i] = distance(&unseen->sketch[i], &train->sketch[i * 7919 % train->n]);
    *typical = leadseq_median(d, unseen->n);
    free(d);
    return 0;
}

static bool is_same(const struct sketch *a, const struct sketch *b)
{
    return a->hash == b->hash && !memcmp(a->cell, b->cell, sizeof a->cell);
}

static void compare(struct verdict_twins *t, const struct album *train, const struct sketch *s)
{
    double least = INFINITY;
    const struct sketch *twin = NULL;
    bool same = false;
    for (size_t k = 0; k < train->n && !same; k++) {
        double d = distance(s, &train->sketch[k]);
        same = is_same(s, &train->sketch[k]);
        if (!same && !(d < least)) continue;
        least = same ? 0 : d;
        twin = &train->sketch[k];
    }
    if (!twin || s->blank) return;
    t->identical += same;
    t->near += !same && least < NEARLY * t->typical;
    if (least >= t->nearest) return;
    t->nearest = least;
    t->ecg_id = s->ecg_id;
    t->twin = twin->ecg_id;
}

static int compare_all(struct verdict_twins *t, const struct album *train,
                       const struct album *unseen)
{
    if (find_typical(train, unseen, &t->typical)) return -1;
    t->identical = t->near = 0;
    t->nearest = INFINITY;
    t->train = (double)train->n;
    t->unseen = (double)unseen->n;
    for (size_t i = 0; i < unseen->n; i++) compare(t, train, &unseen->sketch[i]);
    return 0;
}

/* How many of n records the bound leaves. */
static size_t sample(size_t n, double all, double most)
{
    size_t some = all > most ? (size_t)((double)n * most / all) : n;
    return some ? some : n > 0;
}

static int compare_parts(struct verdict *v, struct leadseq_stack *stack,
                         const struct leadseq_split *split)
{
    struct verdict_twins *t = &v->twins;
    const size_t *n = split->n;
    double bytes = (double)record_bytes(stack);
    double all = (double)(n[LEADSEQ_TRAIN] + n[LEADSEQ_VALID] + n[LEADSEQ_TEST]);
    size_t part[LEADSEQ_PARTS];
    for (int p = 0; p < LEADSEQ_PARTS; p++) part[p] = sample(n[p], all, BYTES_MOST / bytes);
    struct album train = {leadseq_calloc(part[LEADSEQ_TRAIN], sizeof *train.sketch), 0};
    struct album unseen = {
        leadseq_calloc(part[LEADSEQ_VALID] + part[LEADSEQ_TEST] + 1, sizeof *unseen.sketch), 0};
    int status = train.sketch && unseen.sketch ? 0 : -1;
    for (int p = 0; p < LEADSEQ_PARTS && !status; p++)
        status = fill_album(p == LEADSEQ_TRAIN ? &train : &unseen, stack, split->position[p], n[p],
                            part[p]);
    t->of_train = (double)n[LEADSEQ_TRAIN];
    t->of_unseen = (double)(n[LEADSEQ_VALID] + n[LEADSEQ_TEST]);
    if (!status && !leadseq_stop_signal() && train.n && unseen.n)
        status = compare_all(t, &train, &unseen);
    free(train.sketch);
    free(unseen.sketch);
    return status;
}

static void note_sample(struct verdict *v)
{
    const struct verdict_twins *t = &v->twins;
    if (t->train < t->of_train || t->unseen < t->of_unseen)
        verdict_note(
            v,
            "images that appear twice were looked for in %.0f of %.0f training and %.0f of "
            "%.0f unseen records",
            t->train, t->of_train, t->unseen, t->of_unseen);
}

static void look_for_twins(struct verdict *v)
{
    struct leadseq_split split = {0};
    struct leadseq_stack *stack = leadseq_stack_open(v->data);
    int status = stack ? leadseq_experiment_split(v->e, stack, &split) : -1;
    if (!status) status = compare_parts(v, stack, &split);
    if (status) {
        verdict_note(v, "whether images appear on both sides of the split could not be checked: %s",
                     leadseq_error());
        leadseq_error_clear();
    }
    note_sample(v);
    leadseq_split_clear(&split);
    leadseq_stack_close(stack);
}

/* --- Training records, ranked ----------------------------------------------------------------- */

enum { RECORDS_MOST = 400 };

/* What the run's own last epoch says of training; NaN where there is none. */
static double last_train_auc(const struct verdict *v)
{
    const double *auc = verdict_column(&v->history, "train_auc");
    return auc && v->history.rows ? auc[v->history.rows - 1] : NAN;
}

/* DeLong's, but never below a quarter of that of chance: where nothing is ranked wrongly it is 0.
 */
static double error_of(const struct leadseq_estimate *auc, size_t n, size_t positive)
{
    double p = (double)positive, q = (double)(n - positive);
    double least = sqrt((p + q + 1) / (12 * p * q)) / 4;
    double error = (auc->high - auc->low) / (2 * 1.959964);
    return error > least ? error : least;
}

static double unseen_error(const struct verdict *v)
{
    return error_of(&v->now->scored.plain, v->now->scored.n, v->now->scored.positive);
}

static bool is_suspicious(const struct verdict *v)
{
    if (v->busy || v->n_outputs > 1 || !v->now->scored.n) return false;
    return v->now->scored.auc.value - 1.959964 * unseen_error(v) > last_train_auc(v);
}

struct ranked {
    double score[RECORDS_MOST];
    uint8_t label[RECORDS_MOST];
    int patient[RECORDS_MOST];
    size_t n;
};

/* Every k-th record of the training part. */
static int rank(struct leadseq_run *run, struct leadseq_stack *stack,
                const struct leadseq_split *split, const struct leadseq_labels *labels,
                struct ranked *r)
{
    size_t all = split->n[LEADSEQ_TRAIN], n = all < RECORDS_MOST ? all : RECORDS_MOST;
    int status = 0;
    for (size_t i = 0; i < n && !status && !leadseq_stop_signal(); i++) {
        size_t position = split->position[LEADSEQ_TRAIN][i * all / n];
        const struct leadseq_stack_row *row = &leadseq_stack_rows(stack)[position];
        const uint8_t label = labels->value[position]; // of the only output
        float logit;
        if (label == LEADSEQ_UNKNOWN) continue;
        status = leadseq_run_predict_row(run, stack, position, &logit);
        r->score[r->n] = status ? 0 : (double)leadseq_sigmoid(logit);
        r->patient[r->n] = row->patient_id < 0 ? -1 - (int)r->n : row->patient_id;
        r->label[r->n++] = label;
    }
    return status;
}

static int compare_ranks(struct verdict *v, const struct ranked *r)
{
    struct verdict_fitted *w = &v->fitted;
    size_t positive = 0;
    for (size_t i = 0; i < r->n; i++) positive += r->label[i];
    if (!positive || positive == r->n) return 0;
    struct leadseq_estimate plain;
    if (leadseq_auc_interval(&w->auc, r->score, r->label, r->patient, r->n) ||
        leadseq_auc_delong(&plain, r->score, r->label, r->n))
        return -1;
    double error = hypot(error_of(&plain, r->n, positive), unseen_error(v));
    w->n = (double)r->n;
    w->z = (v->now->scored.auc.value - w->auc.value) / error;
    return 0;
}

static int rank_training(struct verdict *v, struct leadseq_stack *stack)
{
    struct leadseq_split split = {0};
    struct leadseq_labels labels = {0};
    struct ranked *r = leadseq_calloc(1, sizeof *r);
    struct leadseq_run *run =
        r ? leadseq_run_open_as(v->run, v->e, LEADSEQ_BEST, v->e->train.threads) : NULL;
    int status = run ? leadseq_experiment_split(v->e, stack, &split) : -1;
    if (!status) status = leadseq_task_labels(&v->e->data.task, stack, &labels);
    if (!status) status = rank(run, stack, &split, &labels, r);
    if (!status && !leadseq_stop_signal()) status = compare_ranks(v, r);
    leadseq_task_labels_clear(&labels);
    leadseq_split_clear(&split);
    leadseq_run_close(run);
    free(r);
    return status;
}

static void look_at_fitted(struct verdict *v)
{
    if (!is_suspicious(v)) return;
    struct leadseq_stack *stack = leadseq_stack_open(v->data);
    if (!stack || rank_training(v, stack)) {
        verdict_note(v, "how the training records are ranked could not be measured: %s",
                     leadseq_error());
        leadseq_error_clear();
    }
    leadseq_stack_close(stack);
}

/* --- Pixels ----------------------------------------------------------------------------------- */

enum { PIXELS_RECORDS = 64 };

/* Mean and deviation of what the model is fed, over an even sample of the stack's records. */
static int measure_pixels(struct verdict *v, const char *data)
{
    size_t position[PIXELS_RECORDS], n = 0;
    struct leadseq_stack *stack = leadseq_stack_open(data);
    if (!stack) {
        verdict_note(v, "%s", leadseq_error());
        leadseq_error_clear();
        return 0;
    }
    size_t count = leadseq_stack_count(stack);
    for (; n < PIXELS_RECORDS && n < count; n++)
        position[n] = count <= PIXELS_RECORDS ? n : n * count / PIXELS_RECORDS;
    double mean[LEADSEQ_LEADS], sd[LEADSEQ_LEADS];
    int status = v->e->data.input == LEADSEQ_DATA_SIGNALS
                     ? leadseq_signals_moments(stack, position, n, false, mean, sd)
                     : leadseq_batches_moments(stack, position, n, v->e->data.invert, 1, mean, sd);
    if (!status) v->rest.pixel_mean = mean[0], v->rest.pixel_sd = sd[0];
    leadseq_stack_close(stack);
    return status;
}

static int look_at_pixels(struct verdict *v)
{
    if (v->e->data.standardise && isnan(v->rest.pixel_mean)) {
        v->rest.pixel_mean = 0;
        v->rest.pixel_sd = 1;
    }
    if (isfinite(v->rest.pixel_mean) && isfinite(v->rest.pixel_sd)) return 0;
    return v->data ? measure_pixels(v, v->data) : 0;
}

int verdict_look(struct verdict *v)
{
    if (!v->rehearse) return 0;
    if (v->data) {
        look_for_twins(v);
        look_at_fitted(v);
    }
    return look_at_pixels(v);
}
