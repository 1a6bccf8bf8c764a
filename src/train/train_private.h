/* SPDX-License-Identifier: MIT
 *
 * Between the files of train. */
#ifndef TRAIN_PRIVATE_H
#define TRAIN_PRIVATE_H

#include <leadseq/train.h>

/* --- The table of options (options.c), and how a kind of value reads and prints -------- */

struct train_option;
struct train_kind {
    const char *name; /* "number", for help */
    /* Reads `text` into the option's field; -1 where it is no such value or out
     * of range, without a message: the caller knows what was expected. */
    int (*read)(struct leadseq_experiment *e, const struct train_option *o, const char *text);
    void (*print)(const struct leadseq_experiment *e, const struct train_option *o, FILE *out);
};
extern const struct train_kind train_name, train_seed, train_integer, train_number, train_number32,
    train_bool, train_choice, train_word, train_size, train_folds, train_shares, train_pair,
    train_channels, train_leads;

struct train_option {
    const char *key; /* "train.lr" */
    const struct train_kind *kind;
    size_t offset, size;        /* of the field in struct leadseq_experiment */
    const char *standard;       /* default, as text */
    const char *standard_cnn;   /* default of `model.type: cnn` where it differs */
    double least, most;         /* of numbers */
    bool above;                 /* greater than `least`, not equal to it */
    const char *const *choices; /* of words and choices, NULL-terminated, in the enum's order */
    const char *expected;       /* in words, where range and choices do not say it */
    const char *help;
};
extern const struct train_option train_options[];
extern const size_t train_n_options;

static inline void *train_field(struct leadseq_experiment *e, const struct train_option *o)
{
    return (char *)e + o->offset;
}

static inline const void *train_value(const struct leadseq_experiment *e,
                                      const struct train_option *o)
{
    return (const char *)e + o->offset;
}

/* The whole of `text` as a finite number within the option's range. */
int train_scan_number(const struct train_option *o, const char *text, double *value);
/* The shortest digits that read back to the same double. */
void train_print_double(double value, FILE *out);
/* The option of a key, NULL where there is none. */
const struct train_option *train_option_find(const char *key);
/* The key nearest to one that is not there (edit distance), NULL where none is near. */
const char *train_option_nearest(const char *key);
/* "a number above 0 and at most 10" */
void train_option_expected(const struct train_option *o, FILE *out);
/* The value as experiment.yaml has it, in fresh memory. */
char *train_option_print(const struct leadseq_experiment *e, const struct train_option *o);

#endif
