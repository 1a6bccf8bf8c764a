/* SPDX-License-Identifier: MIT
 *
 * leadseq compare: runs, or prediction files of any program, on the same
 * patients, in a report. */
#include "options.h"
#include "status.h"

#include "report/report.h"

#include <stdlib.h>

struct arguments {
    struct cli_paths inputs;
    const char *out;
    struct leadseq_compare_options options;
};

static const char *const splits[] = {"train", "valid", "test", "all", NULL};

static const struct cli_option options[] = {
    {NULL, "RUN|FILE.tsv", &cli_inputs, FIELD(inputs), .required = true},
    {"out", "DIR", &cli_out_folder, FIELD(out),
     "Folder of the report: a new one, or a report that compare made, which is replaced",
     .required = true},
    {"split", "NAME", &cli_word, FIELD(options.split),
     "Split whose predictions are compared (default test)", .choices = splits},
    {"data", "FILE.h5", &cli_input, FIELD(options.data),
     "Stack: labels, folds and patients for files of other programs, and the subgroups of records"},
    {"published", "FILE.tsv", &cli_input, FIELD(options.published),
     "Published confusion matrices, which are set beside those of the runs that they fit"},
    {"resamples", "N", &cli_count, FIELD(options.resamples),
     "Resamples of the bootstrap, and exchanges (default 2000)", .least = LEADSEQ_RESAMPLES,
     .most = 10000000},
    {"seed", "S", &cli_seed, FIELD(options.seed), "Seed of both (default 1)"},
    {"threads", "N", &cli_integer, FIELD(options.threads),
     "Threads (default: OMP_NUM_THREADS, else one per processor); the results do not depend on "
     "them",
     .least = 1, .most = 4096},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->options.split = "test";
    a->options.command_line = cli_command_line();
}

static int check(void *arguments)
{
    const struct arguments *a = arguments;
    if (a->inputs.n >= 2 || a->options.published) return 0;
    return leadseq_fail("expected two or more runs or prediction files, or one with --published, "
                        "found %zu",
                        a->inputs.n);
}

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    cli_paths_clear(&a->inputs);
}

static int run(void *arguments)
{
    const struct arguments *a = arguments;
    if (leadseq_compare(a->inputs.path, a->inputs.n, a->out, &a->options, stdout))
        return cli_failed();
    char *page = leadseq_path_join(a->out, "report.html");
    char *whole = page ? realpath(page, NULL) : NULL;
    printf("\nReport: %s\n", leadseq_plain(whole ? whole : page ? page : a->out));
    free(whole);
    free(page);
    return CLI_DONE;
}

const struct cli_command cli_compare = {
    .name = "compare",
    .summary = "compare runs on the same patients in a report",
    .usage = "RUN|FILE.tsv RUN|FILE.tsv... --out DIR",
    .about = "Compares two or more runs, or prediction files of any program, on exactly the same "
             "patients, prints the table and writes report.html, report.md, report.json, tables "
             "and figures.",
    .examples = "A prediction file has the columns ecg_id (or record) and probability (or "
                "probability_NAME and label_NAME of each of several outputs), and optionally "
                "patient_id, fold, "
                "split, label, in any order, as TSV or CSV. See "
                "doc/comparison.md.\n\nExamples:\n"
                "  leadseq compare run-convlstm run-cnn --out report\n"
                "  leadseq compare run-cnn theirs.csv --data stack.h5 --out report\n"
                "  leadseq compare figure8-50/0001 --split valid --out report \\\n"
                "      --published experiments/heartnet-cnn/published.tsv",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .check = check,
    .clear = clear,
    .run = run,
};
