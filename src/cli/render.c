/* SPDX-License-Identifier: MIT
 *
 * leadseq render: the records of a source to one stack. Which sources there are, and their
 * options, is the table of src/dataset/sources.c: nothing here knows them by name, but --svg, which
 * needs one record. */
#include "cli_private.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE_OPTIONS_MOST = 32, SOURCE_KEY = 1024 }; /* keys SOURCE_KEY + i of source_option[i] */

/* An option of one or several sources; `many` where it has many values in any of them. */
struct source_option {
    const char *name, *argument;
    char *help;
    bool many;
};

struct arguments {
    const char *out, *svg;
    struct source_option *source_option; /* (n_source_options) */
    int n_source_options, latest;        /* latest: whose values free arguments are, -1 none */
    struct cli_paths given[SOURCE_OPTIONS_MOST];
    const struct leadseq_source_type *source;
    struct cli_drawing drawing;
    int rate_hz, notch_hz;
    struct leadseq_preparation preparation;
    struct leadseq_build_options options;
    struct cli_afterwards afterwards;
    uint64_t seed;
};

enum { OUT = 256, SVG, RATE, WORKERS, PNG, LIMIT, SKIP, NOTCH, HIGHPASS, WINDOW, SEED };

static const struct argp_option options[] = {
    {"out", OUT, "FILE.h5", 0, "Stack to write", 0},
    {"svg", SVG, "FILE.svg", 0,
     "Instead of a stack: the one record of --records as a vector picture, without distortions", 0},
    {"rate", RATE, "HZ", 0, "Signals read: 100 (default) or 500", 0},
    {"notch", NOTCH, "50|60", 0, "Take mains of that frequency out first", 0},
    {"highpass", HIGHPASS, "HZ", 0, "Take baseline wander below HZ out first, such as 0.5", 0},
    {"window", WINDOW, "START[:S]", 0, "Draw S seconds (default 10) from START on (default 0)", 0},
    {"workers", WORKERS, "N", 0, "Threads; 0: one a processor (default)", 0},
    {"png", PNG, "DIR", 0, "Also write DIR/mi and DIR/normal with the images as PNG files", 0},
    {"limit", LIMIT, "N", 0, "An even sample of N records; 0: all (default)", 0},
    {"skip-missing", SKIP, NULL, 0, "Continue where a record's files are absent, and count them",
     0},
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

/* --- The options of sources ----------------------------------------------------------- */

static struct source_option *find_option(const struct arguments *a, const char *name)
{
    for (int i = 0; i < a->n_source_options; i++)
        if (!strcmp(a->source_option[i].name, name)) return &a->source_option[i];
    return NULL;
}

/* A new option, or one more help of an option that an earlier source has. */
static int add_option(struct arguments *a, const struct leadseq_source_option *o)
{
    struct source_option *known = find_option(a, o->name);
    if (!known) {
        char *help = leadseq_format("%s", o->help);
        a->source_option[a->n_source_options++] =
            (struct source_option){o->name, o->argument, help, o->many};
        return help ? 0 : -1;
    }
    char *help = leadseq_format("%s; %s", known->help, o->help);
    if (!help) return -1;
    free(known->help);
    known->help = help;
    known->many = known->many || o->many;
    return 0;
}

static int list_options(struct arguments *a)
{
    a->latest = -1;
    a->source_option = leadseq_calloc(SOURCE_OPTIONS_MOST, sizeof *a->source_option);
    if (!a->source_option) return -1;
    for (size_t i = 0; leadseq_source_types[i]; i++)
        for (const struct leadseq_source_option *o = leadseq_source_types[i]->option; o->name; o++)
            if (a->n_source_options == SOURCE_OPTIONS_MOST || add_option(a, o)) return -1;
    return 0;
}

static void clear_options(struct arguments *a)
{
    for (int i = 0; i < a->n_source_options; i++) {
        free(a->source_option[i].help);
        cli_paths_clear(&a->given[i]);
    }
    free(a->source_option);
}

/* The values given to an option; n 0: none. */
static const struct cli_paths *values_of(const struct arguments *a, const char *name)
{
    return &a->given[find_option(a, name) - a->source_option];
}

/* A value of the option; a second one only where it takes many. */
static error_t give(struct argp_state *state, struct arguments *a, int i, char *text)
{
    const struct source_option *o = &a->source_option[i];
    if (a->given[i].n && !o->many) argp_error(state, "--%s: expected it once", o->name);
    a->latest = o->many ? i : -1;
    return cli_paths_add(&a->given[i], text) ? ENOMEM : 0;
}

static error_t give_free(struct argp_state *state, struct arguments *a, char *text)
{
    if (a->latest < 0) argp_error(state, "unexpected argument '%s'", text);
    return cli_paths_add(&a->given[a->latest], text) ? ENOMEM : 0;
}

static error_t parse_source(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    if (key < SOURCE_KEY || key >= SOURCE_KEY + a->n_source_options) return ARGP_ERR_UNKNOWN;
    return give(state, a, key - SOURCE_KEY, text);
}

static void choose_source(struct argp_state *state, struct arguments *a)
{
    const char *given[SOURCE_OPTIONS_MOST];
    size_t n = 0;
    for (int i = 0; i < a->n_source_options; i++)
        if (a->given[i].n) given[n++] = a->source_option[i].name;
    a->source = leadseq_source_choose(given, n);
    if (!a->source) argp_error(state, "%s", leadseq_error());
}

/* --- All options ------------------------------------------------------------------------ */

/* A vector picture is of one record, and drawn, not photographed. */
static void check_svg(struct argp_state *state, const struct arguments *a)
{
    if (strcmp(a->source->name, "records") || a->out || a->options.png_folder ||
        a->afterwards.sidecar)
        argp_error(state, "--svg FILE.svg goes with --records RECORD alone, without --out, --png "
                          "or --sidecar");
    if (a->afterwards.levels || leadseq_distort_any(&a->afterwards.distort))
        argp_error(state, "--svg: a vector picture has neither levels nor distortions");
}

/* What needs all options. */
static void finish(struct argp_state *state, struct arguments *a)
{
    choose_source(state, a);
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
        state->child_inputs[0] = a;
        state->child_inputs[1] = &a->drawing;
        state->child_inputs[2] = &a->afterwards;
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
    case ARGP_KEY_ARG:
        return give_free(state, a, text);
    case ARGP_KEY_END:
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

/* Folders and lists stand for records where an option takes many. */
static int expand_values(const struct arguments *a, struct cli_records *expanded,
                         struct leadseq_source_value *value)
{
    for (int i = 0; a->source->option[i].name; i++) {
        const struct cli_paths *given = values_of(a, a->source->option[i].name);
        value[i] = (struct leadseq_source_value){given->path, given->n};
        if (!a->source->option[i].many) continue;
        if (cli_records_expand(&expanded[i], given)) return -1;
        value[i] = (struct leadseq_source_value){expanded[i].path, expanded[i].n};
    }
    return 0;
}

static int render_svg(const struct arguments *a, const struct leadseq_source_value *records)
{
    return records->n == 1 ? cli_write_svg(a->svg, &a->options.drawing, records->text[0])
                           : leadseq_fail("--svg: expected one record, found %zu", records->n);
}

static int render_stack(const struct arguments *a, const struct leadseq_source_value *value)
{
    struct leadseq_build_report report = {0};
    int status = leadseq_build(a->source, value, a->out, &a->options, &report);
    if (!status) say(a, &report);
    return status;
}

static int render(const struct arguments *a)
{
    struct cli_records expanded[LEADSEQ_SOURCE_OPTIONS] = {{0}};
    struct leadseq_source_value value[LEADSEQ_SOURCE_OPTIONS] = {{0}};
    int status = expand_values(a, expanded, value);
    if (!status) status = a->svg ? render_svg(a, &value[0]) : render_stack(a, value);
    for (int i = 0; i < LEADSEQ_SOURCE_OPTIONS; i++) cli_records_clear(&expanded[i]);
    return status;
}

/* The options of sources as argp has them; (n + 1), the last empty. */
static struct argp_option *source_argp(const struct arguments *a)
{
    struct argp_option *option = leadseq_calloc((size_t)a->n_source_options + 1, sizeof *option);
    for (int i = 0; option && i < a->n_source_options; i++)
        option[i] = (struct argp_option){.name = a->source_option[i].name,
                                         .key = SOURCE_KEY + i,
                                         .arg = a->source_option[i].argument,
                                         .doc = a->source_option[i].help};
    return option;
}

int cli_render(int argc, char **argv)
{
    struct arguments a = {.options.command_line = cli_command_line()};
    struct argp_option *sources = list_options(&a) ? NULL : source_argp(&a);
    if (!sources) return cli_failed();
    // the sources' own options come first; they have the same input as all others
    const struct argp source = {.options = sources, .parser = parse_source};
    const struct argp_child children[] = {{&source, 0, "Where the records are from:", 1},
                                          {&cli_drawing_argp, 0, "How records are drawn:", 2},
                                          {&cli_afterwards_argp, 0, NULL, 0},
                                          {0}};
    const struct argp argp = {
        .options = options,
        .parser = parse,
        .children = children,
        .args_doc = "--ptbxl DIR --out FILE.h5\n--records FILE... --out FILE.h5\n--records DIR "
                    "--table FILE.csv [--labels A,B] --out FILE.h5\n--records RECORD --svg "
                    "FILE.svg",
        .doc =
            "Draws every record, each lead as an image of its own or all on one page, and stores "
            "the images as one HDF5 stack.\vExamples:\n"
            "  leadseq render --ptbxl simulated --out stack.h5 --size 128x128\n"
            "  leadseq render --records cohort --table cohort.csv --labels AF,CD --out own.h5\n"
            "  leadseq render --ptbxl simulated --out pages.h5 --style dataset3 --seed 7\n"
            "  leadseq render --ptbxl simulated --out paper.h5 --style clinical --dpi 150\n"
            "  leadseq render --records 00001_lr --svg 00001.svg --style clinical",
    };
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    leadseq_stop_install();
    int status = render(&a);
    clear_options(&a);
    free(sources);
    return status ? cli_failed() : cli_finished();
}
