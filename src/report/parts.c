/* SPDX-License-Identifier: MIT
 *
 * Which rows of a table without a column "split" are compared, which chose its
 * threshold, and which are of no use here: as the first run among the inputs has
 * them, else by PTB-XL's folds, else all are compared. */
#include "report_private.h"

#include <string.h>

enum { TEST_FOLD = 10, VALID_FOLD = 9 }; // as PTB-XL's authors recommend

static int fold_of(const struct report *r, const struct report_row *row)
{
    const struct leadseq_stack_row *known = report_stack_find(r, row->ecg_id);
    return row->fold >= 0 || !known ? row->fold : known->strat_fold;
}

static bool has_fold(const struct report_set *set, int fold)
{
    for (size_t i = 0; set->fold && i < set->n; i++)
        if (set->fold[i] == fold) return true;
    return false;
}

static bool has_record(const struct report_set *set, int ecg_id)
{
    return report_set_find(set, ecg_id) < set->n;
}

/* By its record; a record the run does not name, by the folds of the run's parts. What cannot be
 * placed is compared, and refused there as a record that the run lacks. */
static enum report_part part_by_run(const struct report *r, const struct report_model *run,
                                    const struct report_row *row, enum report_part compared)
{
    int fold = fold_of(r, row);
    if (has_record(&run->test, row->ecg_id)) return compared;
    if (has_record(&run->valid, row->ecg_id)) return REPORT_VALID;
    if (has_record(&run->train, row->ecg_id)) return REPORT_TRAIN;
    if (fold < 0 || !run->test.fold || has_fold(&run->test, fold)) return compared;
    return has_fold(&run->valid, fold) ? REPORT_VALID : REPORT_OTHER;
}

static enum report_part part_by_fold(int fold)
{
    return fold == TEST_FOLD ? REPORT_TEST : fold == VALID_FOLD ? REPORT_VALID : REPORT_TRAIN;
}

/* Whether every row has a fold, and some the one that is asked for. */
static bool folds_tell(const struct report *r, const struct report_rows *rows,
                       enum report_part compared)
{
    bool found = false;
    for (size_t i = 0; i < rows->n; i++) {
        int fold = fold_of(r, &rows->row[i]);
        if (fold < 1) return false;
        found = found || part_by_fold(fold) == compared;
    }
    return found;
}

static const struct report_model *first_run(const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].is_run) return &r->model[i];
    return NULL;
}

static int take(struct report_model *m, enum report_part compared)
{
    if (report_set_take(&m->test, &m->rows, compared, m->path)) return -1;
    if (report_set_take(&m->valid, &m->rows, REPORT_VALID, m->path)) return -1;
    if (report_set_take(&m->train, &m->rows, REPORT_TRAIN, m->path)) return -1;
    m->train_records = m->train.label ? m->train.n : 0;
    m->train_positives = report_set_positives(&m->train);
    report_rows_clear(&m->rows);
    return 0;
}

static int note_parts(struct report *r, const struct report_model *m, size_t total, const char *by)
{
    if (m->test.n == total) return 0;
    return report_note(r,
                       "%s has no column split: of its %zu records %zu are compared, %zu of "
                       "validation chose its threshold, the others are not used (%s).",
                       m->name, total, m->test.n, m->valid.n, by);
}

static int assign(struct report *r, struct report_model *m, enum report_part compared)
{
    const struct report_model *run = first_run(r);
    bool folds = !run && folds_tell(r, &m->rows, compared);
    size_t total = m->rows.n;
    for (size_t i = 0; i < total; i++) {
        struct report_row *row = &m->rows.row[i];
        row->part = run     ? part_by_run(r, run, row, compared)
                    : folds ? part_by_fold(fold_of(r, row))
                            : compared;
    }
    if (take(m, compared)) return -1;
    return note_parts(r, m, total,
                      run ? "as the first run has them" : "fold 10: test, fold 9: validation");
}

int report_parts_assign(struct report *r)
{
    enum report_part compared = report_part_of(r->split);
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        if (m->rows.n && assign(r, m, compared)) return -1;
    }
    return 0;
}
