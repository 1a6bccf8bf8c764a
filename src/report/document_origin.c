/* SPDX-License-Identifier: MIT
 *
 * The page's account of how it came about: the flow of records, what was chosen on
 * which of them, training, versions and hardware, and the checklists. */
#include "document.h"

/* --- Flow ---------------------------------------------------------------------------- */

struct stack_flow {
    size_t records, unlabelled, elsewhere;
};

static void count_flow(struct stack_flow *f, const struct report *r)
{
    *f = (struct stack_flow){.records = r->stack_rows};
    for (size_t i = 0; i < r->stack_rows; i++) {
        const struct leadseq_stack_row *row = &r->stack_row[i];
        bool compared = report_set_find(&r->model[0].test, row->ecg_id) < r->records;
        f->unlabelled += row->mi > 1;
        f->elsewhere += row->mi <= 1 && !compared;
    }
}

static void say_stack_flow(struct document *d)
{
    const struct report *r = d->r;
    struct stack_flow f;
    char unlabelled[64], elsewhere[128];
    if (!r->stack_row) return;
    count_flow(&f, r);
    snprintf(unlabelled, sizeof unlabelled, "%zu without a label", f.unlabelled);
    snprintf(elsewhere, sizeof elsewhere,
             "%zu not compared: for training and validation, or in no part", f.elsewhere);
    leadseq_page_step(d->page, unlabelled, "%zu records in the stack (%s)", f.records,
                      r->stack_source);
    leadseq_page_step(d->page, elsewhere, "%zu labelled records", f.records - f.unlabelled);
}

/* What runs left out of the labelled records, by their own account. */
static void say_selection(struct document *d)
{
    for (size_t i = 0; i < d->r->n_inputs; i++) {
        const struct report_model *m = &d->r->model[i];
        const char *select = report_experiment_text(m, "data.select");
        const char *split = report_experiment_text(m, "data.split");
        if (!select && !split) continue;
        leadseq_page_text(d->page,
                          "%s: records selected: %s; parts by: %s; its patients on both sides: "
                          "%s.",
                          m->name, select ? select : "not recorded", split ? split : "not recorded",
                          !m->environment ? "not recorded"
                          : leadseq_json_number(m->environment, "parts.patients_on_both_sides") > 0
                              ? "some, see the notes"
                              : "none");
    }
}

void document_flow(struct document *d)
{
    const struct report *r = d->r;
    char patients[64] = "";
    if (r->patients) snprintf(patients, sizeof patients, " of %zu patients", r->patients);
    leadseq_page_heading(d->page, "Flow of records");
    say_stack_flow(d);
    leadseq_page_step(d->page, NULL, "%zu records%s compared, split \"%s\"", r->records, patients,
                      r->split);
    leadseq_page_step(d->page, NULL, "%zu positive, %zu negative", r->positives,
                      r->records - r->positives);
    if (!r->stack_row)
        leadseq_page_text(d->page,
                          "What came before the splits is not known here: give the stack by "
                          "--data FILE.h5.");
    document_table(d, "records", report_table_records(r));
    say_selection(d);
    if (r->stack_row) document_table(d, "people", report_table_people(r));
}

/* --- Training, choices, versions ------------------------------------------------------------ */

static void say_training(struct document *d)
{
    const struct report *r = d->r;
    bool loss = report_has_history(r, "train_loss"), auc = report_has_history(r, "valid_auc");
    if (!loss && !auc && !report_has_steps(r)) return;
    leadseq_page_heading(d->page, "Training");
    leadseq_page_row_begin(d->page);
    if (loss)
        document_figure(
            d, "loss",
            "Loss by epoch: training solid, validation dashed. Losses of different kinds "
            "or weights are not comparable between models.");
    if (auc) document_figure(d, "valid_auc", "AUC on the validation records by epoch.");
    leadseq_page_row_end(d->page);
    if (report_has_steps(r))
        document_figure(d, "cost", "Cost of single batches, of runs without a finished epoch.");
}

void document_origin(struct document *d)
{
    const struct report *r = d->r;
    bool environment = false, experiment = false;
    for (size_t i = 0; i < r->n_inputs; i++) {
        environment = environment || r->model[i].environment;
        experiment = experiment || r->model[i].experiment;
    }
    leadseq_page_heading(d->page, "What was chosen on which records");
    document_table(d, "thresholds", report_table_choices(r));
    leadseq_page_text(d->page,
                      "Chosen on validation: weights (the epoch of the best AUC there), "
                      "threshold, temperature, the threshold of F-max. Nothing was chosen on "
                      "the records compared, but for the operating points and the F-max of "
                      "section Discrimination, which say so.");
    say_training(d);
    if (!environment && !experiment) return;
    leadseq_page_heading(d->page, "Versions and hardware");
    if (experiment) document_table(d, "experiments", report_table_experiments(r));
    if (environment) document_table(d, "environment", report_table_environment(r));
}

/* --- Checklists ------------------------------------------------------------------------------- */

static void say_checklist(struct document *d, const struct report_checklist *list, const char *name)
{
    size_t count[3] = {0};
    char text[512];
    for (size_t i = 0; i < list->n; i++) count[report_item_fill(text, &list->item[i], d->r)]++;
    leadseq_page_subheading(d->page, "%s", list->name);
    leadseq_page_text(
        d->page, "%s. %zu items are answered here, %zu in part, %zu are the authors'.",
        list->source, count[REPORT_SAID], count[REPORT_PARTLY], count[REPORT_AUTHORS]);
    document_table(d, name, report_table_checklist(d->r, list));
}

void document_checklists(struct document *d)
{
    leadseq_page_heading(d->page, "Checklists");
    leadseq_page_text(d->page, "Items that this program cannot know say so; the numbers are the "
                               "guidelines', the words ours.");
    say_checklist(d, &report_tripod, "checklist_tripod_ai");
    say_checklist(d, &report_stard, "checklist_stard_ai");
}
