/* SPDX-License-Identifier: MIT
 *
 * A session for a person: stack, parts, steps, layers, without training. */
#include "summary.h"

#include <stdlib.h>
#include <string.h>

static int print_parts(const struct train_session *s, FILE *out)
{
    for (int part = 0; part < LEADSEQ_PARTS; part++) {
        char *text = train_counts_text(s, part);
        if (!text) return -1;
        size_t digits = strcspn(text, " ");
        fprintf(out, "%-6s %*s%s\n", leadseq_part_name[part], digits < 8 ? (int)(8 - digits) : 0,
                "", text);
        free(text);
    }
    char *left_out = train_left_out_text(s);
    if (!left_out) return -1;
    if (*left_out) fprintf(out, "%s\n", left_out);
    free(left_out);
    if (s->split.patients_on_both_sides)
        fprintf(out, "warning: %s on both sides\n",
                leadseq_count(s->split.patients_on_both_sides, "patient"));
    return 0;
}

static void print_input(const struct train_session *s, FILE *out)
{
    const struct leadseq_drawing *d = &s->input.drawing;
    char text[256];
    if (!s->input.samples) {
        fprintf(out, "%s, %s, %dx%d\n", s->input.style, leadseq_profile_name(d->profile), d->width,
                d->height);
        return;
    }
    train_signals_text(text, d, s->input.samples);
    fputs(text, out);
    if (s->e.data.crop) {
        struct leadseq_batch_options o = train_batch_options(&s->e, &s->net, &s->input);
        o.signals.windows = LEADSEQ_WINDOWS_ALL;
        fprintf(out, ", in windows of %d, %s in evaluation", s->e.data.crop,
                leadseq_count(leadseq_windows_count(&o.signals), "window"));
    }
    fputc('\n', out);
}

int train_session_print(const struct train_session *s, FILE *out)
{
    fprintf(out, "stack  %s: %s, ", leadseq_plain(leadseq_stack_path(s->stack)),
            leadseq_count(leadseq_stack_count(s->stack), "record"));
    print_input(s, out);
    if (print_parts(s, out)) return -1;
    fprintf(out, "steps  %8llu per epoch, %llu in all, %s per step\n",
            (unsigned long long)train_epoch_steps(s), (unsigned long long)train_total_steps(s),
            leadseq_count((size_t)s->e.train.batch, "record"));
    if (s->e.train.accumulate > 1)
        fprintf(out, "parts  %8d of a batch, one after the other; what follows is of one\n",
                s->e.train.accumulate);
    if (leadseq_ranks() > 1)
        fprintf(out, "ranks  %8d, at most %s of a step each; memory is rank 0's\n", leadseq_ranks(),
                leadseq_count((size_t)s->net.batch, "record"));
    fprintf(out, "engine %s\n", leadseq_engine_describe(s->net.engine));
    if (leadseq_model_summary(s->net.model, out)) return -1;
    fprintf(out, "memory %.1f MB so far, %.1f MB available\n", (double)leadseq_peak_bytes() / 1e6,
            (double)leadseq_available_bytes() / 1e6);
    return ferror(out)
               ? leadseq_fail("the summary cannot be written: %s", leadseq_write_reason(out))
               : 0;
}

int leadseq_train_summary(const struct leadseq_experiment *e, const char *data, FILE *out)
{
    struct train_session s;
    if (train_ranks_check(e) || train_session_open(&s, e, data, 0)) return -1;
    int status = leadseq_rank() ? 0 : train_session_print(&s, out);
    train_session_close(&s);
    return status;
}
