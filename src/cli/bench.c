/* SPDX-License-Identifier: MIT
 *
 * leadseq bench: what each stage of a network costs on this machine, and how far
 * that is from the machine's limit and from another program. */
#include "cli_private.h"

#include "bench/bench.h"
#include "page/page.h"

#include <stdlib.h>
#include <string.h>

enum { VARIANTS = 6 };

struct arguments {
    const char *shape, *precision, *memory, *threads, *out;
    bool json, experiment;
    struct cli_paths overrides;
    struct leadseq_bench_options options;
    struct leadseq_experiment variant[VARIANTS];
};

enum {
    SHAPE = 256,
    PRECISION,
    MEMORY,
    THREADS,
    REPEAT,
    WARMUP,
    DATA,
    RECORDS,
    PEER,
    OUT,
    JSON,
    EXPERIMENT
};

static const struct argp_option options[] = {
    {"shape", SHAPE, "NAME", 0, "Network and batch: one of those below, default paper", 0},
    {"precision", PRECISION, "NAME", 0, "f32 (default), bf16, bf16-emulated; several: f32,bf16", 0},
    {"memory", MEMORY, "NAME", 0, "normal (default), low, high; several: normal,low", 0},
    {"threads", THREADS, "N", 0, "Threads; 0: one a processor (default)", 0},
    {"repeat", REPEAT, "N", 0, "Rounds that are measured (default 5)", 0},
    {"warmup", WARMUP, "N", 0, "Runs before them that are not (default 1)", 0},
    {"data", DATA, "FILE.h5", 0, "Stack to read; else records are simulated and drawn", 0},
    {"records", RECORDS, "N", 0, "Records that are simulated (default 64)", 0},
    {"peer", PEER, "COMMAND", 0,
     "Another program's network, measured in turn with ours, as bench/peer_torch.py", 0},
    {"out", OUT, "DIR", 0, "Also write bench.tsv, bench.json and bench.txt there", 0},
    {"json", JSON, NULL, 0, "Print JSON in place of the table", 0},
    {"experiment", EXPERIMENT, NULL, 0,
     "Print the shape's experiment, for leadseq train; measure nothing", 0},
    {0},
};

static void override(struct argp_state *state, struct arguments *a, char *text)
{
    if (!strchr(text, '=')) argp_error(state, "unexpected argument '%s'", text);
    if (cli_paths_add(&a->overrides, text)) argp_error(state, "%s", leadseq_error());
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case SHAPE:
        a->shape = text;
        return 0;
    case PRECISION:
        a->precision = text;
        return 0;
    case MEMORY:
        a->memory = text;
        return 0;
    case THREADS:
        cli_integer(state, "--threads", text, 0, 4096);
        a->threads = text;
        return 0;
    case REPEAT:
        a->options.repeat = (int)cli_integer(state, "--repeat", text, 1, 1000);
        return 0;
    case WARMUP:
        a->options.warmup = (int)cli_integer(state, "--warmup", text, 1, 1000);
        return 0;
    case DATA:
        a->options.data = text;
        return 0;
    case RECORDS:
        a->options.records = (int)cli_integer(state, "--records", text, 1, 1000000);
        return 0;
    case PEER:
        a->options.peer = text;
        return 0;
    case OUT:
        a->out = text;
        return 0;
    case JSON:
        a->json = true;
        return 0;
    case EXPERIMENT:
        a->experiment = true;
        return 0;
    case ARGP_KEY_ARG:
        override(state, a, text);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- Variants -------------------------------------------------------------------- */

static int make_shape(const struct arguments *a, struct leadseq_experiment *e)
{
    if (leadseq_bench_experiment(e, a->shape)) return leadseq_fail_in("--shape");
    /* a stack of the user's is measured as it was drawn, unless a size is asked for */
    if (a->options.data && leadseq_experiment_set(e, "data.size", "any")) return -1;
    for (size_t i = 0; i < a->overrides.n; i++)
        if (leadseq_experiment_override(e, a->overrides.path[i])) return -1;
    if (a->threads && leadseq_experiment_set(e, "train.threads", a->threads)) return -1;
    if (!a->options.data && e->data.width == 0)
        return leadseq_fail("data.size: expected WIDTHxHEIGHT where no --data is given");
    return leadseq_experiment_check(e);
}

static int add_variant(struct arguments *a, const struct leadseq_experiment *e,
                       const char *precision, const char *memory)
{
    if (a->options.n == VARIANTS)
        return leadseq_fail("--precision, --memory: expected at most %d variants", VARIANTS);
    struct leadseq_experiment *v = &a->variant[a->options.n];
    *v = *e;
    if (precision && leadseq_experiment_set(v, "train.precision", precision))
        return leadseq_fail_in("--precision");
    if (memory && leadseq_experiment_set(v, "train.memory", memory))
        return leadseq_fail_in("--memory");
    a->options.n++;
    return 0;
}

/* Every precision with every memory of the lists. */
static int make_variants(struct arguments *a, const struct leadseq_experiment *e)
{
    char *precisions = strdup(a->precision ? a->precision : ""), *rest = precisions, *precision;
    int status = precisions ? 0 : leadseq_fail_memory(0);
    while (!status && (precision = strsep(&rest, ","))) {
        char *memories = strdup(a->memory ? a->memory : ""), *left = memories, *memory;
        if (!memories) status = leadseq_fail_memory(0);
        while (!status && (memory = strsep(&left, ","))) {
            status = add_variant(a, e, a->precision ? precision : NULL, a->memory ? memory : NULL);
            if (!status || !a->options.n) continue;
            leadseq_warn("left out: %s", leadseq_error()); // the first is there to be measured
            status = 0;
        }
        free(memories);
    }
    free(precisions);
    a->options.variant = a->variant;
    return status;
}

/* --- The command ------------------------------------------------------------------- */

static int print_json(const struct leadseq_bench *b)
{
    struct leadseq_json *json = bench_json(b, cli_command_line());
    int status = json ? leadseq_json_write(json, stdout) : -1;
    leadseq_json_free(json);
    return status;
}

static int measure(const struct arguments *a)
{
    struct leadseq_bench b;
    if (a->out && leadseq_folder_make(a->out)) return -1;
    if (leadseq_bench(&b, &a->options)) return -1;
    int status = a->json ? print_json(&b) : bench_print(&b, stdout);
    if (!status && a->out) status = bench_save(&b, cli_command_line(), a->out);
    leadseq_bench_clear(&b);
    return status;
}

static int run(struct arguments *a)
{
    struct leadseq_experiment e;
    if (make_shape(a, &e) || make_variants(a, &e)) {
        cli_failed();
        return CLI_USAGE;
    }
    if (a->experiment)
        return leadseq_experiment_write(&a->variant[0], stdout) ? cli_failed() : CLI_DONE;
    leadseq_stop_install();
    return measure(a) ? cli_failed() : cli_finished();
}

/* The shapes, in the help behind the options. */
static char *filter_help(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC) return (char *)text;
    char *help = NULL;
    size_t size;
    FILE *out = open_memstream(&help, &size);
    if (!out) return (char *)text;
    fputs("Shapes:\n", out);
    for (const struct leadseq_bench_shape *s = leadseq_bench_shapes; s->name; s++)
        fprintf(out, "  %-12s %s\n", s->name, s->help);
    fprintf(out, "%s", text);
    return fclose(out) ? (char *)text : help;
}

int cli_bench(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[KEY.SUB=VALUE...]",
        .help_filter = filter_help,
        .doc = "Measures drawing, reading, evaluating and training on this machine, beside what "
               "its arithmetic reaches at best. Values change the shape's experiment, as in "
               "leadseq train.\v\nExample:\n  leadseq bench --shape paper-small --json\n"
               "  leadseq bench --shape cnn-128 train.batch=8 data.size=64x64",
    };
    struct arguments a = {.shape = "paper", .options = {.records = 64, .repeat = 5, .warmup = 1}};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int status = run(&a);
    cli_paths_clear(&a.overrides);
    return status;
}
