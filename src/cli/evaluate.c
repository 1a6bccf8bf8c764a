/* SPDX-License-Identifier: MIT
 *
 * leadseq evaluate: one split of a stack through a run's model, into the run's folder. */
#include "options.h"
#include "run.h"
#include "status.h"

struct arguments {
    const char *run, *data, *precision, *out;
    bool force;
    int part; /* enum leadseq_part; LEADSEQ_PARTS: all */
    enum leadseq_checkpoint checkpoint;
};

static const char *const parts[] = {"train", "valid", "test", "all", NULL};

static const struct cli_option options[] = {
    {NULL, "RUN", &cli_input, FIELD(run), .required = true},
    {"data", "FILE.h5", &cli_input, FIELD(data), "Stack drawn as the one the run was trained on",
     .required = true},
    {"split", "NAME", &cli_choice, FIELD(part), "train, valid, test or all", .required = true,
     .choices = parts},
    {"out", "DIR", &cli_out_folder, FIELD(out),
     "Write the results into this folder and not into RUN; needed for any stack but the run's own"},
    CLI_FORCE_OPTION,
    CLI_CHECKPOINT_OPTION,
    CLI_PRECISION_OPTION,
    {0},
};

static int run(void *arguments)
{
    const struct arguments *a = arguments;
    struct leadseq_experiment e;
    int part = a->part == LEADSEQ_PARTS ? -1 : a->part;
    struct leadseq_run *run = cli_run_open_in(a->run, a->checkpoint, a->precision, &e);
    int status = run ? leadseq_run_evaluate_into(run, a->data, part, a->out, a->force) : -1;
    leadseq_run_close(run);
    if (status) return cli_failed();
    leadseq_info("%s/predictions-%s.tsv is written", a->out ? a->out : a->run, parts[a->part]);
    return CLI_DONE;
}

const struct cli_command cli_evaluate = {
    .name = "evaluate",
    .summary = "predict one split of a stack with a run, and measure it",
    .usage = "RUN --data FILE.h5 --split train|valid|test|all [--out DIR]",
    .about = "Predicts the records of one split, as the run's own experiment splits the stack, and "
             "writes RUN/predictions-SPLIT.tsv and RUN/metrics.json. Results of another stack than "
             "the run's own (of other records, or distorted) are not the run's: they go into DIR.",
    .examples = "Examples:\n  leadseq evaluate run --data stack.h5 --split test\n"
                "  leadseq evaluate run --data rotated.h5 --split test --out run-rotated",
    .options = options,
    .size = sizeof(struct arguments),
    .run = run,
    .in_step = true,
};
