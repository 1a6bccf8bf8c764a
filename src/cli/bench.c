/* SPDX-License-Identifier: MIT
 *
 * leadseq bench: what each stage of a network costs on this machine, and how far
 * that is from the machine's limit and from another program. */
#include "options.h"
#include "status.h"

#include "bench/bench.h"
#include "page/page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VARIANTS = 6 };

struct arguments {
    const char *shape, *precision, *memory, *out;
    int threads; /* -1: as the shape */
    bool json, experiment, force;
    struct cli_paths overrides;
    struct leadseq_bench_options options;
    struct leadseq_experiment variant[VARIANTS];
};

static const struct cli_option options[] = {
    {NULL, "KEY=VALUE", &cli_paths, FIELD(overrides)},
    {"shape", "NAME", &cli_text, FIELD(shape),
     "Network and batch: one of those below (default paper)"},
    {"precision", "NAME", &cli_text, FIELD(precision),
     "f32 (default), bf16, bf16-emulated; several: f32,bf16"},
    {"memory", "NAME", &cli_text, FIELD(memory),
     "normal (default), low, high; several: normal,low"},
    {"threads", "N", &cli_integer, FIELD(threads),
     "Threads; 0: OMP_NUM_THREADS, else one per processor (default)", .most = 4096},
    {"repeat", "N", &cli_integer, FIELD(options.repeat), "Rounds that are measured (default 5)",
     .least = 1, .most = 1000, .without = "experiment"},
    {"seconds", "S", &cli_number, FIELD(options.seconds),
     "Measure fewer rounds, but at least one, so that the whole takes at most S seconds",
     .least = 1, .most = 1e6, .without = "experiment"},
    {"warmup", "N", &cli_integer, FIELD(options.warmup),
     "Rounds before them that are not (default 1)", .least = 1, .most = 1000,
     .without = "experiment"},
    {"data", "FILE.h5", &cli_input, FIELD(options.data),
     "Stack to read (default: records are simulated and drawn)"},
    {"records", "N", &cli_integer, FIELD(options.records), "Records to simulate (default 64)",
     .least = 1, .most = 1000000, .without = "data|experiment"},
    {"peer", "COMMAND", &cli_text, FIELD(options.peer),
     "Another program's network, measured in turn with ours, such as \"python3 "
     "bench/peer_torch.py\"",
     .without = "experiment"},
    {"out", "DIR", &cli_out_folder, FIELD(out),
     "Also write bench.tsv, bench.json and bench.txt there", .without = "experiment"},
    CLI_FORCE_OPTION,
    {"json", NULL, &cli_on, FIELD(json), "Print JSON instead of the table",
     .without = "experiment"},
    {"experiment", NULL, &cli_on, FIELD(experiment),
     "Print the shape's experiment, for leadseq train; measure nothing"},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->shape = "paper";
    a->threads = -1;
    a->options.records = 64;
    a->options.repeat = 5;
    a->options.warmup = 1;
}

static int check(void *arguments)
{
    const struct arguments *a = arguments;
    for (size_t i = 0; i < a->overrides.n; i++)
        if (!strchr(a->overrides.path[i], '='))
            return leadseq_fail("unexpected argument '%s'", a->overrides.path[i]);
    return 0;
}

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    cli_paths_clear(&a->overrides);
}

/* The names of shapes, for the help. */
static void list_shapes(FILE *out)
{
    fputs("Shapes:\n", out);
    for (const struct leadseq_bench_shape *s = leadseq_bench_shapes; s->name; s++)
        fprintf(out, "  %-12s %s\n", s->name, s->help);
}

/* --- Variants -------------------------------------------------------------------- */

static int make_shape(const struct arguments *a, struct leadseq_experiment *e)
{
    if (leadseq_bench_experiment(e, a->shape)) return cli_option_fail("shape");
    /* the user's stack is measured as it was drawn, unless a size is requested */
    if (a->options.data && leadseq_experiment_set(e, "data.size", "any")) return -1;
    for (size_t i = 0; i < a->overrides.n; i++)
        if (leadseq_experiment_override(e, a->overrides.path[i])) return -1;
    if (a->threads >= 0) e->train.threads = a->threads;
    if (!a->options.data && e->data.width == 0 && e->data.input == LEADSEQ_DATA_IMAGES)
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
        return cli_option_fail("precision");
    if (memory && leadseq_experiment_set(v, "train.memory", memory))
        return cli_option_fail("memory");
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
            leadseq_warn("left out: %s", leadseq_error()); // the first can still be measured
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

/* Of the files of --out none may be there without --force. */
static int check_files(const struct arguments *a)
{
    static const char *const name[] = {"bench.tsv", "bench.json", "bench.txt"};
    int status = 0;
    for (size_t i = 0; !status && i < LEADSEQ_COUNT(name); i++) {
        char *path = leadseq_path_join(a->out, name[i]);
        status = path ? leadseq_output_check(path, a->force) : -1;
        free(path);
    }
    return status;
}

static int measure(const struct arguments *a)
{
    struct leadseq_bench b;
    if (leadseq_bench(&b, &a->options)) return -1;
    int status = a->json ? print_json(&b) : bench_print(&b, stdout);
    if (!status && a->out) status = check_files(a); // others may have appeared
    if (!status && a->out) status = bench_save(&b, cli_command_line(), a->out);
    leadseq_bench_clear(&b);
    return status;
}

/* Nobody else measures into the folder meanwhile. */
static int measure_alone(const struct arguments *a)
{
    int lock = -1, status = 0;
    bool made = a->out && !leadseq_path_exists(a->out);
    if (a->out) status = leadseq_folder_make(a->out);
    if (!status && a->out) status = leadseq_lock_claim(a->out, &lock);
    if (!status && a->out) status = check_files(a);
    if (!status) status = measure(a);
    // where nothing was put into it, and not under the feet of another program that has its lock
    if (status && made && lock >= 0) rmdir(a->out);
    leadseq_lock_release(lock);
    return status;
}

static int run(void *arguments)
{
    struct arguments *a = arguments;
    struct leadseq_experiment e;
    if (make_shape(a, &e) || make_variants(a, &e)) {
        cli_failed();
        return CLI_USAGE;
    }
    if (a->experiment)
        return leadseq_experiment_write(&a->variant[0], stdout) ? cli_failed() : CLI_DONE;
    return measure_alone(a) ? cli_failed() : CLI_DONE;
}

const struct cli_command cli_bench = {
    .name = "bench",
    .summary = "measure time and memory of each stage on this machine",
    .usage = "[KEY.SUB=VALUE...]",
    .about =
        "Measures drawing, reading, evaluating and training on this machine, and compares them "
        "with the fastest its arithmetic allows. Values change the shape's experiment, as in "
        "leadseq train.",
    .examples = "Example:\n  leadseq bench --shape paper-small --json\n"
                "  leadseq bench --shape cnn-128 train.batch=8 data.size=64x64",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .lists = list_shapes,
    .check = check,
    .clear = clear,
    .run = run,
    .in_step = true,
};
