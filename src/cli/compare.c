/* SPDX-License-Identifier: MIT
 *
 * leadseq compare: runs, or prediction files of any program, on the same
 * patients, in a report. */
#include "cli_private.h"

#include "report/report.h"

#include <stdlib.h>

struct arguments {
    struct cli_paths inputs;
    const char *out;
    struct leadseq_compare_options options;
};

enum { OUT = 256, SPLIT, DATA, RESAMPLES, SEED, THREADS };

static const struct argp_option options[] = {
    {"out", OUT, "DIR", 0, "Folder of the report; must not exist yet", 0},
    {"split", SPLIT, "NAME", 0, "Split whose predictions are compared (default test)", 0},
    {"data", DATA, "FILE.h5", 0,
     "Stack: labels, folds and patients for files of other programs, and who is in which subgroup",
     0},
    {"resamples", RESAMPLES, "N", 0, "Resamples of the bootstrap, and exchanges (default 2000)", 0},
    {"seed", SEED, "S", 0, "Seed of both (default 1)", 0},
    {"threads", THREADS, "N", 0, "Threads (default: one a processor); the figures do not change",
     0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    static const char *const splits[] = {"train", "valid", "test", "all", NULL};
    struct arguments *a = state->input;
    switch (key) {
    case OUT:
        a->out = text;
        return 0;
    case SPLIT:
        a->options.split = splits[cli_choice(state, "--split", text, splits)];
        return 0;
    case DATA:
        a->options.data = text;
        return 0;
    case RESAMPLES:
        a->options.resamples =
            (size_t)cli_integer(state, "--resamples", text, LEADSEQ_RESAMPLES, 10000000);
        return 0;
    case SEED:
        a->options.seed = cli_seed(state, text);
        return 0;
    case THREADS:
        a->options.threads = (int)cli_integer(state, "--threads", text, 1, 4096);
        return 0;
    case ARGP_KEY_ARG:
        return cli_paths_add(&a->inputs, text) ? ENOMEM : 0;
    case ARGP_KEY_END:
        if (a->inputs.n < 2)
            argp_error(state, "expected two or more runs or prediction files, found %zu",
                       a->inputs.n);
        cli_need(state, "--out DIR", a->out);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cli_compare(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN|FILE.tsv RUN|FILE.tsv... --out DIR",
        .doc = "Compares two or more runs, or prediction files of any program, on exactly the same "
               "patients, prints the table and writes report.html, report.md, report.json, tables "
               "and figures.\v"
               "A prediction file has the columns ecg_id and probability (or one probability for "
               "each superclass: probability_NORM, _MI, _STTC, _CD, _HYP), and where it has them "
               "patient_id, fold, split, label, in any order, as TSV or CSV. See "
               "doc/comparison.md.\n\nExamples:\n"
               "  leadseq compare run-convlstm run-cnn --out report\n"
               "  leadseq compare run-cnn theirs.csv --data stack.h5 --out report",
    };
    struct arguments a = {.options = {.split = "test", .command_line = cli_command_line()}};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int status = leadseq_compare(a.inputs.path, a.inputs.n, a.out, &a.options, stdout);
    cli_paths_clear(&a.inputs);
    if (status) return cli_failed();
    char *page = leadseq_path_join(a.out, "report.html");
    char *whole = page ? realpath(page, NULL) : NULL;
    printf("\nReport: %s\n", whole ? whole : page ? page : a.out);
    free(whole);
    free(page);
    return CLI_DONE;
}
