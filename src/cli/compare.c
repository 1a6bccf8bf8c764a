/* SPDX-License-Identifier: MIT
 *
 * leadseq compare: runs, or prediction files of any program, on the same
 * patients, in a report. */
#include "cli_private.h"

#include <leadseq/report.h>

#include <stdlib.h>

struct arguments {
    struct cli_paths inputs;
    const char *out;
    struct leadseq_compare_options options;
};

enum { OUT = 256, SPLIT, DATA };

static const struct argp_option options[] = {
    {"out", OUT, "DIR", 0, "Folder of the report; must not exist yet", 0},
    {"split", SPLIT, "NAME", 0, "Split whose predictions are compared (default test)", 0},
    {"data", DATA, "FILE.h5", 0, "Stack with the labels of files of other programs", 0},
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
        .doc = "Compares two or more runs on exactly the same patients, prints the table and "
               "writes report.html, report.md, report.json and tables.\vExample:\n"
               "  leadseq compare run-convlstm run-cnn --out report",
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
