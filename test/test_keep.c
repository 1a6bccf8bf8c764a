/* SPDX-License-Identifier: MIT */
#include "nn/convlstm/keep.h"

#include <criterion/criterion.h>

/* A slot holds a step's number, or nothing that may be read. */
enum { MOST = 32, NOTHING = -1 };

struct memory {
    struct nn_keep k;
    int gates[MOST], c[MOST], h[MOST];
    int y; /* whose h is in the output, where that has one */
};

static void forget(struct memory *m)
{
    for (int i = 0; i < MOST; i++) m->gates[i] = m->c[i] = m->h[i] = NOTHING;
    m->y = NOTHING;
}

static void put(const struct memory *m, int *slot, int count, int at, int t)
{
    cr_assert(at >= 0 && at < count, "T %d, L %d, step %d: slot %d of %d", m->k.steps, m->k.length,
              t, at, count);
    slot[at] = t;
}

static void expect(const struct memory *m, const int *slot, int at, int t, const char *what)
{
    cr_assert(at >= 0 && slot[at] == t, "T %d, L %d, only the last %d: %s of step %d is not there",
              m->k.steps, m->k.length, m->k.last_only, what, t);
}

/* h of step t is read from its slot where it has one, else from the output. */
static void expect_h(const struct memory *m, int t)
{
    if (nn_keep_h_at(&m->k, t) >= 0)
        expect(m, m->h, nn_keep_h_at(&m->k, t), t, "h");
    else if (m->k.last_only)
        expect(m, &m->y, 0, t, "h in the output");
}

static void put_h(struct memory *m, int t)
{
    if (nn_keep_h_at(&m->k, t) >= 0)
        put(m, m->h, nn_keep_h(&m->k), nn_keep_h_at(&m->k, t), t);
    else
        m->y = t;
}

static void run_forward(struct memory *m)
{
    for (int t = 0; t < m->k.steps; t++) {
        if (t > 0) expect(m, m->c, nn_keep_c_at(&m->k, t - 1), t - 1, "c");
        if (t > 0) expect_h(m, t - 1);
        put(m, m->c, nn_keep_c(&m->k), nn_keep_c_at(&m->k, t), t);
        put_h(m, t);
        if (nn_keep_stores_gates(&m->k, t))
            put(m, m->gates, nn_keep_gates(&m->k), nn_keep_gates_at(&m->k, t), t);
    }
    if (m->k.last_only) expect_h(m, m->k.steps - 1);
}

/* h of the previous step, from where the backward pass takes it. */
static void expect_source(const struct memory *m, int t)
{
    if (t == 0) return;
    if (nn_keep_has_h(&m->k, t - 1)) {
        expect_h(m, t - 1);
        return;
    }
    expect(m, m->gates, nn_keep_gates_at(&m->k, t - 1), t - 1, "gates");
    expect(m, m->c, nn_keep_c_at(&m->k, t - 1), t - 1, "c");
}

static void rewind_step(struct memory *m, int t)
{
    expect_source(m, t);
    if (t > 0) expect(m, m->c, nn_keep_c_at(&m->k, t - 1), t - 1, "c before");
    put(m, m->c, nn_keep_c(&m->k), nn_keep_c_at(&m->k, t), t);
    if (nn_keep_has_h(&m->k, t))
        put_h(m, t);
    else
        put(m, m->gates, nn_keep_gates(&m->k), nn_keep_gates_at(&m->k, t), t);
}

/* dh in the output's memory, dc in the last step's c. */
static void run_backward(struct memory *m)
{
    const int last = m->k.steps - 1;
    m->y = NOTHING;
    for (int t = last; t >= 0; t--) {
        for (int i = nn_keep_rewinds_from(&m->k, t); i < t; i++) rewind_step(m, i);
        expect_source(m, t);
        expect(m, m->c, nn_keep_c_at(&m->k, t), t, "c");
        if (t > 0) expect(m, m->c, nn_keep_c_at(&m->k, t - 1), t - 1, "c before");
        if (nn_keep_gates_at(&m->k, t) >= 0)
            expect(m, m->gates, nn_keep_gates_at(&m->k, t), t, "gates");
        if (t == last) m->c[nn_keep_c_at(&m->k, last)] = NOTHING;
    }
}

Test(keep, every_step_finds_what_it_needs_in_the_backward_pass)
{
    for (int steps = 1; steps <= 14; steps++)
        for (int i = 0; i < 2 * (LEADSEQ_MEMORY_HIGH + 1); i++) {
            struct memory m = {
                .k = nn_keep_choose(steps, i & 1, true, (enum leadseq_memory)(i / 2))};
            forget(&m);
            for (int pass = 0; pass < 2; pass++) {
                run_forward(&m);
                run_backward(&m);
            }
        }
}

Test(keep, evaluation_keeps_one_c_and_h_in_turn_with_the_output)
{
    struct memory m = {.k = nn_keep_choose(12, true, false, LEADSEQ_MEMORY_NORMAL)};
    cr_assert_eq(nn_keep_c(&m.k), 1);
    cr_assert_eq(nn_keep_h(&m.k), 1);
    cr_assert_eq(nn_keep_gates(&m.k), 0);
    forget(&m);
    run_forward(&m);
}

/* What a backward pass costs beyond the gates of every step: steps run forward once more. */
static int rewound(struct nn_keep k)
{
    int sum = 0;
    for (int t = 0; t < k.steps; t++) sum += t - nn_keep_rewinds_from(&k, t);
    return sum;
}

static int slots(struct nn_keep k)
{
    return 4 * nn_keep_gates(&k) + nn_keep_c(&k) + nn_keep_h(&k);
}

/* Of twelve steps: all gates and c would be 60 states. */
Test(keep, twelve_steps_take_the_states_the_documentation_says)
{
    cr_assert_eq(slots(nn_keep_choose(12, true, true, LEADSEQ_MEMORY_NORMAL)), 26);
    cr_assert_eq(slots(nn_keep_choose(12, true, true, LEADSEQ_MEMORY_LOW)), 11);
    cr_assert_eq(slots(nn_keep_choose(12, false, true, LEADSEQ_MEMORY_NORMAL)), 28);
    cr_assert_eq(slots(nn_keep_choose(12, false, true, LEADSEQ_MEMORY_LOW)), 12);
    cr_assert_eq(slots(nn_keep_choose(12, true, true, LEADSEQ_MEMORY_HIGH)), 57);
}

Test(keep, a_step_is_run_forward_at_most_once_more)
{
    for (int steps = 1; steps <= 14; steps++)
        for (int memory = 0; memory <= LEADSEQ_MEMORY_HIGH; memory++) {
            const struct nn_keep k = nn_keep_choose(steps, true, true, (enum leadseq_memory)memory);
            cr_expect_eq(rewound(k), steps - k.segments - (k.length - 1), "T %d", steps);
            if (memory == LEADSEQ_MEMORY_HIGH) cr_expect_eq(rewound(k), 0);
        }
    cr_expect_eq(rewound(nn_keep_choose(12, true, true, LEADSEQ_MEMORY_NORMAL)), 5);
    cr_expect_eq(rewound(nn_keep_choose(12, true, true, LEADSEQ_MEMORY_LOW)), 6);
}

/* No other length of segments takes fewer slots. */
Test(keep, low_memory_takes_the_least)
{
    for (int steps = 1; steps <= 40; steps++) {
        const struct nn_keep low = nn_keep_choose(steps, true, true, LEADSEQ_MEMORY_LOW);
        for (int l = 1; l <= steps; l++)
            cr_expect_leq(slots(low), 2 * (l - 1 + (steps + l - 1) / l) - 1, "T %d, L %d", steps,
                          l);
        cr_expect_leq(slots(low), slots(nn_keep_choose(steps, true, true, LEADSEQ_MEMORY_NORMAL)));
    }
}

/* The slots that doc/convlstm.md draws for five leads, and its table; -1: none, or h in y. */
Test(keep, five_leads_are_kept_as_the_documentation_draws_them)
{
    static const int c[] = {2, 0, 3, 0, 1}, h[] = {1, 0, 2, 0, -1}, gates[] = {-1, 0, -1, 0, -1};
    const struct nn_keep k = nn_keep_choose(5, true, true, LEADSEQ_MEMORY_NORMAL);
    cr_assert_eq(k.length, 2);
    for (int t = 0; t < 5; t++) {
        cr_expect_eq(nn_keep_c_at(&k, t), c[t], "c of step %d", t);
        cr_expect_eq(nn_keep_h_at(&k, t), h[t], "h of step %d", t);
        cr_expect_eq(nn_keep_gates_at(&k, t), gates[t], "gates of step %d", t);
        cr_expect_eq(nn_keep_rewinds_from(&k, t), t == 2 ? 1 : t, "step %d", t);
    }
    cr_expect_eq(slots(k), 11);
    cr_expect_eq(slots(nn_keep_choose(5, true, true, LEADSEQ_MEMORY_HIGH)), 22);
    cr_expect_eq(slots(nn_keep_choose(5, true, true, LEADSEQ_MEMORY_LOW)), 7);
}
