/* SPDX-License-Identifier: MIT
 *
 * leadseq diagnose: why a run failed, or that it did not; with --remedies, which
 * changes undo it. */
#include "options.h"
#include "run.h"
#include "status.h"

#include "verdict/verdict.h"

#include <stdlib.h>

struct arguments {
    const char *run, *out;
    char *trained; /* the run of an experiment that was given */
    struct leadseq_diagnose_options options;
    struct leadseq_remedies_options remedies;
    bool tries;
};

static const struct cli_option options[] = {
    {NULL, "RUN|EXPERIMENT.yaml", &cli_text, FIELD(run), .required = true},
    {"data", "FILE.h5", &cli_text, FIELD(options.data),
     "Stack the run was trained on (default: where the run found it)"},
    {"out", "DIR", &cli_text, FIELD(out),
     "Folder of diagnosis.html, .md, .json and figures (default: the run's)"},
    {"no-rehearsal", NULL, &cli_off, FIELD(options.rehearse),
     "Judge by what the run stored; do not measure now what its probes left out"},
    {"remedies", NULL, &cli_on, FIELD(tries),
     "Try changes that could cure the run, each in a short training"},
    {"steps", "N", &cli_integer, FIELD(remedies.steps),
     "Steps of each such training (default 200; 0: by epochs)", .most = 2000000000},
    {"epochs", "N", &cli_integer, FIELD(remedies.epochs),
     "At most N epochs each (default: as the run's experiment)", .least = 1, .most = 1000000},
    {"records", "N", &cli_integer, FIELD(remedies.limit),
     "At most N training records each (default: all)", .most = 1000000000},
    {"pairs", "N", &cli_integer, FIELD(remedies.paired),
     "Combine the N most promising changes in pairs (default 4; 0: none)", .most = 8},
    {"only", "NAMES", &cli_text, FIELD(remedies.only),
     "Try these changes only, such as loss-logits,head-mean"},
    {"fixed-mv", "FILE.h5", &cli_text, FIELD(remedies.fixed_mv),
     "The same records rendered with --profile fixed-mv, for the change of that name"},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->options.rehearse = true;
    a->options.command_line = cli_command_line();
    a->remedies.steps = 200;
    a->remedies.paired = 4;
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

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    free(a->trained);
}

static int run(void *arguments)
{
    struct arguments *a = arguments;
    leadseq_stop_install();
    if (diagnose(a)) return cli_failed();
    if (!leadseq_stop_signal()) printf("\nDiagnosis: %s/diagnosis.html\n", a->options.out);
    return cli_finished();
}

const struct cli_command cli_diagnose = {
    .name = "diagnose",
    .summary = "explain why a run failed, or confirm that nothing is wrong",
    .usage = "RUN|EXPERIMENT.yaml",
    .about = "Explains what happened in a run, at which step, by which mechanism, with the numbers "
             "measured and what to change. The run may be unfinished or still in progress. An "
             "experiment is trained for --steps first.",
    .examples = "Examples:\n"
                "  leadseq diagnose run --out run/diagnosis\n"
                "  leadseq diagnose run --remedies --steps 300 --records 200\n"
                "  leadseq diagnose experiment.yaml --data stack.h5 --out diagnosis",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .clear = clear,
    .run = run,
};
