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
    bool force, skip_bad;
    struct cli_paths inputs;
    enum leadseq_checkpoint checkpoint;
};

static const struct cli_option options[] = {
    {NULL, "RUN", &cli_input, FIELD(run), .required = true},
    {NULL, "INPUT", &cli_inputs, FIELD(inputs), .required = true},
    {"out", "FILE.tsv", &cli_out_file, FIELD(out), "Table to write (default: standard output)"},
    CLI_FORCE_OPTION,
    {"skip-bad", NULL, &cli_on, FIELD(skip_bad), cli_skip_bad_help},
    CLI_CHECKPOINT_OPTION,
    CLI_PRECISION_OPTION,
    {0},
};

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    cli_paths_clear(&a->inputs);
}

/* All inputs are of one kind, known by their names; what is not there is added to `bad`. */
static int count_images(const struct cli_records *inputs, bool signals, struct leadseq_faults *bad,
                        size_t *n_png)
{
    enum cli_kind kind;
    for (size_t i = 0; i < inputs->n; i++) {
        if (cli_kind(&kind, inputs->path[i])) {
            if (leadseq_faults_add(bad)) return -1;
            continue;
        }
        *n_png += kind == CLI_KIND_PNG;
        if (kind == CLI_KIND_RUN)
            return leadseq_fail("%s: expected a stack, a record or PNG files, found a run",
                                inputs->path[i]);
    }
    if (*n_png && signals)
        return leadseq_fail("%s: expected a stack with signals or WFDB records, because the run "
                            "was trained on signals, found a picture",
                            inputs->path[0]);
    if (*n_png && *n_png != inputs->n)
        return leadseq_fail("expected the PNG files of one patient alone, found other files too");
    return 0;
}

/* Records that cannot be read are collected; unless they are to be skipped, nothing is predicted
 * after the first of them. */
static int predict_others(struct predictor *p, const struct cli_records *inputs, char **names,
                          bool skip_bad, struct leadseq_faults *bad)
{
    static const char *const endings[] = {".hea", ".dat", ".mat", NULL};
    enum cli_kind kind;
    if (predict_names_fill(names, inputs->path, inputs->n, endings)) return -1;
    if (inputs->n > 1) p->bar = leadseq_progress_new("predict", "inputs", inputs->n);
    for (size_t i = 0; i < inputs->n; i++) {
        bool unreadable = false;
        if (leadseq_stop_check()) return -1;
        if (cli_kind(&kind, inputs->path[i])) { // told already
            leadseq_error_clear();
            continue;
        }
        p->only_read = bad->n && !skip_bad;
        if (kind == CLI_KIND_STACK) {
            if (!p->only_read && predict_stack(p, inputs->path[i], inputs->n == 1)) return -1;
        } else if (predict_record(p, inputs->path[i], names[i], &unreadable)) {
            if (!unreadable || leadseq_faults_add(bad)) return -1;
        }
        if (inputs->n > 1) leadseq_progress_step(p->bar, 1, NULL);
    }
    return 0;
}

/* All that cannot be read as one failure, or as warnings where the rest was predicted. */
static int tell_bad(const struct predictor *p, const struct cli_records *inputs, bool skip_bad,
                    const struct leadseq_faults *bad)
{
    size_t n = bad->n + inputs->bad.n;
    if (bad->n && inputs->n == 1) return leadseq_fail("%s", bad->text[0]);
    if (bad->n && (!skip_bad || !p->rows))
        return leadseq_faults_fail(bad, "records that cannot be read",
                                   skip_bad ? "nothing is left to predict"
                                            : "mend them, or leave them out with --skip-bad");
    if (p->upsampled)
        leadseq_warn("%s sampled at a lower rate than the %g Hz the run was trained at: resampling "
                     "adds no detail, and the run may see other shapes than it knows",
                     leadseq_count_of(p->upsampled, "record was", "records were"),
                     p->drawing->rate_hz);
    leadseq_faults_warn(bad);
    leadseq_faults_warn(&inputs->bad);
    if (n) leadseq_warn("left out %s that cannot be read", leadseq_count(n, "record"));
    return 0;
}

static int predict_each(struct predictor *p, const struct cli_records *inputs, bool skip_bad)
{
    size_t n_png = 0;
    struct leadseq_faults bad = {0};
    char **names = leadseq_calloc(inputs->n, sizeof *names);
    int status = names ? count_images(inputs, p->samples > 0, &bad, &n_png) : -1;
    if (!status && n_png)
        status = predict_images(p, inputs->path, inputs->n);
    else if (!status)
        status = predict_others(p, inputs, names, skip_bad, &bad);
    leadseq_progress_free(p->bar);
    p->bar = NULL;
    if (!status) status = tell_bad(p, inputs, skip_bad, &bad);
    for (size_t i = 0; names && i < inputs->n; i++) free(names[i]);
    free(names);
    leadseq_faults_clear(&bad);
    return status;
}

static int predict_into(FILE *out, struct leadseq_run *run, const struct arguments *a)
{
    struct predictor p = {.run = run, .drawing = leadseq_run_drawing(run), .out = out};
    const struct cli_records_rules rules = {.skip_bad = a->skip_bad, .pictures = true};
    p.samples = leadseq_run_samples(run);
    p.record_bytes =
        p.samples ? LEADSEQ_LEADS * p.samples * sizeof(float) : leadseq_drawing_bytes(p.drawing);
    p.task = leadseq_run_task(run);
    struct cli_records expanded;
    if (cli_records_expand(&expanded, &a->inputs, &rules)) return -1;
    int status = predict_each(&p, &expanded, a->skip_bad);
    if (!status) status = predict_finish(&p);
    predict_clear(&p);
    cli_records_clear(&expanded);
    return status;
}

/* A reader of standard output or of a pipe gets all rows or none, as a file has them. */
static int predict_to(FILE *out, struct leadseq_run *run, const struct arguments *a)
{
    char *text = NULL;
    size_t bytes;
    FILE *table = open_memstream(&text, &bytes);
    if (!table) return leadseq_fail_memory(0);
    int status = predict_into(table, run, a);
    if (fclose(table) && !status) status = leadseq_fail_memory(0);
    if (!status) fwrite(text, 1, bytes, out);
    free(text);
    return status;
}

static int predict(const struct arguments *a, struct leadseq_run *run)
{
    if (!a->out) return predict_to(stdout, run, a);
    struct leadseq_file *file = leadseq_output_create(a->out, a->force);
    if (!file) return -1;
    if (!predict_to(leadseq_file_stream(file), run, a)) return leadseq_file_commit(file);
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
    .in_step = true,
};
