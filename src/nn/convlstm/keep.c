/* SPDX-License-Identifier: MIT
 *
 * Slots of what the ConvLSTM keeps of its steps (keep.h draws them). */
#include "keep.h"

enum { IN_TURN = 2 }; /* slots of h for steps that do not keep it */

/* One of the first R steps, which keep no gates. */
static bool is_before(const struct nn_keep *k, int t)
{
    return t >= 0 && t < k->rewound;
}

/* A step b of a pair: it keeps c and h. */
static bool is_second(const struct nn_keep *k, int t)
{
    return k->last_only && is_before(k, t) && (k->rewound - 1 - t) % 2 == 0;
}

static int max(int a, int b)
{
    return a > b ? a : b;
}

struct nn_keep nn_keep_choose(int steps, bool last_only, bool training, enum leadseq_memory memory)
{
    const bool low = memory == LEADSEQ_MEMORY_LOW;
    int rewound = low ? steps : memory == LEADSEQ_MEMORY_HIGH ? 0 : 3 * steps / 5;
    const int most = steps - (last_only ? 2 : 1);
    if (rewound > most) rewound = most;
    return (struct nn_keep){.steps = steps,
                            .rewound = training ? max(rewound, 0) : 0,
                            .last_only = last_only,
                            .training = training,
                            .bare = low && last_only && training};
}

/* Steps R … T - 2. The gates of step T - 1 are needed at once, and are computed again instead. */
int nn_keep_gates(const struct nn_keep *k)
{
    return k->training && !k->bare ? k->steps - 1 - k->rewound : 0;
}

/* All steps from R on, and every second one before it. */
int nn_keep_c(const struct nn_keep *k)
{
    if (!k->training) return 1;
    return k->last_only ? k->steps - k->rewound + (k->rewound + 1) / 2 : k->steps;
}

/* Slots of h before those of steps b. */
static int in_work(const struct nn_keep *k)
{
    return k->bare ? 1 : IN_TURN;
}

int nn_keep_h(const struct nn_keep *k)
{
    return k->last_only ? in_work(k) + (k->rewound + 1) / 2 : 0;
}

int nn_keep_spare_h(const struct nn_keep *k)
{
    return k->last_only && !k->bare ? IN_TURN : 0;
}

bool nn_keep_stores_gates(const struct nn_keep *k, int t)
{
    return k->training && !k->bare && t >= k->rewound && t < k->steps - 1;
}

bool nn_keep_rewinds(const struct nn_keep *k, int t)
{
    return k->last_only && is_before(k, t) && !is_second(k, t);
}

bool nn_keep_has_h(const struct nn_keep *k, int t)
{
    return !k->last_only || k->bare || t == k->steps - 1 || is_second(k, t);
}

/* A rewound step borrows slot 0, that of step R. */
int nn_keep_gates_at(const struct nn_keep *k, int t)
{
    if (nn_keep_rewinds(k, t) && !k->bare) return 0;
    return nn_keep_stores_gates(k, t) ? t - k->rewound : -1;
}

/* Steps from R on come first, so that slot 0 is that of step R, which steps a borrow: forward
 * before step R writes it, backward after step R has read it. */
int nn_keep_c_at(const struct nn_keep *k, int t)
{
    if (!k->training || nn_keep_rewinds(k, t)) return 0;
    if (!is_before(k, t)) return t - k->rewound;
    return k->steps - k->rewound + (k->last_only ? t / 2 : t);
}

/* Steps that do not keep h take turns in the first slots: step t reads h of t - 1 and writes its
 * own. */
int nn_keep_h_at(const struct nn_keep *k, int t)
{
    if (!k->last_only || t == k->steps - 1) return -1;
    return is_second(k, t) ? in_work(k) + t / 2 : t % in_work(k);
}
