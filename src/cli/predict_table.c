/* SPDX-License-Identifier: MIT
 *
 * The table that predict writes: its columns and rows, for one output and for several. */
#include "info.h"
#include "predict.h"

static void put_header(const struct predictor *p, bool pictures)
{
    const struct leadseq_task *task = p->task;
    fputs(pictures ? "file" : "ecg_id\trecord", p->out);
    if (task->kind == LEADSEQ_TASK_MULTI_CLASS) fputs("\tdecision", p->out);
    for (int k = 0; k < task->outputs; k++) {
        static const char *const column[] = {"logit", "probability", "decision", "threshold"};
        for (size_t i = 0; i < LEADSEQ_COUNT(column); i++)
            fprintf(p->out, "\t%s%s%s", column[i], task->outputs > 1 ? "_" : "",
                    task->outputs > 1 ? task->name[k] : "");
    }
    fputs("\tthreshold_origin\twarning\n", p->out);
}

/* The most probable class. */
static const char *class_of(const struct leadseq_task *task, const float *probability)
{
    int best = 0;
    for (int k = 1; k < task->outputs; k++)
        if (probability[k] > probability[best]) best = k;
    return task->name[best];
}

void predict_row(struct predictor *p, const struct predicted *of, const float *logits,
                 bool pictures)
{
    const struct leadseq_task *task = p->task;
    float probability[LEADSEQ_OUTPUTS_MOST];
    char warning[INFO_QUALITY_TEXT] = "";
    const char *origin = "";
    if (!p->begun) put_header(p, pictures);
    p->begun = true;
    leadseq_run_probability(p->run, logits, probability);
    if (!pictures) fprintf(p->out, "%d\t", of->ecg_id);
    leadseq_plain_put(p->out, of->name);
    if (task->kind == LEADSEQ_TASK_MULTI_CLASS)
        fprintf(p->out, "\t%s", class_of(task, probability));
    for (int k = 0; k < task->outputs; k++) {
        double threshold = leadseq_run_threshold(p->run, k, &origin), value = probability[k];
        fprintf(p->out, "\t%.9g\t%.9g\t%d\t%.9g", (double)logits[k], value, value >= threshold,
                threshold);
    }
    if (of->quality) info_quality(warning, of->quality);
    fprintf(p->out, "\t%s\t%s\n", origin, warning);
}
