/* SPDX-License-Identifier: MIT */
#include "dataset/dataset.h"

#include "folder.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

TestSuite(build, .init = make_folder, .fini = remove_folder);

enum { RECORDS = 7, SAMPLES = 1000 };

/* A beat a second, another height and shift in each lead and record. */
static float wave(int id, int lead, double t_s)
{
    double phase = fmod(t_s + 0.037 * id, 1.0) - 0.4;
    return (float)((0.2 + 0.1 * lead) * exp(-phase * phase * 400) +
                   0.05 * sin(2 * M_PI * t_s + id));
}

static void write_record(const char *where, const char *name, int id, double rate_hz, size_t n)
{
    float *mv = malloc(LEADSEQ_LEADS * n * sizeof *mv);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        for (size_t k = 0; k < n; k++)
            mv[(size_t)lead * n + k] = wave(id, lead, (double)k / rate_hz);
    cr_assert_eq(leadseq_folder_make(where), 0);
    cr_assert_eq(leadseq_record_write(where, name, rate_hz, mv, n), 0, "%s", leadseq_error());
    free(mv);
}

static void write_tables(int n)
{
    put("scp_statements.csv", ",diagnostic,diagnostic_class,diagnostic_subclass\n"
                              "NORM,1.0,NORM,NORM\nIMI,1.0,MI,IMI\n");
    FILE *f = fopen(in_folder("ptbxl_database.csv"), "w");
    cr_assert(f);
    fputs("ecg_id,patient_id,age,sex,scp_codes,baseline_drift,static_noise,burst_noise,"
          "electrodes_problems,strat_fold,filename_lr,filename_hr\n",
          f);
    for (int id = n; id >= 1; id--) // not in order
        fprintf(f, "%d,%d,%d,%d,\"{'%s': 50.0}\",%s,,,,%d,lr/%05d_lr,hr/%05d_hr\n", id, 900 + id,
                50 + id, id % 2, id % 2 ? "NORM" : "IMI", id == 3 ? "\" , V1\"" : "", 1 + id % 10,
                id, id);
    cr_assert_eq(fclose(f), 0);
}

/* A small folder as PTB-XL's: even ids are MI, odd ones NORM. */
static void write_folder(void)
{
    write_tables(RECORDS);
    for (int id = 1; id <= RECORDS; id++) {
        char name[16];
        snprintf(name, sizeof name, "%05d_lr", id);
        write_record(in_folder("lr"), name, id, 100, SAMPLES);
    }
}

static struct leadseq_build_options small(enum leadseq_profile profile)
{
    struct leadseq_build_options options = {.workers = 2, .command_line = "test"};
    leadseq_progress_show(false);
    leadseq_log_level(LEADSEQ_LOG_WARN);
    leadseq_drawing_default(&options.drawing, profile);
    options.drawing.width = 64, options.drawing.height = 48;
    return options;
}

static int build(const char *out, const struct leadseq_build_options *options,
                 struct leadseq_build_report *report)
{
    return leadseq_build_ptbxl(folder, in_folder(out), options, report);
}

static void nothing_is_left(const char *out)
{
    cr_assert(!leadseq_path_exists(in_folder(out)));
    char partial[64];
    snprintf(partial, sizeof partial, "%s.partial", out);
    cr_assert(!leadseq_path_exists(in_folder(partial)));
}

/* Every lead of a stack against what drawing the wave gives. */
static void check_pixels(struct leadseq_stack *stack, size_t position, int id)
{
    const struct leadseq_drawing *drawing = leadseq_stack_drawing(stack);
    size_t bytes = leadseq_stack_image_bytes(stack);
    uint8_t *images = malloc(LEADSEQ_LEADS * bytes), *expected = malloc(bytes);
    float mv[SAMPLES];
    cr_assert_eq(leadseq_stack_read(stack, position, images), 0, "%s", leadseq_error());
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        struct leadseq_trace_report trace;
        for (int k = 0; k < SAMPLES; k++)
            mv[k] = roundf(wave(id, lead, k / 100.0) * 1000) / 1000; // as format 16 keeps it
        cr_assert_eq(leadseq_draw_lead(drawing, mv, SAMPLES, expected, &trace), 0);
        for (size_t at = 0; at < bytes; at++) // a unit of difference: rounding of the millivolts
            cr_assert_leq(abs(images[(size_t)lead * bytes + at] - expected[at]), 1);
    }
    free(images);
    free(expected);
}

Test(build, a_folder_that_is_none_is_refused)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    cr_assert_eq(leadseq_build_ptbxl("/nowhere", in_folder("a.h5"), &options, &report), -1);
    cr_assert_error_has("/nowhere/");
    options.drawing.width = 0;
    cr_assert_eq(build("a.h5", &options, &report), -1);
    nothing_is_left("a.h5");
}

Test(build, a_damaged_record_is_named_and_nothing_is_left)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_folder();
    options.png_folder = in_folder("png");
    cr_assert_eq(truncate(in_folder("lr/00005_lr.dat"), 100), 0);
    cr_assert_eq(build("a.h5", &options, &report), -1);
    cr_assert_error_has("00005_lr");
    nothing_is_left("a.h5");
    nothing_is_left("png");
    options.skip_missing = true; // damaged is not missing
    cr_assert_eq(build("a.h5", &options, &report), -1);
    cr_assert_error_has("00005_lr");
    nothing_is_left("a.h5");
}

Test(build, a_missing_record_is_named_or_counted)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_folder();
    unlink(in_folder("lr/00002_lr.dat"));
    unlink(in_folder("lr/00006_lr.hea"));
    cr_assert_eq(build("a.h5", &options, &report), -1);
    cr_assert_error_has("2 records that cannot be read");
    cr_assert_error_has("record 2: expected lr/00002_lr.hea");
    nothing_is_left("a.h5");
    options.skip_missing = true;
    cr_assert_eq(build("a.h5", &options, &report), 0, "%s", leadseq_error());
    cr_assert(report.records == RECORDS - 2 && report.missing == 2);
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    cr_assert(stack);
    cr_assert_eq(leadseq_stack_rows(stack)[1].ecg_id, 3);
    leadseq_stack_close(stack);
    unlink(in_folder("a.h5"));
    cr_assert_eq(rename(in_folder("lr"), in_folder("gone")), 0);
    cr_assert_eq(build("a.h5", &options, &report), -1);
    cr_assert_error_has("none of the 7 records");
}

Test(build, what_exists_is_not_replaced)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_folder();
    put("a.h5", "precious");
    cr_assert_eq(build("a.h5", &options, &report), -1);
    cr_assert_error_has("exists already; choose another name");
    cr_assert_eq(leadseq_folder_make(in_folder("png")), 0);
    put("png/mine.png", "precious");
    options.png_folder = in_folder("png");
    cr_assert_eq(build("b.h5", &options, &report), -1);
    cr_assert_error_has("exists already");
    cr_assert(leadseq_path_exists(in_folder("png/mine.png")));
    nothing_is_left("b.h5");
}

Test(build, a_full_disk_fails_in_words_and_leaves_nothing)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_folder();
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 20000, .rlim_max = RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    options.drawing.width = options.drawing.height = 256;
    cr_assert_eq(build("a.h5", &options, &report), -1);
    cr_assert_error_has("a.h5.partial");
    cr_assert_error_has("File too large");
    nothing_is_left("a.h5");
}

Test(build, a_signal_stops_it_and_nothing_is_left)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_folder();
    options.png_folder = in_folder("png");
    leadseq_stop_request(SIGTERM);
    cr_assert_eq(build("a.h5", &options, &report), -1);
    cr_assert_error_has("stopped by ");
    nothing_is_left("a.h5");
    nothing_is_left("png");
}

Test(build, a_killed_run_is_started_clean)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_folder();
    put("a.h5.partial", "half");
    cr_assert_eq(leadseq_folder_make(in_folder("png.partial/mi")), 0);
    put("png.partial/mi/2_I.png", "half");
    put("png.partial/.unfinished", "");
    options.png_folder = in_folder("png");
    cr_assert_eq(build("a.h5", &options, &report), 0, "%s", leadseq_error());
    cr_assert(!leadseq_path_exists(in_folder("a.h5.partial")));
    cr_assert(!leadseq_path_exists(in_folder("png.partial")));
}

Test(build, every_record_is_drawn_and_labelled_in_order_of_ecg_id)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_folder();
    cr_assert_eq(build("a.h5", &options, &report), 0, "%s", leadseq_error());
    cr_assert(report.records == RECORDS && report.missing == 0 && report.clipped_samples == 0);
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    cr_assert(stack, "%s", leadseq_error());
    cr_assert_eq(leadseq_stack_count(stack), RECORDS);
    cr_assert(strstr(leadseq_stack_source(stack), "crc32:"));
    for (int i = 0; i < RECORDS; i++) {
        const struct leadseq_stack_row *row = &leadseq_stack_rows(stack)[i];
        char name[16];
        snprintf(name, sizeof name, "%05d_lr", i + 1);
        cr_assert_str_eq(row->record, name);
        cr_assert(row->ecg_id == i + 1 && row->patient_id == 901 + i && row->age_years == 51 + i);
        cr_assert(row->mi == i % 2 && row->strat_fold == 1 + (i + 1) % 10);
        cr_assert_eq(row->mi_likelihood, i % 2 ? 50 : 0);
        cr_assert_eq(row->superclass[LEADSEQ_NORM], !(i % 2));
        cr_assert_eq(row->quality & LEADSEQ_QUALITY_BASELINE_DRIFT, i + 1 == 3);
        cr_assert(row->quality & LEADSEQ_QUALITY_EINTHOVEN); // the wave knows no Einthoven
        check_pixels(stack, (size_t)i, i + 1);
    }
    leadseq_stack_close(stack);
}

Test(build, the_bytes_do_not_depend_on_the_workers)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_CODE);
    struct leadseq_build_report report;
    size_t size[3];
    char *bytes[3];
    write_folder();
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    for (int i = 0; i < 3; i++) {
        options.workers = 1 + 3 * i;
        cr_assert_eq(build("a.h5", &options, &report), 0, "%s", leadseq_error());
        bytes[i] = leadseq_file_read(in_folder("a.h5"), 1 << 24, &size[i]);
        cr_assert(bytes[i]);
        unlink(in_folder("a.h5"));
        cr_assert_eq(size[i], size[0]);
        cr_assert_arr_eq(bytes[i], bytes[0], size[0]);
    }
    for (int i = 0; i < 3; i++) free(bytes[i]);
}

Test(build, a_limit_takes_an_even_sample)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_folder();
    options.limit = 3;
    cr_assert_eq(build("a.h5", &options, &report), 0);
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    cr_assert_eq(leadseq_stack_count(stack), 3); // positions 0, 7/3, 14/3
    for (int i = 0; i < 3; i++) cr_assert_eq(leadseq_stack_rows(stack)[i].ecg_id, 1 + 2 * i);
    leadseq_stack_close(stack);
}

Test(build, images_go_to_folders_by_label_as_whole_files)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_CODE);
    struct leadseq_build_report report;
    write_folder();
    options.png_folder = in_folder("png");
    cr_assert_eq(build("a.h5", &options, &report), 0, "%s", leadseq_error());
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    size_t bytes = leadseq_stack_image_bytes(stack);
    uint8_t *images = malloc(LEADSEQ_LEADS * bytes);
    for (int id = 1; id <= RECORDS; id++) {
        cr_assert_eq(leadseq_stack_read(stack, (size_t)id - 1, images), 0);
        for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
            char name[64];
            struct leadseq_image image;
            snprintf(name, sizeof name, "png/%s/%d_%s.png", id % 2 ? "normal" : "mi", id,
                     leadseq_lead_name[lead]);
            cr_assert_eq(leadseq_png_read(&image, in_folder(name), 1 << 20), 0, "%s",
                         leadseq_error());
            cr_assert(image.width == 64 && image.height == 48 && image.channels == 3);
            cr_assert_arr_eq(image.pixels, images + lead * bytes, bytes);
            leadseq_image_clear(&image);
        }
    }
    free(images);
    leadseq_stack_close(stack);
}

Test(build, clipped_samples_are_counted)
{
    struct leadseq_build_options options = small(LEADSEQ_FIXED_MV);
    struct leadseq_build_report report;
    write_folder();
    options.drawing.range_mv = 1;
    cr_assert_eq(build("a.h5", &options, &report), 0, "%s", leadseq_error());
    size_t expected = 0;
    for (int id = 1; id <= RECORDS; id++)
        for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
            for (int k = 0; k < SAMPLES; k++)
                expected += fabsf(roundf(wave(id, lead, k / 100.0) * 1000) / 1000) > 1;
    cr_assert_gt(expected, 50);
    cr_assert_eq(report.clipped_samples, expected);
    cr_assert_eq(report.clipped_records, RECORDS);
}

Test(build, the_other_rates_files_are_resampled)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_tables(1);
    write_record(in_folder("hr"), "00001_hr", 1, 500, 5 * SAMPLES);
    cr_assert_eq(build("a.h5", &options, &report), 0, "%s", leadseq_error());
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    cr_assert_str_eq(leadseq_stack_rows(stack)[0].record, "00001_hr");
    uint8_t images[LEADSEQ_LEADS * 64 * 48], expected[64 * 48];
    cr_assert_eq(leadseq_stack_read(stack, 0, images), 0);
    float mv[SAMPLES];
    size_t differ = 0;
    for (int k = 0; k < SAMPLES; k++) mv[k] = wave(1, 6, k / 100.0);
    struct leadseq_trace_report trace;
    cr_assert_eq(leadseq_draw_lead(&options.drawing, mv, SAMPLES, expected, &trace), 0);
    for (size_t at = 0; at < sizeof expected; at++)
        differ += abs(images[6 * sizeof expected + at] - expected[at]) > 20;
    cr_assert_lt(differ, 10); // a smooth wave: resampled and sampled at 100 Hz look alike
    leadseq_stack_close(stack);
}

Test(build, records_without_tables_have_names_and_no_labels)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_record(folder, "alpha", 1, 100, SAMPLES);
    write_record(folder, "beta", 2, 250, 5000);
    write_record(folder, "short", 3, 100, 600);
    char *paths[] = {strdup(in_folder("beta.hea")), strdup(in_folder("alpha")),
                     strdup(in_folder("short.dat"))};
    options.png_folder = in_folder("png");
    cr_assert_eq(leadseq_build_records(paths, 3, in_folder("a.h5"), &options, &report), 0, "%s",
                 leadseq_error());
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    cr_assert_str_eq(row[0].record, "beta"); // in the order given
    cr_assert_str_eq(row[1].record, "alpha");
    cr_assert(row[0].ecg_id == -1 && row[0].mi == 255 && isnan(row[0].mi_likelihood));
    cr_assert_eq(row[2].superclass[0], 255);
    check_pixels(stack, 1, 1);
    cr_assert(leadseq_path_exists(in_folder("png/unlabelled/alpha_V6.png")));
    leadseq_stack_close(stack);
    for (int i = 0; i < 3; i++) free(paths[i]);
}

Test(build, two_records_of_one_name_are_refused_before_any_work)
{
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    write_record(in_folder("x"), "same", 1, 100, SAMPLES);
    write_record(in_folder("y"), "same", 2, 100, SAMPLES);
    char *paths[] = {strdup(in_folder("x/same")), strdup(in_folder("y/same")),
                     strdup(in_folder("x/none"))};
    cr_assert_eq(leadseq_build_records(paths, 2, in_folder("a.h5"), &options, &report), -1);
    cr_assert_error_has("two records of the same name");
    cr_assert_eq(leadseq_build_records(paths + 2, 1, in_folder("a.h5"), &options, &report), -1);
    cr_assert_error_has("none.hea");
    nothing_is_left("a.h5");
    for (int i = 0; i < 3; i++) free(paths[i]);
}

Test(build, real_records_make_a_stack)
{
    const char *real = real_folder("LEADSEQ_PTBXL", "ptbxl");
    if (!real) cr_skip_test("no PTB-XL folder");
    struct leadseq_build_options options = small(LEADSEQ_PAPER_TEXT);
    struct leadseq_build_report report;
    options.limit = 24, options.skip_missing = true;
    cr_assert_eq(leadseq_build_ptbxl(real, in_folder("a.h5"), &options, &report), 0, "%s",
                 leadseq_error());
    cr_assert_eq(report.records, 24);
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    for (size_t i = 1; i < 24; i++)
        cr_assert_gt(leadseq_stack_rows(stack)[i].ecg_id, leadseq_stack_rows(stack)[i - 1].ecg_id);
    double mean, deviation;
    size_t all[24];
    for (size_t i = 0; i < 24; i++) all[i] = i;
    cr_assert_eq(leadseq_batches_moments(stack, all, 24, true, 1, &mean, &deviation), 0);
    cr_assert(mean > .02 && mean < .2, "%g of the paper is ink", mean);
    leadseq_stack_close(stack);
}
