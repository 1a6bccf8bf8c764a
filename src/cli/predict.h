/* SPDX-License-Identifier: MIT
 *
 * Between predict.c and predict_inputs.c: a run with where its rows go. */
#ifndef CLI_PREDICT_H
#define CLI_PREDICT_H

#include "train/train.h"

struct predictor {
    struct leadseq_run *run;
    const struct leadseq_drawing *drawing; /* how the run's training images were drawn */
    size_t record_bytes;                   /* of a record's images */
    double threshold;
    const char *origin;
    FILE *out;
};

/* Each writes a row a record to out. */
int predict_stack(struct predictor *p, const char *path) LEADSEQ_CHECKED;
int predict_record(struct predictor *p, const char *path) LEADSEQ_CHECKED;
/* The twelve images of one patient; where the run was trained on pages, one page a record. */
int predict_images(struct predictor *p, char *const *paths, size_t n) LEADSEQ_CHECKED;

#endif
