/* SPDX-License-Identifier: MIT
 *
 * What a training step, a forward pass and reading a batch cost, beside the
 * machine's limit and, on request, another program. */
#ifndef LEADSEQ_BENCH_H
#define LEADSEQ_BENCH_H

#include "train/train.h"

/* --- Measuring ---------------------------------------------------------------------------- */

/* Networks and batches of a name, for `leadseq bench`. */
struct leadseq_bench_shape {
    const char *name, *help;
    const char *options; /* "key=value key=value": what differs from the defaults */
};
extern const struct leadseq_bench_shape leadseq_bench_shapes[]; /* ends with a NULL name */
/* The shape's whole experiment; its rate is so low that weights hardly move while they are
 * measured. An unknown name fails and lists the others. */
int leadseq_bench_experiment(struct leadseq_experiment *e, const char *shape) LEADSEQ_CHECKED;

/* What is measured of an entry, seconds of a whole batch. */
enum leadseq_bench_part {
    LEADSEQ_BENCH_EVALUATION, /* forward without keeping anything */
    LEADSEQ_BENCH_STEP,       /* a training step on a batch in memory … */
    LEADSEQ_BENCH_FORWARD,
    LEADSEQ_BENCH_BACKWARD,
    LEADSEQ_BENCH_UPDATE,  /* … and its parts */
    LEADSEQ_BENCH_LOOP,    /* a step whose batch is read ahead from a compressed stack … */
    LEADSEQ_BENCH_WAIT,    /* … of it, waiting for the batch */
    LEADSEQ_BENCH_CEILING, /* no seconds: the machine's operations a second, just after */
    LEADSEQ_BENCH_PARTS
};
struct leadseq_bench_samples {
    double *value; /* (n), as measured, round by round */
    size_t n;      /* 0: not measured */
};
/* Quartiles and extremes; NaN where nothing was measured. */
struct leadseq_bench_spread {
    double least, low, median, high, most;
};
struct leadseq_bench_spread leadseq_bench_spread(const struct leadseq_bench_samples *s);
/* a/b of every round. */
struct leadseq_bench_spread leadseq_bench_ratio(const struct leadseq_bench_samples *a,
                                                const struct leadseq_bench_samples *b);
/* work/(seconds·rate) of every round; `rate` NULL: 1. */
struct leadseq_bench_spread leadseq_bench_rate(double work,
                                               const struct leadseq_bench_samples *seconds,
                                               const struct leadseq_bench_samples *rate);

struct leadseq_bench_entry {
    struct leadseq_experiment e; /* resolved; a peer: what it was asked for */
    bool is_peer;
    char name[64], about[512]; /* "bf16, memory low"; what computed it, in what way */
    struct leadseq_bench_samples part[LEADSEQ_BENCH_PARTS];
    size_t step_peak_bytes,
        evaluation_peak_bytes;                    /* resident high-water marks of their processes */
    double flop_forward, flop_data, flop_weights; /* useful ones of a batch */
};
struct leadseq_bench {
    struct leadseq_bench_entry *entry;
    size_t n;
    int leads, channels, height, width, threads, parameters;
    char cpu[128];
    struct leadseq_bench_samples render,
        read; /* seconds to draw and compress a record; to read a batch */
    struct leadseq_bench_samples ceiling[2]; /* floating-point operations a second in f32, bf16 */
};
struct leadseq_bench_options {
    const struct leadseq_experiment *variant; /* (n) of one shape: precisions, memories */
    size_t n;
    const char *peer;            /* NULL, or a command that measures another program's network */
    const char *data;            /* a stack; NULL: records are simulated and drawn */
    int records, repeat, warmup; /* records that are simulated */
    double seconds; /* rounds end, and a peer chooses its way, so that the whole takes no
                       longer; one round is always measured. 0: all of `repeat` are */
};
/* Measures all variants and the peer in turn, round after round, never two at once: each stage
 * in a process of its own, so that no stage raises another's memory. Call it before this process
 * has used an engine: threads do not survive fork(). */
int leadseq_bench(struct leadseq_bench *b, const struct leadseq_bench_options *o) LEADSEQ_CHECKED;
void leadseq_bench_clear(struct leadseq_bench *b);

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
