/* SPDX-License-Identifier: MIT
 *
 * Experiments: the options, their values, files that set them, overrides, and
 * where each value comes from.
 *
 * One table of options (options.c: name, type, default, range, help) drives
 * parsing, defaults, overrides and the resolved file. */
#ifndef LEADSEQ_EXPERIMENT_H
#define LEADSEQ_EXPERIMENT_H

#include "dataset/dataset.h"
#include "model/model.h"
#include "optim/optim.h"
#include "stats/stats.h"
#include "task/task.h"

enum leadseq_sampler { LEADSEQ_SAMPLER_SHUFFLE, LEADSEQ_SAMPLER_BALANCED };
enum leadseq_augmentation { LEADSEQ_AUGMENT_NONE, LEADSEQ_AUGMENT_HEARTNET };
enum leadseq_class_weights { LEADSEQ_CLASS_WEIGHTS_NONE, LEADSEQ_CLASS_WEIGHTS_BALANCED };
enum leadseq_probe_preset {
    LEADSEQ_PROBES_NONE,
    LEADSEQ_PROBES_ECONOMY,
    LEADSEQ_PROBES_STANDARD,
    LEADSEQ_PROBES_FULL
};
enum leadseq_group { /* of quantities that probes measure */
                     LEADSEQ_GROUP_OUTPUT,
                     LEADSEQ_GROUP_HEAD,
                     LEADSEQ_GROUP_FLOW,
                     LEADSEQ_GROUP_PARAMETERS,
                     LEADSEQ_GROUP_GATES,
                     LEADSEQ_GROUP_RECURRENCE,
                     LEADSEQ_GROUP_STEP,
                     LEADSEQ_GROUP_INPUT,
                     LEADSEQ_GROUPS
};
extern const char *const leadseq_group_name[LEADSEQ_GROUPS + 1]; /* output …, ended by NULL */

enum { LEADSEQ_OPTIONS_MOST = 128 };

struct leadseq_experiment {
    char name[64];
    uint64_t seed;
    bool given[LEADSEQ_OPTIONS_MOST]; /* options set so far, in the table's order */
    struct {
        struct leadseq_task task;    /* what is learned, of which labels */
        char style[32], profile[32]; /* any: as the stack */
        int width, height;           /* 0: as the stack */
        enum leadseq_lead_order order;
        int leads[LEADSEQ_LEADS], n_leads;
        enum leadseq_select select;
        enum leadseq_split_by split;
        uint16_t folds[LEADSEQ_PARTS];
        double share[LEADSEQ_PARTS];
        int limit; /* training records at most; 0: all */
        bool invert, standardise;
        enum leadseq_augmentation augment;
        struct leadseq_augment strength; /* of augment */
    } data;
    struct leadseq_model_spec model; /* leads, channels, height, width come from the stack */
    struct {
        unsigned loss; /* leadseq_loss_at() */
        /* Of each output, or one of all; resolved where class_weights says balanced. */
        float positive_weight[LEADSEQ_OUTPUTS_MOST];
        int n_weights;
        enum leadseq_class_weights class_weights;
        enum leadseq_sampler sampler;
        int optimizer, schedule; /* leadseq_optimizer_at(), leadseq_schedule_at() */
        double lr, weight_decay, momentum, beta1, beta2, epsilon, clip_norm;
        double gamma, min_lr;
        bool cycle_momentum;
        int batch, epochs, max_steps, warmup, threads;
        int step_size;                /* epochs */
        int accumulate;               /* parts of a batch */
        enum leadseq_monitor monitor; /* what the best epoch is best by */
        int patience;                 /* epochs; 0: never stops early */
        double min_delta;
        enum leadseq_precision precision;
        enum leadseq_memory memory;
    } train;
    struct {
        enum leadseq_probe_preset probes;
        uint32_t groups;  /* bits 1 << enum leadseq_group */
        int first, every; /* due: the first steps, then one in so many (0: none) */
        double growth;    /* and first·growth^k, from 1; 0: none */
    } diagnose;
};

void leadseq_experiment_default(struct leadseq_experiment *e);
/* What the optimiser and the schedule are told. */
struct leadseq_optim leadseq_experiment_optim(const struct leadseq_experiment *e);
/* Sets "train.lr" to "1e-3", "data.train" to "[1, 2, 3]"; an unknown key names the nearest. A
 * refused value leaves `e` as it was. "model.type" also sets what its defaults depend on
 * (hidden, head) unless given, in whatever order the keys come; "data.task" sets the loss. */
int leadseq_experiment_set(struct leadseq_experiment *e, const char *key,
                           const char *value) LEADSEQ_CHECKED;
/* The loss of its task's outputs. */
struct leadseq_loss leadseq_experiment_loss(const struct leadseq_experiment *e);
/* Whether options agree with each other (say, folds on both sides). */
int leadseq_experiment_check(const struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* Every option for a person: key, type and range, default, help, printed from the table. */
int leadseq_experiment_help(FILE *out) LEADSEQ_CHECKED;
/* The same as Markdown: a table for each section, as doc/experiment.md has them. */
int leadseq_experiment_reference(FILE *out) LEADSEQ_CHECKED;
/* The split a run of the experiment has on a stack, data.limit heeded; to be cleared. */
int leadseq_experiment_split(const struct leadseq_experiment *e, const struct leadseq_stack *stack,
                             struct leadseq_split *split) LEADSEQ_CHECKED;
/* Whether `text`, as leadseq_experiment_write() left it, is of such an experiment; an earlier
 * version's text lacks options, which have their defaults then. -1 where it cannot be read. */
int leadseq_experiment_is(const struct leadseq_experiment *e, const char *text,
                          bool *same) LEADSEQ_CHECKED;
/* The resolved file, every value, as YAML. */
int leadseq_experiment_write(const struct leadseq_experiment *e, FILE *out) LEADSEQ_CHECKED;
/* Only what was set, so that the rest follows the defaults again; every value with a comment behind
 * it, remark[i] of option i (NULL: it is a default). */
int leadseq_experiment_write_given(const struct leadseq_experiment *e, FILE *out) LEADSEQ_CHECKED;
int leadseq_experiment_write_remarked(const struct leadseq_experiment *e, const char *const *remark,
                                      FILE *out) LEADSEQ_CHECKED;
/* Options 0 … count-1 in the table's order; find() returns count for what is none. */
size_t leadseq_option_count(void);
const char *leadseq_option_key(size_t i);
size_t leadseq_option_find(const char *key);

/* --- The table of options (options.c), and how a kind of value reads and prints -------- */

struct leadseq_option;
struct option_kind {
    const char *name; /* "number", for help */
    /* Reads `text` into the option's field; -1 where it is no such value or out
     * of range, without a message: the caller knows what was expected. */
    int (*read)(struct leadseq_experiment *e, const struct leadseq_option *o, const char *text);
    void (*print)(const struct leadseq_experiment *e, const struct leadseq_option *o, FILE *out);
    bool list;   /* values may stand in [ ], with commas between them */
    bool number; /* one number, of which there are ranges */
};
extern const struct option_kind option_name, option_seed, option_integer, option_number,
    option_number32, option_bool, option_choice, option_word, option_size, option_folds,
    option_shares, option_pair, option_channels, option_leads, option_groups, option_task,
    option_weights;

struct leadseq_option {
    const char *key; /* "train.lr" */
    const struct option_kind *kind;
    size_t offset, size;        /* of the field in struct leadseq_experiment */
    const char *unit;           /* "pixels", NULL: none */
    const char *standard;       /* default, as text */
    const char *standard_cnn;   /* default of `model.type: cnn` where it differs */
    double least, most;         /* of numbers */
    bool above;                 /* greater than `least`, not equal to it */
    const char *const *choices; /* of words and choices, NULL-terminated, in the enum's order */
    const char *(*choice)(size_t i); /* or the names of a table of types, NULL behind the last */
    const char *expected;            /* in words, where range and choices do not say it */
    const char *help;
};
extern const struct leadseq_option option_table[];
extern const size_t option_table_size;

/* The i-th of the words an option may be, NULL from their number. */
static inline const char *option_choice_at(const struct leadseq_option *o, size_t i)
{
    return o->choice ? o->choice(i) : o->choices[i];
}

static inline void *option_field(struct leadseq_experiment *e, const struct leadseq_option *o)
{
    return (char *)e + o->offset;
}

static inline const void *option_value(const struct leadseq_experiment *e,
                                       const struct leadseq_option *o)
{
    return (const char *)e + o->offset;
}

/* The whole of `text` as a finite number within the option's range. */
int option_scan_number(const struct leadseq_option *o, const char *text, double *value);
/* The shortest digits that read back to the same double. */
void option_print_double(double value, FILE *out);
void option_print_float(float value, FILE *out);
/* The option of a key, NULL where there is none. */
const struct leadseq_option *option_find(const char *key);
/* The key nearest to one that is not there (edit distance), NULL where none is near. */
const char *option_nearest(const char *key);
/* "a number above 0 and at most 10" */
void option_expected(const struct leadseq_option *o, FILE *out);
/* The value as experiment.yaml has it, in fresh memory. */
char *option_print(const struct leadseq_experiment *e, const struct leadseq_option *o);

/* Reads what leadseq_experiment_write() wrote, and no other YAML. `text` is changed. */
int leadseq_experiment_read_back(struct leadseq_experiment *e, char *text) LEADSEQ_CHECKED;

/* --- Experiment files ---------------------------------------------------------------- */

struct leadseq_place { /* of a value */
    const char *path;
    int line, column; /* from 1 */
};
/* Called with "train.lr" and "1e-3", "data.train" and "[1, 2, 3]" for every value of a file. */
typedef int leadseq_key_setter(void *user, const char *key, const char *value,
                               const struct leadseq_place *at);
struct leadseq_keys {
    leadseq_key_setter *set;
    /* Called before the values of a file that `include:` names, found from the folder of the file
     * that names it; depth 1: the file itself does. NULL: not asked for. */
    int (*included)(void *user, const char *path, int depth, const struct leadseq_place *at);
    void *user;
};
/* Reads YAML; what the setter refuses, and what is no YAML, fails with file:line:column. Files
 * that are included come first, so that the file's own values win; a file that would include
 * itself is refused. */
int leadseq_keys_read(const char *path, const struct leadseq_keys *keys) LEADSEQ_CHECKED;
int leadseq_keys_parse(const char *path, const char *text, size_t size,
                       const struct leadseq_keys *keys) LEADSEQ_CHECKED;

/* Where each value of an experiment is from. */
struct leadseq_origins {
    char **remark; /* (leadseq_option_count()) "base.yaml:3", "command line"; NULL: a default */
    char *files;   /* that were read, a line each, those they include indented below */
};
int leadseq_origins_init(struct leadseq_origins *o) LEADSEQ_CHECKED;
void leadseq_origins_clear(struct leadseq_origins *o);
/* Where the value of "train.lr=…" is from. */
int leadseq_origins_note(struct leadseq_origins *o, const char *assignment,
                         const char *remark) LEADSEQ_CHECKED;
/* The files, and every value with its origin, as YAML with comments. */
int leadseq_origins_print(const struct leadseq_origins *o, const struct leadseq_experiment *e,
                          FILE *out) LEADSEQ_CHECKED;

/* Fills e with the defaults and then the file; errors name file:line:column. */
int leadseq_experiment_read(struct leadseq_experiment *e, const char *path) LEADSEQ_CHECKED;
/* The same from a text in memory; path stands in messages only. */
int leadseq_experiment_parse(struct leadseq_experiment *e, const char *path, const char *text,
                             size_t size) LEADSEQ_CHECKED;
/* The same, and where the values are from. */
int leadseq_experiment_read_from(struct leadseq_experiment *e, struct leadseq_origins *origins,
                                 const char *path) LEADSEQ_CHECKED;
int leadseq_experiment_override_from(struct leadseq_experiment *e, struct leadseq_origins *origins,
                                     const char *assignment) LEADSEQ_CHECKED;
/* "train.lr=1e-4" */
int leadseq_experiment_override(struct leadseq_experiment *e,
                                const char *assignment) LEADSEQ_CHECKED;

#endif
