/* SPDX-License-Identifier: MIT
 *
 * leadseq render: the records of a source to one stack, or one record to a vector picture.
 * The sources and their options come from the table of src/dataset/sources.c, and how
 * records are drawn from drawing.c. */
#include "draw.h"
#include "drawing.h"
#include "options.h"
#include "records.h"
#include "status.h"

#include "dataset/dataset.h"
#include "render/distort.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE_OPTIONS_MOST = 32, ROWS_MOST = 80 };

struct arguments {
    const char *out, *svg;
    struct cli_paths given[SOURCE_OPTIONS_MOST]; /* values of source_option[i] */
    const struct leadseq_source_type *source;
    struct cli_drawing drawing;
    int rate_hz, notch_hz, levels;
    struct leadseq_preparation preparation;
    struct leadseq_distort distort;
    struct leadseq_build_options options;
    uint64_t seed;
};

/* --- Kinds of options of this command alone ------------------------------------------------- */

/* "START" or "START:LENGTH", in seconds. */
static int read_window(const struct cli_option *o, char *text, void *field)
{
    (void)o;
    struct leadseq_preparation *p = field;
    const char *rest = text;
    bool right = leadseq_scan_number(&rest, ":", -DBL_MAX, DBL_MAX, &p->window_start_s);
    if (right && *rest) right = leadseq_parse_number(rest + 1, DBL_MIN, DBL_MAX, &p->window_s);
    if (right) return leadseq_preparation_check(p);
    return leadseq_fail("expected START or START:LENGTH in seconds, such as 5:10, found '%s'",
                        text);
}

static int read_distort(const struct cli_option *o, char *text, void *field)
{
    (void)o;
    return leadseq_distort_parse(field, text);
}

/* One option of one or several sources; `more` says whether it may have several values. */
static int read_source(const struct cli_option *o, char *text, void *field)
{
    struct cli_paths *values = field;
    if (values->n && !o->kind->many) return leadseq_fail("expected the option once");
    return cli_paths.read(o, text, field);
}

static const struct cli_option_kind window = {.read = read_window},
                                    distort = {.read = read_distort},
                                    source_value = {.read = read_source, .place = CLI_INPUTS},
                                    source_values = {
                                        .read = read_source, .many = true, .place = CLI_INPUTS};

/* --- Options ------------------------------------------------------------------------------- */

/* Options that say how pictures look, of which --signals-only makes none. */
#define PICTURES "png|sidecar|distort|seed|levels|style|profile|size|range-mv"

static const char *const rates[] = {"100", "500", NULL}, *const mains[] = {"50", "60", NULL};

static const struct cli_option own_options[] = {
    {.help = "What is made of them:"},
    {"out", "FILE.h5", &cli_out_store, FIELD(out), "Stack to write"},
    {"svg", "FILE.svg", &cli_out_file, FIELD(svg),
     "Instead of a stack: the one record of --records as a vector picture, without distortions"},
    {"png", "DIR", &cli_out_folder, FIELD(options.png_folder),
     "Also write the images as PNG files: DIR/mi and DIR/normal, or DIR/unlabelled without "
     "PTB-XL's "
     "labels (--records, with or without --table)"},
    {"signals", NULL, &cli_on, FIELD(options.signals),
     "Also store the samples that are drawn, for networks that read signals", .without = "svg"},
    {"signals-only", NULL, &cli_on, FIELD(options.signals_only),
     "Store the samples, and draw nothing", .without = "svg|" PICTURES},
    {"signal-gain", "N", &cli_number, FIELD(options.gain),
     "Store the samples as 16-bit integers, N per mV (PTB-XL has 1000), in place of float32",
     .least = 1, .most = 1e6, .with = "signals|signals-only"},
    {"sidecar", "DIR", &cli_out_folder, FIELD(options.sidecar_folder),
     "Write DIR/ID.json with every drawing parameter, the box of every lead and the pixel of every "
     "sample (next to the images if it is the DIR of --png), and the same into the stack"},
    {"force", NULL, &cli_on, FIELD(options.force),
     "Replace a FILE that is there already (never an input, and never a DIR with files in it)",
     .with = "out|svg"},
    {"limit", "N", &cli_integer, FIELD(options.limit),
     "An even sample of N records; 0: all (default)", .most = 100000000, .without = "svg"},
    {"skip-missing", NULL, &cli_on, FIELD(options.skip_missing),
     "Leave out records whose files are absent, and count them", .without = "svg"},
    {"skip-bad", NULL, &cli_on, FIELD(options.skip_bad), cli_skip_bad_help, .without = "svg"},
    {"workers", "N", &cli_integer, FIELD(options.workers),
     "Threads; 0: OMP_NUM_THREADS, else one per processor (default)", .most = 1024,
     .without = "svg"},
    {"seed", "S", &cli_seed, FIELD(seed),
     "Decides everything that is random: dataset3's shadows, --distort (default 0)"},
    {.help = "The signal before it is drawn:"},
    {"rate", "HZ", &cli_integer, FIELD(rate_hz), "Rate of the signals: 100 (default) or 500",
     .choices = rates},
    {"notch", "50|60", &cli_integer, FIELD(notch_hz), "Remove mains hum of that frequency",
     .choices = mains},
    {"highpass", "HZ", &cli_number, FIELD(preparation.highpass_hz),
     "Remove baseline wander below HZ, such as 0.5", .least = 0.01, .most = 40},
    {"window", "START[:S]", &window, FIELD(preparation),
     "Draw S seconds (default 10) from START on (default 0)"},
    {.help = "After drawing:"},
    {"distort", "NAME=STRENGTH[:PROBABILITY],...", &distort, FIELD(distort),
     "Distort pictures; --seed decides which and how; see below"},
    {"levels", "N", &cli_integer, FIELD(levels),
     "Keep N values of grey (or of each colour), 2 to 256 (default); 16 gives stacks of less than "
     "half the size",
     .least = 2, .most = 256},
    {0},
};

/* The options of sources, one row each, in the order of struct arguments' `given`; made once.
 * Sources may share an option, whose help then says what it is for each. */
static struct cli_option source_option[SOURCE_OPTIONS_MOST];
static int n_source_options;

static int find_option(const char *name)
{
    for (int i = 0; i < n_source_options; i++)
        if (!strcmp(source_option[i].name, name)) return i;
    return -1;
}

static void add_source_option(const struct leadseq_source_option *from)
{
    int i = find_option(from->name);
    if (i >= 0) { // lives as long as the program
        struct cli_option *known = &source_option[i];
        char *help = leadseq_format("%s; %s", known->help, from->help);
        if (help) known->help = help;
        if (from->many) known->kind = &source_values;
        return;
    }
    i = n_source_options++;
    source_option[i] = (struct cli_option){
        .name = from->name,
        .argument = from->argument,
        .kind = from->many ? &source_values : &source_value,
        .field = FIELD(given) + (size_t)i * sizeof(struct cli_paths),
        .help = from->help,
    };
}

static const struct cli_option *all_options(void)
{
    static struct cli_option all[ROWS_MOST] = {{.help = "Where the records are from:"}};
    size_t n = 1;
    if (n_source_options) return all;
    for (size_t i = 0; leadseq_source_types[i]; i++)
        for (const struct leadseq_source_option *o = leadseq_source_types[i]->option; o->name; o++)
            if (n_source_options < SOURCE_OPTIONS_MOST) add_source_option(o);
    for (int i = 0; i < n_source_options; i++) all[n++] = source_option[i];
    for (const struct cli_option *o = own_options; o->kind || o->help; o++) all[n++] = *o;
    for (const struct cli_option *o = cli_drawing_options(FIELD(drawing)); o->kind || o->help; o++)
        if (n + 1 < ROWS_MOST) all[n++] = *o;
    return all;
}

/* Styles and distortions from their own tables, for the help. */
static void list_styles_and_distortions(FILE *out)
{
    cli_drawing_list(out);
    fputc('\n', out);
    fprintf(out, "Distortions, in the order they are applied, and their meaning at strength 1 "
                 "(--distort shadow=0.5:0.3,rotation=0.2 shades 30 %% of pictures at half of "
                 "that and turns all by 3 degrees):\n");
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++)
        fprintf(out, "  %-12s %s\n", leadseq_distortion_name(k), leadseq_distortion_meaning(k));
}

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->options.command_line = cli_command_line();
}

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    for (int i = 0; i < n_source_options; i++) cli_paths_clear(&a->given[i]);
}

/* --- What depends on several options ------------------------------------------------------- */

static int choose_source(struct arguments *a)
{
    const char *given[SOURCE_OPTIONS_MOST];
    size_t n = 0;
    for (int i = 0; i < n_source_options; i++)
        if (a->given[i].n) given[n++] = source_option[i].name;
    a->source = leadseq_source_choose(given, n);
    return a->source ? 0 : -1;
}

/* A vector picture shows one record, as drawn. */
static int check_svg(const struct arguments *a)
{
    if (strcmp(a->source->name, "records") || a->out || a->options.png_folder ||
        a->options.sidecar_folder)
        return leadseq_fail("--svg FILE.svg goes with --records RECORD alone, without --out, --png "
                            "or --sidecar");
    if (a->options.drawing.levels || leadseq_distort_any(&a->distort))
        return leadseq_fail("--svg: a vector picture has neither levels nor distortions");
    return 0;
}

static int check(void *arguments)
{
    struct arguments *a = arguments;
    struct leadseq_drawing *drawing = &a->options.drawing;
    if (choose_source(a)) return -1;
    if (!a->svg && !a->out) return leadseq_fail("--out FILE.h5 is missing");
    if (cli_drawing_make(drawing, &a->drawing, a->seed)) return -1;
    drawing->levels = a->levels % 256;
    if (a->svg && check_svg(a)) return -1;
    if (a->rate_hz) drawing->rate_hz = a->rate_hz;
    if (a->notch_hz && a->notch_hz >= drawing->rate_hz / 2)
        return leadseq_fail("--notch %d: signals at %g Hz do not contain that frequency; draw them "
                            "with --rate 500",
                            a->notch_hz, drawing->rate_hz);
    a->options.distort = a->distort;
    a->options.distort.seed = a->seed;
    drawing->preparation = a->preparation;
    drawing->preparation.notch_hz = a->notch_hz;
    return leadseq_drawing_check(drawing);
}

/* --- The command ------------------------------------------------------------------------------ */

static void say_clipped(const struct leadseq_drawing *d, const struct leadseq_build_report *r)
{
    const double range_mv = leadseq_drawing_range_mv(d);
    if (range_mv <= 0)
        leadseq_warn("%s of %s are outside the image and were clipped",
                     leadseq_count(r->clipped_samples, "sample"),
                     leadseq_count(r->clipped_records, "record"));
    else
        leadseq_warn("%s of %s are outside ±%g mV and were clipped",
                     leadseq_count(r->clipped_samples, "sample"),
                     leadseq_count(r->clipped_records, "record"), range_mv);
}

static void say(const struct arguments *a, const struct leadseq_build_report *r)
{
    leadseq_info("%s: %s, %.1f s", a->out, leadseq_count(r->records, "record"), r->seconds);
    if (r->missing)
        leadseq_warn("left out %s whose files are absent", leadseq_count(r->missing, "record"));
    if (r->clipped_samples) say_clipped(&a->options.drawing, r);
}

/* The records' reasons were told by the build. */
static void say_bad(const struct leadseq_build_report *r, const struct cli_records *expanded)
{
    size_t places = 0;
    for (int i = 0; i < LEADSEQ_SOURCE_OPTIONS; i++) {
        leadseq_faults_warn(&expanded[i].bad);
        places += expanded[i].bad.n;
    }
    if (places)
        leadseq_warn("left out %s that cannot be searched for records",
                     leadseq_count(places, "place"));
    if (r->bad) leadseq_warn("left out %s that cannot be read", leadseq_count(r->bad, "record"));
}

/* Replaces folders and lists by their records where an option takes many. */
static int expand_values(const struct arguments *a, struct cli_records *expanded,
                         struct leadseq_source_value *value)
{
    const struct cli_records_rules rules = {.skip_bad = a->options.skip_bad,
                                            .skip_missing = a->options.skip_missing,
                                            .offers_missing = true};
    for (int i = 0; a->source->option[i].name; i++) {
        const struct cli_paths *given = &a->given[find_option(a->source->option[i].name)];
        value[i] = (struct leadseq_source_value){given->path, given->n};
        if (!a->source->option[i].many) continue;
        if (cli_records_expand(&expanded[i], given, &rules)) return -1;
        value[i] = (struct leadseq_source_value){expanded[i].path, expanded[i].n};
    }
    return 0;
}

static int render_svg(const struct arguments *a, const struct leadseq_source_value *records)
{
    return records->n == 1
               ? cli_write_svg(a->svg, a->options.force, &a->options.drawing, records->text[0])
               : leadseq_fail("--svg: expected one record, found %zu", records->n);
}

static int render_stack(const struct arguments *a, const struct leadseq_source_value *value,
                        const struct cli_records *expanded)
{
    struct leadseq_build_report report = {0};
    int status = leadseq_build(a->source, value, a->out, &a->options, &report);
    if (!status) say(a, &report);
    if (!status) say_bad(&report, expanded);
    return status;
}

static int render(const struct arguments *a)
{
    struct cli_records expanded[LEADSEQ_SOURCE_OPTIONS] = {{0}};
    struct leadseq_source_value value[LEADSEQ_SOURCE_OPTIONS] = {{0}};
    int status = expand_values(a, expanded, value);
    if (!status) status = a->svg ? render_svg(a, &value[0]) : render_stack(a, value, expanded);
    for (int i = 0; i < LEADSEQ_SOURCE_OPTIONS; i++) cli_records_clear(&expanded[i]);
    return status;
}

static int run(void *arguments)
{
    return render(arguments) ? cli_failed() : CLI_DONE;
}

const struct cli_command cli_render = {
    .name = "render",
    .summary = "draw records, one image per lead, into an HDF5 stack",
    .usage = "--ptbxl DIR --out FILE.h5\n--records FILE... --out FILE.h5\n--records DIR --table "
             "FILE.csv [--labels A,B] --out FILE.h5\n--records RECORD --svg FILE.svg",
    .about = "Draws every record, each lead as an image of its own or all on one page, and stores "
             "the images as one HDF5 stack, with the signals or without; or the signals alone.",
    .examples = "Examples:\n"
                "  leadseq render --ptbxl simulated --out stack.h5 --size 128x128\n"
                "  leadseq render --records cohort --table cohort.csv --labels AF,CD --out own.h5\n"
                "  leadseq render --ptbxl simulated --out signals.h5 --signals-only --rate 100\n"
                "  leadseq render --ptbxl simulated --out pages.h5 --style dataset3 --seed 7\n"
                "  leadseq render --ptbxl simulated --out paper.h5 --style clinical --dpi 150\n"
                "  leadseq render --records 00001_lr --svg 00001.svg --style clinical",
    .more = all_options,
    .size = sizeof(struct arguments),
    .init = init,
    .lists = list_styles_and_distortions,
    .check = check,
    .clear = clear,
    .run = run,
};
