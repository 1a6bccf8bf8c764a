/* SPDX-License-Identifier: MIT
 *
 * Which records an epoch takes, in which order. Every draw is keyed by (seed, epoch,
 * record), so the plan is the same for every number of threads and ranks, and for every
 * order of the records in the stack. */
#include "dataset_private.h"

#include <stdlib.h>

struct keyed {
    uint64_t key;
    size_t position;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

uint64_t dataset_number(const struct leadseq_stack *stack, size_t position)
{
    const struct leadseq_stack_row *row = &leadseq_stack_rows(stack)[position];
    return leadseq_record_key(row->ecg_id, row->record);
}

/* The order of a round: the same records, other keys. Epochs are far fewer than 2^40. */
static void sort_round(struct keyed *record, size_t n, const struct leadseq_stack *stack,
                       uint64_t seed, uint64_t epoch, uint64_t round)
{
    for (size_t i = 0; i < n; i++) {
        struct leadseq_random r;
        leadseq_random_init(&r, seed, LEADSEQ_STREAM_SHUFFLE, epoch | round << 40,
                            dataset_number(stack, record[i].position));
        record[i].key = leadseq_random_bits(&r);
    }
    qsort(record, n, sizeof *record, by_key);
}

static int shuffle(struct dataset_draw *draw, const struct leadseq_stack *stack,
                   const struct leadseq_batch_options *o, uint64_t epoch)
{
    struct keyed *record = leadseq_calloc(o->n, sizeof *record);
    if (!record) return -1;
    for (size_t i = 0; i < o->n; i++) record[i].position = o->position[i];
    sort_round(record, o->n, stack, o->seed, epoch, 0);
    for (size_t i = 0; i < o->n; i++) draw[i] = (struct dataset_draw){record[i].position, 0};
    free(record);
    return 0;
}

/* --- As many of each class ------------------------------------------------------------------ */

struct class
{
    struct keyed *record; /* (n) in the order of this round */
    size_t n, next;
    uint64_t round;
};

/* By the one output of the task. */
static bool is_positive(const struct leadseq_stack *stack, const struct leadseq_batch_options *o,
                        size_t position)
{
    return (o->labels ? o->labels->value[position] : leadseq_stack_rows(stack)[position].mi) == 1;
}

static void fill_classes(struct class class[2], const struct leadseq_stack *stack,
                         const struct leadseq_batch_options *o)
{
    for (size_t i = 0; i < o->n; i++) {
        struct class *c = &class[is_positive(stack, o, o->position[i])];
        c->record[c->n++].position = o->position[i];
    }
}

/* The class's next record; after its last a new round begins. */
static struct dataset_draw take(struct class *c, const struct leadseq_stack *stack,
                                const struct leadseq_batch_options *o, uint64_t epoch)
{
    if (c->next == c->n) {
        c->next = 0;
        c->round++;
    }
    if (c->next == 0) sort_round(c->record, c->n, stack, o->seed, epoch, c->round);
    return (struct dataset_draw){c->record[c->next++].position, c->round};
}

/* Classes alternate, so that any batch, part or rank's share has as many of each as can be. */
static int balance(struct dataset_draw *draw, const struct leadseq_stack *stack,
                   const struct leadseq_batch_options *o, uint64_t epoch)
{
    struct class class[2] = {{leadseq_calloc(o->n, sizeof(struct keyed)), 0, 0, 0},
                             {leadseq_calloc(o->n, sizeof(struct keyed)), 0, 0, 0}};
    int status = class[0].record && class[1].record ? 0 : -1;
    if (!status) fill_classes(class, stack, o);
    if (!status && (!class[0].n || !class[1].n))
        status = leadseq_fail("%s: balanced batches need records of both classes, found %zu of %zu "
                              "with %s",
                              leadseq_stack_path(stack), class[1].n, o->n,
                              o->labels ? o->labels->name[0] : "mi");
    struct leadseq_random r;
    leadseq_random_init(&r, o->seed, LEADSEQ_STREAM_SHUFFLE, epoch, UINT64_MAX);
    size_t first = leadseq_random_bits(&r) & 1;
    for (size_t i = 0; !status && i < o->n; i++)
        draw[i] = take(&class[(i + first) & 1], stack, o, epoch);
    free(class[0].record);
    free(class[1].record);
    return status;
}

int dataset_plan(struct dataset_draw *draw, const struct leadseq_stack *stack,
                 const struct leadseq_batch_options *o, uint64_t epoch)
{
    if (o->balance) return balance(draw, stack, o, epoch);
    if (o->shuffle) return shuffle(draw, stack, o, epoch);
    for (size_t i = 0; i < o->n; i++) draw[i] = (struct dataset_draw){o->position[i], 0};
    return 0;
}
