/* SPDX-License-Identifier: MIT
 *
 * Images of training that come again among the unseen records: pixel for pixel, by a
 * hash of all leads, or nearly, by the means of the cells of a coarse grid over each
 * lead, which grey levels, noise and another encoding hardly move. Shifted or cut images are
 * not found. Of large stacks an even sample of records is looked at. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* --- One record
 * ----------------------------------------------------------------------------------- */

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

/* --- Two parts
 * ------------------------------------------------------------------------------------- */

/* `n` of `count` records, evenly. */
static int fill(struct album *a, struct leadseq_stack *stack, const size_t *position, size_t count,
                size_t n)
{
    uint8_t *images =
        leadseq_calloc((size_t)leadseq_stack_images(stack), leadseq_stack_image_bytes(stack));
    int status = images ? 0 : -1;
    for (size_t i = 0; i < n && !status && !leadseq_stop_signal(); i++)
        status = sketch_record(stack, position[i * count / n], images, &a->sketch[a->n++]);
    free(images);
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
    *typical = verdict_median(d, unseen->n);
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

/* --- The stack
 * ---------------------------------------------------------------------------------------- */

/* Of so many records, what the bound leaves. */
static size_t sample(size_t n, double all, double most)
{
    size_t some = all > most ? (size_t)((double)n * most / all) : n;
    return some ? some : n > 0;
}

static int look(struct verdict *v, struct leadseq_stack *stack, const struct leadseq_split *split)
{
    struct verdict_twins *t = &v->twins;
    const size_t *n = split->n;
    double bytes = (double)leadseq_stack_images(stack) * (double)leadseq_stack_image_bytes(stack);
    double all = (double)(n[LEADSEQ_TRAIN] + n[LEADSEQ_VALID] + n[LEADSEQ_TEST]);
    size_t part[LEADSEQ_PARTS];
    for (int p = 0; p < LEADSEQ_PARTS; p++) part[p] = sample(n[p], all, BYTES_MOST / bytes);
    struct album train = {leadseq_calloc(part[LEADSEQ_TRAIN], sizeof *train.sketch), 0};
    struct album unseen = {
        leadseq_calloc(part[LEADSEQ_VALID] + part[LEADSEQ_TEST] + 1, sizeof *unseen.sketch), 0};
    int status = train.sketch && unseen.sketch ? 0 : -1;
    for (int p = 0; p < LEADSEQ_PARTS && !status; p++)
        status =
            fill(p == LEADSEQ_TRAIN ? &train : &unseen, stack, split->position[p], n[p], part[p]);
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
        verdict_note(v,
                     "images that come again were looked for in %.0f of %.0f training and %.0f of "
                     "%.0f unseen records",
                     t->train, t->of_train, t->unseen, t->of_unseen);
}

int verdict_twins(struct verdict *v)
{
    struct leadseq_split split = {0};
    if (!v->rehearse || !v->data) return 0;
    struct leadseq_stack *stack = leadseq_stack_open(v->data);
    int status = stack ? leadseq_experiment_split(v->e, stack, &split) : -1;
    if (!status) status = look(v, stack, &split);
    if (status) {
        verdict_note(v, "whether images come again on both sides could not be looked at: %s",
                     leadseq_error());
        leadseq_error_clear();
    }
    note_sample(v);
    leadseq_split_clear(&split);
    leadseq_stack_close(stack);
    return 0;
}
