/* SPDX-License-Identifier: MIT
 *
 * Between predict.c, predict_inputs.c, predict_pictures.c, predict_leads.c, predict_names.c and
 * predict_table.c: a run with where its rows go. */
#ifndef CLI_PREDICT_H
#define CLI_PREDICT_H

#include "train/train.h"

#include "dataset/dataset.h"
#include "signal/signal.h"

struct predictor {
    struct leadseq_run *run;
    const struct leadseq_drawing *drawing; /* how the run's training images were drawn */
    size_t record_bytes;                   /* of a record's images, or of its signals */
    size_t samples;                        /* of a lead, where the run reads signals; else 0 */
    const struct leadseq_task *task;
    FILE *out;                    /* in memory: the table is given away whole, or not at all */
    struct leadseq_progress *bar; /* of records; NULL: none */
    uint8_t *nothing;             /* a record's images without a signal; NULL: not drawn yet */
    void *names;                  /* of rows, each once */
    size_t rows, empty, doubtful;
    size_t upsampled; /* records of a lower rate than the run's training images were drawn at */
    bool only_read;   /* records are read to find out whether that can be done, and no more */
    char *first_empty, *first_doubtful;
};

/* What is predicted for, as the table names it. */
struct predicted {
    const char *name;  /* the record, or the file or files of one */
    int ecg_id;        /* -1 where unknown */
    uint16_t quality;  /* bits of enum leadseq_quality that were found */
    bool is_short;     /* the signal ends before the window that is drawn */
    double missing;    /* share of the samples; 0 where it is not known */
    const char *leads; /* of pictures: "I=p1-I.png II=…"; else NULL */
};

/* --- predict_table.c ------------------------------------------------------------------------- */

/* A row, and before the first one the names of the columns. logits (outputs); a record whose
 * quality is EMPTY has a row without an answer. */
int predict_row(struct predictor *p, const struct predicted *of, const float *logits,
                bool pictures) LEADSEQ_CHECKED;
/* Whether a record's images show no signal: of one colour, or as a record without a sample is drawn
 * (dataset3's shadows, which differ from record to record, hide that); -1: no memory. */
int predict_shows_nothing(struct predictor *p, const uint8_t *images) LEADSEQ_CHECKED;
/* Says what is doubtful; refuses where no row has an answer. */
int predict_finish(struct predictor *p) LEADSEQ_CHECKED;
void predict_clear(struct predictor *p);

/* --- predict_inputs.c, predict_pictures.c ----------------------------------------------------- */

/* Each writes one row per record to out. name: instead of the record's own; NULL: that. alone: it
 * is the only input, with a bar of its own. */
int predict_stack(struct predictor *p, const char *path, bool alone) LEADSEQ_CHECKED;
/* *unreadable: it failed because of the record. */
int predict_record(struct predictor *p, const char *path, const char *name,
                   bool *unreadable) LEADSEQ_CHECKED;
/* The twelve images of one patient; where the run was trained on pages, one page per record. */
int predict_images(struct predictor *p, char *const *paths, size_t n) LEADSEQ_CHECKED;

/* --- predict_leads.c: which file is of which lead --------------------------------------------- */

struct predict_leads {
    int which[LEADSEQ_LEADS]; /* the file of each lead */
    bool named; /* by the leads in the names; else by the natural order of the names */
    char *id;   /* what the names say of the patient */
    char *text; /* "I=p1-I.png II=p1-II.png …" */
};
int predict_leads_find(struct predict_leads *leads, char *const *paths, size_t n) LEADSEQ_CHECKED;
void predict_leads_clear(struct predict_leads *leads);

/* --- predict_names.c -------------------------------------------------------------------------- */

/* names (n): of files whose last parts are alike the whole path, else NULL; without `endings`, of
 * which the last is NULL. The caller frees each. */
int predict_names_fill(char **names, char *const *paths, size_t n,
                       const char *const *endings) LEADSEQ_CHECKED;

#endif
