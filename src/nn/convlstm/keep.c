/* SPDX-License-Identifier: MIT
 *
 * Slots of what the ConvLSTM keeps of its steps (keep.h draws them). */
#include "keep.h"

/* Segments count from the last one. */
static int segment(const struct nn_keep *k, int t)
{
    return (k->steps - 1 - t) / k->length;
}

/* In its segment: L - 1 is step b. */
static int place(const struct nn_keep *k, int t)
{
    return k->length - 1 - (k->steps - 1 - t) % k->length;
}

static bool is_a(const struct nn_keep *k, int t)
{
    return place(k, t) < k->length - 1;
}

/* Without gates: the steps a of a segment keep as much as each step b. */
static int least_length(int steps)
{
    int best = 1;
    for (int l = 1; l <= steps; l++)
        if (l + (steps + l - 1) / l < best + (steps + best - 1) / best) best = l;
    return best;
}

static int length_of(int steps, enum leadseq_memory memory)
{
    if (memory == LEADSEQ_MEMORY_HIGH) return steps;
    return memory == LEADSEQ_MEMORY_LOW ? least_length(steps) : (2 * steps + 4) / 5;
}

static int rewound_of(int steps, enum leadseq_memory memory)
{
    if (memory == LEADSEQ_MEMORY_HIGH) return 0;
    return memory == LEADSEQ_MEMORY_LOW ? steps - 1 : 3 * steps / 5;
}

struct nn_keep nn_keep_choose(int steps, bool last_only, bool training, enum leadseq_memory memory)
{
    const bool parts = last_only && training;
    const int length = parts ? length_of(steps, memory) : steps;
    const bool bare = training && memory == LEADSEQ_MEMORY_LOW;
    return (struct nn_keep){.steps = steps,
                            .length = length,
                            .segments = (steps + length - 1) / length,
                            .rewound = training && !last_only ? rewound_of(steps, memory) : 0,
                            .last_only = last_only,
                            .training = training,
                            .keeps_h = bare,
                            .bare = bare};
}

struct nn_keep nn_keep_with_h(struct nn_keep k)
{
    k.keeps_h = k.training;
    return k;
}

/* The gates of step T - 1 are needed at once, and are computed again instead. */
int nn_keep_gates(const struct nn_keep *k)
{
    if (!k->training || k->bare) return 0;
    return k->last_only ? k->length - 1 : k->steps - 1 - k->rewound;
}

int nn_keep_c(const struct nn_keep *k)
{
    return k->training ? k->length - 1 + k->segments : 1;
}

/* Slots of h before those of steps b. */
static int in_work(const struct nn_keep *k)
{
    return k->keeps_h ? k->length - 1 : 1;
}

int nn_keep_h(const struct nn_keep *k)
{
    return k->last_only ? in_work(k) + k->segments - 1 : 0;
}

bool nn_keep_stores_gates(const struct nn_keep *k, int t)
{
    return k->training && nn_keep_gates_at(k, t) >= 0 && segment(k, t) == 0;
}

int nn_keep_rewinds_from(const struct nn_keep *k, int t)
{
    if (segment(k, t) == 0 || is_a(k, t)) return t;
    const int first = t - (k->length - 1);
    return first > 0 ? first : 0;
}

bool nn_keep_has_h(const struct nn_keep *k, int t)
{
    return !k->last_only || k->keeps_h || !is_a(k, t);
}

int nn_keep_gates_at(const struct nn_keep *k, int t)
{
    if (k->bare || !is_a(k, t)) return -1;
    return t < k->rewound ? -1 : place(k, t) - k->rewound;
}

/* Those of a segment's steps a, of T - 1, then of other steps b from the first on. */
int nn_keep_c_at(const struct nn_keep *k, int t)
{
    if (!k->training) return 0;
    if (is_a(k, t) || segment(k, t) == 0) return place(k, t);
    return k->length - 1 + k->segments - segment(k, t);
}

/* Steps that do not keep h take turns in slot 0 and in the output, which is the last step's: step t
 * reads h of t - 1 and writes its own. */
int nn_keep_h_at(const struct nn_keep *k, int t)
{
    const int turn = (k->steps - 1 - t) % 2;
    if (!k->last_only || t == k->steps - 1) return -1;
    if (!is_a(k, t)) return in_work(k) + k->segments - 1 - segment(k, t);
    return k->keeps_h ? place(k, t) : turn - 1;
}
