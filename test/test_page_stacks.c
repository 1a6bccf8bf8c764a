/* SPDX-License-Identifier: MIT
 *
 * Stacks of whole pages: what is written is what is read, a drawing with all its
 * parameters comes back, and a page drawn alone is the one in the stack. */
#include "dataset/dataset.h"
#include "io/store.h"

#include "folder.h"

#include <math.h>

TestSuite(page_stacks, .init = make_folder, .fini = remove_folder);

enum { RECORDS = 5, SAMPLES = 1000 };

/* In thousandths of a millivolt, as format 16 keeps them. */
static void make_signal(int id, float mv[LEADSEQ_LEADS * SAMPLES])
{
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        for (int k = 0; k < SAMPLES; k++) {
            double beat = fmod(k / 83.0 + 0.1 * id, 1) - 0.4;
            double v = (0.3 + 0.1 * lead) * exp(-beat * beat * 400) + 0.03 * sin(k / 50.0 + id);
            mv[lead * SAMPLES + k] = (float)(round(v * 1000) / 1000);
        }
}

static const char **write_records(void)
{
    static const char *paths[RECORDS];
    float mv[LEADSEQ_LEADS * SAMPLES];
    for (int id = 0; id < RECORDS; id++) {
        char name[16];
        snprintf(name, sizeof name, "r%d", id);
        make_signal(id, mv);
        cr_assert_eq(leadseq_record_write(folder, name, 100, mv, SAMPLES), 0);
        static char path[RECORDS][512];
        snprintf(path[id], sizeof path[id], "%s", in_folder(name));
        paths[id] = path[id];
    }
    return paths;
}

static struct leadseq_drawing small(enum leadseq_style style, enum leadseq_profile profile)
{
    struct leadseq_drawing d;
    leadseq_progress_show(false);
    leadseq_log_level(LEADSEQ_LOG_WARN);
    leadseq_drawing_init(&d, style, profile);
    leadseq_drawing_set_size(&d, 160, 120);
    return d;
}

static struct leadseq_build_report build(const struct leadseq_drawing *d, const char *out,
                                         int workers, const char *png)
{
    struct leadseq_build_options o = {
        .drawing = *d, .workers = workers, .png_folder = png, .command_line = "test"};
    struct leadseq_build_report report;
    const char **paths = write_records();
    cr_assert_eq(leadseq_build_records((char *const *)(uintptr_t)paths, RECORDS, in_folder(out), &o,
                                       &report),
                 0, "%s", leadseq_error());
    return report;
}

Test(page_stacks, a_page_drawn_alone_is_the_one_in_the_stack_whatever_the_workers)
{
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    for (int style = LEADSEQ_DATASET1; style <= LEADSEQ_CLINICAL; style++) {
        struct leadseq_drawing d = small(style, leadseq_style_profile(style));
        d.seed = 3;
        build(&d, "one.h5", 1, NULL);
        build(&d, "three.h5", 3, NULL);
        size_t n, m, bytes = leadseq_drawing_bytes(&d);
        char *one = leadseq_file_read(in_folder("one.h5"), 1 << 24, &n);
        char *three = leadseq_file_read(in_folder("three.h5"), 1 << 24, &m);
        cr_assert(one && three && n == m && !memcmp(one, three, n), "style %d", style);
        struct leadseq_stack *stack = leadseq_stack_open(in_folder("one.h5"));
        cr_assert(stack, "%s", leadseq_error());
        cr_assert_eq(leadseq_stack_images(stack), 1);
        cr_assert_eq(leadseq_stack_image_bytes(stack), bytes);
        float mv[LEADSEQ_LEADS * SAMPLES];
        uint8_t *there = malloc(bytes), *alone = malloc(bytes);
        make_signal(2, mv);
        cr_assert_eq(leadseq_stack_read(stack, 2, there), 0, "%s", leadseq_error());
        cr_assert_eq(leadseq_draw_record(leadseq_stack_drawing(stack), mv, SAMPLES,
                                         leadseq_record_key(-1, "r2"), alone, NULL, NULL),
                     0);
        cr_assert_arr_eq(there, alone, bytes, "style %d", style);
        leadseq_stack_close(stack);
        free(one);
        free(three);
        free(there);
        free(alone);
        cr_assert(!unlink(in_folder("one.h5")) && !unlink(in_folder("three.h5")));
    }
}

Test(page_stacks, a_drawing_comes_back_with_every_parameter)
{
    struct leadseq_drawing d[4] = {
        small(LEADSEQ_DATASET1, LEADSEQ_FIXED_MV), small(LEADSEQ_DATASET3, LEADSEQ_TRUE_SCALE),
        small(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE), small(LEADSEQ_DATASET4, LEADSEQ_TRUE_SCALE)};
    d[0].range_mv = 1.25;
    d[1].seed = 0xfedcba9876543210u;
    d[2].printout = LEADSEQ_PRINTOUT_12X1, d[2].grid = LEADSEQ_GRID_GREY, d[2].rhythm = -1;
    d[2].speed_mm_per_s = 12.5, d[2].gain_mm_per_mv = 1 / 0.15, d[2].colour = d[2].names = false;
    leadseq_drawing_set_size(&d[2], 161, 201);
    d[3].levels = 16;
    for (size_t i = 0; i < LEADSEQ_COUNT(d); i++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.h5", i);
        build(&d[i], name, 2, NULL);
        struct leadseq_stack *stack = leadseq_stack_open(in_folder(name));
        cr_assert(stack, "%s", leadseq_error());
        cr_assert(leadseq_drawing_same(&d[i], leadseq_stack_drawing(stack)), "drawing %zu", i);
        cr_assert_str_eq(leadseq_stack_style(stack), leadseq_style_name(d[i].style));
        leadseq_stack_close(stack);
    }
}

/* What any HDF5 reader sees. */
Test(page_stacks, images_have_no_axis_of_leads)
{
    struct leadseq_drawing d = small(LEADSEQ_DATASET2, LEADSEQ_PAPER_CODE);
    struct leadseq_build_report report = build(&d, "a.h5", 2, NULL);
    cr_assert(report.clipped_records == RECORDS && report.clipped_samples > RECORDS);
    struct leadseq_store *store = leadseq_store_open(in_folder("a.h5"));
    struct leadseq_store_info info;
    char axes[5][16];
    size_t n;
    cr_assert_eq(leadseq_store_describe(store, "images", &info), 0);
    cr_assert(info.rank == 3 && info.rows == RECORDS);
    cr_assert(info.shape[0] == 120 && info.shape[1] == 160 && info.shape[2] == 3);
    cr_assert_eq(leadseq_store_get_texts(store, "images", "axes", axes[0], 16, 5, &n), 0);
    cr_assert(n == 4 && !strcmp(axes[1], "row") && !strcmp(axes[3], "rgb"));
    leadseq_store_close(store);
}

Test(page_stacks, png_files_are_the_pages)
{
    struct leadseq_drawing d = small(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    build(&d, "a.h5", 2, in_folder("png"));
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    uint8_t *page = malloc(leadseq_drawing_bytes(&d));
    cr_assert(stack && page);
    for (size_t i = 0; i < RECORDS; i++) {
        char name[32];
        struct leadseq_image image;
        snprintf(name, sizeof name, "png/unlabelled/r%zu.png", i);
        cr_assert_eq(leadseq_png_read(&image, in_folder(name), 1 << 24), 0, "%s", leadseq_error());
        cr_assert_eq(leadseq_stack_read(stack, i, page), 0);
        cr_assert(image.width == 160 && image.height == 120 && image.channels == 3);
        cr_assert_arr_eq(image.pixels, page, leadseq_drawing_bytes(&d));
        leadseq_image_clear(&image);
    }
    leadseq_stack_close(stack);
    free(page);
}

/* One picture per record, its colours as planes; leads can be neither chosen nor shuffled. */
Test(page_stacks, a_batch_of_pages_has_one_picture_a_record)
{
    struct leadseq_drawing d = small(LEADSEQ_DATASET3, LEADSEQ_PAPER_CODE);
    build(&d, "a.h5", 2, NULL);
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    size_t position[] = {4, 0, 2}, area = 160 * 120;
    struct leadseq_batch_options o = {.position = position,
                                      .n = 3,
                                      .batch = 2,
                                      .order = LEADSEQ_LEADS_SHUFFLED,
                                      .layout = LEADSEQ_LAYOUT_NTCHW,
                                      .scale = {1, 1, 1}};
    struct leadseq_batches *batches = leadseq_batches_open(stack, &o);
    const struct leadseq_batch *batch;
    uint8_t *page = malloc(leadseq_drawing_bytes(&d));
    cr_assert(batches && page, "%s", leadseq_error());
    cr_assert_eq(leadseq_batches_start(batches, 1, 0), 0);
    for (size_t first = 0; first < 3; first += 2) {
        cr_assert_eq(leadseq_batches_next(batches, &batch), 1);
        for (size_t i = 0; i < (size_t)batch->n; i++) {
            cr_assert_eq(leadseq_stack_read(stack, position[first + i], page), 0);
            for (size_t p = 0; p < area; p++)
                for (size_t c = 0; c < 3; c++)
                    cr_assert_float_eq(batch->images[(i * 3 + c) * area + p],
                                       (float)page[3 * p + c] / 255, 1e-6);
        }
    }
    leadseq_batches_close(batches);
    leadseq_stack_close(stack);
    free(page);
}
