/* SPDX-License-Identifier: MIT
 *
 * Opens a trained run and predicts WFDB records with it, drawn as in training:
 *
 *   cc predict.c $(pkg-config --cflags --libs leadseq) -o predict
 *   ./predict run records100/00000/00001_lr...
 *
 * One line per record and output: record, output, probability, decision. */
#include <leadseq/leadseq.h>

#include <stdlib.h>

static int predict(struct leadseq_run *run, const char *path)
{
    int outputs = leadseq_run_outputs(run);
    float *logits = malloc(2 * (size_t)outputs * sizeof *logits);
    float *probability = logits + outputs;
    struct leadseq_record *record = leadseq_record_open(path);
    int status = logits && record ? leadseq_run_predict_record(run, record, logits) : -1;
    if (!status) leadseq_run_probability(run, logits, probability);
    for (int k = 0; !status && k < outputs; k++)
        printf("%s\t%s\t%.6f\t%s\n", record->name, leadseq_run_output_name(run, k),
               (double)probability[k],
               probability[k] >= leadseq_run_threshold(run, k, NULL) ? "yes" : "no");
    leadseq_record_close(record);
    free(logits);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: predict RUN RECORD...\n");
        return 2;
    }
    leadseq_progress_show(false);
    leadseq_log_level(LEADSEQ_LOG_WARN);
    struct leadseq_run *run = leadseq_run_open(argv[1], LEADSEQ_BEST, 0);
    int status = run ? 0 : -1;
    for (int i = 2; !status && i < argc; i++) status = predict(run, argv[i]);
    if (status) fprintf(stderr, "predict: %s\n", leadseq_error());
    leadseq_run_close(run);
    return status ? 1 : 0;
}
