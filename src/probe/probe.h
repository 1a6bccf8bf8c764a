/* SPDX-License-Identifier: MIT
 *
 * Why a training fails: probes that measure while it runs, diagnostics.h5, which
 * holds what they measured, and its reader. Formulas, units and sources of every
 * quantity: doc/diagnostics.md.
 *
 * Letters as in nn.h, and: θ parameters, g gradient, Δ the update of a step, z
 * logit, φ the features the last dense layer reads (h of the last lead where the
 * head is flat), w its weights. */
#ifndef LEADSEQ_PROBE_H
#define LEADSEQ_PROBE_H

#include "train/train.h"

/* --- What is measured ------------------------------------------------------------------------- */

enum { LEADSEQ_DIAGNOSTICS_SCHEMA = 1, LEADSEQ_QUANTITY_RANK = 4 };

enum leadseq_axis { /* of a row of diagnostics.h5; sizes differ from run to run */
                    LEADSEQ_AXIS_END,
                    LEADSEQ_AXIS_OUTPUT,  /* of the model, attribute "outputs" of /; a model with
                                           * one output has no such axis in its file */
                    LEADSEQ_AXIS_RECORD,  /* the batch's first records, at most 16 */
                    LEADSEQ_AXIS_LAYER,   /* ConvLSTM layers, attribute "layers" of / */
                    LEADSEQ_AXIS_LEAD,    /* in the order the model reads them, attribute "leads" */
                    LEADSEQ_AXIS_CHANNEL, /* hidden channels; NaN beyond those a layer has */
                    LEADSEQ_AXIS_TENSOR,  /* slices of the parameters, attribute "tensors" */
                    LEADSEQ_AXIS_GATE,    /* i f o g tanh(c) */
                    LEADSEQ_AXIS_SIGNAL,  /* dh dc dgates */
                    LEADSEQ_AXIS_DECADE,  /* bins of log10|g| */
                    LEADSEQ_AXIS_BIN,     /* bins of the weights */
                    LEADSEQ_AXIS_EXPONENT, /* leading Lyapunov exponents */
                    LEADSEQ_AXIS_POINT,    /* along the update, attribute "points" of /step */
                    LEADSEQ_AXES
};
extern const char *const leadseq_axis_name[LEADSEQ_AXES];

struct leadseq_quantity {
    const char *name;                              /* "head/predicted": group and data set */
    enum leadseq_axis axis[LEADSEQ_QUANTITY_RANK]; /* of a row, LEADSEQ_AXIS_END after the last */
    const char *unit;                              /* "1": none */
    const char *meaning;                           /* formula, in the code's letters */
};
/* Every quantity, group by group as the types of probes have them; NULL after the last. */
const struct leadseq_quantity *leadseq_quantity(size_t i);

/* --- Probes while training -------------------------------------------------------------------- */

/* Measures what diagnose.* of the experiment asks for, into RUN/diagnostics.h5 and the cells of
 * steps.tsv. To be given to leadseq_train() as its hooks; frees nothing of the training. */
struct leadseq_probes;
struct leadseq_probes *leadseq_probes_new(void) LEADSEQ_CHECKED;
const struct leadseq_hooks *leadseq_probes_hooks(struct leadseq_probes *probes);
void leadseq_probes_free(struct leadseq_probes *probes);

/* --- Probes on a run that exists ------------------------------------------------------------ */

struct leadseq_probe_options {
    const char *data; /* the stack the run was trained on */
    const char *out;  /* a diagnostics file to make; one that exists is refused */
    enum leadseq_rehearse_from from;
    uint32_t groups;      /* bits 1 << enum leadseq_group; 0: all */
    int steps;            /* steps to take and to measure, from 1 */
    int records;          /* validation records for what needs an AUC; 0: 64 */
    const char *saliency; /* folder for saliency images, NULL: none */
};
/* Takes a run's model as a checkpoint (or the seed) has it, continues for a few steps on the run's
 * own batches in memory, and measures every quantity asked for in each. The run's folder is not
 * changed. `e` is the run's resolved experiment. */
int leadseq_probe_run(const char *run, const struct leadseq_experiment *e,
                      const struct leadseq_probe_options *options) LEADSEQ_CHECKED;

/* --- Reading diagnostics.h5 ------------------------------------------------------------------- */

/* A snapshot: a run that is training may replace the file meanwhile. */
struct leadseq_diagnostics;
struct leadseq_diagnostics *leadseq_diagnostics_open(const char *path) LEADSEQ_CHECKED;
/* Fails where the quantity is there and cannot be read: a link to another file, a damaged header.
 */
int leadseq_diagnostics_check(struct leadseq_diagnostics *d, const char *name) LEADSEQ_CHECKED;
void leadseq_diagnostics_close(struct leadseq_diagnostics *d);

/* Why a group has no rows: "model.type: cnn has no recurrence", "diagnose.probes: none";
 * "" where it was measured, "not in this file" where it is unknown. Valid until close(). */
const char *leadseq_diagnostics_absent(struct leadseq_diagnostics *d, const char *group);
/* Rows of a group, 0 where it is absent. */
size_t leadseq_diagnostics_rows(struct leadseq_diagnostics *d, const char *group);

struct leadseq_measured {
    size_t rows;
    int rank; /* axes of a row */
    size_t shape[LEADSEQ_QUANTITY_RANK];
    size_t items;  /* values of a row */
    int64_t *step; /* (rows) ascending, from 1 */
    double *value; /* (rows, items); NaN: not measured in that row, or
                      has no value */
};
/* All rows of "group/name". Fails where the file has no such quantity. */
int leadseq_diagnostics_read(struct leadseq_diagnostics *d, const char *name,
                             struct leadseq_measured *measured) LEADSEQ_CHECKED;
void leadseq_measured_clear(struct leadseq_measured *measured); /* takes zeros */

/* Names along an axis: "layers" (ConvLSTM), "chain" (every layer), "tensors", "leads",
 * "outputs" (where there are several); the i-th, NULL after the last. */
const char *leadseq_diagnostics_label(struct leadseq_diagnostics *d, const char *list, size_t i);
/* Numbers of the run: "batch", "total_steps", "lr", "parameters", …; NaN where absent. */
double leadseq_diagnostics_number(struct leadseq_diagnostics *d, const char *name);

#endif
