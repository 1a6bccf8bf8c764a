/* SPDX-License-Identifier: MIT
 *
 * Options as rows of a table: key, kind of value, field, default, range, help.
 *
 * Whatever has options (an experiment, a model type, a head) describes each with one
 * `struct leadseq_option` and keeps the values in a plain struct of its own, the
 * "block". Reading, defaults, messages, help and the resolved experiment file are the
 * same for all of them. For example
 *
 *   struct convlstm { struct leadseq_integers hidden; int kernel; };
 *   static const struct leadseq_option rows[] = {
 *       {"model.kernel", &leadseq_option_odd, LEADSEQ_FIELD(struct convlstm, kernel),
 *        .standard = "3", .least = 1, .most = 31, .help = "side of the convolutions"},
 *   };
 *
 * Blocks hold no pointers to fresh memory, so that they can be copied by assignment.
 * Tables are constant; functions that only read a block may run concurrently. */
#ifndef LEADSEQ_OPTION_H
#define LEADSEQ_OPTION_H

#include "base/base.h"

struct leadseq_option;
struct leadseq_option_kind {
    const char *name; /* "whole number", for help */
    /* Reads `text` into the option's field of `block`; -1, with the field as it was, if it is no
     * such value or out of range. */
    int (*read)(void *block, const struct leadseq_option *o, const char *text);
    /* Prints the value so that it reads back to the same bits. */
    void (*print)(const void *block, const struct leadseq_option *o, FILE *out);
    bool list;   /* several values with commas between them, whose [ ] may be left out */
    bool number; /* one number, of which there are ranges */
    bool says;   /* read() leaves a message of what is wrong; else what is expected is said */
};

struct leadseq_option {
    const char *key; /* "train.lr" */
    const struct leadseq_option_kind *kind;
    size_t offset, size;             /* of the field in its block */
    const char *unit;                /* "pixels", NULL: none */
    const char *standard;            /* default, as text */
    double least, most;              /* of numbers */
    bool above;                      /* greater than `least`, not equal to it */
    const char *const *choices;      /* of words, NULL-terminated, in the order of their numbers */
    const char *(*choice)(size_t i); /* or the i-th name of a table of types, NULL after the last */
    const char *(*choice_help)(size_t i); /* what the i-th means, added to `help`; may be NULL */
    const char *expected;                 /* in words, if range and choices do not say it */
    const char *help;
};
#define LEADSEQ_FIELD(type, member)                                                                \
    .offset = offsetof(type, member), .size = sizeof((type *)0)->member

/* Rows whose block is `offset` bytes into a larger one: options that several types share. */
struct leadseq_option_group {
    const struct leadseq_option *row; /* NULL ends a list of groups */
    size_t n, offset;
};
#define LEADSEQ_GROUP(rows, at)                                                                    \
    {                                                                                              \
        (rows), LEADSEQ_COUNT(rows), (at)                                                          \
    }

/* --- Kinds of values ---------------------------------------------------------------------- */

enum { LEADSEQ_INTEGERS_MOST = 8 };
struct leadseq_integers { /* of option_integers */
    int n, value[LEADSEQ_INTEGERS_MOST];
};
extern const struct leadseq_option_kind leadseq_option_seed, /* uint64_t */
    leadseq_option_integer,                                  /* int */
    leadseq_option_odd,                                      /* int, odd */
    leadseq_option_number,                                   /* double */
    leadseq_option_number32,                                 /* float */
    leadseq_option_bool,                                     /* bool */
    leadseq_option_choice,   /* enum or int: which of the choices, from 0 */
    leadseq_option_integers, /* struct leadseq_integers, at least one */
    leadseq_option_pair;     /* double[2] */

/* "[a, b]", "a, b" or "a" as words; for kinds that are lists. */
enum { LEADSEQ_WORDS_MOST = 16, LEADSEQ_WORD_BYTES = 32 };
struct leadseq_words {
    char item[LEADSEQ_WORDS_MOST][LEADSEQ_WORD_BYTES];
    int n;
};
int leadseq_words_split(struct leadseq_words *words, const char *text);
/* Exactly n numbers of the option's range. */
int leadseq_option_scan(const struct leadseq_option *o, const char *text, double *value, int n);
void leadseq_option_print_numbers(const double *value, int n, FILE *out);
/* The shortest digits that read back to the same double. */
void leadseq_option_print_double(double value, FILE *out);
void leadseq_option_print_float(float value, FILE *out);

/* --- Working with rows -------------------------------------------------------------------- */

static inline void *leadseq_option_field(void *block, const struct leadseq_option *o)
{
    return (char *)block + o->offset;
}

static inline const void *leadseq_option_value(const void *block, const struct leadseq_option *o)
{
    return (const char *)block + o->offset;
}

/* The i-th of the words an option may be, NULL from their number on. */
static inline const char *leadseq_option_choice_at(const struct leadseq_option *o, size_t i)
{
    return o->choice ? o->choice(i) : o->choices ? o->choices[i] : NULL;
}

/* Sets the field; "KEY: expected …, found …" if the text is refused. */
int leadseq_option_read(void *block, const struct leadseq_option *o,
                        const char *text) LEADSEQ_CHECKED;
/* The message of a refused text. Returns -1. */
int leadseq_option_refuse(const struct leadseq_option *o, const char *text);
/* Whether the option would read the text; and whether two texts are the same value, as 1e-3 and
 * 0.001 are. */
bool leadseq_option_accepts(const struct leadseq_option *o, const char *text);
bool leadseq_option_equal(const struct leadseq_option *o, const char *a, const char *b);
/* The value of `text` as it prints, in fresh memory; a message if it is refused. */
char *leadseq_option_normal(const struct leadseq_option *o, const char *text) LEADSEQ_CHECKED;
/* The value as text in fresh memory. */
char *leadseq_option_text(const void *block, const struct leadseq_option *o) LEADSEQ_CHECKED;
/* Whether the value is the one that `text` says. */
bool leadseq_option_is(const void *block, const struct leadseq_option *o, const char *text);
/* "a number above 0 and at most 10" */
void leadseq_option_expected(const struct leadseq_option *o, FILE *out);

/* The row of a key in a list of groups (NULL: an empty one), and in which of them it is; NULL:
 * none. */
const struct leadseq_option *leadseq_group_find(const struct leadseq_option_group *groups,
                                                const char *key,
                                                const struct leadseq_option_group **in);
/* The default of a row: what `standards` says ("key", "value", …, NULL; may be NULL), which a
 * type has where its default differs from that of a shared row, else the row's own. */
const char *leadseq_option_standard(const struct leadseq_option *o, const char *const *standards);
/* Sets every option of the groups to its default. A table with a wrong default ends the program:
 * tests read every default. */
void leadseq_group_defaults(void *block, const struct leadseq_option_group *groups,
                            const char *const *standards);

#endif
