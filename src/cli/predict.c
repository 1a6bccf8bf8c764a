/* SPDX-License-Identifier: MIT
 *
 * leadseq predict: logit, probability and decision for a stack, WFDB records or
 * one patient's PNG files. What the inputs hold is read in predict_inputs.c. */
#include "predict.h"
#include "kind.h"
#include "options.h"
#include "records.h"
#include "run.h"
#include "status.h"

#include <stdlib.h>

struct arguments {
    const char *run, *out, *precision;
    bool force;
    struct cli_paths inputs;
    enum leadseq_checkpoint checkpoint;
};

static const struct cli_option options[] = {
    {NULL, "RUN", &cli_input, FIELD(run), .required = true},
    {NULL, "INPUT", &cli_inputs, FIELD(inputs), .required = true},
    {"out", "FILE.tsv", &cli_out_file, FIELD(out), "Table to write (default: standard output)"},
    CLI_FORCE_OPTION,
    CLI_CHECKPOINT_OPTION,
    CLI_PRECISION_OPTION,
    {0},
};

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    cli_paths_clear(&a->inputs);
}

static int predict_others(struct predictor *p, const struct cli_records *inputs, char **names)
{
    static const char *const endings[] = {".hea", ".dat", ".mat", NULL};
    enum cli_kind kind;
    if (predict_names_fill(names, inputs->path, inputs->n, endings)) return -1;
    for (size_t i = 0; i < inputs->n; i++) {
        if (cli_kind(&kind, inputs->path[i])) return -1;
        int status = kind == CLI_KIND_STACK ? predict_stack(p, inputs->path[i])
                                            : predict_record(p, inputs->path[i], names[i]);
        if (status) return -1;
    }
    return 0;
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
    char **names = leadseq_calloc(inputs->n, sizeof *names);
    int status = names ? predict_others(p, inputs, names) : -1;
    for (size_t i = 0; names && i < inputs->n; i++) free(names[i]);
    free(names);
    return status;
}

static int predict_to(FILE *out, struct leadseq_run *run, const struct cli_paths *inputs)
{
    struct predictor p = {.run = run, .drawing = leadseq_run_drawing(run), .out = out};
    p.record_bytes = leadseq_drawing_bytes(p.drawing);
    p.task = leadseq_run_task(run);
    struct cli_records expanded;
    if (cli_records_expand(&expanded, inputs)) return -1;
    int status = predict_each(&p, &expanded);
    if (!status) status = predict_finish(&p);
    predict_clear(&p);
    cli_records_clear(&expanded);
    return status;
}

static int predict(const struct arguments *a, struct leadseq_run *run)
{
    if (!a->out) return predict_to(stdout, run, &a->inputs);
    struct leadseq_file *file = leadseq_output_create(a->out, a->force);
    if (!file) return -1;
    if (!predict_to(leadseq_file_stream(file), run, &a->inputs)) return leadseq_file_commit(file);
    leadseq_file_discard(file);
    return -1;
}

static int run(void *arguments)
{
    const struct arguments *a = arguments;
    struct leadseq_experiment e;
    struct leadseq_run *run = cli_run_open_in(a->run, a->checkpoint, a->precision, &e);
    int status = run ? predict(a, run) : -1;
    leadseq_run_close(run);
    return status ? cli_failed() : CLI_DONE;
}

const struct cli_command cli_predict = {
    .name = "predict",
    .summary = "predict a stack, WFDB records or a patient's PNG files",
    .usage = "RUN INPUT...",
    .about =
        "Writes a table with one row per record: ecg_id and record (file for PNG files); logit, "
        "probability, decision (1 if the probability reaches the threshold) and threshold of each "
        "output of the run's task; the threshold's origin, and a warning where the signal is "
        "doubtful. A record of which every lead is missing or flat gets no answer. INPUT is a "
        "stack, "
        "WFDB records (also folders and lists of them), or one patient's twelve PNG files, whose "
        "names say their leads (p1_I.png, p1-aVR.png, V6 p1.png), or whose natural order is that "
        "of "
        "the leads; which file was taken for which lead is told. Records are drawn as the run's "
        "training images were.",
    .examples = "Example:\n  leadseq predict run simulated/records100/00000/00001_lr",
    .options = options,
    .size = sizeof(struct arguments),
    .clear = clear,
    .run = run,
};
