/* SPDX-License-Identifier: MIT
 *
 * leadseq train: an experiment file and its overrides to a run folder. */
#include "cli_private.h"
#include "lr_find.h"

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

enum { DATA = 256, OUT, RESUME, SUMMARY, DRY_RUN, PRINT, LR_FIND, LR_MIN, LR_MAX, LR_STEPS, SHOW };

static const struct argp_option options[] = {
    {"data", DATA, "FILE.h5", 0, "Stack to train on", 0},
    {"out", OUT, "RUN", 0, "Run folder to make", 0},
    {"resume", RESUME, NULL, 0, "Go on from the last checkpoint in RUN", 0},
    {"summary", SUMMARY, NULL, 0, "Print the model's layers, parameters and memory; do not train",
     0},
    {"dry-run", DRY_RUN, NULL, 0,
     "Print the resolved experiment, the same, and the time it will take, from a "
     "few of its steps; do not train",
     0},
    {"print", PRINT, NULL, 0,
     "Print the resolved experiment and where each value is from; do not "
     "train. Needs no stack",
     0},
    {"lr-find", LR_FIND, NULL, 0,
     "Find a learning rate: one step at each of many rates; RUN is a new folder for what was found",
     0},
    {"lr-min", LR_MIN, "RATE", 0, "With --lr-find: the first rate (default 1e-7)", 0},
    {"lr-max", LR_MAX, "RATE", 0, "With --lr-find: the last rate (default 10)", 0},
    {"lr-steps", LR_STEPS, "N", 0, "With --lr-find: how many rates (default 100)", 0},
    {"show-batch", SHOW, "DIR", 0,
     "Write pictures of the first batch of two epochs, as stored and as the model gets them; do "
     "not "
     "train",
     0},
    {0},
};

static bool trains(const struct arguments *a)
{
    return !a->print && !a->summary && !a->dry_run && !a->lr_find && !a->show;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case DATA:
        a->data = text;
        return 0;
    case OUT:
        a->out = text;
        return 0;
    case RESUME:
        a->resume = true;
        return 0;
    case SUMMARY:
        a->summary = true;
        return 0;
    case DRY_RUN:
        a->dry_run = true;
        return 0;
    case PRINT:
        a->print = true;
        return 0;
    case LR_FIND:
        a->lr_find = true;
        return 0;
    case LR_MIN:
        a->lr.least = cli_number(state, "--lr-min", text, 1e-30, 1e6);
        return 0;
    case LR_MAX:
        a->lr.most = cli_number(state, "--lr-max", text, 1e-30, 1e6);
        return 0;
    case LR_STEPS:
        a->lr.steps = (int)cli_integer(state, "--lr-steps", text, 20, 1000000);
        return 0;
    case SHOW:
        a->show = text;
        return 0;
    case ARGP_KEY_ARG:
        if (a->experiment) return cli_paths_add(&a->overrides, text) ? ENOMEM : 0;
        a->experiment = text;
        return 0;
    case ARGP_KEY_END:
        cli_need(state, "EXPERIMENT.yaml", a->experiment);
        if (!a->print) cli_need(state, "--data FILE.h5", a->data);
        if (trains(a) || a->lr_find) cli_need(state, "--out RUN", a->out);
        if (a->lr_find && a->resume) argp_error(state, "--lr-find resumes nothing");
        if (a->lr.most <= a->lr.least) argp_error(state, "--lr-max must be above --lr-min");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The overrides, one a line, as overrides.txt keeps them; NULL without memory. */
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

static int run(struct arguments *a)
{
    struct leadseq_experiment e;
    int status = read_experiment(a, &e);
    if (status != CLI_DONE) return status;
    if (a->print) return leadseq_origins_print(&a->origins, &e, stdout) ? cli_failed() : CLI_DONE;
    leadseq_stop_install();
    a->lr.data = a->data;
    if (act(a, &e)) return cli_failed();
    return cli_finished();
}

int cli_train(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "EXPERIMENT.yaml [KEY.SUB=VALUE...] --data FILE.h5 --out RUN",
        .doc =
            "Trains the model an experiment file describes and writes a run folder. Values "
            "behind the file override its keys; 'leadseq help experiment' lists them.\vExample:\n"
            "  leadseq train experiments/convlstm-pooled/experiment.yaml train.epochs=5 "
            "--data stack.h5 --out run",
    };
    struct arguments a = {.lr = {.least = 1e-7, .most = 10, .steps = 100}};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int status = leadseq_ranks_open() || leadseq_origins_init(&a.origins) ? cli_failed() : run(&a);
    leadseq_ranks_close(status == CLI_FAILED || status == CLI_USAGE);
    leadseq_origins_clear(&a.origins);
    cli_paths_clear(&a.overrides);
    return status;
}

int cli_help_experiment(bool markdown)
{
    int status = markdown ? leadseq_experiment_reference(stdout) : leadseq_experiment_help(stdout);
    return status ? cli_failed() : CLI_DONE;
}
