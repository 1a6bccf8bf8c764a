/* SPDX-License-Identifier: MIT
 *
 * Attribution to leads on images whose label is known to depend on lead II alone, and the
 * effect of the leads' order on a model that cannot have one. */
#include "probed_run.h"

TestSuite(input, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

enum { LEAD_II = 1 };

static struct leadseq_diagnostics *probe_trained(const struct leadseq_experiment *e,
                                                 const char *data, const char *saliency)
{
    cr_assert_trains(e, data, in_folder("run"), false);
    struct leadseq_probe_options how = {.data = data,
                                        .out = in_folder("probed.h5"),
                                        .from = LEADSEQ_FROM_LAST,
                                        .steps = 1,
                                        .groups = 1u << LEADSEQ_GROUP_INPUT,
                                        .records = 1000,
                                        .saliency = saliency};
    cr_assert_eq(leadseq_probe_run(in_folder("run"), e, &how), 0, "%s", leadseq_error());
    struct leadseq_diagnostics *d = leadseq_diagnostics_open(how.out);
    cr_assert(d, "%s", leadseq_error());
    return d;
}

static void expect_lead_two(struct leadseq_experiment e)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_diagnostics *d = probe_trained(&e, data, NULL);
    struct leadseq_measured auc = read_all(d, "input/auc"), records = read_all(d, "input/records"),
                            blank = read_all(d, "input/occluded_auc"),
                            shift = read_all(d, "input/occluded_shift"),
                            slope = read_all(d, "input/gradient_norm");
    cr_assert_eq(at(&records, 0, 0), 20); // two folds
    cr_assert_gt(at(&auc, 0, 0), 0.9, "AUC %g", at(&auc, 0, 0));
    for (size_t t = 0; t < LEADSEQ_LEADS; t++) {
        if (t == LEAD_II) continue;
        cr_assert_lt(at(&blank, 0, LEAD_II), at(&blank, 0, t));
        cr_assert_gt(at(&shift, 0, LEAD_II), at(&shift, 0, t));
        cr_assert_gt(at(&slope, 0, LEAD_II), at(&slope, 0, t));
    }
    cr_assert_lt(at(&blank, 0, LEAD_II), 0.8);
    struct leadseq_measured *all[] = {&auc, &records, &blank, &shift, &slope};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) leadseq_measured_clear(all[i]);
    leadseq_diagnostics_close(d);
}

Test(input, the_lead_that_carries_the_label_is_found_in_a_cnn)
{
    expect_lead_two(
        TINY("data.valid", "[8, 9]", "data.train", "[1, 2, 3, 4, 5, 6, 7]", "train.epochs", "6"));
}

/* One lead alone has no order: not a bit changes. */
Test(input, the_order_of_one_lead_does_not_matter)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("data.leads", "[II]", "train.max_steps", "5");
    struct leadseq_diagnostics *d = probe_trained(&e, data, NULL);
    struct leadseq_measured auc = read_all(d, "input/auc"),
                            reversed = read_all(d, "input/reversed_auc"),
                            permuted = read_all(d, "input/permuted_auc"),
                            shift = read_all(d, "input/reversed_shift"),
                            blank = read_all(d, "input/occluded_auc");
    cr_assert_eq(at(&reversed, 0, 0), at(&auc, 0, 0));
    cr_assert_float_eq(at(&permuted, 0, 0), at(&auc, 0, 0), 1e-12);
    cr_assert_eq(at(&shift, 0, 0), 0);
    cr_assert_eq(at(&blank, 0, 0), 0.5, "blank paper is the same for every record");
    struct leadseq_measured *all[] = {&auc, &reversed, &permuted, &shift, &blank};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) leadseq_measured_clear(all[i]);
    leadseq_diagnostics_close(d);
}

/* A recurrence reads its leads in turn; another order is another logit. */
Test(input, the_order_of_twelve_leads_reaches_the_logit_of_a_recurrence)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = PAPER("train.max_steps", "5", "data.standardise", "true");
    struct leadseq_diagnostics *d = probe_trained(&e, data, NULL);
    struct leadseq_measured shift = read_all(d, "input/reversed_shift"),
                            sd = read_all(d, "input/pixel_sd"),
                            mean = read_all(d, "input/pixel_mean");
    cr_assert_gt(at(&shift, 0, 0), 0.1);
    cr_assert_float_eq(at(&sd, 0, 0), 1, 0.1);
    cr_assert_float_eq(at(&mean, 0, 0), 0, 0.1);
    leadseq_measured_clear(&shift);
    leadseq_measured_clear(&sd);
    leadseq_measured_clear(&mean);
    leadseq_diagnostics_close(d);
}

Test(input, a_saliency_image_is_written_for_every_lead)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    struct leadseq_experiment e = TINY("train.epochs", "1");
    leadseq_diagnostics_close(probe_trained(&e, data, in_folder("saliency")));
    int coloured[LEADSEQ_LEADS] = {0};
    for (int t = 0; t < LEADSEQ_LEADS; t++) {
        char name[64];
        struct leadseq_image image;
        snprintf(name, sizeof name, "saliency/%02d-%s.png", t + 1, leadseq_lead_name[t]);
        cr_assert_eq(leadseq_png_read(&image, in_folder(name), 1 << 20), 0, "%s", leadseq_error());
        cr_assert(image.width == TINY_SIDE && image.height == TINY_SIDE && image.channels == 3);
        for (int k = 0; k < TINY_SIDE * TINY_SIDE; k++) {
            const uint8_t *p = image.pixels + 3 * k;
            coloured[t] += p[0] != p[1] || p[2] != p[1];
        }
        leadseq_image_clear(&image);
    }
    for (int t = 0; t < LEADSEQ_LEADS; t++) cr_assert_gt(coloured[t], 0, "lead %d", t);
    char *about = run_text(in_folder("saliency"), "about.txt");
    cr_assert(strstr(about, "ecg_id 1"), "%s", about);
    free(about);
}
