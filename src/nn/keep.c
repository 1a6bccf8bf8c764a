/* SPDX-License-Identifier: MIT
 *
 * Slots of what the ConvLSTM keeps of its steps (keep.h draws them). */
#include "keep.h"

enum { IN_TURN = 2 }; /* slots of h for steps that do not keep it */

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

struct nn_keep nn_keep_choose(int steps, bool last_only, bool training, bool low)
{
    int rewound = low ? steps - (last_only ? 2 : 1) : steps / 3;
    if (last_only && rewound > steps - 2) rewound = steps - 2;
    return (struct nn_keep){.steps = steps,
                            .rewound = training ? max(rewound, 0) : 0,
                            .last_only = last_only,
                            .training = training};
}

int nn_keep_gates(const struct nn_keep *k)
{
    return k->training ? k->steps - 1 - k->rewound : 0;
}

int nn_keep_c(const struct nn_keep *k)
{
    if (!k->training) return 1;
    return k->last_only ? k->steps - k->rewound + (k->rewound + 1) / 2 : k->steps;
}

int nn_keep_h(const struct nn_keep *k)
{
    return k->last_only ? IN_TURN + (k->rewound + 1) / 2 : 0;
}

bool nn_keep_stores_gates(const struct nn_keep *k, int t)
{
    return k->training && t >= k->rewound && t < k->steps - 1;
}

bool nn_keep_rewinds(const struct nn_keep *k, int t)
{
    return k->last_only && is_before(k, t) && !is_second(k, t);
}

bool nn_keep_has_h(const struct nn_keep *k, int t)
{
    return !k->last_only || t == k->steps - 1 || is_second(k, t);
}

int nn_keep_gates_at(const struct nn_keep *k, int t)
{
    if (nn_keep_rewinds(k, t)) return 0;
    return nn_keep_stores_gates(k, t) ? t - k->rewound : -1;
}

int nn_keep_c_at(const struct nn_keep *k, int t)
{
    if (!k->training || nn_keep_rewinds(k, t)) return 0;
    if (!is_before(k, t)) return t - k->rewound;
    return k->steps - k->rewound + (k->last_only ? t / 2 : t);
}

int nn_keep_h_at(const struct nn_keep *k, int t)
{
    if (!k->last_only || t == k->steps - 1) return -1;
    return is_second(k, t) ? IN_TURN + t / 2 : t % IN_TURN;
}
