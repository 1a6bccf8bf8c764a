/* SPDX-License-Identifier: MIT
 *
 * Leakage on stacks made for it: records of training that come again among the
 * unseen ones, and unseen records that are ranked better than those the weights were
 * fitted to; each beside a run that has nothing of it. */
#include "diagnosed_run.h"
#include "tiny_run.h"

#include <math.h>

TestSuite(leakage, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

enum { RECORDS = 200 };

/* Changes row and images of record i before they are written. */
typedef void change(int i, struct leadseq_stack_row *row, uint8_t *images);

static const char *write_stack(change *how)
{
    struct leadseq_drawing drawing;
    static uint8_t images[LEADSEQ_LEADS * TINY_SIDE * TINY_SIDE];
    leadseq_drawing_default(&drawing, LEADSEQ_PAPER_TEXT);
    drawing.width = drawing.height = TINY_SIDE;
    const char *path = in_folder("stack.h5");
    static char kept[512];
    snprintf(kept, sizeof kept, "%s", path);
    struct leadseq_stack_writer *w = leadseq_stack_create(kept, &drawing, "tiny", "test");
    cr_assert(w, "%s", leadseq_error());
    for (int i = 0; i < RECORDS; i++) {
        struct leadseq_stack_row row = tiny_row(i);
        tiny_images(i, images);
        how(i, &row, images);
        cr_assert_eq(leadseq_stack_append_images(w, &row, images), 0, "%s", leadseq_error());
    }
    cr_assert_eq(leadseq_stack_commit(w), 0, "%s", leadseq_error());
    return kept;
}

static bool is_unseen(const struct leadseq_stack_row *row)
{
    return row->strat_fold >= 9;
}

struct judged {
    struct leadseq_experiment e;
    struct leadseq_verdict *d;
    const struct verdict *v;
    const struct finding *leak; /* NULL: none */
};

static struct judged *judge(struct leadseq_experiment e, change *how)
{
    static struct judged j;
    const char *data = write_stack(how);
    struct leadseq_verdict_options options = {
        .data = data, .out = in_folder("out"), .rehearse = true};
    static char run[512], out[512];
    snprintf(run, sizeof run, "%s", in_folder("run"));
    snprintf(out, sizeof out, "%s", in_folder("out"));
    options.out = out;
    j.e = e;
    cr_assert_trains(&j.e, data, run, false);
    cr_assert_eq(leadseq_folder_make(out), 0);
    j.d = diagnosed(run, &j.e, &options);
    j.v = &j.d->v;
    j.leak = findings_find(&j.d->all, "leakage");
    return &j;
}

static void judged_clear(struct judged *j)
{
    leadseq_verdict_free(j->d);
}

static double number(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->n_numbers; i++)
        if (!strcmp(f->number[i].name, name)) return f->number[i].value;
    return NAN;
}

/* --- Images that come again ------------------------------------------------------------------- */

static void nothing(int i, struct leadseq_stack_row *row, uint8_t *images)
{
    (void)i, (void)row, (void)images;
}

Test(leakage, records_that_only_look_alike_are_none)
{
    struct judged *j = judge(TINY("train.epochs", "2"), nothing);
    cr_assert_null(j->leak, "%s", j->leak->mechanism);
    cr_expect_eq(j->v->twins.train, 160);
    cr_expect_eq(j->v->twins.unseen, 40);
    cr_expect_gt(j->v->twins.nearest / j->v->twins.typical, .3);
    judged_clear(j);
}

/* The unseen records 16, 17 and 18 have the images of 0, 1 and 2. */
static void copied(int i, struct leadseq_stack_row *row, uint8_t *images)
{
    if (is_unseen(row) && i < 19) tiny_images(i - 16, images);
}

Test(leakage, images_of_training_among_the_unseen_are_found_to_the_pixel)
{
    struct judged *j = judge(TINY("train.epochs", "2"), copied);
    cr_assert_not_null(j->leak);
    cr_expect_eq(number(j->leak, "unseen_records_with_identical_images"), 3);
    cr_expect_eq(number(j->leak, "unseen_records_with_nearly_identical_images"), 0);
    cr_expect_eq(j->leak->severity, VERDICT_MAJOR, "3 of 40");
    cr_expect_eq(j->v->twins.ecg_id - j->v->twins.twin, 16);
    cr_expect_eq(j->v->counts.both_sides, 0, "other patients, as the table says");
    judged_clear(j);
}

/* Another encoding: grey levels one off here and there. */
static void encoded(int i, struct leadseq_stack_row *row, uint8_t *images)
{
    copied(i, row, images);
    for (int k = i % 5; is_unseen(row) && k < LEADSEQ_LEADS * TINY_SIDE * TINY_SIDE; k += 5)
        images[k] = (uint8_t)(images[k] - 1);
}

Test(leakage, images_of_training_are_found_when_they_were_encoded_anew)
{
    struct judged *j = judge(TINY("train.epochs", "2"), encoded);
    cr_assert_not_null(j->leak);
    cr_expect_eq(number(j->leak, "unseen_records_with_identical_images"), 0);
    cr_expect_eq(number(j->leak, "unseen_records_with_nearly_identical_images"), 3);
    judged_clear(j);
}

static void blanked(int i, struct leadseq_stack_row *row, uint8_t *images)
{
    (void)row;
    if (i < 20) memset(images, 255, LEADSEQ_LEADS * TINY_SIDE * TINY_SIDE);
}

Test(leakage, white_paper_on_both_sides_is_no_record_that_comes_again)
{
    struct judged *j = judge(TINY("train.epochs", "2"), blanked);
    cr_assert_null(j->leak, "%s", j->leak->mechanism);
    judged_clear(j);
}

/* --- Too good to be true ---------------------------------------------------------------------- */

/* Three in ten training labels are another's; the unseen ones are right. */
static void labelled_otherwise(int i, struct leadseq_stack_row *row, uint8_t *images)
{
    (void)images;
    if (!is_unseen(row) && i * 7 % 10 < 3) row->mi = !row->mi;
}

Test(leakage, unseen_records_ranked_far_better_than_training_are_suspicious)
{
    struct judged *j = judge(TINY("train.epochs", "6"), labelled_otherwise);
    cr_assert_not_null(j->leak);
    cr_expect_gt(number(j->leak, "standard_errors_apart"), 3.29);
    cr_expect_lt(number(j->leak, "auc_on_training_high"), j->v->now->scored.auc.value);
    cr_expect_eq(j->leak->severity, VERDICT_MAJOR);
    judged_clear(j);
}

/* While it learns, and with features dropped, the table says less of training than of validation.
 */
Test(leakage, training_that_lags_behind_validation_is_not)
{
    struct judged *j = judge(TINY("train.epochs", "2", "model.dropout", "0.9"), nothing);
    const double *train = verdict_column(&j->v->history, "train_auc");
    cr_assert(train && train[1] < j->v->now->scored.auc.value - .1,
              "else this shows nothing: %g, %g", train[1], j->v->now->scored.auc.value);
    cr_assert_null(j->leak, "%s", j->leak->mechanism);
    cr_expect(isfinite(j->v->fitted.z), "it was looked at");
    judged_clear(j);
}
