/* SPDX-License-Identifier: MIT
 *
 * Which records an epoch takes: shuffled, or as many of each class. */
#include "dataset/dataset_private.h"
#include "small_stack.h"

enum { RECORDS = 40 }; // every third positive: 14 of 40

static size_t everyone[RECORDS];

static void begin(void)
{
    small_begin();
    small_write(LEADSEQ_PAPER_TEXT, RECORDS);
    for (size_t i = 0; i < RECORDS; i++) everyone[i] = i;
}

TestSuite(plan, .init = begin, .fini = small_end);

static struct leadseq_batch_options balanced(void)
{
    return (struct leadseq_batch_options){.position = everyone,
                                          .n = RECORDS,
                                          .batch = 4,
                                          .scale = {1, 1, 1},
                                          .seed = 7,
                                          .balance = true};
}

static void plan(struct dataset_draw *draw, struct leadseq_stack *stack,
                 const struct leadseq_batch_options *o, uint64_t epoch)
{
    cr_assert_eq(dataset_plan(draw, stack, o, epoch), 0, "%s", leadseq_error());
}

static bool is_positive(size_t position)
{
    return position % 3 == 0;
}

Test(plan, one_class_cannot_be_balanced)
{
    static const size_t positives[] = {0, 3, 6};
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = balanced();
    struct dataset_draw draw[RECORDS];
    o.position = positives, o.n = LEADSEQ_COUNT(positives);
    cr_assert_eq(dataset_plan(draw, stack, &o, 0), -1);
    cr_assert(strstr(leadseq_error(), "need records of both classes, found 3"));
    leadseq_stack_close(stack);
}

/* Whatever the batch, and wherever a rank's or a part's share of it begins. */
Test(plan, any_stretch_of_an_epoch_has_as_many_of_each_class_as_can_be)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = balanced();
    struct dataset_draw draw[RECORDS];
    for (uint64_t epoch = 0; epoch < 5; epoch++) {
        plan(draw, stack, &o, epoch);
        for (size_t length = 1; length <= RECORDS; length++)
            for (size_t from = 0; from + length <= RECORDS; from++) {
                size_t positives = 0;
                for (size_t i = from; i < from + length; i++)
                    positives += is_positive(draw[i].position);
                cr_assert(positives == length / 2 || positives == (length + 1) / 2);
            }
    }
    leadseq_stack_close(stack);
}

/* 20 draws of 14 positives: all once, six of them twice; 20 of 26 others, none twice. */
Test(plan, a_round_has_every_record_of_its_class_once)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = balanced();
    struct dataset_draw draw[RECORDS];
    for (uint64_t epoch = 0; epoch < 5; epoch++) {
        int seen[RECORDS] = {0}, twice = 0;
        plan(draw, stack, &o, epoch);
        for (size_t i = 0; i < RECORDS; i++)
            cr_assert_eq(draw[i].round, (uint64_t)seen[draw[i].position]++, "rounds count");
        for (size_t i = 0; i < RECORDS; i++) {
            cr_assert_leq(seen[i], is_positive(i) ? 2 : 1);
            if (is_positive(i)) cr_assert_geq(seen[i], 1, "record %zu is left out", i);
            twice += seen[i] == 2;
        }
        cr_assert_eq(twice, 6);
    }
    leadseq_stack_close(stack);
}

Test(plan, every_record_of_the_larger_class_has_its_turn_within_some_epochs)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = balanced();
    struct dataset_draw draw[RECORDS];
    int seen[RECORDS] = {0}, first = 0;
    for (uint64_t epoch = 0; epoch < 20; epoch++) {
        plan(draw, stack, &o, epoch);
        for (size_t i = 0; i < RECORDS; i++) seen[draw[i].position]++;
        first += is_positive(draw[0].position);
    }
    for (size_t i = 0; i < RECORDS; i++) cr_assert_geq(seen[i], 8, "record %zu: %d", i, seen[i]);
    cr_assert(first > 3 && first < 17, "either class may come first: %d", first);
    leadseq_stack_close(stack);
}

/* Keyed by ecg_id: the same records in another order of positions give the same plan. */
Test(plan, the_order_of_positions_does_not_matter)
{
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = balanced(), backward = o;
    struct dataset_draw a[RECORDS], b[RECORDS], c[RECORDS];
    size_t reversed[RECORDS];
    for (size_t i = 0; i < RECORDS; i++) reversed[i] = RECORDS - 1 - i;
    backward.position = reversed;
    plan(a, stack, &o, 3);
    plan(b, stack, &backward, 3);
    cr_assert(!memcmp(a, b, sizeof a));
    plan(c, stack, &o, 4);
    cr_assert(memcmp(a, c, sizeof a), "epochs differ");
    o.seed = 8;
    plan(c, stack, &o, 3);
    cr_assert(memcmp(a, c, sizeof a), "seeds differ");
    o.balance = backward.balance = false, o.shuffle = backward.shuffle = true;
    plan(a, stack, &o, 3);
    backward.seed = 8;
    plan(b, stack, &backward, 3);
    cr_assert(!memcmp(a, b, sizeof a));
    leadseq_stack_close(stack);
}
