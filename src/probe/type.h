/* SPDX-License-Identifier: MIT
 *
 * What a type of probe is, and what it may ask for while it measures.
 *
 * Adding a probe: a file with its quantities, its work and its callbacks, one row
 * in types.c, its test, and a line per quantity in doc/diagnostics.md. Nothing
 * else knows the names of probes.
 *
 * Everything here runs on the thread that trains, between the calls of the
 * training's hooks; callbacks may use OpenMP inside. Only rank 0 has probes. */
#ifndef PROBE_TYPE_H
#define PROBE_TYPE_H

#include "probe/probe.h"

#include <math.h>

enum { PROBE_TYPES_MOST = 32, PROBE_WORKS_MOST = 24, PROBE_REASON = 160 };
enum { PROBE_RECORDS = 16 }; /* of a batch, stored one by one */
/* Lengths of axes that are the same in every file. */
enum {
    PROBE_GATES = 5,
    PROBE_SIGNALS = 3,
    PROBE_DECADES = 48,
    PROBE_BINS = 40,
    PROBE_EXPONENTS = 3,
    PROBE_POINTS = 6
};

/* --- Work: what is planned, and its share of the time ----------------------------------------- */

/* Costs of common passes, in training steps of this run, from shapes alone: the same on every
 * machine, so that the same experiment is measured in the same steps everywhere. */
struct probe_prices {
    double step_s;   /* seconds of a training step on the machine the prices are from */
    double passes;   /* one pass over the parameters, and a row written */
    double forward;  /* a forward pass over the batch, and a row written */
    double features; /* a pass over the features the head reads */
    double images;   /* a pass over the batch's pixels */
};
#define PROBE_ROW_S   60e-6  /* seconds: a row */
#define PROBE_PASS_S  12e-9  /* a parameter or a feature passed over */
#define PROBE_PIXEL_S 3e-9   /* a pixel copied or read */
#define PROBE_VALUE_S 1.5e-9 /* a value of h, c, gates or their derivatives */

/* Work that is done in a step or left out, as a whole. Types that need the same work, say the
 * observer of the recurrent steps, name the same one, and it is paid for once. */
struct probe_work {
    const char *name;
    /* Of the preset's share of the run's time. 0: in every step, whatever it costs. Each work has
     * its own allowance, so that an expensive one never delays another. The shares of types.c add
     * up to 1; the presets plan at most two thirds of what they promise, which leaves room for
     * a few more. */
    double share;
    bool first;      /* always done in step 1: the verdict cannot do without it */
    bool on_failure; /* also done where cost or gradient is not finite */
    double (*cost)(const struct leadseq_training *t, const struct probe_prices *in);
    bool (*possible)(const struct leadseq_training *t); /* NULL: always */
};

/* --- Types ------------------------------------------------------------------------------------ */

/* `own` is the type's memory for one training, zero at first. Callbacks return 0 or -1, which ends
 * the training; each may be NULL. They must leave weights and running statistics as they were
 * and, before after(), gradients too. */
struct leadseq_probe_type {
    const char *name;                        /* unique */
    enum leadseq_group group;                /* of diagnose.groups, which switches it on */
    const struct leadseq_quantity *quantity; /* "head/predicted": data set of a group of the file */
    size_t n_quantities;
    const char *attribute, *attribute_text; /* of its group in the file, NULL: none */
    const struct probe_work *const *work;   /* (n_works) it runs in steps with any of them */
    size_t n_works;
    size_t own_bytes;
    /* Why it does not apply to a training, as a sentence into `why`; false: it applies. */
    bool (*absent)(const struct leadseq_training *t, char why[PROBE_REASON]);
    /* Once: memory; the model has its initial weights. */
    int (*begin)(struct leadseq_probes *p, void *own);
    /* `step` steps have been taken already, and the file has their rows. */
    int (*start)(struct leadseq_probes *p, void *own, uint64_t step);
    void (*clear)(void *own); /* takes zeros */
    /* Called in a step with any of its work, in this order: before(), when nothing is computed yet;
     * observe(), for what the recurrent layers show in the forward and the backward pass (within
     * the pass, by one thread); gradient(), after the backward pass, also where the step fails;
     * after(), with the new weights, only where it does not. */
    int (*before)(struct leadseq_probes *p, void *own, struct leadseq_step *step);
    void (*observe)(void *own, const char *layer, int lead, enum leadseq_observed what,
                    const struct leadseq_view *tensor);
    int (*gradient)(struct leadseq_probes *p, void *own, struct leadseq_step *step);
    int (*after)(struct leadseq_probes *p, void *own, struct leadseq_step *step);
};
/* The table, in the order of the file (types.c). */
extern const struct leadseq_probe_type *const probe_types[];
extern const size_t probe_n_types;

/* --- Rows of diagnostics.h5 (file.c) ---------------------------------------------------------- */

/* Begins a row of a group, all NaN; one row per step: a second call in a step continues it. */
int probe_row(struct leadseq_probes *p, const char *group, uint64_t step) LEADSEQ_CHECKED;
/* The values of a quantity, in the row just begun in its group. Axes in the order of the table; the
 * axis of outputs has length 1 where the model has one. Valid until the next probe_row(). */
double *probe_values(struct leadseq_probes *p, const char *name);
/* The file was begun by a version, or with groups, that had no such group: rows are dropped. */
bool probe_file_lacks(const struct leadseq_probes *p, const char *group);
const char *probe_file_path(const struct leadseq_probes *p);

/* --- The training that is measured (session.c) ------------------------------------------------ */

struct probe_file;
struct probe_session {             /* shared by all types; owned by the probes of a training */
    struct leadseq_training t;     /* borrowed from the training */
    struct leadseq_params *params; /* the model's */
    struct leadseq_params *state;  /* its running statistics */
    size_t head_weight, head_bias; /* slices of the head; head_bias SIZE_MAX: it has none */
    int outputs;                   /* K, logits per record */
    bool paired;          /* the head has 2K units; a logit is the difference of k and K + k */
    size_t features;      /* per record, that the head reads */
    float *before;        /* (params.count) the weights before the step */
    uint64_t before_step; /* whose they are */
    float *running;       /* (state.count) put away during passes of our own */
    float *logit;         /* (batch, K) of passes of our own */
    float *scratch;       /* (batch, K) */
    bool whole;           /* asked for afterwards: everything, in every step */
    int records;          /* validation records for AUCs; 0: the type's own number */
    const char *saliency; /* folder of pictures, NULL: none */
};
struct probe_session *probe_session_of(struct leadseq_probes *p);
int probe_session_begin(struct probe_session *s, const struct leadseq_training *t) LEADSEQ_CHECKED;
void probe_session_clear(struct probe_session *s);

/* Whether a work is done in the present step. */
bool probe_does(const struct leadseq_probes *p, const struct probe_work *work);
static inline void probe_cell(struct leadseq_step *step, enum leadseq_cell cell, double value)
{
    step->cell[cell].measured = true;
    step->cell[cell].value = value;
}
/* The weights before the step go to s->before, once per step; in gradient(). */
void probe_keep_weights(struct probe_session *s, const struct leadseq_step *step);
/* The model's running statistics put away before a pass of our own, and back. */
void probe_keep_running(struct probe_session *s);
void probe_restore_running(struct probe_session *s);
/* A forward pass of the step's batch in training mode, with dropout's draws of the step and the
 * weights as they are now; logits into s->logit. */
int probe_forward_again(struct probe_session *s, const struct leadseq_step *step) LEADSEQ_CHECKED;
/* The training's loss of logits (n, K) of the step's batch. */
double probe_loss(const struct probe_session *s, const float *logit, const float *target, int n);
/* Why types that look at recurrent layers do not apply, as absent() does. */
bool probe_lacks_recurrence(const struct leadseq_training *t, char why[PROBE_REASON]);
/* Why types that repeat a pass with batch norm do not apply, as absent() does. */
bool probe_lacks_whole_batch(const struct leadseq_training *t, char why[PROBE_REASON]);

/* Regression of log y on t = 0 … n-1 over positive finite y: factor exp(-slope), per step towards
 * the first, and its standard error; NaN where fewer than two (three for the error) are left. */
void probe_flow_factor(const double *y, int n, double *factor, double *error);

/* Values of one image of one lead; where the image of lead t of record i of n begins. */
size_t probe_image(const struct leadseq_training *t);
size_t probe_image_at(const struct leadseq_training *t, int lead, int i, int n);
/* The value of paper as the model is fed it. */
float probe_paper(const struct leadseq_batch_options *feed, int colour);

/* Works that several types share: passes over the parameters; a second forward pass after the
 * step; observing the recurrent steps of every lead. */
extern const struct probe_work probe_passes, probe_second_forward, probe_observing;

#endif
