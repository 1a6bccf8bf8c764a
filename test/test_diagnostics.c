/* SPDX-License-Identifier: MIT
 *
 * diagnostics.h5: what is in it, at any moment of a run, of a run taken up again,
 * of a run probed afterwards. */
#include "probed_run.h"

TestSuite(diagnostics, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

Test(diagnostics, every_group_that_applies_has_a_row_for_every_step)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "7");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    static const char *const group[] = {"output", "head",       "flow", "parameters",
                                        "gates",  "histograms", "step"};
    for (size_t i = 0; i < LEADSEQ_COUNT(group); i++) {
        cr_assert_str_eq(leadseq_diagnostics_absent(d, group[i]), "");
        cr_assert_eq(leadseq_diagnostics_rows(d, group[i]), 7, "%s", group[i]);
    }
    cr_assert_str_eq(leadseq_diagnostics_label(d, "layers", 0), "convlstm0");
    cr_assert_str_eq(leadseq_diagnostics_label(d, "leads", 11), "V6");
    cr_assert_null(leadseq_diagnostics_label(d, "leads", 12));
    cr_assert_eq(leadseq_diagnostics_number(d, "batch"), 4);
    cr_assert(isnan(leadseq_diagnostics_number(d, "nothing")));
    leadseq_diagnostics_close(d);
}

Test(diagnostics, a_model_without_recurrence_says_so_and_stores_no_zeros)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.max_steps", "3", "diagnose.probes", "full",
                                       "diagnose.groups", "[output, flow, gates]");
    cr_assert_probes(&e, data, in_folder("r"));
    struct leadseq_diagnostics *d = open_file(in_folder("r"));
    struct leadseq_measured m;
    cr_assert_str_eq(leadseq_diagnostics_absent(d, "gates"), "model.type: cnn has no recurrence");
    cr_assert_str_eq(leadseq_diagnostics_absent(d, "head"), "not in diagnose.groups");
    cr_assert_str_eq(leadseq_diagnostics_absent(d, "hearts"), "not in this file");
    cr_assert_eq(leadseq_diagnostics_rows(d, "flow"), 0);
    cr_assert_eq(leadseq_diagnostics_read(d, "flow/norm", &m), -1);
    cr_assert_error_has("cnn has no recurrence");
    cr_assert_eq(leadseq_diagnostics_read(d, "output/nothing", &m), -1);
    cr_assert_error_has("no such quantity");
    leadseq_diagnostics_close(d);
}

Test(diagnostics, what_is_no_diagnostics_file_is_refused)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 20});
    cr_assert_null(leadseq_diagnostics_open(in_folder("none.h5")));
    cr_assert_error_has("none.h5");
    cr_assert_null(leadseq_diagnostics_open(put("text.h5", "no HDF5")));
    cr_assert_error_has("expected an HDF5 file");
    cr_assert_null(leadseq_diagnostics_open(data));
    cr_assert_error_has("expected diagnostics of leadseq");
}

static void expect_same_rows(const char *one, const char *two)
{
    struct leadseq_diagnostics *a = open_file(one), *b = open_file(two);
    for (size_t i = 0; leadseq_quantity(i); i++) {
        char group[64];
        const char *name = leadseq_quantity(i)->name;
        snprintf(group, sizeof group, "%.*s", (int)strcspn(name, "/"), name);
        if (*leadseq_diagnostics_absent(a, group)) continue;
        struct leadseq_measured p = read_all(a, name), q = read_all(b, name);
        cr_assert_eq(p.rows, q.rows, "%s: %zu and %zu rows", name, p.rows, q.rows);
        cr_assert(!memcmp(p.step, q.step, p.rows * sizeof *p.step), "%s", name);
        for (size_t k = 0; k < p.rows * p.items; k++)
            cr_assert((isnan(p.value[k]) && isnan(q.value[k])) || p.value[k] == q.value[k],
                      "%s: row %zu: %g and %g", name, k / p.items, p.value[k], q.value[k]);
        leadseq_measured_clear(&p);
        leadseq_measured_clear(&q);
    }
    leadseq_diagnostics_close(a);
    leadseq_diagnostics_close(b);
}

/* --- Hooks around the probes' own ------------------------------------------------------------ */

struct around {
    const struct leadseq_hooks *inner;
    uint64_t stop_at, look_at; /* steps; 0: none */
    const char *run;
    size_t rows_seen;
};

static int around_begin(void *user, const struct leadseq_training *t)
{
    struct around *a = user;
    return a->inner->begin(a->inner->user, t);
}

static int around_start(void *user, uint64_t step)
{
    struct around *a = user;
    return a->inner->start(a->inner->user, step);
}

static int around_before(void *user, struct leadseq_step *step)
{
    struct around *a = user;
    if (step->step == a->look_at) {
        struct leadseq_diagnostics *d = open_file(a->run);
        a->rows_seen = leadseq_diagnostics_rows(d, "output");
        leadseq_diagnostics_close(d);
    }
    return a->inner->before(a->inner->user, step);
}

static int around_gradient(void *user, struct leadseq_step *step)
{
    struct around *a = user;
    return a->inner->gradient(a->inner->user, step);
}

static int around_after(void *user, struct leadseq_step *step)
{
    struct around *a = user;
    if (step->step == a->stop_at) leadseq_stop_request(15);
    return a->inner->after(a->inner->user, step);
}

static int around_save(void *user)
{
    struct around *a = user;
    return a->inner->save(a->inner->user);
}

static int around_end(void *user)
{
    struct around *a = user;
    return a->inner->end(a->inner->user);
}

static void train_around(const struct leadseq_experiment *e, const char *data, struct around *a,
                         bool resume)
{
    struct leadseq_probes *p = leadseq_probes_new();
    a->inner = leadseq_probes_hooks(p);
    struct leadseq_hooks hooks = {
        a,           around_begin, around_start, around_before, around_gradient, around_after,
        around_save, around_end};
    struct leadseq_train_options options = {
        .data = data, .out = a->run, .resume = resume, .hooks = &hooks};
    leadseq_stop_request(0);
    cr_assert_eq(leadseq_train(e, &options), 0, "%s", leadseq_error());
    leadseq_probes_free(p);
    leadseq_stop_request(0);
}

Test(diagnostics, a_run_stopped_and_resumed_has_the_rows_of_one_that_was_not)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "26", "train.epochs", "2",
                                        "diagnose.probes", "economy", "diagnose.every", "3");
    struct around whole = {.run = in_folder("whole")};
    struct around parts = {.run = in_folder("parts"), .stop_at = 5};
    train_around(&e, data, &whole, false);
    train_around(&e, data, &parts, false);
    parts.stop_at = 23;
    train_around(&e, data, &parts, true);
    parts.stop_at = 0;
    train_around(&e, data, &parts, true);
    expect_same_rows(whole.run, parts.run);
}

Test(diagnostics, the_file_can_be_read_while_the_run_goes_on)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e =
        PAPER("train.epochs", "2"); // 20 steps an epoch, then a checkpoint
    struct around a = {.run = in_folder("run"), .look_at = 22};
    train_around(&e, data, &a, false);
    cr_assert_eq(a.rows_seen, 20);
}

Test(diagnostics,
     rows_behind_a_checkpoint_are_dropped_with_a_file_that_is_no_longer_there_made_anew)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "9");
    struct around a = {.run = in_folder("run"), .stop_at = 4};
    train_around(&e, data, &a, false);
    cr_assert_eq(unlink(in_folder("run/diagnostics.h5")), 0);
    a.stop_at = 0;
    train_around(&e, data, &a, true);
    struct leadseq_diagnostics *d = open_file(a.run);
    struct leadseq_measured cost = read_all(d, "output/cost");
    cr_assert_eq(cost.rows, 5);
    cr_assert_eq(cost.step[0], 5);
    leadseq_measured_clear(&cost);
    leadseq_diagnostics_close(d);
}

Test(diagnostics, another_file_in_the_place_of_the_runs_own_is_not_overwritten)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "9");
    struct around a = {.run = in_folder("run"), .stop_at = 4};
    train_around(&e, data, &a, false);
    cr_assert_eq(
        rename(tiny_write("b.h5", (struct tiny_stack){.n = 20}), in_folder("run/diagnostics.h5")),
        0);
    cr_assert_eq(probed_train(&e, data, a.run, true), -1);
    cr_assert_error_has("expected diagnostics of leadseq");
    cr_assert_error_has("move it away");
}

/* --- On a run that is there ------------------------------------------------------------------- */

Test(diagnostics, a_run_without_probes_is_probed_afterwards_and_stays_as_it_is)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "2", "diagnose.groups", "all"), none = e;
    cr_assert_eq(leadseq_experiment_set(&none, "diagnose.probes", "none"), 0);
    cr_assert_probes(&e, data, in_folder("with"));
    cr_assert_probes(&none, data, in_folder("without"));
    char *before = run_text(in_folder("without"), "steps.tsv");
    struct leadseq_probe_options how = {
        .data = data, .out = in_folder("without/probed.h5"), .from = LEADSEQ_FROM_SEED, .steps = 2};
    cr_assert_eq(leadseq_probe_run(in_folder("without"), &none, &how), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_probe_run(in_folder("without"), &none, &how), -1);
    cr_assert_error_has("exists already");
    cr_assert_eq(rename(how.out, in_folder("without/diagnostics.h5")), 0);
    expect_same_rows(in_folder("with"), in_folder("without"));
    char *after = run_text(in_folder("without"), "steps.tsv");
    cr_assert_str_eq(before, after);
    free(before);
    free(after);
}

Test(diagnostics, a_checkpoint_is_probed_in_the_step_behind_it)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.epochs", "1");
    cr_assert_probes(&e, data, in_folder("run"));
    for (int from = LEADSEQ_FROM_LAST; from <= LEADSEQ_FROM_BEST; from++) {
        const char *out = in_folder(from ? "best.h5" : "last.h5");
        struct leadseq_probe_options how = {.data = data,
                                            .out = out,
                                            .from = (enum leadseq_rehearse_from)from,
                                            .steps = 2,
                                            .groups = 1u << LEADSEQ_GROUP_HEAD};
        cr_assert_eq(leadseq_probe_run(in_folder("run"), &e, &how), 0, "%s", leadseq_error());
        struct leadseq_diagnostics *d = leadseq_diagnostics_open(out);
        struct leadseq_measured moved = read_all(d, "head/measured_max");
        cr_assert_eq(moved.rows, 2);
        cr_assert_eq(moved.step[0], 21);
        cr_assert_gt(at(&moved, 1, 0), 0);
        leadseq_measured_clear(&moved);
        leadseq_diagnostics_close(d);
    }
}

Test(diagnostics, another_stack_or_no_run_at_all_is_refused)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *other = tiny_write("b.h5", (struct tiny_stack){.n = TINY_RECORDS, .first = 7});
    struct leadseq_experiment e = PAPER("train.max_steps", "2");
    cr_assert_probes(&e, data, in_folder("run"));
    struct leadseq_probe_options how = {.data = other, .out = in_folder("p.h5"), .steps = 1};
    cr_assert_eq(leadseq_probe_run(in_folder("run"), &e, &how), -1);
    cr_assert_error_has("expected the stack the run was trained on");
    cr_assert(!leadseq_path_exists(how.out));
    how.data = data;
    cr_assert_eq(leadseq_probe_run(in_folder("none"), &e, &how), -1);
    how.steps = 0;
    cr_assert_eq(leadseq_probe_run(in_folder("run"), &e, &how), -1);
    cr_assert_error_has("at least one step");
}
