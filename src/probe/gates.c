/* SPDX-License-Identifier: MIT
 *
 * The gates group: what the recurrent layers' gates, cells and hidden channels are like
 * in the forward pass of a step, summed as it passes by. Only h of the present lead
 * is kept (tanh(c) is h / o, so that c itself is not needed), and a sample of h of
 * the last lead, by which channels are compared. */
#include "type.h"

#include <stdlib.h>
#include <string.h>

static const struct leadseq_quantity quantities[] = {
    {"gates/mean",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD, LEADSEQ_AXIS_GATE, LEADSEQ_AXIS_CHANNEL},
     "1",
     "mean of i, f, o, g, tanh(c) over records and pixels"},
    {"gates/low",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD, LEADSEQ_AXIS_GATE, LEADSEQ_AXIS_CHANNEL},
     "1",
     "share below 0.1 (i f o), below -0.9 (g, tanh c)"},
    {"gates/high",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD, LEADSEQ_AXIS_GATE, LEADSEQ_AXIS_CHANNEL},
     "1",
     "share above 0.9"},
    {"gates/saturated",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_GATE},
     "1",
     "low + high over all leads and channels (f from the second lead on)"},
    {"gates/h_mean",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD, LEADSEQ_AXIS_CHANNEL},
     "1",
     "mean of h_t over records and pixels"},
    {"gates/h_sd",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD, LEADSEQ_AXIS_CHANNEL},
     "1",
     "its standard deviation over records and pixels"},
    {"gates/h_max",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD, LEADSEQ_AXIS_CHANNEL},
     "1",
     "max |h_t|"},
    {"gates/memory",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_CHANNEL},
     "leads",
     "1 / (1 - mean f) over the leads from the second on"},
    {"gates/dead",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_CHANNEL},
     "1",
     "1 where h_sd <= 1e-6 at every lead: the channel says the same everywhere"},
    {"gates/duplicate",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_CHANNEL},
     "index",
     "the first earlier channel whose h at the last lead has |correlation| > 0.999 with this "
     "one's, -1: none"},
};

/* Saturated: in the outer tenth of the range, 0 … 1 for i, f, o and -1 … 1 for g, tanh(c). A
 * channel is dead if its h has no more than this standard deviation at any lead, and a duplicate if
 * |r| with another one's is above SAME. */
static const float LOW = 0.1f, HIGH = 0.9f, HIGH_TANH = 0.9f;
static const double DEAD_SD = 1e-6, SAME = 0.999;
enum { SAMPLED_PIXELS = 4096 }; /* of each record, of h at the last lead */

struct gates {
    int layers, leads, channels;
    const char *name[LEADSEQ_CELLS_MOST]; /* of each cell */
    int hidden[LEADSEQ_CELLS_MOST];
    float *h; /* of the present step, to have tanh(c) = h / o */
    size_t h_room;
    float *sample[LEADSEQ_CELLS_MOST]; /* (channel, n_sample) */
    size_t n_sample[LEADSEQ_CELLS_MOST];
    double *mean, *low, *high;     /* (layer, lead, gate, channel) */
    double *h_mean, *h_sd, *h_max; /* (layer, lead, channel) */
    bool failed;
};

static size_t cells(const struct gates *o)
{
    return (size_t)o->layers * (size_t)o->leads * (size_t)o->channels;
}

static size_t values(const struct gates *o)
{
    return (3 * PROBE_GATES + 3) * cells(o);
}

static int begin(struct leadseq_probes *p, void *own)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(probe_session_of(p)->t.model);
    struct gates *o = own;
    o->layers = leadseq_model_cells(probe_session_of(p)->t.model);
    o->leads = spec->leads;
    for (int i = 0; i < o->layers; i++) {
        const struct leadseq_model_cell cell = leadseq_model_cell(probe_session_of(p)->t.model, i);
        o->name[i] = cell.name;
        o->hidden[i] = cell.channels;
        if (o->hidden[i] > o->channels) o->channels = o->hidden[i];
    }
    size_t n = cells(o);
    o->mean = leadseq_calloc(values(o), sizeof *o->mean);
    if (!o->mean) return -1;
    o->low = o->mean + PROBE_GATES * n;
    o->high = o->low + PROBE_GATES * n;
    o->h_mean = o->high + PROBE_GATES * n;
    o->h_sd = o->h_mean + n;
    o->h_max = o->h_sd + n;
    return 0;
}

static void clear(void *own)
{
    struct gates *o = own;
    for (int i = 0; i < LEADSEQ_CELLS_MOST; i++) free(o->sample[i]);
    free(o->mean);
    free(o->h);
}

/* --- Planes: the pixels of one channel of one record ------------------------------------------ */

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

/* --- Forward ---------------------------------------------------------------------------------- */

/* h of the last lead at every stride-th pixel, channel by channel: enough to compare channels with
 * each other, and small also for 512 × 512 images. */
static void keep_sample(struct gates *o, int layer, const struct leadseq_view *v)
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

/* h of a lead comes before the gates of the same lead. It is copied, because tanh(c), the fifth
 * "gate", is not stored by the layer and is computed as h / o when the gates come.
 *
 * Threads take channels; each writes only the entries of its own channel, and a channel is summed
 * in the order of its records, so that the result does not depend on the number of threads. */
static void see_h(struct gates *o, int layer, int t, const struct leadseq_view *v)
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
static struct plane gate_plane(const struct gates *o, const struct leadseq_view *v, int hidden,
                               int gate, int c)
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

/* Channels of `v`: i of all hidden channels, then f, o and g. Threads take pairs of gate and
 * channel, each with its own entries of mean, low and high. */
static void see_gates(struct gates *o, int layer, int t, const struct leadseq_view *v)
{
    int hidden = o->hidden[layer];
    double count = (double)v->h * v->w * v->n;
    size_t base = ((size_t)layer * (size_t)o->leads + (size_t)t) * PROBE_GATES;
    if (!o->h) return;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < PROBE_GATES * hidden; k++) {
        int gate = k / hidden, c = k % hidden;
        struct plane one = gate_plane(o, v, hidden, gate, c);
        size_t at = (base + (size_t)gate) * (size_t)o->channels + (size_t)c;
        o->mean[at] = one.sum / count;
        o->low[at] = one.low / count;
        o->high[at] = one.high / count;
    }
}

/* --- The observer ----------------------------------------------------------------------------- */

static void observe(void *own, const char *name, int lead, enum leadseq_observed what,
                    const struct leadseq_view *v)
{
    struct gates *o = own;
    int layer = 0;
    while (layer < o->layers && strcmp(name, o->name[layer])) layer++;
    if (layer == o->layers || lead < 0 || lead >= o->leads) return;
    if (what == LEADSEQ_OBSERVED_H) see_h(o, layer, lead, v);
    if (what == LEADSEQ_OBSERVED_GATES) see_gates(o, layer, lead, v);
}

static int before(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    struct gates *o = own;
    (void)p, (void)step;
    for (size_t i = 0; i < values(o); i++) o->mean[i] = NAN;
    o->failed = false;
    return 0;
}

/* --- Rows ------------------------------------------------------------------------------------- */

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

/* The first channel before c with the same or the opposite h, -1: none. Dead channels have no
 * correlation (0 / 0), which compares as no duplicate. */
static int duplicate_of(const struct gates *o, int layer, int c)
{
    size_t n = o->n_sample[layer];
    const float *x = o->sample[layer];
    for (int k = 0; n && k < c; k++)
        if (fabs(correlation(x + (size_t)k * n, x + (size_t)c * n, n)) > SAME) return k;
    return -1;
}

static bool is_dead(const struct gates *o, int layer, int c)
{
    for (int t = 0; t < o->leads; t++) {
        size_t at = ((size_t)layer * (size_t)o->leads + (size_t)t) * (size_t)o->channels;
        if (!(o->h_sd[at + (size_t)c] <= DEAD_SD)) return false;
    }
    return true;
}

/* Mean over channels and leads of what is saturated; f multiplies a zero state at the first. */
static double saturated(const struct gates *o, int layer, int gate)
{
    double sum = 0;
    int n = 0;
    for (int t = gate == 1 && o->leads > 1; t < o->leads; t++)
        for (int c = 0; c < o->hidden[layer]; c++, n++) {
            size_t at =
                (((size_t)layer * (size_t)o->leads + (size_t)t) * PROBE_GATES + (size_t)gate) *
                    (size_t)o->channels +
                (size_t)c;
            sum += o->low[at] + o->high[at];
        }
    return sum / n;
}

/* Leads that a value stays in c: with a forget gate of constant mean f, c keeps f^k after k leads,
 * and Σ f^k = 1 / (1 - f). An f of 0.9 remembers ten leads. */
static double memory_of(const struct gates *o, int layer, int c)
{
    double f = 0;
    int first = o->leads > 1;
    for (int t = first; t < o->leads; t++)
        f += o->mean[(((size_t)layer * (size_t)o->leads + (size_t)t) * PROBE_GATES + 1) *
                         (size_t)o->channels +
                     (size_t)c];
    return 1 / (1 - f / (o->leads - first));
}

static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    const struct gates *o = own;
    size_t n = cells(o);
    double worst = 0;
    if (o->failed) return leadseq_fail_in("probes: observing the gates");
    if (probe_row(p, "gates", step->step)) return -1;
    memcpy(probe_values(p, "gates/mean"), o->mean, PROBE_GATES * n * sizeof *o->mean);
    memcpy(probe_values(p, "gates/low"), o->low, PROBE_GATES * n * sizeof *o->low);
    memcpy(probe_values(p, "gates/high"), o->high, PROBE_GATES * n * sizeof *o->high);
    memcpy(probe_values(p, "gates/h_mean"), o->h_mean, n * sizeof *o->h_mean);
    memcpy(probe_values(p, "gates/h_sd"), o->h_sd, n * sizeof *o->h_sd);
    memcpy(probe_values(p, "gates/h_max"), o->h_max, n * sizeof *o->h_max);
    for (int layer = 0; layer < o->layers; layer++) {
        for (int gate = 0; gate < PROBE_GATES; gate++) {
            double share = saturated(o, layer, gate);
            probe_values(p, "gates/saturated")[layer * PROBE_GATES + gate] = share;
            worst = fmax(worst, share);
        }
        for (int c = 0; c < o->hidden[layer]; c++) {
            int at = layer * o->channels + c;
            probe_values(p, "gates/memory")[at] = memory_of(o, layer, c);
            probe_values(p, "gates/dead")[at] = is_dead(o, layer, c);
            probe_values(p, "gates/duplicate")[at] = duplicate_of(o, layer, c);
        }
    }
    probe_cell(step, LEADSEQ_CELL_GATES_SATURATED, worst);
    return 0;
}

const struct leadseq_probe_type probe_gates = {
    .name = "gates",
    .group = LEADSEQ_GROUP_GATES,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&probe_observing},
    .n_works = 1,
    .own_bytes = sizeof(struct gates),
    .absent = probe_lacks_recurrence,
    .begin = begin,
    .clear = clear,
    .before = before,
    .observe = observe,
    .gradient = gradient,
};
