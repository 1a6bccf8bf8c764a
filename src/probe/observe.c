/* SPDX-License-Identifier: MIT
 *
 * What observers of the ConvLSTM's steps see, summed as it passes by: the gates
 * group from the forward pass, the flow group from the backward pass. Keeps h of
 * one step and a sample of the last one. */
#include "probe_private.h"

#include <stdlib.h>
#include <string.h>

static const float LOW = 0.1f, HIGH = 0.9f, HIGH_TANH = 0.9f;
static const double DEAD_SD = 1e-6, SAME = 0.999;
enum { SAMPLED_PIXELS = 4096 }; /* of each record, of h at the last lead */

struct diag_observed {
    int layers, leads, channels;
    int hidden[LEADSEQ_LAYERS_MAX];
    float *h; /* of the present step, to have tanh(c) = h / o */
    size_t h_room;
    float *sample[LEADSEQ_LAYERS_MAX]; /* (channel, n_sample) */
    size_t n_sample[LEADSEQ_LAYERS_MAX];
    double *mean, *low, *high;     /* (layer, lead, gate, channel) */
    double *h_mean, *h_sd, *h_max; /* (layer, lead, channel) */
    double *norm;                  /* (layer, signal, lead) */
    bool failed;
};

static size_t cells(const struct diag_observed *o)
{
    return (size_t)o->layers * (size_t)o->leads * (size_t)o->channels;
}

int diag_observe_new(struct leadseq_probes *p)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(p->t.model);
    struct diag_observed *o = p->observed = leadseq_calloc(1, sizeof *o);
    if (!o) return -1;
    o->layers = spec->n_layers;
    o->leads = spec->leads;
    for (int i = 0; i < spec->n_layers; i++) {
        o->hidden[i] = spec->hidden[i];
        if (o->hidden[i] > o->channels) o->channels = o->hidden[i];
    }
    size_t n = cells(o), norms = (size_t)o->layers * DIAG_SIGNALS * (size_t)o->leads;
    o->mean = leadseq_calloc(3 * DIAG_GATES * n + 3 * n + norms, sizeof *o->mean);
    if (!o->mean) return -1;
    o->low = o->mean + DIAG_GATES * n;
    o->high = o->low + DIAG_GATES * n;
    o->h_mean = o->high + DIAG_GATES * n;
    o->h_sd = o->h_mean + n;
    o->h_max = o->h_sd + n;
    o->norm = o->h_max + n;
    return 0;
}

void diag_observe_free(struct leadseq_probes *p)
{
    struct diag_observed *o = p->observed;
    if (!o) return;
    for (int i = 0; i < LEADSEQ_LAYERS_MAX; i++) free(o->sample[i]);
    free(o->mean);
    free(o->h);
    free(o);
    p->observed = NULL;
}

/* --- Planes: the pixels of one channel of one record -------------------------------------------
 */

struct plane {
    double sum, squares, low, high, most;
};

static struct plane measure(const float *restrict x, size_t n, float low, float high)
{
    double sum = 0, squares = 0;
    int below = 0, above = 0;
    float most = 0;
#pragma omp simd reduction(+ : sum, squares, below, above) reduction(max : most)
    for (size_t i = 0; i < n; i++) {
        float size = fabsf(x[i]);
        sum += x[i];
        squares += (double)x[i] * x[i];
        below += x[i] < low;
        above += x[i] > high;
        most = size > most ? size : most;
    }
    return (struct plane){sum, squares, below, above, most};
}

/* tanh(c) = h / o; where o has underflowed so has h, and c is not to be seen. */
static struct plane measure_cell(const float *restrict h, const float *restrict o, size_t n)
{
    double sum = 0;
    int below = 0, above = 0;
#pragma omp simd reduction(+ : sum, below, above)
    for (size_t i = 0; i < n; i++) {
        float t = o[i] > 0 ? h[i] / o[i] : 0;
        sum += t;
        below += t < -HIGH_TANH;
        above += t > HIGH_TANH;
    }
    return (struct plane){.sum = sum, .low = below, .high = above};
}

static void add_plane(struct plane *to, const struct plane *from)
{
    to->sum += from->sum;
    to->squares += from->squares;
    to->low += from->low;
    to->high += from->high;
    to->most = fmax(to->most, from->most);
}

/* --- Forward
 * -------------------------------------------------------------------------------------- */

static void keep_sample(struct diag_observed *o, int layer, const struct leadseq_view *v)
{
    size_t pixels = (size_t)v->h * (size_t)v->w, stride = 1 + (pixels - 1) / SAMPLED_PIXELS;
    size_t each = (pixels + stride - 1) / stride, n = each * (size_t)v->n, at = 0;
    float *grown = leadseq_realloc(o->sample[layer], n * (size_t)v->c, sizeof *grown);
    o->n_sample[layer] = grown ? n : 0;
    if (!grown) {
        o->failed = true;
        return;
    }
    o->sample[layer] = grown;
    for (int c = 0; c < v->c; c++)
        for (int i = 0; i < v->n; i++)
            for (size_t k = 0; k < pixels; k += stride)
                grown[at++] = v->data[((size_t)i * (size_t)v->c + (size_t)c) * pixels + k];
}

static void see_h(struct diag_observed *o, int layer, int t, const struct leadseq_view *v)
{
    size_t pixels = (size_t)v->h * (size_t)v->w, n = pixels * (size_t)v->n * (size_t)v->c;
    size_t base = ((size_t)layer * (size_t)o->leads + (size_t)t) * (size_t)o->channels;
    double count = (double)pixels * v->n;
    if (n > o->h_room) {
        free(o->h);
        o->h = leadseq_calloc(n, sizeof *o->h);
        o->h_room = o->h ? n : 0;
        o->failed |= !o->h;
    }
    if (o->h) memcpy(o->h, v->data, n * sizeof *o->h);
    if (t == o->leads - 1) keep_sample(o, layer, v);
#pragma omp parallel for schedule(static)
    for (int c = 0; c < v->c; c++) {
        struct plane whole = {0};
        for (int i = 0; i < v->n; i++) {
            const float *x = v->data + ((size_t)i * (size_t)v->c + (size_t)c) * pixels;
            struct plane one = measure(x, pixels, 0, 0);
            add_plane(&whole, &one);
        }
        double mean = whole.sum / count;
        o->h_mean[base + (size_t)c] = mean;
        o->h_sd[base + (size_t)c] = sqrt(fmax(0, whole.squares / count - mean * mean));
        o->h_max[base + (size_t)c] = whole.most;
    }
}

/* One gate of one channel over the batch; gate 4 is tanh(c). */
static struct plane gate_plane(const struct diag_observed *o, const struct leadseq_view *v,
                               int hidden, int gate, int c)
{
    size_t pixels = (size_t)v->h * (size_t)v->w;
    struct plane whole = {0}, one;
    for (int i = 0; i < v->n; i++) {
        const float *gates = v->data + (size_t)i * (size_t)v->c * pixels;
        if (gate < 4) {
            const float *x = gates + (size_t)(gate * hidden + c) * pixels;
            one = measure(x, pixels, gate == 3 ? -HIGH_TANH : LOW, gate == 3 ? HIGH_TANH : HIGH);
        } else {
            const float *h = o->h + ((size_t)i * (size_t)hidden + (size_t)c) * pixels;
            one = measure_cell(h, gates + (size_t)(2 * hidden + c) * pixels, pixels);
        }
        add_plane(&whole, &one);
    }
    return whole;
}

static void see_gates(struct diag_observed *o, int layer, int t, const struct leadseq_view *v)
{
    int hidden = o->hidden[layer];
    double count = (double)v->h * v->w * v->n;
    size_t base = ((size_t)layer * (size_t)o->leads + (size_t)t) * DIAG_GATES;
    if (!o->h) return;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < DIAG_GATES * hidden; k++) {
        int gate = k / hidden, c = k % hidden;
        struct plane one = gate_plane(o, v, hidden, gate, c);
        size_t at = (base + (size_t)gate) * (size_t)o->channels + (size_t)c;
        o->mean[at] = one.sum / count;
        o->low[at] = one.low / count;
        o->high[at] = one.high / count;
    }
}

/* --- Backward, and the observer itself
 * ------------------------------------------------------------ */

static void see_gradient(struct diag_observed *o, int layer, int t, int signal,
                         const struct leadseq_view *v)
{
    size_t n = (size_t)v->n * (size_t)v->c * (size_t)v->h * (size_t)v->w;
    o->norm[((size_t)layer * DIAG_SIGNALS + (size_t)signal) * (size_t)o->leads + (size_t)t] =
        diag_norm(v->data, n);
}

static void see(void *user, const char *name, int t, enum leadseq_observed what,
                const struct leadseq_view *v)
{
    struct diag_observed *o = user;
    int layer = atoi(name + strlen("convlstm"));
    if (layer < 0 || layer >= o->layers || t < 0 || t >= o->leads) return;
    switch (what) {
    case LEADSEQ_OBSERVED_H:
        see_h(o, layer, t, v);
        return;
    case LEADSEQ_OBSERVED_GATES:
        see_gates(o, layer, t, v);
        return;
    case LEADSEQ_OBSERVED_DH:
    case LEADSEQ_OBSERVED_DC:
    case LEADSEQ_OBSERVED_DGATES:
        see_gradient(o, layer, t, (int)what - LEADSEQ_OBSERVED_DH, v);
        return;
    case LEADSEQ_OBSERVED_C: // tanh(c) is h / o
        return;
    }
}

void diag_observe_begin(struct leadseq_probes *p)
{
    struct diag_observed *o = p->observed;
    size_t n = cells(o), norms = (size_t)o->layers * DIAG_SIGNALS * (size_t)o->leads;
    for (size_t i = 0; i < 3 * DIAG_GATES * n + 3 * n + norms; i++) o->mean[i] = NAN;
    o->failed = false;
    leadseq_model_observe(p->t.model, see, o);
}

/* --- Rows
 * ------------------------------------------------------------------------------------------- */

static double correlation(const float *x, const float *y, size_t n)
{
    double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) sx += x[i], sy += y[i];
    sx /= (double)n, sy /= (double)n;
    for (size_t i = 0; i < n; i++) {
        double a = x[i] - sx, b = y[i] - sy;
        xx += a * a, yy += b * b, xy += a * b;
    }
    return xy / sqrt(xx * yy);
}

static int duplicate_of(const struct diag_observed *o, int layer, int c)
{
    size_t n = o->n_sample[layer];
    const float *x = o->sample[layer];
    for (int k = 0; n && k < c; k++)
        if (fabs(correlation(x + (size_t)k * n, x + (size_t)c * n, n)) > SAME) return k;
    return -1;
}

static bool is_dead(const struct diag_observed *o, int layer, int c)
{
    for (int t = 0; t < o->leads; t++) {
        size_t at = ((size_t)layer * (size_t)o->leads + (size_t)t) * (size_t)o->channels;
        if (!(o->h_sd[at + (size_t)c] <= DEAD_SD)) return false;
    }
    return true;
}

/* Mean over channels and leads of what is saturated; f multiplies a zero state at the first. */
static double saturated(const struct diag_observed *o, int layer, int gate)
{
    double sum = 0;
    int n = 0;
    for (int t = gate == 1 && o->leads > 1; t < o->leads; t++)
        for (int c = 0; c < o->hidden[layer]; c++, n++) {
            size_t at =
                (((size_t)layer * (size_t)o->leads + (size_t)t) * DIAG_GATES + (size_t)gate) *
                    (size_t)o->channels +
                (size_t)c;
            sum += o->low[at] + o->high[at];
        }
    return sum / n;
}

static double memory_of(const struct diag_observed *o, int layer, int c)
{
    double f = 0;
    int first = o->leads > 1;
    for (int t = first; t < o->leads; t++)
        f += o->mean[(((size_t)layer * (size_t)o->leads + (size_t)t) * DIAG_GATES + 1) *
                         (size_t)o->channels +
                     (size_t)c];
    return 1 / (1 - f / (o->leads - first));
}

static int fill_gates(struct leadseq_probes *p, struct leadseq_step *step)
{
    const struct diag_observed *o = p->observed;
    struct diag_file *f = &p->file;
    size_t n = cells(o);
    double worst = 0;
    if (diag_row(f, "gates", step->step)) return -1;
    memcpy(diag_values(f, "gates/mean"), o->mean, DIAG_GATES * n * sizeof *o->mean);
    memcpy(diag_values(f, "gates/low"), o->low, DIAG_GATES * n * sizeof *o->low);
    memcpy(diag_values(f, "gates/high"), o->high, DIAG_GATES * n * sizeof *o->high);
    memcpy(diag_values(f, "gates/h_mean"), o->h_mean, n * sizeof *o->h_mean);
    memcpy(diag_values(f, "gates/h_sd"), o->h_sd, n * sizeof *o->h_sd);
    memcpy(diag_values(f, "gates/h_max"), o->h_max, n * sizeof *o->h_max);
    for (int layer = 0; layer < o->layers; layer++) {
        for (int gate = 0; gate < DIAG_GATES; gate++) {
            double share = saturated(o, layer, gate);
            diag_values(f, "gates/saturated")[layer * DIAG_GATES + gate] = share;
            worst = fmax(worst, share);
        }
        for (int c = 0; c < o->hidden[layer]; c++) {
            int at = layer * o->channels + c;
            diag_values(f, "gates/memory")[at] = memory_of(o, layer, c);
            diag_values(f, "gates/dead")[at] = is_dead(o, layer, c);
            diag_values(f, "gates/duplicate")[at] = duplicate_of(o, layer, c);
        }
    }
    diag_cell(step, LEADSEQ_CELL_GATES_SATURATED, worst);
    return 0;
}

static int fill_flow(struct leadseq_probes *p, struct leadseq_step *step)
{
    const struct diag_observed *o = p->observed;
    struct diag_file *f = &p->file;
    int leads = o->leads, n = o->layers * DIAG_SIGNALS;
    if (diag_row(f, "flow", step->step)) return -1;
    memcpy(diag_values(f, "flow/norm"), o->norm, (size_t)(n * leads) * sizeof *o->norm);
    for (int k = 0; k < n; k++) {
        const double *norm = o->norm + (size_t)k * (size_t)leads;
        double share = norm[0] / norm[leads - 1], all = 0;
        for (int t = 0; t < leads; t++) all += norm[t] * norm[t];
        diag_flow_factor(norm, leads, diag_values(f, "flow/factor") + k,
                         diag_values(f, "flow/factor_se") + k);
        diag_values(f, "flow/first_share")[k] = share;
        diag_values(f, "flow/first_part")[k] = norm[0] * norm[0] / all;
        diag_values(f, "flow/mean_factor")[k] = leads > 1 ? pow(share, 1.0 / (leads - 1)) : NAN;
    }
    diag_cell(step, LEADSEQ_CELL_FLOW_FACTOR, *diag_values(f, "flow/factor"));
    diag_cell(step, LEADSEQ_CELL_FLOW_FIRST, *diag_values(f, "flow/first_share"));
    return 0;
}

int diag_observe_end(struct leadseq_probes *p, struct leadseq_step *step)
{
    leadseq_model_observe(p->t.model, NULL, NULL);
    if (p->observed->failed) return leadseq_fail_in("observing a step");
    if (diag_file_has(&p->file, "gates") && fill_gates(p, step)) return -1;
    return diag_file_has(&p->file, "flow") ? fill_flow(p, step) : 0;
}
