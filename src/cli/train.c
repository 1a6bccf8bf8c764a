/* SPDX-License-Identifier: MIT
 *
 * leadseq train: an experiment file and its overrides to a run folder. */
#include "lr_find.h"
#include "options.h"
#include "status.h"

#include "verdict/verdict.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *experiment, *data, *out, *show;
    struct leadseq_lr_options lr;
    bool lr_find, resume, summary, dry_run, print;
    struct leadseq_origins origins;
    struct cli_paths overrides;
};

static const struct cli_option options[] = {
    {NULL, "EXPERIMENT.yaml", &cli_input, FIELD(experiment), .required = true},
    {NULL, "KEY=VALUE", &cli_paths, FIELD(overrides)},
    {"data", "FILE.h5", &cli_input, FIELD(data), "Stack to train on"},
    {"out", "RUN", &cli_out_folder, FIELD(out), "Run folder to make"},
    {"resume", NULL, &cli_on, FIELD(resume), "Continue from the last checkpoint in RUN"},
    {"summary", NULL, &cli_on, FIELD(summary),
     "Print the model's layers, parameters and memory; do not train",
     .without = "dry-run|print|lr-find|show-batch"},
    {"dry-run", NULL, &cli_on, FIELD(dry_run),
     "Print the resolved experiment, the summary, and the expected time, measured on a few steps; "
     "do not train",
     .without = "print|lr-find|show-batch"},
    {"print", NULL, &cli_on, FIELD(print),
     "Print the resolved experiment and the origin of each value; do not train. Needs no stack",
     .without = "lr-find|show-batch"},
    {"lr-find", NULL, &cli_on, FIELD(lr_find),
     "Find a learning rate: one step at each of many rates; RUN is a new folder for the result",
     .without = "show-batch"},
    {"lr-min", "RATE", &cli_number, FIELD(lr.least),
     "With --lr-find: the first rate (default 1e-7)", .least = 1e-30, .most = 1e6,
     .with = "lr-find"},
    {"lr-max", "RATE", &cli_number, FIELD(lr.most), "With --lr-find: the last rate (default 10)",
     .least = 1e-30, .most = 1e6, .with = "lr-find"},
    {"lr-steps", "N", &cli_integer, FIELD(lr.steps),
     "With --lr-find: the number of rates (default 100)", .least = 20, .most = 1000000,
     .with = "lr-find"},
    {"show-batch", "DIR", &cli_out_folder, FIELD(show),
     "Write pictures of the first batch of two epochs, as stored and as the model gets them; do "
     "not train"},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->lr = (struct leadseq_lr_options){.least = 1e-7, .most = 10, .steps = 100};
}

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    leadseq_origins_clear(&a->origins);
    cli_paths_clear(&a->overrides);
}

static bool trains(const struct arguments *a)
{
    return !a->print && !a->summary && !a->dry_run && !a->lr_find && !a->show;
}

static int check(void *arguments)
{
    const struct arguments *a = arguments;
    if (!a->print && !a->data) return leadseq_fail("--data FILE.h5 is missing");
    if ((trains(a) || a->lr_find) && !a->out) return leadseq_fail("--out RUN is missing");
    if (a->lr_find && a->resume)
        return leadseq_fail(
            "--lr-find begins from the seed and is never resumed; leave out --resume");
    if (a->lr.most <= a->lr.least) return leadseq_fail("--lr-max must be above --lr-min");
    return 0;
}

/* The overrides, one per line, as in overrides.txt; NULL without memory. */
static char *overrides_text(const struct arguments *a)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    for (size_t i = 0; i < a->overrides.n; i++) fprintf(out, "%s\n", a->overrides.path[i]);
    return fclose(out) ? NULL : text;
}

static int summarise(const struct arguments *a, const struct leadseq_experiment *e)
{
    if (a->dry_run && leadseq_origins_print(&a->origins, e, stdout)) return -1;
    if (!a->dry_run) return leadseq_train_summary(e, a->data, stdout);
    putchar('\n');
    return leadseq_train_dry_run(e, a->data, stdout);
}

static int train(const struct arguments *a, const struct leadseq_experiment *e)
{
    char *text = overrides_text(a);
    if (!text) return leadseq_fail_memory(0);
    struct leadseq_probes *probes = leadseq_probes_new();
    if (!probes) {
        free(text);
        return -1;
    }
    struct leadseq_train_options how = {
        .data = a->data,
        .out = a->out,
        .overrides = text,
        .resume = a->resume,
        .hooks = leadseq_probes_hooks(probes),
    };
    int status = leadseq_train(e, &how);
    leadseq_probes_free(probes);
    free(text);
    return status;
}

/* The file and its overrides; CLI_DONE, or the exit status. */
static int read_experiment(struct arguments *a, struct leadseq_experiment *e)
{
    if (leadseq_experiment_read_from(e, &a->origins, a->experiment)) return cli_failed();
    for (size_t i = 0; i < a->overrides.n; i++)
        if (leadseq_experiment_override_from(e, &a->origins, a->overrides.path[i])) {
            cli_failed();
            return CLI_USAGE;
        }
    if (!leadseq_experiment_check(e)) return CLI_DONE;
    leadseq_fail_in("%s", a->experiment);
    return cli_failed();
}

static int act(const struct arguments *a, const struct leadseq_experiment *e)
{
    if (a->summary || a->dry_run) return summarise(a, e);
    if (a->show) return leadseq_train_show(e, a->data, a->show);
    return a->lr_find ? cli_lr_find(e, &a->lr, a->out) : train(a, e);
}

static int run_experiment(struct arguments *a)
{
    struct leadseq_experiment e;
    int status = read_experiment(a, &e);
    if (status != CLI_DONE) return status;
    if (a->print) return leadseq_origins_print(&a->origins, &e, stdout) ? cli_failed() : CLI_DONE;
    a->lr.data = a->data;
    if (act(a, &e)) return cli_failed();
    return CLI_DONE;
}

static int run(void *arguments)
{
    struct arguments *a = arguments;
    bool begun = !leadseq_ranks_open() && !leadseq_origins_init(&a->origins);
    int status = begun ? run_experiment(a) : cli_failed();
    leadseq_ranks_close(status == CLI_FAILED || status == CLI_USAGE);
    return status;
}

const struct cli_command cli_train = {
    .name = "train",
    .summary = "train the model of an experiment file on a stack",
    .usage = "EXPERIMENT.yaml [KEY.SUB=VALUE...] --data FILE.h5 --out RUN",
    .about = "Trains the model an experiment file describes and writes a run folder. Values after "
             "the file override its keys; 'leadseq help experiment' lists them.",
    .examples = "Example:\n"
                "  leadseq train experiments/convlstm-pooled/experiment.yaml train.epochs=5 \\\n"
                "      --data stack.h5 --out run",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .check = check,
    .clear = clear,
    .run = run,
    .in_step = true,
};
