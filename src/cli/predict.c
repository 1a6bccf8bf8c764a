/* SPDX-License-Identifier: MIT
 *
 * leadseq predict: logit, probability and decision for a stack, WFDB records or
 * one patient's PNG files. What the inputs hold is read in predict_inputs.c. */
#include "predict.h"
#include "cli_private.h"

#include <string.h>

struct arguments {
    const char *run, *out, *precision;
    struct cli_paths inputs;
    enum leadseq_checkpoint checkpoint;
};

enum { OUT = 256, CHECKPOINT, PRECISION };

static const struct argp_option options[] = {
    {"out", OUT, "FILE.tsv", 0, "Table to write; standard output where absent", 0},
    {"checkpoint", CHECKPOINT, "NAME", 0, "best (default) or last", 0},
    {"precision", PRECISION, "NAME", 0, "f32, bf16 or bf16-emulated; as trained where absent", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OUT:
        a->out = text;
        return 0;
    case CHECKPOINT:
        a->checkpoint = cli_checkpoint(state, text);
        return 0;
    case PRECISION:
        a->precision = cli_precision(state, text);
        return 0;
    case ARGP_KEY_ARG:
        if (a->run) return cli_paths_add(&a->inputs, text) ? ENOMEM : 0;
        a->run = text;
        return 0;
    case ARGP_KEY_END:
        cli_need(state, "RUN", a->run);
        if (!a->inputs.n) argp_error(state, "INPUT is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int predict_each(struct predictor *p, const struct cli_records *inputs)
{
    size_t n_png = 0;
    enum cli_kind kind;
    for (size_t i = 0; i < inputs->n; i++) {
        if (cli_kind(&kind, inputs->path[i])) return -1;
        n_png += kind == CLI_KIND_PNG;
        if (kind == CLI_KIND_RUN)
            return leadseq_fail("%s: expected a stack, a record or PNG files, found a run",
                                inputs->path[i]);
    }
    if (n_png == inputs->n) return predict_images(p, inputs->path, inputs->n);
    if (n_png)
        return leadseq_fail("expected the PNG files of one patient alone, found other files too");
    for (size_t i = 0; i < inputs->n; i++) {
        if (cli_kind(&kind, inputs->path[i])) return -1;
        int status = kind == CLI_KIND_STACK ? predict_stack(p, inputs->path[i])
                                            : predict_record(p, inputs->path[i]);
        if (status) return -1;
    }
    return 0;
}

static int predict_to(FILE *out, struct leadseq_run *run, const struct cli_paths *inputs)
{
    struct predictor p = {.run = run, .drawing = leadseq_run_drawing(run), .out = out};
    p.record_bytes = leadseq_drawing_bytes(p.drawing);
    p.threshold = leadseq_run_threshold(run, &p.origin);
    fputs("id\tlogit\tprobability\tlabel\tthreshold\tthreshold_origin\n", out);
    struct cli_records expanded;
    if (cli_records_expand(&expanded, inputs)) return -1;
    int status = predict_each(&p, &expanded);
    cli_records_clear(&expanded);
    return status;
}

static int predict(const struct arguments *a, struct leadseq_run *run)
{
    if (!a->out) return predict_to(stdout, run, &a->inputs);
    struct leadseq_file *file = leadseq_file_create(a->out);
    if (!file) return -1;
    if (!predict_to(leadseq_file_stream(file), run, &a->inputs)) return leadseq_file_commit(file);
    leadseq_file_discard(file);
    return -1;
}

int cli_predict(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN INPUT...",
        .doc =
            "Writes a table with a row a record: id, logit, probability of an infarction, label "
            "(1 where the probability reaches the threshold), threshold and its origin. INPUT is "
            "a stack, WFDB records (also folders and lists of them), or one patient's twelve PNG "
            "files in lead order or named "
            "*_I.png to *_V6.png. Records are drawn as the run's training images were.\v"
            "Example:\n  leadseq predict run simulated/records100/00000/00001_lr",
    };
    struct arguments a = {.checkpoint = LEADSEQ_BEST};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct leadseq_experiment e;
    struct leadseq_run *run = cli_run_open_in(a.run, a.checkpoint, a.precision, &e);
    int status = run ? predict(&a, run) : -1;
    leadseq_run_close(run);
    cli_paths_clear(&a.inputs);
    return status ? cli_failed() : CLI_DONE;
}
