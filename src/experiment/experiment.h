/* SPDX-License-Identifier: MIT
 *
 * Experiments: the options, their values, files that set them, overrides, and
 * where each value comes from.
 *
 * One table of options (key, kind, default, range, help) drives parsing, defaults,
 * overrides and the resolved file: the experiment's own (options.c) and those of the
 * types it chooses, such as model types (table.c puts them together).
 *
 * Threads: an experiment is plain values, copied by assignment; functions that take a
 * `const` one may run concurrently. */
#ifndef LEADSEQ_EXPERIMENT_H
#define LEADSEQ_EXPERIMENT_H

#include <leadseq/experiment.h>

#include "dataset/dataset.h"
#include "model/model.h"
#include "optim/optim.h"
#include "stats/stats.h"
#include "task/task.h"

enum leadseq_sampler { LEADSEQ_SAMPLER_SHUFFLE, LEADSEQ_SAMPLER_BALANCED };
enum leadseq_normalise {
    LEADSEQ_NORMALISE_NONE,
    LEADSEQ_NORMALISE_IMAGENET,
    LEADSEQ_NORMALISE_DATA,
};
enum leadseq_data_input { LEADSEQ_DATA_IMAGES, LEADSEQ_DATA_SIGNALS };
enum leadseq_standardise_by { LEADSEQ_STANDARDISE_ALL, LEADSEQ_STANDARDISE_LEAD };
enum leadseq_aggregate { LEADSEQ_AGGREGATE_MAX, LEADSEQ_AGGREGATE_MEAN };
enum leadseq_freeze { LEADSEQ_FREEZE_NONE, LEADSEQ_FREEZE_BODY };
enum leadseq_shown_loss { LEADSEQ_SHOWN_MEAN, LEADSEQ_SHOWN_SMOOTH };
enum leadseq_keep { LEADSEQ_KEEP_BEST, LEADSEQ_KEEP_LAST }; /* which epoch's weights a run has */
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

enum { LEADSEQ_OPTIONS_MOST = 256, LEADSEQ_WAITING_BYTES = 2048 };

struct leadseq_experiment {
    char name[64];
    uint64_t seed;
    bool given[LEADSEQ_OPTIONS_MOST]; /* options set so far, in the order of leadseq_option_key() */
    /* Lines "key=value" of options that the chosen types do not have; kept because another type
     * may be chosen later, refused by leadseq_experiment_check() unless they are defaults. */
    char waiting[LEADSEQ_WAITING_BYTES];
    struct {
        struct leadseq_task task; /* what is learned, of which labels */
        enum leadseq_data_input input;
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
        enum leadseq_standardise_by standardise_by;
        enum leadseq_normalise normalise;
        int crop, stride; /* of signals: samples; 0: all of them, half a window */
        enum leadseq_aggregate aggregate;
        unsigned augment;                          /* leadseq_augment_at() */
        struct leadseq_augment_options of_augment; /* what it brings */
    } data;
    char weights[512]; /* a file that a new training starts from; "none" */
    bool weights_strict;
    enum leadseq_freeze freeze;      /* what does not learn */
    struct leadseq_model_spec model; /* leads, channels, height, width come from the stack */
    struct {
        unsigned loss; /* leadseq_loss_at() */
        /* Of each output or class, or one of all outputs; resolved where class_weights says
         * balanced. */
        float positive_weight[LEADSEQ_OUTPUTS_MOST];
        int n_weights;
        enum leadseq_class_weights class_weights;
        double label_smoothing;
        enum leadseq_sampler sampler;
        int optimizer, schedule; /* leadseq_optimizer_at(), leadseq_schedule_at() */
        struct leadseq_optim_options of_optimizer, of_schedule; /* what these types bring */
        double lr, weight_decay, clip_norm;
        int recipe; /* what options that were not given follow; recipes.c */
        int freeze_epochs;
        double freeze_lr;                               /* 0: lr */
        double group_lr[LEADSEQ_PARAMETER_GROUPS_MOST]; /* shares of lr */
        int n_group_lr;                                 /* 0: all 1 */
        bool drop_last;
        enum leadseq_shown_loss shown_loss;
        int batch, epochs, max_steps, warmup, threads;
        int accumulate;               /* parts of a batch */
        enum leadseq_monitor monitor; /* what the best epoch is best by */
        enum leadseq_keep keep;
        int patience; /* epochs; 0: never stops early */
        double min_delta;
        enum leadseq_precision precision;
        enum leadseq_memory memory;
    } train;
    struct {
        enum leadseq_probe_preset probes;
        uint32_t groups;  /* bits 1 << enum leadseq_group */
        int first, every; /* due: the first steps, then each `every`-th (0: none) */
        double growth;    /* and first·growth^k, from 1; 0: none */
    } diagnose;
};

void leadseq_experiment_default(struct leadseq_experiment *e);
/* What the optimiser and the schedule are told. */
struct leadseq_optim leadseq_experiment_optim(const struct leadseq_experiment *e);
/* The loss of its task's outputs. */
struct leadseq_loss leadseq_experiment_loss(const struct leadseq_experiment *e);
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
/* leadseq_experiment_write() into fresh memory. */
char *leadseq_experiment_text(const struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* Only what was set, so that the rest follows the defaults again; and every value with a comment
 * after it, remark[i] of option i (NULL: it is a default). */
int leadseq_experiment_write_given(const struct leadseq_experiment *e, FILE *out) LEADSEQ_CHECKED;
int leadseq_experiment_write_remarked(const struct leadseq_experiment *e, const char *const *remark,
                                      FILE *out) LEADSEQ_CHECKED;

/* --- Single options ------------------------------------------------------------------- */

/* Keys 0 … count-1, each once, in the order of the documentation; find() returns count for an
 * unknown key. Options of types are among them, whether or not the type is chosen. */
size_t leadseq_option_count(void);
const char *leadseq_option_key(size_t i);
size_t leadseq_option_find(const char *key);
/* The key that a word that is none may have meant, also one of other programs: "learning-rate";
 * NULL: none is near. */
const char *leadseq_option_meant(const char *word);
/* The row that is in force in `e`, and the block its value is in (may be NULL); NULL if there is
 * no such key or the chosen type has no such option. */
const struct leadseq_option *leadseq_experiment_option(const struct leadseq_experiment *e,
                                                       const char *key, const void **block);
/* That row, or that of the first type which has the option; NULL if there is no such key. */
const struct leadseq_option *leadseq_option_any(const struct leadseq_experiment *e,
                                                const char *key);
/* The value as experiment.yaml has it, "none" if the chosen type has no such option; in fresh
 * memory. */
char *leadseq_experiment_value(const struct leadseq_experiment *e, const char *key) LEADSEQ_CHECKED;
/* The value of an option that is one number; false if the chosen type has no such option. */
bool leadseq_experiment_number(const struct leadseq_experiment *e, const char *key, double *value);
/* Whether the chosen type has the option, and its value is this one. */
bool leadseq_experiment_says(const struct leadseq_experiment *e, const char *key,
                             const char *value);

/* Forgets what was set of types that are not chosen, which leadseq_experiment_check() would refuse:
 * after another optimiser was chosen for a run that had set the first one's options. */
void leadseq_experiment_forget(struct leadseq_experiment *e);

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

/* leadseq_experiment_read() of a text in memory; `path` is for messages only. */
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
