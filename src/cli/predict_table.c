/* SPDX-License-Identifier: MIT
 *
 * The table that predict writes: its columns and rows, for one output and for several. */
#include "info.h"
#include "predict.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { WARNING_TEXT = INFO_QUALITY_TEXT + 16, OF_THE_TABLE = 15 }; // PTB-XL's own flags

static void put_header(const struct predictor *p, bool pictures, FILE *out)
{
    const struct leadseq_task *task = p->task;
    fputs(pictures ? "file" : "ecg_id\trecord", out);
    if (task->kind == LEADSEQ_TASK_MULTI_CLASS) fputs("\tdecision", out);
    for (int k = 0; k < task->outputs; k++) {
        static const char *const column[] = {"logit", "probability", "decision", "threshold"};
        for (size_t i = 0; i < LEADSEQ_COUNT(column); i++)
            fprintf(out, "\t%s%s%s", column[i], task->outputs > 1 ? "_" : "",
                    task->outputs > 1 ? task->name[k] : "");
    }
    fputs("\tthreshold_origin\twarning", out);
    if (pictures && leadseq_drawing_images(p->drawing) > 1) fputs("\tleads", out);
    fputc('\n', out);
}

/* The most probable class. */
static const char *class_of(const struct leadseq_task *task, const float *probability)
{
    int best = 0;
    for (int k = 1; k < task->outputs; k++)
        if (probability[k] > probability[best]) best = k;
    return task->name[best];
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Each row is of another record. */
static int keep_name(struct predictor *p, const struct predicted *of)
{
    char *key = leadseq_format("%d %s", of->ecg_id, of->name);
    char **known = key ? tsearch(key, &p->names, by_text) : NULL;
    if (known && *known == key) return 0;
    free(key);
    if (!known) return leadseq_fail_memory(0);
    return leadseq_fail("two inputs are called %s: expected each record once, and different "
                        "names",
                        of->name);
}

/* "missing, flat_lead, short"; "" for nothing. */
static void warn_of(char text[WARNING_TEXT], const struct predicted *of)
{
    *text = '\0';
    if (of->quality) info_quality(text, of->quality);
    if (of->is_short) strcat(text, of->quality ? ", short" : "short");
}

static int remember(struct predictor *p, const struct predicted *of, const char *warning)
{
    bool empty = of->quality & LEADSEQ_QUALITY_EMPTY;
    bool doubtful = of->is_short || of->quality & ~OF_THE_TABLE;
    char share[48] = "";
    p->rows++;
    if (of->missing > 0) snprintf(share, sizeof share, ", %.0f %% missing", 100 * of->missing);
    if (empty && !p->empty++) p->first_empty = leadseq_format("%s", of->name);
    if (doubtful && !empty && !p->doubtful++)
        p->first_doubtful = leadseq_format("%s: %s%s", of->name, warning, share);
    return (p->empty && !p->first_empty) || (p->doubtful && !p->first_doubtful) ? -1 : 0;
}

static void put_answer(const struct predictor *p, const float *logits, const char **origin,
                       FILE *out)
{
    const struct leadseq_task *task = p->task;
    float probability[LEADSEQ_OUTPUTS_MOST];
    if (logits) leadseq_run_probability(p->run, logits, probability);
    if (task->kind == LEADSEQ_TASK_MULTI_CLASS)
        fprintf(out, "\t%s", logits ? class_of(task, probability) : "");
    for (int k = 0; k < task->outputs; k++) {
        double threshold = leadseq_run_threshold(p->run, k, origin);
        if (logits)
            fprintf(out, "\t%.9g\t%.9g\t%d\t%.9g", (double)logits[k], (double)probability[k],
                    (double)probability[k] >= threshold, threshold);
        else
            fprintf(out, "\t\t\t\t%.9g", threshold);
    }
}

int predict_row(struct predictor *p, const struct predicted *of, const float *logits, bool pictures)
{
    const char *origin = "";
    char warning[WARNING_TEXT];
    bool answer = !(of->quality & LEADSEQ_QUALITY_EMPTY);
    if (keep_name(p, of)) return -1;
    FILE *out = p->out;
    if (!p->rows) put_header(p, pictures, out);
    warn_of(warning, of);
    if (remember(p, of, warning)) return -1;
    if (!pictures) fprintf(out, "%d\t", of->ecg_id);
    leadseq_plain_put(out, of->name);
    put_answer(p, answer ? logits : NULL, &origin, out);
    fprintf(out, "\t%s\t%s", origin, warning);
    if (of->leads) {
        fputc('\t', out);
        leadseq_plain_put(out, of->leads);
    }
    fputc('\n', out);
    return 0;
}

static int draw_nothing(struct predictor *p)
{
    size_t n =
        (size_t)lround(leadseq_preparation_seconds(&p->drawing->preparation) * p->drawing->rate_hz);
    float *mv = leadseq_calloc(LEADSEQ_LEADS * n, sizeof *mv);
    p->nothing = leadseq_calloc(p->record_bytes, 1);
    for (size_t i = 0; mv && i < LEADSEQ_LEADS * n; i++) mv[i] = NAN;
    int status =
        mv && p->nothing ? leadseq_draw_record(p->drawing, mv, n, 0, p->nothing, NULL, NULL) : -1;
    free(mv);
    return status;
}

int predict_shows_nothing(struct predictor *p, const uint8_t *images)
{
    if (!p->nothing && draw_nothing(p)) return -1;
    return leadseq_drawing_blank(p->drawing, images) == leadseq_drawing_images(p->drawing) ||
           !memcmp(images, p->nothing, p->record_bytes);
}

int predict_finish(struct predictor *p)
{
    if (p->empty && p->empty == p->rows) return leadseq_fail_empty(p->first_empty);
    if (p->empty)
        leadseq_warn("%s no signal and no prediction: every lead is missing or flat (first: %s)",
                     leadseq_count_of(p->empty, "record has", "records have"), p->first_empty);
    if (p->doubtful)
        leadseq_warn("%zu of %s from a doubtful signal, see the column warning (first: %s)",
                     p->doubtful, leadseq_count_of(p->rows, "prediction is", "predictions are"),
                     p->first_doubtful);
    return 0;
}

void predict_clear(struct predictor *p)
{
    free(p->nothing);
    free(p->first_empty);
    free(p->first_doubtful);
    tdestroy(p->names, free);
}
