/* SPDX-License-Identifier: MIT
 *
 * Between the files of diagnose. */
#ifndef DIAGNOSE_PRIVATE_H
#define DIAGNOSE_PRIVATE_H

#include "probe/probe.h"

#include <math.h>

/* --- The file and its rows (file.c) --------------------------------------------------------- */

enum { DIAG_GATES = 5, DIAG_SIGNALS = 3, DIAG_DECADES = 48, DIAG_BINS = 40 };
enum { DIAG_RECORDS = 16, DIAG_EXPONENTS = 3, DIAG_POINTS = 6 };
extern const double diag_points[DIAG_POINTS]; /* alpha along the update */

struct diag_column { /* one quantity of a table */
    const struct leadseq_quantity *quantity;
    size_t items;  /* of a row */
    double *value; /* (room, items), rows not yet in the file */
};
struct diag_table { /* one group of the file */
    char name[32];
    const char *absent; /* why it has no data sets, NULL: it has */
    struct diag_column *column;
    size_t n_columns;
    int64_t *step; /* (room) */
    size_t rows, room;
    bool lacking; /* the file was begun without it: rows are dropped */
};
enum { DIAG_TABLES = 9 };
struct diag_file {
    char *path;
    size_t size[LEADSEQ_AXES];
    struct diag_table table[DIAG_TABLES];
    double written, took; /* when rows were last brought to the file, and seconds that took */
};
/* Tables for a training; nothing is written yet. */
int diag_file_init(struct diag_file *f, const struct leadseq_training *t,
                   const char *path) LEADSEQ_CHECKED;
void diag_file_clear(struct diag_file *f);
/* Makes the file, or takes the one that is there and drops its rows behind `step`. */
int diag_file_start(struct diag_file *f, const struct leadseq_training *t,
                    uint64_t step) LEADSEQ_CHECKED;
/* The file without rows; what it says of the run; whether it is one of ours. */
int diag_file_make(struct diag_file *f, const struct leadseq_training *t) LEADSEQ_CHECKED;
struct leadseq_store;
int diag_describe(struct leadseq_store *store, const struct leadseq_training *t) LEADSEQ_CHECKED;
int diag_check_kind(struct leadseq_store *store) LEADSEQ_CHECKED;
/* Whether a group is stored at all. */
bool diag_file_lacks(const struct diag_file *f, const char *group);
bool diag_file_has(const struct diag_file *f, const char *group);
/* Begins a row of a group (one a step; a second call is the same row), all NaN. */
int diag_row(struct diag_file *f, const char *group, uint64_t step) LEADSEQ_CHECKED;
/* The values of a quantity in the row just begun in its group. */
double *diag_values(struct diag_file *f, const char *name);
/* Rows to the file: now, or where enough time has passed. */
int diag_file_flush(struct diag_file *f, bool synced) LEADSEQ_CHECKED;
int diag_file_flush_later(struct diag_file *f) LEADSEQ_CHECKED;
/* Why a group of the experiment has no rows, NULL where it applies (absent.c). */
const char *diag_absent(const struct leadseq_training *t, enum leadseq_group group);

/* --- Sums (sums.c) -----------------------------------------------------------------------------
 */

/* leadseq_sum_pieces() over pieces of the length that all probes use. */
struct leadseq_sums diag_sum(leadseq_sum_piece *piece, const void *of, size_t n);
double diag_norm(const float *x, size_t n);
double diag_dot(const float *x, const float *y, size_t n);

/* --- When what is measured (plan.c) ------------------------------------------------------------
 */

/* Parts of the work, each with its own cost. */
enum diag_part {
    DIAG_OUTPUT,   /* every step */
    DIAG_PASSES,   /* over the parameters: predicted displacement, norms */
    DIAG_MEASURED, /* a second forward pass */
    DIAG_OBSERVED, /* gates and gradients of every lead */
    DIAG_HALVES,   /* gradients of the batch's halves */
    DIAG_LINE,     /* forward passes along the update */
    DIAG_RECURRENCE,
    DIAG_INPUT, /* the images' gradient */
    DIAG_ORDER, /* validation records with leads blank or in another order */
    DIAG_PARTS
};
struct diag_plan {
    const struct leadseq_experiment *e;
    uint64_t total, step;    /* step: the last one planned */
    double cost[DIAG_PARTS]; /* in training steps */
    double spent[DIAG_PARTS];
    uint32_t parts; /* bits of parts whose groups are on */
};
void diag_plan_init(struct diag_plan *p, const struct leadseq_training *t);
/* Parts to measure in a step, bits; steps are asked for in ascending order, gaps are
 * planned as if they had been asked for: the plan depends on the step alone. */
uint32_t diag_plan_step(struct diag_plan *p, uint64_t step);

/* --- One training's probes (probes.c) ------------------------------------------------------------
 */

struct diag_observed; /* observe.c */

struct leadseq_probes {
    struct leadseq_hooks hooks;
    struct leadseq_training t;
    struct diag_plan plan;
    struct diag_file file;
    const char *path;                      /* of the file; NULL: RUN/diagnostics.h5 */
    uint32_t all;                          /* groups measured whole in every step; 0: as planned */
    int records;                           /* validation records behind AUCs */
    char *own_saliency;                    /* freed with it */
    const char *saliency;                  /* folder, NULL: none */
    uint32_t parts;                        /* of the present step */
    struct leadseq_params *params, *state; /* the model's */
    float *initial, *before;               /* (params.count) */
    float *running;                        /* (state.count) */
    size_t head_weight, head_bias;         /* slices; head_bias SIZE_MAX: none */
    size_t features;
    float *phi, *phi_after, *delta; /* (batch, features), (features) */
    float *logit, *logit_before;    /* (batch) of passes of our own; of the step itself */
    float *cost;                    /* (batch) */
    float *after, *gradient; /* (params.count) the step's own weights; its gradient, unclipped */
    double variance_sum, square_sum; /* over the steps so far */
    struct diag_observed *observed;
};
static inline bool diag_does(const struct leadseq_probes *p, enum diag_part part)
{
    return p->parts >> part & 1;
}
static inline void diag_cell(struct leadseq_step *step, enum leadseq_cell cell, double value)
{
    step->cell[cell].measured = true;
    step->cell[cell].value = value;
}
/* The model's running statistics put away before passes of our own, and back. */
void diag_keep_running(struct leadseq_probes *p);
void diag_restore_running(struct leadseq_probes *p);
/* A forward pass of the step's batch in training mode with the weights as they are; p->logit. */
int diag_forward_again(struct leadseq_probes *p, const struct leadseq_step *step) LEADSEQ_CHECKED;

/* --- Groups
 * ----------------------------------------------------------------------------------------- */

int diag_output(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;
/* Before the step: predicted; after it: measured, where the step is so planned. */
int diag_head_before(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;
int diag_head_after(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;
int diag_parameters_before(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;
int diag_parameters_after(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;

int diag_step_new(struct leadseq_probes *p) LEADSEQ_CHECKED;
int diag_step_start(struct leadseq_probes *p) LEADSEQ_CHECKED;
void diag_step_keep(struct leadseq_probes *p, const struct leadseq_step *step);
int diag_step_after(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;

/* Before the step, while the forward pass can be seen. */
int diag_recurrence(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;
double diag_recurrence_seconds(const struct leadseq_training *t);
/* Modulus of the largest eigenvalue of h (m, m), Hessenberg in rows of `stride`, and the residual
 * of its vector with row m+1; NaN where h is not finite. */
int diag_ritz(const double *h, int stride, int m, double *radius, double *residual) LEADSEQ_CHECKED;
/* One beat at 75 a minute in the images, in pixels. */
double diag_beat_px(const struct leadseq_drawing *d);

/* After the step, which no longer needs the gradients of the parameters. */
int diag_input(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;
int diag_order(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;
/* Forward passes diag_order() makes, in batches of the training's size. */
double diag_order_passes(const struct leadseq_training *t);
/* The value of paper as the model is fed it, and the paper's share of white, 0 … 1, of a value. */
float diag_paper(const struct leadseq_batch_options *feed);
float diag_white(const struct leadseq_batch_options *feed, float value);
/* Values of one image; where the image of lead t of record i of n begins. */
size_t diag_image(const struct leadseq_training *t);
size_t diag_image_at(const struct leadseq_training *t, int lead, int i, int n);
/* FOLDER/01-I.png …: record 0's images with dimages over them; replaces what is there. */
int diag_saliency(struct leadseq_probes *p, const struct leadseq_step *step, int n,
                  const float *dimages) LEADSEQ_CHECKED;

int diag_observe_new(struct leadseq_probes *p) LEADSEQ_CHECKED;
void diag_observe_free(struct leadseq_probes *p);
void diag_observe_begin(struct leadseq_probes *p);
/* Ends observing; rows of flow and gates. */
int diag_observe_end(struct leadseq_probes *p, struct leadseq_step *step) LEADSEQ_CHECKED;

/* Regression of log y on t = 0 … n-1 over positive finite y: factor exp(-slope) and its
 * standard error; NaN where fewer than two (three for the error) are left. */
void diag_flow_factor(const double *y, int n, double *factor, double *error);

#endif
