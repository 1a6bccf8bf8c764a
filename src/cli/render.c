/* SPDX-License-Identifier: MIT
 *
 * leadseq render: a PTB-XL folder, or WFDB records without its tables, to one
 * stack. */
#include "cli_private.h"

#include <string.h>

struct arguments {
    const char *ptbxl, *out, *svg;
    struct cli_drawing drawing;
    int rate_hz, notch_hz;
    struct leadseq_preparation preparation;
    bool records_given;
    struct cli_paths records;
    struct leadseq_build_options options;
    struct cli_afterwards afterwards;
    uint64_t seed;
};

enum {
    PTBXL = 256,
    RECORDS,
    OUT,
    SVG,
    RATE,
    WORKERS,
    PNG,
    LIMIT,
    SKIP,
    NOTCH,
    HIGHPASS,
    WINDOW,
    SEED
};

static const struct argp_option options[] = {
    {"ptbxl", PTBXL, "DIR", 0, "Folder laid out as PTB-XL", 0},
    {"records", RECORDS, "FILE...", 0,
     "WFDB records in its place, folders or lists of them; they have no labels", 0},
    {"out", OUT, "FILE.h5", 0, "Stack to write", 0},
    {"svg", SVG, "FILE.svg", 0,
     "In place of a stack: the one record of --records as a vector picture, without distortions",
     0},
    {"rate", RATE, "HZ", 0, "Signals read: 100 (default) or 500", 0},
    {"notch", NOTCH, "50|60", 0, "Take mains of that frequency out first", 0},
    {"highpass", HIGHPASS, "HZ", 0, "Take baseline wander below HZ out first, such as 0.5", 0},
    {"window", WINDOW, "START[:S]", 0, "Draw S seconds (default 10) from START on (default 0)", 0},
    {"workers", WORKERS, "N", 0, "Threads; 0: one a processor (default)", 0},
    {"png", PNG, "DIR", 0, "Also write DIR/mi and DIR/normal with the images as PNG files", 0},
    {"limit", LIMIT, "N", 0, "An even sample of N records; 0: all (default)", 0},
    {"skip-missing", SKIP, NULL, 0, "Go on where a record's files are absent, and count them", 0},
    {"seed", SEED, "S", 0, "Of what is left to chance: dataset3's shadows, --distort (default 0)",
     0},
    {0},
};

static int parse_rate(struct argp_state *state, const char *text)
{
    static const char *const rates[] = {"100", "500", NULL};
    return cli_choice(state, "--rate", text, rates) == 0 ? 100 : 500;
}

static int parse_notch(struct argp_state *state, const char *text)
{
    static const char *const mains[] = {"50", "60", NULL};
    return cli_choice(state, "--notch", text, mains) == 0 ? 50 : 60;
}

/* A vector picture is of one record, and drawn, not photographed. */
static void check_svg(struct argp_state *state, const struct arguments *a)
{
    if (a->ptbxl || a->out || a->options.png_folder || a->afterwards.sidecar)
        argp_error(state,
                   "--svg FILE.svg stands with --records RECORD, and without --out, --png or "
                   "--sidecar");
    if (a->afterwards.levels || leadseq_distort_any(&a->afterwards.distort))
        argp_error(state, "--svg: a vector picture has neither levels nor distortions");
}

/* What needs all options. */
static void finish(struct argp_state *state, struct arguments *a)
{
    if (!a->ptbxl == !a->records_given)
        argp_error(state, "expected either --ptbxl DIR or --records FILE...");
    if (a->svg)
        check_svg(state, a);
    else
        cli_need(state, "--out FILE.h5", a->out);
    struct leadseq_drawing *drawing = &a->options.drawing;
    a->drawing.seed = a->seed;
    cli_drawing_finish(state, &a->drawing, drawing);
    if (a->rate_hz) drawing->rate_hz = a->rate_hz;
    if (a->notch_hz && a->notch_hz >= drawing->rate_hz / 2)
        argp_error(state,
                   "--notch %d: signals at %g Hz have nothing there; draw them with --rate 500",
                   a->notch_hz, drawing->rate_hz);
    cli_afterwards_apply(&a->afterwards, a->seed, &a->options);
    drawing->preparation = a->preparation;
    drawing->preparation.notch_hz = a->notch_hz;
    if (leadseq_drawing_check(drawing)) argp_error(state, "%s", leadseq_error());
}

/* What is done to signals before they are drawn. */
static error_t parse_signal(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case RATE:
        a->rate_hz = parse_rate(state, text);
        return 0;
    case NOTCH:
        a->notch_hz = parse_notch(state, text);
        return 0;
    case HIGHPASS:
        a->preparation.highpass_hz = cli_number(state, "--highpass", text, 0.01, 40);
        return 0;
    case WINDOW:
        cli_window(state, text, &a->preparation);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->drawing;
        state->child_inputs[1] = &a->afterwards;
        return 0;
    case PTBXL:
        a->ptbxl = text;
        return 0;
    case OUT:
        a->out = text;
        return 0;
    case SVG:
        a->svg = text;
        return 0;
    case WORKERS:
        a->options.workers = (int)cli_integer(state, "--workers", text, 0, 1024);
        return 0;
    case PNG:
        a->options.png_folder = text;
        return 0;
    case LIMIT:
        a->options.limit = (int)cli_integer(state, "--limit", text, 0, 100000000);
        return 0;
    case SKIP:
        a->options.skip_missing = true;
        return 0;
    case SEED:
        a->seed = cli_seed(state, text);
        return 0;
    case RECORDS:
        a->records_given = true;
        return cli_paths_add(&a->records, text) ? ENOMEM : 0;
    case ARGP_KEY_ARG:
        return cli_paths_add(&a->records, text) ? ENOMEM : 0;
    case ARGP_KEY_END:
        if (a->records.n && !a->records_given)
            argp_error(state, "unexpected argument '%s'", a->records.path[0]);
        finish(state, a);
        return 0;
    default:
        return parse_signal(key, text, state);
    }
}

static void say_clipped(const struct leadseq_drawing *d, const struct leadseq_build_report *r)
{
    bool strips = d->style == LEADSEQ_DATASET2 || d->style == LEADSEQ_DATASET3;
    double range_mv = d->profile == LEADSEQ_FIXED_MV ? d->range_mv : strips ? 1 : 0;
    if (d->profile == LEADSEQ_TRUE_SCALE || range_mv == 0)
        leadseq_warn("%zu samples of %zu records leave the image and were clipped",
                     r->clipped_samples, r->clipped_records);
    else
        leadseq_warn("%zu samples of %zu records lie outside ±%g mV and were clipped",
                     r->clipped_samples, r->clipped_records, range_mv);
}

static void say(const struct arguments *a, const struct leadseq_build_report *r)
{
    leadseq_info("%s: %zu records, %.1f s", a->out, r->records, r->seconds);
    if (r->missing) leadseq_warn("%zu records were left out, their files are absent", r->missing);
    if (r->clipped_samples) say_clipped(&a->options.drawing, r);
}

static int render_records(const struct arguments *a, struct leadseq_build_report *report)
{
    struct cli_records records;
    if (cli_records_expand(&records, &a->records)) return -1;
    int status = leadseq_build_records(records.path, records.n, a->out, &a->options, report);
    cli_records_clear(&records);
    return status;
}

static int render_svg(const struct arguments *a)
{
    struct cli_records records;
    if (cli_records_expand(&records, &a->records)) return -1;
    int status = records.n == 1 ? cli_write_svg(a->svg, &a->options.drawing, records.path[0])
                                : leadseq_fail("--svg: expected one record, found %zu", records.n);
    cli_records_clear(&records);
    return status;
}

static int render_stack(const struct arguments *a)
{
    struct leadseq_build_report report = {0};
    int status = a->ptbxl ? leadseq_build_ptbxl(a->ptbxl, a->out, &a->options, &report)
                          : render_records(a, &report);
    if (!status) say(a, &report);
    return status;
}

int cli_render(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&cli_drawing_argp, 0, "How records are drawn:", 1},
        {&cli_afterwards_argp, 0, NULL, 0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .children = children,
        .args_doc = "--ptbxl DIR --out FILE.h5\n--records FILE... --out FILE.h5\n--records "
                    "RECORD --svg FILE.svg",
        .doc =
            "Draws every record, each lead as an image of its own or all on one page, and stores "
            "the images as one HDF5 stack.\vExamples:\n"
            "  leadseq render --ptbxl simulated --out stack.h5 --size 128x128\n"
            "  leadseq render --ptbxl simulated --out pages.h5 --style dataset3 --seed 7\n"
            "  leadseq render --ptbxl simulated --out paper.h5 --style clinical --dpi 150\n"
            "  leadseq render --records 00001_lr --svg 00001.svg --style clinical",
    };
    struct arguments a = {.options.command_line = cli_command_line()};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    leadseq_stop_install();
    int status = a.svg ? render_svg(&a) : render_stack(&a);
    cli_paths_clear(&a.records);
    return status ? cli_failed() : cli_finished();
}
