/* SPDX-License-Identifier: MIT
 *
 * A glance at a run as lines of text: costs and gradients over the steps, the
 * gradient by lead, saturation. The same lines go to a screen and to a file. */
#include "watch.h"

#include <math.h>
#include <string.h>

enum { WIDEST = 200, LABEL = 10 };

static const char *const block[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const plain[] = {" ", ".", ".", ":", ":", "-", "=", "+", "#"};

/* Height 1 … 8 of a value between two others; 0: no value. */
static int height(double value, double low, double high)
{
    if (!isfinite(value)) return 0;
    if (!(high > low)) return 4;
    return 1 + (int)(7 * (value - low) / (high - low) + .5);
}

/* Mean of each of `columns` equal parts of the values, by logarithm where asked for. */
static int squeeze(const double *value, size_t n, bool logarithm, int columns, double *part)
{
    if (n < (size_t)columns) columns = (int)n;
    for (int k = 0; k < columns; k++) {
        size_t first = (size_t)k * n / (size_t)columns,
               last = ((size_t)k + 1) * n / (size_t)columns;
        double sum = 0;
        size_t kept = 0;
        for (size_t i = first; i < last; i++) {
            double x = logarithm ? log10(value[i]) : value[i];
            if (isfinite(x)) sum += x, kept++;
        }
        part[k] = kept ? sum / (double)kept : NAN;
    }
    return columns;
}

static void put_curve(const char *label, const double *value, size_t n, bool logarithm,
                      const struct watch_page *page, FILE *out)
{
    double part[WIDEST], low = INFINITY, high = -INFINITY;
    int columns = page->width - LABEL - 26;
    if (!value || !n || columns < 8) return;
    columns = squeeze(value, n, logarithm, columns < WIDEST ? columns : WIDEST, part);
    for (int k = 0; k < columns; k++)
        if (isfinite(part[k])) low = fmin(low, part[k]), high = fmax(high, part[k]);
    fprintf(out, "%-*s ", LABEL, label);
    for (int k = 0; k < columns; k++)
        fputs((page->blocks ? block : plain)[height(part[k], low, high)], out);
    if (low > high)
        fputs("  zero or not finite\n", out);
    else if (logarithm)
        fprintf(out, "  %.3g to %.3g\n", pow(10, low), pow(10, high));
    else
        fprintf(out, "  %.4g to %.4g\n", low, high);
}

/* A bar of a share of 1. */
static void put_share(const char *label, double share, const struct watch_page *page, FILE *out)
{
    int columns = page->width - LABEL - 12;
    if (columns > 60) columns = 60;
    fprintf(out, "%-*s ", LABEL, label);
    for (int k = 0; k < columns; k++)
        fputs(k < share * columns ? page->blocks ? "█" : "#" : page->blocks ? "·" : ".", out);
    if (isfinite(share))
        fprintf(out, " %5.1f %%\n", 100 * share);
    else
        fputs("     –\n", out);
}

/* Room for a number, or for a dash if it is not known. */
struct number {
    char text[32];
};

static struct number number(int digits, double value)
{
    struct number n = {"–"};
    if (isfinite(value)) snprintf(n.text, sizeof n.text, "%.*g", digits, value);
    return n;
}

static void put_head(const struct leadseq_glance *g, const struct watch_page *page, FILE *out)
{
    const char *state = g->failure[0] ? "failed"
                        : g->running  ? "running"
                        : g->finished ? "finished"
                                      : "stopped";
    fprintf(out, "%.60s: %s, step %s of %s, %s\n", leadseq_plain(page->name), state,
            number(12, g->steps ? g->step : 0).text, number(12, g->total).text,
            leadseq_count(g->epochs, "epoch"));
    fprintf(out, "lr %s, %s s per step, mean logit %s", number(3, g->lr).text,
            number(3, g->seconds_a_step).text, number(4, g->logit_mean).text);
    if (g->running && g->seconds_a_step > 0 && isfinite(g->total - g->step))
        fprintf(out, ", about %.0f s left", (g->total - g->step) * g->seconds_a_step);
    if (g->steps && isfinite(g->age_s))
        fprintf(out, "; step %.0f ended %.0f s ago", g->step, g->age_s);
    fputc('\n', out);
    if (g->epochs)
        fprintf(out, "last epoch: loss %s, on validation %s, AUC %s\n",
                number(4, g->train_loss).text, number(4, g->valid_loss).text,
                number(3, g->valid_auc).text);
    if (g->failure[0]) fprintf(out, "%.*s\n", page->width, leadseq_plain(g->failure));
    fputc('\n', out);
}

/* What probes measure is older than the steps: they are allowed a share of the time only. */
static void put_measured(const char *what, const struct leadseq_glance *g, double step, FILE *out)
{
    fprintf(out, "%s, measured at step %.0f", what, step);
    if (g->steps && g->step > step)
        fprintf(out, ", %s ago (diagnose.first, every and probes say how often)",
                leadseq_count((size_t)(g->step - step), "step"));
}

/* ‖∂L/∂h‖ by lead, on a logarithmic scale of seven decades below the largest. */
static void put_flow(const struct leadseq_glance *g, const struct watch_page *page, FILE *out)
{
    double most = 0;
    int columns = page->width - LABEL - 14;
    if (columns > 60) columns = 60;
    if (!g->leads) {
        fputs("No gradient through leads is measured (a model without recurrence, or no probes).\n",
              out);
        return;
    }
    for (int t = 0; t < g->leads; t++) most = fmax(most, g->flow[t]);
    put_measured("Gradient by lead", g, g->flow_step, out);
    fputs(most > 0 ? "\n" : ": zero everywhere\n", out);
    for (int t = 0; t < g->leads; t++) {
        double share = g->flow[t] > 0 ? 1 + log10(g->flow[t] / most) / 7 : 0;
        fprintf(out, "%-*.*s ", LABEL, LABEL, leadseq_plain(g->lead[t]));
        for (int k = 0; k < columns; k++)
            fputs(k < share * columns ? page->blocks ? "█" : "#" : " ", out);
        fprintf(out, " %.3g\n", g->flow[t]);
    }
}

static double recent(const double *value, size_t n)
{
    double sum = 0;
    size_t kept = 0;
    for (size_t i = n > 20 ? n - 20 : 0; value && i < n; i++)
        if (isfinite(value[i])) sum += value[i], kept++;
    return kept ? sum / (double)kept : NAN;
}

static void put_gates(const struct leadseq_glance *g, const struct watch_page *page, FILE *out)
{
    static const char *const name[] = {"i", "f", "o", "g", "tanh(c)"};
    if (isnan(g->gates_step)) return;
    fputc('\n', out);
    put_measured("Saturated gates", g, g->gates_step, out);
    fputc('\n', out);
    for (int k = 0; k < 5; k++) put_share(name[k], g->gates[k], page, out);
}

int watch_write(const struct leadseq_glance *g, const struct watch_page *page, FILE *out)
{
    put_head(g, page, out);
    put_curve("loss", g->cost, g->steps, false, page, out);
    put_curve("gradient", g->gradient, g->steps, true, page, out);
    fputs("\nOutput exactly 0 or 1, last 20 steps\n", out);
    put_share("saturated", recent(g->saturated, g->steps), page, out);
    fputc('\n', out);
    put_flow(g, page, out);
    put_gates(g, page, out);
    return ferror(out) ? leadseq_fail("the run cannot be shown: %s", leadseq_write_reason(out)) : 0;
}
