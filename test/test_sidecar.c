/* SPDX-License-Identifier: MIT
 *
 * Sidecars against the pictures and the signals: ink lies where they say, and what they say of
 * pixels leads back to the millivolts. */
#include "dataset/dataset.h"
#include "io/store.h"
#include "page/page.h"

#include "folder.h"

#include <jansson.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/wait.h>

TestSuite(sidecar, .init = make_folder, .fini = remove_folder);

enum { SAMPLES = 1000 };

static float signal_mv[LEADSEQ_LEADS][SAMPLES];

/* A beat a second over a slow wave; some samples of V2 are missing, V3 is flat. */
static char *write_one(const char *name)
{
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        for (int k = 0; k < SAMPLES; k++) {
            double phase = fmod(k / 100.0 + 0.03 * lead, 1.0) - 0.4;
            double mv =
                (0.3 + 0.05 * lead) * exp(-phase * phase * 400) + 0.1 * sin(k / 60.0 + lead);
            signal_mv[lead][k] = (float)(round(mv * 1000) / 1000);
        }
    for (int k = 300; k < 320; k++) signal_mv[7][k] = NAN;
    for (int k = 0; k < SAMPLES; k++) signal_mv[8][k] = 0.25f;
    cr_assert_eq(leadseq_record_write(folder, name, 100, signal_mv[0], SAMPLES), 0, "%s",
                 leadseq_error());
    return leadseq_path_join(folder, name);
}

static struct leadseq_build_options asked(enum leadseq_style style, enum leadseq_profile profile,
                                          const char *distort)
{
    struct leadseq_build_options options = {.workers = 2, .command_line = "test"};
    leadseq_progress_show(false);
    leadseq_log_level(LEADSEQ_LOG_WARN);
    leadseq_drawing_init(&options.drawing, style, profile);
    cr_assert_eq(leadseq_distort_parse(&options.distort, distort), 0);
    return options;
}

static void build(const char *out, struct leadseq_build_options *options)
{
    struct leadseq_build_report report;
    char *path = write_one("one");
    options->sidecar_folder = in_folder("sidecar");
    cr_assert_eq(leadseq_build_records(&path, 1, in_folder(out), options, &report), 0, "%s",
                 leadseq_error());
    free(path);
}

static json_t *read_sidecar(const char *name)
{
    json_error_t error;
    json_t *root = json_load_file(in_folder(name), 0, &error);
    cr_assert(root, "%s", error.text);
    return root;
}

static void read_numbers(const json_t *array, double *values, size_t n)
{
    cr_assert_eq(json_array_size(array), n);
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(array, i);
        values[i] = json_is_null(value) ? NAN : json_number_value(value);
    }
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    cr_assert(value, "%s", key);
    return json_is_null(value) ? NAN : json_number_value(value);
}

struct lead {
    int lead, image;
    double x[SAMPLES], y[SAMPLES], warp[9], x0, dx, y0, dy;
};

static void read_lead(const json_t *root, size_t i, struct lead *l)
{
    const json_t *json = json_array_get(json_object_get(root, "leads"), i);
    const json_t *scale = json_object_get(json, "scale");
    l->lead = leadseq_lead_index(json_string_value(json_object_get(json, "name")));
    l->image = (int)number(json, "image");
    read_numbers(json_object_get(json, "x"), l->x, SAMPLES);
    read_numbers(json_object_get(json, "y"), l->y, SAMPLES);
    const json_t *image = json_array_get(json_object_get(root, "images"), (size_t)l->image);
    read_numbers(json_object_get(image, "warp"), l->warp, 9);
    l->x0 = number(scale, "x0"), l->dx = number(scale, "dx");
    l->y0 = number(scale, "y0"), l->dy = number(scale, "dy");
}

/* Back through the homography, by Cramer's rule on its two equations. */
static void unwarp(const double h[9], double *x, double *y)
{
    double a = h[0] - h[6] * *x, b = h[1] - h[7] * *x, c = h[8] * *x - h[2];
    double d = h[3] - h[6] * *y, e = h[4] - h[7] * *y, f = h[8] * *y - h[5];
    double det = a * e - b * d;
    *x = (c * e - b * f) / det;
    *y = (a * f - c * d) / det;
}

/* From the pixels alone back to sample and millivolts, within half a pixel. */
static void check_inverse(const struct lead *l, size_t *drawn)
{
    for (int k = 0; k < SAMPLES; k++) {
        double x = l->x[k], y = l->y[k];
        cr_assert_eq(isnan(x), isnan(y));
        if (isnan(x)) continue;
        ++*drawn;
        cr_assert(!isnan(signal_mv[l->lead][k]));
        unwarp(l->warp, &x, &y);
        cr_assert_float_eq(x, l->x0 + k * l->dx, 0.05, "sample %d: x %g", k, x);
        if (isnan(l->dy)) continue; // a flat lead has no scale
        cr_assert_float_eq((y - l->y0) / l->dy, signal_mv[l->lead][k], fabs(0.05 / l->dy));
    }
}

/* The darkest value within the pixel of (x, y) and those beside it. */
static int darkest(const struct leadseq_drawing *d, const uint8_t *pixels, double x, double y)
{
    int found = 255, channels = leadseq_drawing_channels(d);
    for (int j = (int)floor(y - 0.5); j <= (int)floor(y + 0.5); j++)
        for (int i = (int)floor(x - 0.5); i <= (int)floor(x + 0.5); i++) {
            if (i < 0 || j < 0 || i >= d->width || j >= d->height) continue;
            int v = pixels[(j * d->width + i) * channels]; // red: least in the blue line
            found = v < found ? v : found;
        }
    return found;
}

static void check_ink(const struct lead *l, const struct leadseq_drawing *d, const uint8_t *images,
                      size_t *seen)
{
    const uint8_t *pixels = images + (size_t)l->image * leadseq_drawing_image_bytes(d);
    for (int k = 0; k < SAMPLES; k++) {
        double x = l->x[k], y = l->y[k];
        if (isnan(x) || x < 1 || y < 1 || x >= d->width - 1 || y >= d->height - 1) continue;
        int dark = darkest(d, pixels, x, y);
        cr_assert_leq(dark, 200, "%s, sample %d at (%g, %g): %d", leadseq_lead_name[l->lead], k, x,
                      y, dark);
        ++*seen;
    }
}

static void check_stack(struct leadseq_store *store, const struct lead *l, size_t row,
                        size_t images, bool moved)
{
    double scale[LEADSEQ_MAP_ROWS][4], warp[LEADSEQ_LEADS][9];
    cr_assert_eq(leadseq_store_read(store, "map/scale", LEADSEQ_STORE_FLOAT64, 0,
                                    LEADSEQ_MAP_ROWS * 4, 0, 1, scale),
                 0);
    double expected[4] = {l->x0, l->dx, l->y0, l->dy};
    for (int i = 0; i < 4; i++)
        cr_assert(isnan(expected[i])
                      ? isnan(scale[row][i])
                      : fabs(scale[row][i] - expected[i]) < 1e-7 * fabs(expected[i]) + 1e-9);
    cr_assert_eq(leadseq_store_has(store, "map/warp"), moved);
    if (!moved) return;
    cr_assert_eq(
        leadseq_store_read(store, "map/warp", LEADSEQ_STORE_FLOAT64, 0, images * 9, 0, 1, warp), 0);
    cr_assert((size_t)l->image < images);
    for (int i = 0; i < 9; i++) cr_assert_float_eq(warp[l->image][i], l->warp[i], 1e-6);
}

static void check_all(const struct leadseq_build_options *options, size_t leads)
{
    const struct leadseq_drawing *d = &options->drawing;
    uint8_t *images = malloc(leadseq_drawing_bytes(d));
    struct leadseq_stack *stack = leadseq_stack_open(in_folder("a.h5"));
    cr_assert(stack, "%s", leadseq_error());
    cr_assert_eq(leadseq_stack_read(stack, 0, images), 0);
    leadseq_stack_close(stack);
    struct leadseq_store *store = leadseq_store_open(in_folder("a.h5"));
    json_t *root = read_sidecar("sidecar/one.json");
    cr_assert_eq(json_array_size(json_object_get(root, "leads")), leads);
    size_t drawn = 0, seen = 0;
    for (size_t i = 0; i < leads; i++) {
        struct lead l;
        read_lead(root, i, &l);
        check_inverse(&l, &drawn);
        check_ink(&l, d, images, &seen);
        check_stack(store, &l, i, (size_t)leadseq_drawing_images(d),
                    leadseq_distort_any(&options->distort));
    }
    cr_assert(drawn > 2900 && seen > drawn / 2, "%zu drawn, %zu seen", drawn, seen);
    json_decref(root);
    leadseq_store_close(store);
    free(images);
}

Test(sidecar, leads_alone_are_where_it_says)
{
    static const struct {
        enum leadseq_profile profile;
        const char *distort;
    } cases[] = {
        {LEADSEQ_PAPER_TEXT, ""},
        {LEADSEQ_PAPER_CODE, ""},
        {LEADSEQ_FIXED_MV, ""},
        {LEADSEQ_PAPER_TEXT, "rotation=1"},
        {LEADSEQ_FIXED_MV, "perspective=0.8"},
        {LEADSEQ_PAPER_CODE, "rotation=0.4,perspective=0.5,crop=0.7,noise=0.1,blocking=0.2"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_build_options options =
            asked(LEADSEQ_DATASET4, cases[i].profile, cases[i].distort);
        build("a.h5", &options);
        check_all(&options, LEADSEQ_LEADS);
        remove_folder();
        make_folder();
    }
}

Test(sidecar, it_tells_every_parameter_and_what_is_missing)
{
    struct leadseq_build_options options =
        asked(LEADSEQ_DATASET4, LEADSEQ_FIXED_MV, "fading=0.5:1");
    options.distort.seed = 7;
    options.drawing.range_mv = 0.3;
    options.drawing.levels = 16;
    build("a.h5", &options);
    struct leadseq_json *json = leadseq_json_read(in_folder("sidecar/one.json"));
    cr_assert(json, "%s", leadseq_error());
    cr_assert_eq(leadseq_json_number(json, "drawing.width"), 512);
    cr_assert_eq(leadseq_json_number(json, "drawing.levels"), 16);
    cr_assert_eq(leadseq_json_number(json, "drawing.range_mv"), 0.3);
    cr_assert_str_eq(leadseq_json_text(json, "drawing.style"), "dataset4");
    cr_assert_str_eq(leadseq_json_text(json, "drawing.profile"), "fixed-mv");
    cr_assert_str_eq(leadseq_json_text(json, "distortions.asked"), "fading=0.5:1");
    cr_assert_eq(leadseq_json_number(json, "distortions.seed"), 7);
    cr_assert_str_eq(leadseq_json_text(json, "record"), "one");
    leadseq_json_free(json);
    json_t *root = read_sidecar("sidecar/one.json");
    const json_t *v2 = json_array_get(json_object_get(root, "leads"), 7);
    cr_assert_eq(json_array_size(json_object_get(v2, "missing")), 20);
    cr_assert_eq(json_integer_value(json_array_get(json_object_get(v2, "missing"), 0)), 300);
    size_t beyond = 0;
    for (int k = 0; k < SAMPLES; k++) beyond += fabsf(signal_mv[7][k]) > 0.3f;
    cr_assert_gt(beyond, 20);
    cr_assert_eq(json_array_size(json_object_get(v2, "clipped")), beyond);
    cr_assert_str_eq(
        json_string_value(json_array_get(
            json_object_get(json_array_get(json_object_get(root, "images"), 0), "distorted"), 0)),
        "fading");
    json_decref(root);
}

Test(sidecar, it_may_stand_beside_the_images)
{
    struct leadseq_build_options options = asked(LEADSEQ_DATASET4, LEADSEQ_PAPER_TEXT, "");
    struct leadseq_build_report report;
    char *path = write_one("one");
    options.drawing.width = options.drawing.height = 64;
    options.png_folder = options.sidecar_folder = in_folder("both");
    cr_assert_eq(leadseq_build_records(&path, 1, in_folder("a.h5"), &options, &report), 0);
    cr_assert(leadseq_path_exists(in_folder("both/unlabelled/one.json")));
    cr_assert(leadseq_path_exists(in_folder("both/unlabelled/one_V6.png")));
    cr_assert_eq(leadseq_build_records(&path, 1, in_folder("b.h5"), &options, &report), -1);
    cr_assert_error_has("exists already");
    cr_assert(leadseq_path_exists(in_folder("both/unlabelled/one.json")));
    free(path);
}

Test(sidecar, a_build_that_fails_leaves_none)
{
    struct leadseq_build_options options = asked(LEADSEQ_DATASET4, LEADSEQ_PAPER_TEXT, "");
    struct leadseq_build_report report;
    char *path[2] = {write_one("one"), write_one("two")};
    options.drawing.width = options.drawing.height = 64;
    options.sidecar_folder = in_folder("sidecar");
    cr_assert_eq(truncate(in_folder("two.dat"), 100), 0);
    cr_assert_eq(leadseq_build_records(path, 2, in_folder("a.h5"), &options, &report), -1);
    cr_assert(!leadseq_path_exists(in_folder("sidecar")));
    cr_assert(!leadseq_path_exists(in_folder("sidecar.partial")));
    cr_assert(!leadseq_path_exists(in_folder("a.h5")));
    free(path[0]);
    free(path[1]);
}

Test(sidecar, distorted_pictures_do_not_depend_on_the_workers)
{
    static const int workers[] = {1, 2, 5};
    char *path[9], name[16];
    size_t bytes[3];
    char *stack[3];
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    for (int i = 0; i < 9; i++) {
        snprintf(name, sizeof name, "r%d", i);
        path[i] = write_one(name);
    }
    for (int w = 0; w < 3; w++) {
        struct leadseq_build_options options = asked(LEADSEQ_DATASET4, LEADSEQ_PAPER_TEXT,
                                                     "noise=0.2:0.5,rotation=0.5,shadow=0.5:0.3");
        struct leadseq_build_report report;
        options.workers = workers[w];
        options.drawing.width = options.drawing.height = 64;
        cr_assert_eq(leadseq_build_records(path, 9, in_folder("a.h5"), &options, &report), 0);
        stack[w] = leadseq_file_read(in_folder("a.h5"), 1 << 26, &bytes[w]);
        cr_assert(stack[w]);
        cr_assert(bytes[w] == bytes[0] && !memcmp(stack[w], stack[0], bytes[0]));
        unlink(in_folder("a.h5"));
    }
    for (int w = 0; w < 3; w++) free(stack[w]);
    for (int i = 0; i < 9; i++) free(path[i]);
}

/* Peak resident memory, in kB, of a process that draws n records. */
static long peak_of(const char *out, const char *sidecar, int n, char *const *paths)
{
    fflush(NULL);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct leadseq_build_options options =
            asked(LEADSEQ_DATASET4, LEADSEQ_PAPER_TEXT, "shadow=0.5:0.5");
        options.sidecar_folder = in_folder(sidecar);
        struct leadseq_build_report report;
        options.drawing.width = options.drawing.height = 128;
        int status = leadseq_build_records(paths, (size_t)n, in_folder(out), &options, &report);
        _exit(status || report.records != (size_t)n);
    }
    int status;
    struct rusage usage;
    cr_assert_eq(wait4(child, &status, 0, &usage), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return usage.ru_maxrss;
}

Test(sidecar, memory_does_not_grow_with_the_number_of_records)
{
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("the sanitizer keeps freed memory for a while");
#endif
    enum { FEW = 20, MANY = 220 };
    char *paths[MANY];
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "r%03d", i);
        paths[i] = write_one(name);
    }
    long few = peak_of("few.h5", "few", FEW, paths), many = peak_of("many.h5", "many", MANY, paths);
    // 200 records more are 39 MB of pixels, 30 MB of sidecars and 5 MB of packed pixels.
    cr_assert_lt(many - few, 2000, "%ld kB for %d records, %ld kB for %d", few, FEW, many, MANY);
    for (int i = 0; i < MANY; i++) free(paths[i]);
}
