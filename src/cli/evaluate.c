/* SPDX-License-Identifier: MIT
 *
 * leadseq evaluate: one split of a stack through a run's model, into the run's folder. */
#include "options.h"
#include "run.h"
#include "status.h"

struct arguments {
    const char *run, *data, *precision;
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
    int status = run ? leadseq_run_evaluate(run, a->data, part) : -1;
    leadseq_run_close(run);
    if (status) return cli_failed();
    leadseq_info("%s/predictions-%s.tsv is written", a->run, parts[a->part]);
    return CLI_DONE;
}

const struct cli_command cli_evaluate = {
    .name = "evaluate",
    .summary = "predict one split of a stack with a run, and measure it",
    .usage = "RUN --data FILE.h5 --split train|valid|test|all",
    .about = "Predicts the records of one split, as the run's own experiment splits the stack, and "
             "writes RUN/predictions-SPLIT.tsv and RUN/metrics.json.",
    .examples = "Example:\n  leadseq evaluate run --data stack.h5 --split test",
    .options = options,
    .size = sizeof(struct arguments),
    .run = run,
};
