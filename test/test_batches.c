/* SPDX-License-Identifier: MIT */
#include "small_stack.h"

#include <math.h>

enum { RECORDS = 11, AREA = SMALL_WIDTH * SMALL_HEIGHT };

static size_t everyone[RECORDS];

static void begin(void)
{
    small_begin();
    small_write(LEADSEQ_PAPER_TEXT, RECORDS);
    for (size_t i = 0; i < RECORDS; i++) everyone[i] = i;
}

TestSuite(batches, .init = begin, .fini = small_end);

static struct leadseq_batch_options plain(void)
{
    return (struct leadseq_batch_options){
        .position = everyone, .n = RECORDS, .batch = 4, .scale = {1, 1, 1}};
}

static struct leadseq_batches *open_batches(struct leadseq_stack *stack,
                                            const struct leadseq_batch_options *options)
{
    struct leadseq_batches *b = leadseq_batches_open(stack, options);
    cr_assert(b, "%s", leadseq_error());
    return b;
}

static const struct leadseq_batch *next(struct leadseq_batches *b)
{
    const struct leadseq_batch *batch;
    cr_assert_eq(leadseq_batches_next(b, &batch), 1, "%s", leadseq_error());
    return batch;
}

static float as_drawn(size_t record, size_t lead, size_t at)
{
    return (float)small_pixel(record, lead, at) / 255.0f;
}

Test(batches, options_that_make_no_sense_are_refused)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain();
    o.n = 0;
    cr_assert_null(leadseq_batches_open(stack, &o));
    cr_assert(strstr(leadseq_error(), "no records"));
    o = plain(), o.batch = 0;
    cr_assert_null(leadseq_batches_open(stack, &o));
    o = plain(), o.scale[0] = 0;
    cr_assert_null(leadseq_batches_open(stack, &o));
    o = plain(), o.order = LEADSEQ_LEADS_LIST, o.n_leads = 1, o.leads[0] = 12;
    cr_assert_null(leadseq_batches_open(stack, &o));
    cr_assert(strstr(leadseq_error(), "lead number 12"));
    o.n_leads = 13;
    cr_assert_null(leadseq_batches_open(stack, &o));
    size_t far = RECORDS;
    o = plain(), o.position = &far, o.n = 1;
    cr_assert_null(leadseq_batches_open(stack, &o));
    cr_assert(strstr(leadseq_error(), "record number 11"));
    leadseq_stack_close(stack);
}

Test(batches, what_the_worker_cannot_read_surfaces_in_next)
{
    size_t size;
    char *bytes = leadseq_file_read(small_path, 1 << 24, &size);
    struct leadseq_stack *stack = small_open(); // its rows are read; the images change below
    FILE *f = fopen(small_path, "r+b");
    for (size_t i = 0; i + 1 < size; i++)
        if ((uint8_t)bytes[i] == 0x78 && (uint8_t)bytes[i + 1] == 0x01) { // a zlib stream begins
            fseek(f, (long)i + 20, SEEK_SET);
            fputs("damage", f);
        }
    fclose(f);
    free(bytes);
    struct leadseq_batch_options o = plain();
    struct leadseq_batches *b = open_batches(stack, &o);
    const struct leadseq_batch *batch;
    cr_assert_eq(leadseq_batches_next(b, &batch), -1);
    cr_assert(strstr(leadseq_error(), "no epoch"));
    cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
    cr_assert_eq(leadseq_batches_next(b, &batch), -1);
    cr_assert(strstr(leadseq_error(), "are damaged"), "%s", leadseq_error());
    cr_assert(strstr(leadseq_error(), small_path));
    double mean, deviation;
    cr_assert_eq(leadseq_batches_moments(stack, everyone, RECORDS, false, 1, &mean, &deviation),
                 -1);
    cr_assert(strstr(leadseq_error(), "are damaged"));
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
}

Test(batches, both_layouts_hold_every_pixel_where_it_belongs)
{
    struct leadseq_stack *stack = small_open();
    for (enum leadseq_batch_layout layout = LEADSEQ_LAYOUT_TNCHW; layout <= LEADSEQ_LAYOUT_NTCHW;
         layout++) {
        struct leadseq_batch_options o = plain();
        o.layout = layout;
        struct leadseq_batches *b = open_batches(stack, &o);
        cr_assert_eq(leadseq_batches_count(b), 3);
        cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
        for (size_t k = 0; k < 3; k++) {
            const struct leadseq_batch *batch = next(b);
            size_t n = (size_t)batch->n;
            cr_assert_eq(n, k < 2 ? 4 : 3);
            for (size_t i = 0; i < n; i++) {
                cr_assert_eq(batch->position[i], 4 * k + i);
                cr_assert_eq(batch->target[i], (4 * k + i) % 3 == 0);
                for (size_t t = 0; t < LEADSEQ_LEADS; t++)
                    for (size_t at = 0; at < AREA; at++) {
                        size_t image =
                            layout == LEADSEQ_LAYOUT_TNCHW ? t * n + i : i * LEADSEQ_LEADS + t;
                        cr_assert_eq(batch->images[image * AREA + at], as_drawn(4 * k + i, t, at));
                    }
            }
        }
        const struct leadseq_batch *none;
        cr_assert_eq(leadseq_batches_next(b, &none), 0);
        cr_assert_eq(leadseq_batches_next(b, &none), 0);
        leadseq_batches_close(b);
    }
    leadseq_stack_close(stack);
}

Test(batches, pixels_are_inverted_and_standardised)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain();
    o.invert = true, o.mean[0] = .25f, o.scale[0] = 3;
    struct leadseq_batches *b = open_batches(stack, &o);
    cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
    const struct leadseq_batch *batch = next(b);
    for (size_t at = 0; at < AREA; at++)
        cr_assert_float_eq(batch->images[at], (1 - as_drawn(0, 0, at) - .25) * 3, 1e-6);
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
}

Test(batches, colour_becomes_planes)
{
    unlink(small_path);
    small_write(LEADSEQ_PAPER_CODE, 2);
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain();
    o.n = 2;
    struct leadseq_batches *b = open_batches(stack, &o);
    cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
    const struct leadseq_batch *batch = next(b);
    cr_assert_eq(batch->n, 2);
    for (size_t c = 0; c < 3; c++)
        for (size_t at = 0; at < AREA; at++) // lead 5 of record 1
            cr_assert_eq(batch->images[((5 * 2 + 1) * 3 + c) * AREA + at],
                         as_drawn(1, 5, 3 * at + c));
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
}

Test(batches, leads_come_as_listed_or_shuffled_by_record)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain();
    o.order = LEADSEQ_LEADS_LIST, o.n_leads = 2, o.leads[0] = 7, o.leads[1] = 1;
    struct leadseq_batches *b = open_batches(stack, &o);
    cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
    const struct leadseq_batch *batch = next(b);
    for (size_t at = 0; at < AREA; at++) {
        cr_assert_eq(batch->images[at], as_drawn(0, 7, at));
        cr_assert_eq(batch->images[4 * AREA + at], as_drawn(0, 1, at));
    }
    leadseq_batches_close(b);

    o = plain(), o.order = LEADSEQ_LEADS_SHUFFLED, o.layout = LEADSEQ_LAYOUT_NTCHW;
    size_t reversed[RECORDS], in_place = 0;
    for (size_t i = 0; i < RECORDS; i++) reversed[i] = RECORDS - 1 - i;
    struct leadseq_batch_options p = o;
    p.position = reversed, p.batch = RECORDS, o.batch = RECORDS;
    struct leadseq_batches *a = open_batches(stack, &o), *c = open_batches(stack, &p);
    cr_assert_eq(leadseq_batches_start(a, 0, 0), 0);
    cr_assert_eq(leadseq_batches_start(c, 5, 0), 0); // neither epoch nor place matters
    const struct leadseq_batch *x = next(a), *y = next(c);
    size_t record = LEADSEQ_LEADS * AREA;
    for (size_t i = 0; i < RECORDS; i++) {
        cr_assert_arr_eq(x->images + i * record, y->images + (RECORDS - 1 - i) * record, record);
        for (size_t t = 0; t < LEADSEQ_LEADS; t++) {
            size_t at = 0;
            while (at < AREA && x->images[i * record + t * AREA + at] == as_drawn(i, t, at)) at++;
            in_place += at == AREA;
        }
    }
    cr_assert_lt(in_place, 30); // of 132, 11 expected
    leadseq_batches_close(a);
    leadseq_batches_close(c);
    leadseq_stack_close(stack);
}

/* The positions of an epoch from its batch `first` on. */
static size_t epoch_order(struct leadseq_batches *b, uint64_t epoch, size_t first, size_t *order)
{
    const struct leadseq_batch *batch;
    size_t n = 0;
    cr_assert_eq(leadseq_batches_start(b, epoch, first), 0);
    while (leadseq_batches_next(b, &batch) == 1)
        for (int i = 0; i < batch->n; i++) order[n++] = batch->position[i];
    return n;
}

Test(batches, a_shuffle_is_decided_by_seed_and_epoch_and_can_be_taken_up)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain();
    o.shuffle = true, o.seed = 3;
    struct leadseq_batches *b = open_batches(stack, &o);
    size_t zero[RECORDS], one[RECORDS], again[RECORDS], later[RECORDS], seen[RECORDS] = {0};
    cr_assert_eq(epoch_order(b, 0, 0, zero), RECORDS);
    cr_assert_eq(epoch_order(b, 1, 0, one), RECORDS);
    cr_assert_eq(epoch_order(b, 0, 0, again), RECORDS);
    cr_assert_eq(epoch_order(b, 0, 2, later), 3);
    for (size_t i = 0; i < RECORDS; i++) seen[zero[i]]++;
    for (size_t i = 0; i < RECORDS; i++) cr_assert_eq(seen[i], 1);
    cr_assert_arr_eq(zero, again, sizeof zero);
    cr_assert_arr_eq(zero + 8, later, 3 * sizeof *zero);
    cr_assert(memcmp(zero, one, sizeof zero));
    cr_assert_eq(leadseq_batches_start(b, 0, 4), -1);
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
}

Test(batches, stopping_anywhere_is_clean)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain();
    o.batch = 1;
    for (int taken = 0; taken <= RECORDS; taken++) {
        struct leadseq_batches *b = open_batches(stack, &o);
        cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
        for (int i = 0; i < taken; i++) next(b);
        cr_assert_eq(leadseq_batches_start(b, 1, 0), 0); // amid an epoch
        const struct leadseq_batch *batch = next(b);
        cr_assert_eq(batch->position[0], 0);
        cr_assert_geq(leadseq_batches_waited(b), 0);
        leadseq_batches_close(b);
    }
    leadseq_stack_close(stack);
}

Test(batches, a_batch_stays_valid_until_the_next_call)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain();
    o.batch = 1;
    struct leadseq_batches *b = open_batches(stack, &o);
    cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
    for (size_t k = 0; k < RECORDS; k++) {
        const struct leadseq_batch *batch = next(b);
        usleep(2000); // the worker keeps running meanwhile
        cr_assert_eq(batch->position[0], k);
        for (size_t at = 0; at < AREA; at++) cr_assert_eq(batch->images[at], as_drawn(k, 0, at));
    }
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
}

Test(batches, moments_are_those_of_the_pixels)
{
    struct leadseq_stack *stack = small_open();
    size_t some[] = {2, 3, 9};
    double sum = 0, squares = 0, mean, deviation, n = 3.0 * LEADSEQ_LEADS * AREA;
    for (size_t i = 0; i < 3; i++)
        for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
            for (size_t at = 0; at < AREA; at++) {
                double p = small_pixel(some[i], lead, at) / 255.0;
                sum += p, squares += p * p;
            }
    cr_assert_eq(leadseq_batches_moments(stack, some, 3, false, 1, &mean, &deviation), 0);
    cr_assert_float_eq(mean, sum / n, 1e-12);
    cr_assert_float_eq(deviation, sqrt(squares / n - sum / n * (sum / n)), 1e-9);
    double inverted;
    cr_assert_eq(leadseq_batches_moments(stack, some, 3, true, 1, &inverted, &deviation), 0);
    cr_assert_float_eq(inverted, 1 - mean, 1e-12);
    cr_assert_eq(leadseq_batches_moments(stack, some, 0, true, 1, &inverted, &deviation), -1);
    leadseq_stack_close(stack);
}
