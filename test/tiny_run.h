/* SPDX-License-Identifier: MIT
 *
 * A stack of small images whose label can be seen, and experiments that learn it
 * in a second: lead II of a positive record has a dark square in its middle. */
#ifndef TINY_RUN_H
#define TINY_RUN_H

#include "folder.h"
#include "train/session.h"

enum { TINY_SIDE = 16, TINY_RECORDS = 100 };

/* Record i of a stack: patients have two records, folds go from 1 to 10. */
static inline struct leadseq_stack_row tiny_row(int i)
{
    struct leadseq_stack_row row = {
        .ecg_id = 1000 + i,
        .patient_id = 500 + i / 2,
        .strat_fold = 1 + i / 2 % 10,
        .age_years = 60,
        .mi = i % 3 == 0,
    };
    row.superclass[i % 3 == 0 ? LEADSEQ_MI : i % LEADSEQ_SUPERCLASSES] = 1;
    snprintf(row.record, sizeof row.record, "%05d_lr", row.ecg_id);
    return row;
}

static inline void tiny_images(int i, uint8_t *images)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, (uint64_t)i, 0);
    for (int k = 0; k < LEADSEQ_LEADS * TINY_SIDE * TINY_SIDE; k++)
        images[k] = (uint8_t)(155 + leadseq_random_below(&r, 101));
    if (tiny_row(i).mi)
        for (int y = 5; y < 11; y++)
            for (int x = 5; x < 11; x++) images[(TINY_SIDE + y) * TINY_SIDE + x] /= 2;
}

struct tiny_stack {
    int n;     /* records */
    int first; /* number of the first */
    enum leadseq_profile profile;
    bool named; /* records have a name and no ecg_id */
    bool pages; /* each record's first three leads, one below the other, as a page */
};

static inline const char *tiny_write(const char *name, struct tiny_stack options)
{
    struct leadseq_drawing drawing;
    leadseq_drawing_default(&drawing, options.profile);
    drawing.width = drawing.height = TINY_SIDE;
    if (options.pages) {
        leadseq_drawing_init(&drawing, LEADSEQ_DATASET1, LEADSEQ_PAPER_CODE);
        drawing.width = TINY_SIDE, drawing.height = 3 * TINY_SIDE;
    }
    uint8_t *images = malloc(LEADSEQ_LEADS * TINY_SIDE * TINY_SIDE * 3);
    static char paths[4][512]; // valid for four stacks, however many names are asked for
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s", in_folder(name));
    struct leadseq_stack_writer *w = leadseq_stack_create(path, &drawing, "tiny", "test");
    cr_assert(w, "%s", leadseq_error());
    for (int i = options.first; i < options.first + options.n; i++) {
        struct leadseq_stack_row row = tiny_row(i);
        if (options.named) row.ecg_id = -1;
        tiny_images(i, images);
        cr_assert_eq(leadseq_stack_append_images(w, &row, images), 0, "%s", leadseq_error());
    }
    cr_assert_eq(leadseq_stack_commit(w), 0, "%s", leadseq_error());
    free(images);
    return path;
}

/* Ten steps per epoch: 80 training records in batches of 8; one thread, since tests run at the
 * same time. `more` are further options: "key", "value" …, NULL. */
static inline struct leadseq_experiment tiny_experiment(const char *const *more)
{
    static const char *const standard[] = {
        "name",     "tiny",        "model.type",   "cnn",         "model.hidden",
        "[4, 8]",   "train.loss",  "bce-logits",   "train.batch", "8",
        "train.lr", "0.01",        "train.epochs", "3",           "train.threads",
        "1",        "data.invert", "true",         NULL};
    struct leadseq_experiment e;
    leadseq_experiment_default(&e);
    for (int i = 0; standard[i]; i += 2)
        cr_assert_eq(leadseq_experiment_set(&e, standard[i], standard[i + 1]), 0, "%s",
                     leadseq_error());
    for (int i = 0; more && more[i]; i += 2)
        cr_assert_eq(leadseq_experiment_set(&e, more[i], more[i + 1]), 0, "%s", leadseq_error());
    return e;
}
#define TINY(...) tiny_experiment((const char *const[]){__VA_ARGS__, NULL})

/* bf16 in the form this machine has. */
static inline const char *tiny_bf16(void)
{
    return leadseq_bf16_is_native() ? "bf16" : "bf16-emulated";
}

static inline void tiny_begin(void)
{
    make_folder();
    leadseq_progress_show(false);
    leadseq_log_level(LEADSEQ_LOG_WARN);
    leadseq_stop_request(0);
}

static inline int tiny_train(const struct leadseq_experiment *e, const char *data, const char *out,
                             bool resume)
{
    struct leadseq_train_options options = {.data = data, .out = out, .resume = resume};
    return leadseq_train(e, &options);
}

#define cr_assert_trains(e, data, out, resume)                                                     \
    cr_assert_eq(tiny_train(e, data, out, resume), 0, "%s", leadseq_error())

/* A file of a run in fresh memory. */
static inline char *run_text(const char *run, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", run, name);
    char *text = leadseq_file_read(path, 1 << 24, NULL);
    cr_assert(text, "%s", leadseq_error());
    return text;
}

/* Lines of a table, the header included. */
static inline int count_lines(const char *text)
{
    int n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

#endif
