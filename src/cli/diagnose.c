/* SPDX-License-Identifier: MIT
 *
 * leadseq diagnose: why a run failed, or that it did not; with --remedies, which
 * changes undo it. */
#include "cli_private.h"

#include "verdict/verdict.h"

#include <stdlib.h>

struct arguments {
    const char *run, *out;
    char *trained; /* the run of an experiment that was given */
    struct leadseq_diagnose_options options;
    struct leadseq_remedies_options remedies;
    bool tries;
};

enum { DATA = 256, OUT, NO_REHEARSAL, REMEDIES, STEPS, EPOCHS, RECORDS, PAIRED, ONLY, FIXED_MV };

static const struct argp_option options[] = {
    {"data", DATA, "FILE.h5", 0, "Stack the run was trained on (default: where the run had it)", 0},
    {"out", OUT, "DIR", 0, "Folder of diagnosis.html, .md, .json and figures (default: the run's)",
     0},
    {"no-rehearsal", NO_REHEARSAL, NULL, 0,
     "Judge by what the run stored; do not run what its probes did not measure", 0},
    {"remedies", REMEDIES, NULL, 0, "Try what could cure it, each change in a short training", 0},
    {"steps", STEPS, "N", 0, "Steps of each such training (default 200; 0: by epochs)", 0},
    {"epochs", EPOCHS, "N", 0, "Epochs of each at most (default: as the run's experiment)", 0},
    {"records", RECORDS, "N", 0, "Training records of each at most (default: all)", 0},
    {"pairs", PAIRED, "N", 0, "So many promising changes are tried in pairs (default 4; 0: none)",
     0},
    {"only", ONLY, "NAMES", 0, "Try only these, as loss-logits,head-mean", 0},
    {"fixed-mv", FIXED_MV, "FILE.h5", 0,
     "The same records rendered with --profile fixed-mv, for the remedy of that name", 0},
    {0},
};

static error_t parse_remedies(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case REMEDIES:
        a->tries = true;
        return 0;
    case STEPS:
        a->remedies.steps = (int)cli_integer(state, "--steps", text, 0, 2000000000);
        return 0;
    case EPOCHS:
        a->remedies.epochs = (int)cli_integer(state, "--epochs", text, 1, 1000000);
        return 0;
    case RECORDS:
        a->remedies.limit = (int)cli_integer(state, "--records", text, 0, 1000000000);
        return 0;
    case PAIRED:
        a->remedies.paired = (int)cli_integer(state, "--pairs", text, 0, 8);
        return 0;
    case ONLY:
        a->remedies.only = text;
        return 0;
    case FIXED_MV:
        a->remedies.fixed_mv = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case DATA:
        a->options.data = text;
        return 0;
    case OUT:
        a->out = text;
        return 0;
    case NO_REHEARSAL:
        a->options.rehearse = false;
        return 0;
    case ARGP_KEY_ARG:
        if (a->run) argp_error(state, "expected one run, found also '%s'", text);
        a->run = text;
        return 0;
    case ARGP_KEY_END:
        if (!a->run) argp_error(state, "expected a run's folder");
        return 0;
    default:
        return parse_remedies(key, text, state);
    }
}

int cli_run_experiment(const char *folder, struct leadseq_experiment *e)
{
    char *path = leadseq_path_join(folder, "experiment.yaml");
    int status = path ? 0 : -1;
    if (path && !leadseq_path_exists(path))
        status = leadseq_fail("%s: expected a run's folder with experiment.yaml in it", folder);
    if (!status) status = leadseq_experiment_read(e, path);
    free(path);
    return status;
}

/* An experiment file is trained first, as far as a remedy would be, into OUT/run. */
static int train_first(struct arguments *a, struct leadseq_experiment *e)
{
    if (!a->options.data || !a->out)
        return leadseq_fail(
            "%s: an experiment is trained before it is diagnosed: give --data FILE.h5 "
            "and --out DIR",
            a->run);
    if (leadseq_experiment_read(e, a->run)) return -1;
    if (a->remedies.steps && (!e->train.max_steps || e->train.max_steps > a->remedies.steps))
        e->train.max_steps = a->remedies.steps;
    a->trained = leadseq_path_join(a->out, "run");
    struct leadseq_probes *probes = a->trained ? leadseq_probes_new() : NULL;
    if (!probes) return -1;
    struct leadseq_train_options how = {
        .data = a->options.data, .out = a->trained, .hooks = leadseq_probes_hooks(probes)};
    how.resume = leadseq_path_exists(a->trained);
    int status = leadseq_train(e, &how);
    leadseq_probes_free(probes);
    a->run = a->trained;
    return status ? -1 : cli_run_experiment(a->run, e);
}

static int diagnose(struct arguments *a)
{
    struct leadseq_experiment e;
    a->options.out = a->out ? a->out : a->run;
    a->options.remedies = a->tries ? &a->remedies : NULL;
    bool file = leadseq_path_exists(a->run) && !leadseq_path_is_folder(a->run);
    if (file ? train_first(a, &e) : cli_run_experiment(a->run, &e)) return -1;
    if (leadseq_stop_signal()) return 0;
    return leadseq_diagnose(a->run, &e, &a->options, stdout);
}

int cli_diagnose(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN|EXPERIMENT.yaml",
        .doc = "Says what happened in a run, at which step, by which mechanism, with the numbers "
               "measured and what to change; also of a run that is cut short or still going "
               "on. An experiment is trained for --steps first.\vExamples:\n"
               "  leadseq diagnose run --out run/diagnosis\n"
               "  leadseq diagnose run --remedies --steps 300 --records 200\n"
               "  leadseq diagnose experiment.yaml --data stack.h5 --out diagnosis",
    };
    struct arguments a = {.options = {.rehearse = true, .command_line = cli_command_line()},
                          .remedies = {.steps = 200, .paired = 4}};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    leadseq_stop_install();
    int status = diagnose(&a);
    free(a.trained);
    if (status) return cli_failed();
    if (!leadseq_stop_signal()) printf("\nDiagnosis: %s/diagnosis.html\n", a.options.out);
    return cli_finished();
}
