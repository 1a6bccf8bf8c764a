/* SPDX-License-Identifier: MIT
 *
 * Between the files of leadseq bench. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include <leadseq/page.h>
#include <leadseq/train.h>

/* A measured quantity of an entry, from what was measured of it. */
struct bench_figures {
    double flop_step; /* useful ones, here and below */
    double step_flop_per_s, backward_flop_per_s, forward_flop_per_s;
    double step_share, backward_share, forward_share; /* of the ceiling: medians of the rounds */
    double ceiling_flop_per_s;
    double wait_share; /* of a step from the stack */
};
struct bench_figures bench_figures(const struct leadseq_bench_entry *entry);
/* Whether `a` is set beside `b`: ours beside the peer's, and beside ours that come before. */
bool bench_is_compared(const struct leadseq_bench *b, size_t a, size_t with);

/* For a person. */
int bench_print(const struct leadseq_bench *b, FILE *out) LEADSEQ_CHECKED;
/* For a program. */
struct leadseq_json *bench_json(const struct leadseq_bench *b, const char *command);
/* FOLDER/NAME.tsv, a row a quantity; NAME.json; NAME.txt. */
int bench_save(const struct leadseq_bench *b, const char *command,
               const char *folder) LEADSEQ_CHECKED;

#endif
