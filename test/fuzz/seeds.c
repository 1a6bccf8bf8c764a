/* SPDX-License-Identifier: MIT
 *
 * The harnesses over their seeds and a few changes of each, in any build and without libFuzzer.
 * TAP. */
#include "harnesses.h"

enum { CHANGES = 20, MANY = 40 }; // of many seeds, one change each

static const struct fuzz_harness *harness;
static size_t n_seeds;

/* One byte changed, lost or twice; the room is one byte more than n. */
static size_t change(uint8_t *data, size_t n, struct leadseq_random *r)
{
    size_t at = (size_t)leadseq_random_below(r, n);
    switch (leadseq_random_below(r, 4)) {
    case 0:
        data[at] ^= (uint8_t)(1U << leadseq_random_below(r, 8));
        return n;
    case 1:
        data[at] = (uint8_t) "0/(,\"'-+.\n #{}:=[x"[leadseq_random_below(r, 18)];
        return n;
    case 2:
        memmove(data + at, data + at + 1, n - at - 1);
        return n - 1;
    default:
        memmove(data + at + 1, data + at, n - at);
        return n + 1;
    }
}

static void run_seed(const void *data, size_t size)
{
    uint8_t *copy = calloc(size + CHANGES + 1, 1);
    if (!copy) abort();
    if (size) memcpy(copy, data, size);
    fuzz_run(harness, copy, size);
    struct leadseq_random r;
    leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, n_seeds, size);
    for (int i = 0; i < (n_seeds < MANY ? CHANGES : 1) && size; i++) {
        size = change(copy, size, &r);
        fuzz_run(harness, copy, size);
    }
    free(copy);
    n_seeds++;
}

int main(void)
{
    size_t n = 0;
    fuzz_take_seed = run_seed;
    setvbuf(stdout, NULL, _IOLBF, 0); // a harness that fails ends this
    for (const struct fuzz_harness *const *h = fuzz_harnesses; *h; h++) n++;
    printf("1..%zu\n", n);
    for (size_t i = 0; i < n; i++) {
        harness = fuzz_harnesses[i];
        n_seeds = 0;
        fuzz_begin();
        harness->seeds();
        fuzz_end();
        printf("%sok %zu - %s: %s\n", n_seeds ? "" : "not ", i + 1, harness->name,
               leadseq_count(n_seeds, "seed"));
    }
    return 0;
}
