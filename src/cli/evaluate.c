/* SPDX-License-Identifier: MIT
 *
 * leadseq evaluate: one split of a stack through a run's model, into the run's
 * folder. */
#include "cli_private.h"

struct arguments {
    const char *run, *data, *precision;
    int part; /* an enum leadseq_part; -1: all */
    bool has_split;
    enum leadseq_checkpoint checkpoint;
};

enum { DATA = 256, SPLIT, CHECKPOINT, PRECISION };

static const struct argp_option options[] = {
    {"data", DATA, "FILE.h5", 0, "Stack drawn as the one the run was trained on", 0},
    {"split", SPLIT, "NAME", 0, "train, valid, test or all", 0},
    {"checkpoint", CHECKPOINT, "NAME", 0, "best (default) or last", 0},
    {"precision", PRECISION, "NAME", 0, "f32, bf16 or bf16-emulated; as trained where absent", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    static const char *const parts[] = {"train", "valid", "test", "all", NULL};
    struct arguments *a = state->input;
    switch (key) {
    case DATA:
        a->data = text;
        return 0;
    case SPLIT:
        a->part = cli_choice(state, "--split", text, parts);
        if (a->part == LEADSEQ_PARTS) a->part = -1;
        a->has_split = true;
        return 0;
    case CHECKPOINT:
        a->checkpoint = cli_checkpoint(state, text);
        return 0;
    case PRECISION:
        a->precision = cli_precision(state, text);
        return 0;
    case ARGP_KEY_ARG:
        if (a->run) argp_error(state, "unexpected argument '%s'", text);
        a->run = text;
        return 0;
    case ARGP_KEY_END:
        cli_need(state, "RUN", a->run);
        cli_need(state, "--data FILE.h5", a->data);
        if (!a->has_split) argp_error(state, "--split NAME is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cli_evaluate(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN --data FILE.h5 --split train|valid|test|all",
        .doc = "Predicts the records of one split, as the run's own experiment splits the stack, "
               "and writes RUN/predictions-SPLIT.tsv and RUN/metrics.json.\vExample:\n"
               "  leadseq evaluate run --data stack.h5 --split test",
    };
    struct arguments a = {.checkpoint = LEADSEQ_BEST};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct leadseq_experiment e;
    struct leadseq_run *run = cli_run_open_in(a.run, a.checkpoint, a.precision, &e);
    int status = run ? leadseq_run_evaluate(run, a.data, a.part) : -1;
    leadseq_run_close(run);
    if (status) return cli_failed();
    leadseq_info("%s/predictions-%s.tsv is written", a.run,
                 a.part < 0 ? "all" : leadseq_part_name[a.part]);
    return cli_finished();
}
