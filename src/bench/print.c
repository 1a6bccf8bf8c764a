/* SPDX-License-Identifier: MIT
 *
 * leadseq bench for a person: a column an entry, medians with their quartiles,
 * and how many times faster ours are. */
#include "bench/bench.h"
#include "page/page.h"

#include <math.h>
#include <string.h>

struct bench_figures bench_figures(const struct leadseq_bench_entry *entry)
{
    const struct leadseq_bench_samples *part = entry->part;
    const struct leadseq_bench_samples *ceiling = &part[LEADSEQ_BENCH_CEILING];
    const struct leadseq_bench_samples *step = &part[LEADSEQ_BENCH_STEP];
    const struct leadseq_bench_samples *forward = &part[LEADSEQ_BENCH_EVALUATION];
    const struct leadseq_bench_samples *backward = &part[LEADSEQ_BENCH_BACKWARD];
    double back = entry->flop_data + entry->flop_weights, flop = entry->flop_forward + back;
    return (struct bench_figures){
        .flop_step = flop,
        .step_flop_per_s = leadseq_bench_rate(flop, step, NULL).median,
        .step_share = leadseq_bench_rate(flop, step, ceiling).median,
        .backward_flop_per_s = leadseq_bench_rate(back, backward, NULL).median,
        .backward_share = leadseq_bench_rate(back, backward, ceiling).median,
        .forward_flop_per_s = leadseq_bench_rate(entry->flop_forward, forward, NULL).median,
        .forward_share = leadseq_bench_rate(entry->flop_forward, forward, ceiling).median,
        .ceiling_flop_per_s = leadseq_bench_spread(ceiling).median,
        .wait_share =
            leadseq_bench_ratio(&part[LEADSEQ_BENCH_WAIT], &part[LEADSEQ_BENCH_LOOP]).median,
    };
}

bool bench_is_compared(const struct leadseq_bench *b, size_t a, size_t with)
{
    return !b->entry[a].is_peer && (b->entry[with].is_peer || with < a);
}

/* --- Cells ---------------------------------------------------------------------------- */

/* Three digits that carry: "1.20", "24.1", "131". */
static int decimals_of(double x)
{
    return x >= 100 ? 0 : x >= 10 ? 1 : x >= 1 ? 2 : 3;
}

/* "1.20 s [1.18, 1.25]", in ms below a second. */
static void put_seconds(struct leadseq_table *t, struct leadseq_bench_spread s)
{
    char text[64];
    double unit = s.median < 1 ? 1e3 : 1;
    int digits = decimals_of(s.median * unit);
    if (isnan(s.median)) {
        leadseq_table_cell(t, "–");
        return;
    }
    leadseq_table_cell(t, "%.*f %s", digits, s.median * unit, unit > 1 ? "ms" : "s");
    snprintf(text, sizeof text, "[%.*f, %.*f]", digits, s.low * unit, digits, s.high * unit);
    leadseq_table_remark(t, text);
}

static void put_times(struct leadseq_table *t, struct leadseq_bench_spread s)
{
    char text[64];
    leadseq_table_cell(t, "%.2f", s.median);
    snprintf(text, sizeof text, "[%.2f, %.2f]", s.low, s.high);
    leadseq_table_remark(t, text);
}

static void put_number(struct leadseq_table *t, double x, double unit, const char *word)
{
    if (isnan(x))
        leadseq_table_cell(t, "–");
    else
        leadseq_table_cell(t, "%.*f%s%s", decimals_of(x / unit), x / unit, *word ? " " : "", word);
}

static void put_bytes(struct leadseq_table *t, size_t bytes)
{
    put_number(t, (double)bytes, bytes >= 1e9 ? 1e9 : 1e6, bytes >= 1e9 ? "GB" : "MB");
}

/* --- The table of entries --------------------------------------------------------------- */

static const struct {
    const char *title;
    enum leadseq_bench_part part;
} times[] = {
    {"training step", LEADSEQ_BENCH_STEP},
    {"  forward and loss", LEADSEQ_BENCH_FORWARD},
    {"  backward", LEADSEQ_BENCH_BACKWARD},
    {"  optimiser", LEADSEQ_BENCH_UPDATE},
    {"step, batch from the stack", LEADSEQ_BENCH_LOOP},
    {"evaluation (forward only)", LEADSEQ_BENCH_EVALUATION},
};

static void put_times_of_all(struct leadseq_table *t, const struct leadseq_bench *b)
{
    for (size_t k = 0; k < LEADSEQ_COUNT(times); k++) {
        leadseq_table_cell(t, "%s", times[k].title);
        for (size_t i = 0; i < b->n; i++)
            put_seconds(t, leadseq_bench_spread(&b->entry[i].part[times[k].part]));
    }
}

enum row {
    WAIT,
    STEP_RATE,
    STEP_SHARE,
    BACKWARD_RATE,
    BACKWARD_SHARE,
    FORWARD_RATE,
    FORWARD_SHARE,
    CEILING,
    STEP_PEAK,
    FORWARD_PEAK,
    ROWS
};

static void put_figure(struct leadseq_table *t, enum row row, const struct leadseq_bench_entry *e,
                       struct bench_figures f)
{
    switch (row) {
    case WAIT:
        put_number(t, 100 * f.wait_share, 1, "%");
        break;
    case STEP_RATE:
        put_number(t, f.step_flop_per_s, 1e9, "");
        break;
    case STEP_SHARE:
        put_number(t, 100 * f.step_share, 1, "%");
        break;
    case BACKWARD_RATE:
        put_number(t, f.backward_flop_per_s, 1e9, "");
        break;
    case BACKWARD_SHARE:
        put_number(t, 100 * f.backward_share, 1, "%");
        break;
    case FORWARD_RATE:
        put_number(t, f.forward_flop_per_s, 1e9, "");
        break;
    case FORWARD_SHARE:
        put_number(t, 100 * f.forward_share, 1, "%");
        break;
    case CEILING:
        put_number(t, f.ceiling_flop_per_s, 1e9, "");
        break;
    case STEP_PEAK:
        put_bytes(t, e->step_peak_bytes);
        break;
    default:
        put_bytes(t, e->evaluation_peak_bytes);
    }
}

static int print_entries(const struct leadseq_bench *b, FILE *out)
{
    static const char *const title[ROWS] = {"waiting for the batch", "useful GFLOP/s, step",
                                            "  of the ceiling",      "useful GFLOP/s, backward",
                                            "  of the ceiling",      "useful GFLOP/s, evaluation",
                                            "  of the ceiling",      "ceiling just after, GFLOP/s",
                                            "peak memory, training", "peak memory, evaluation"};
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return -1;
    leadseq_table_column(t, LEADSEQ_LEFT, "");
    for (size_t i = 0; i < b->n; i++) leadseq_table_column(t, LEADSEQ_RIGHT, b->entry[i].name);
    put_times_of_all(t, b);
    for (int row = 0; row < ROWS; row++) {
        leadseq_table_cell(t, "%s", title[row]);
        for (size_t i = 0; i < b->n; i++)
            put_figure(t, (enum row)row, &b->entry[i], bench_figures(&b->entry[i]));
    }
    int status = leadseq_table_write_text(t, 120, out);
    leadseq_table_free(t);
    return status;
}

/* --- The table of ratios ------------------------------------------------------------------ */

static void put_ratio(struct leadseq_table *t, const struct leadseq_bench_entry *ours,
                      const struct leadseq_bench_entry *other)
{
    const struct leadseq_bench_samples *a = ours->part, *b = other->part;
    leadseq_table_cell(t, "%s against %s", ours->name, other->name);
    put_times(t, leadseq_bench_ratio(&b[LEADSEQ_BENCH_STEP], &a[LEADSEQ_BENCH_STEP]));
    put_times(t, leadseq_bench_ratio(&b[LEADSEQ_BENCH_EVALUATION], &a[LEADSEQ_BENCH_EVALUATION]));
    put_number(t, 100.0 * (double)ours->step_peak_bytes / (double)other->step_peak_bytes, 1, "%");
    put_number(t,
               100.0 * (double)ours->evaluation_peak_bytes / (double)other->evaluation_peak_bytes,
               1, "%");
}

static int print_ratios(const struct leadseq_bench *b, FILE *out)
{
    static const char *const title[] = {"step, × faster", "evaluation, × faster",
                                        "memory, training", "memory, evaluation"};
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return -1;
    leadseq_table_column(t, LEADSEQ_LEFT, "");
    for (size_t i = 0; i < LEADSEQ_COUNT(title); i++)
        leadseq_table_column(t, LEADSEQ_RIGHT, title[i]);
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (bench_is_compared(b, i, k)) put_ratio(t, &b->entry[i], &b->entry[k]);
    fputc('\n', out);
    int status = leadseq_table_write_text(t, 120, out);
    leadseq_table_free(t);
    return status;
}

/* --- The whole ------------------------------------------------------------------------------- */

static void print_head(const struct leadseq_bench *b, FILE *out)
{
    const struct leadseq_bench_entry *first = &b->entry[0];
    fprintf(out, "%s: %d leads of %dx%d%s, batch %d, %s on %s\n", first->e.name, b->leads, b->width,
            b->height, b->channels > 1 ? ", colour" : "", first->e.train.batch,
            leadseq_count((size_t)b->threads, "thread"), b->cpu);
    fprintf(out,
            "useful arithmetic of a step %.1f GFLOP: forward %.1f, to activations %.1f, to weights "
            "%.1f\n",
            (first->flop_forward + first->flop_data + first->flop_weights) / 1e9,
            first->flop_forward / 1e9, first->flop_data / 1e9, first->flop_weights / 1e9);
    for (size_t i = 0; i < b->n; i++) fprintf(out, "%s: %s\n", b->entry[i].name, b->entry[i].about);
    fprintf(out, "medians of %s [quartiles]\n\n",
            leadseq_count(first->part[LEADSEQ_BENCH_STEP].n, "round"));
}

static void print_machine(const struct leadseq_bench *b, FILE *out)
{
    static const char *const precision[] = {"f32", "bf16"};
    struct leadseq_bench_spread render = leadseq_bench_spread(&b->render);
    fputc('\n', out);
    for (int i = 0; i < 2; i++) {
        struct leadseq_bench_spread s = leadseq_bench_spread(&b->ceiling[i]);
        if (b->ceiling[i].n)
            fprintf(
                out,
                "ceiling in %s alone: %.0f GFLOP/s [%.0f, %.0f], a large convolution on oneDNN\n",
                precision[i], s.median / 1e9, s.low / 1e9, s.high / 1e9);
    }
    if (!isnan(render.median))
        fprintf(out, "drawing and compressing a record: %.1f ms, %s\n", render.median * 1e3,
                leadseq_count((size_t)b->threads, "worker"));
    fprintf(out, "reading a batch of %d from the stack: %.1f ms, one thread\n",
            b->entry[0].e.train.batch, leadseq_bench_spread(&b->read).median * 1e3);
}

int bench_print(const struct leadseq_bench *b, FILE *out)
{
    print_head(b, out);
    if (print_entries(b, out)) return -1;
    if (b->n > 1 && print_ratios(b, out)) return -1;
    print_machine(b, out);
    return ferror(out)
               ? leadseq_fail("the measurements cannot be written: %s", leadseq_write_reason(out))
               : 0;
}
