/* SPDX-License-Identifier: MIT
 *
 * Between predict.c, predict_inputs.c and predict_table.c: a run with where its rows go. */
#ifndef CLI_PREDICT_H
#define CLI_PREDICT_H

#include "train/train.h"

struct predictor {
    struct leadseq_run *run;
    const struct leadseq_drawing *drawing; /* how the run's training images were drawn */
    size_t record_bytes;                   /* of a record's images */
    const struct leadseq_task *task;
    FILE *out;
    bool begun; /* the names of the columns are written */
};

/* What is predicted for, as the table names it. */
struct predicted {
    const char *name; /* the record, or the file or files of one */
    int ecg_id;       /* -1 where unknown */
    uint16_t quality; /* bits of enum leadseq_quality that were found */
};
/* A row of a record or of pictures, and before the first one the names of the columns: input that
 * is refused at once leaves no table. logits (outputs). */
void predict_row(struct predictor *p, const struct predicted *of, const float *logits,
                 bool pictures);

/* Each writes one row per record to out. */
int predict_stack(struct predictor *p, const char *path) LEADSEQ_CHECKED;
int predict_record(struct predictor *p, const char *path) LEADSEQ_CHECKED;
/* The twelve images of one patient; where the run was trained on pages, one page per record. */
int predict_images(struct predictor *p, char *const *paths, size_t n) LEADSEQ_CHECKED;

#endif
