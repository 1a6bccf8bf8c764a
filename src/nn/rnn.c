/* SPDX-License-Identifier: MIT
 *
 * An LSTM or a GRU along rows, whose columns are its steps; PyTorch's formulas and order of gates:
 *
 *   LSTM  (i f g o) = W x_t + b + V h_{t-1} + d       c_t = σ(f) c_{t-1} + σ(i) tanh(g)
 *                                                     h_t = σ(o) tanh(c_t)
 *   GRU   (r z n) = W x_t + b,  (r' z' n') = V h_{t-1} + d
 *         h_t = (1 - z) n + z h_{t-1} with r = σ(r + r'), z = σ(z + z'), n = tanh(n + r n')
 *
 * x (N, C, 1, T) and y (N, K, 1, T) are read and written step by step, (T, N, C): oneDNN's dcab, in
 * which several of these layers follow each other without a copy. With G gates
 *
 *   forward   A (T·N, G K) = X W' + b, in pieces of rows; then record by record and step by step
 *             A_t += H_{t-1} V', and A_t becomes the activated gates
 *   backward  step by step A_t becomes the derivatives of their sums and dH_{t-1} += A_t V; then
 *             dX = A W,  dW += A' X,  dV += A_{1…}' H_{…T-2}, in pieces
 *
 * Products are oneDNN's, each by one thread. Which pieces there are follows from the shape, so that
 * the number of threads changes no bit. */
#include "layers.h"
#include "vector.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 256,   /* of a piece of A */
    RECORDS = 32, /* of a group that goes from step to step */
    UNITS = 64    /* of a piece of dW: rows of W */
};

struct rnn {
    struct nn_layer layer;
    struct nn_rnn_options o;
    int w, v, b, d; /* slices */
};

struct rnn_state {
    struct nn_adapter x, dy; /* (T, N, ·) */
    float *gates;            /* A (T, N, G K) */
    float *cells;            /* (T, N, K). LSTM: c. GRU: n', then the derivative to it */
    float *sums;             /* (N, G K). GRU: V h + d of a step */
    float *dh, *dc;          /* (N, K) from the step after; training */
};

/* A pass: sizes, and where things are. */
struct run {
    size_t steps, records, in, hidden, sums; /* T, N, C, K, G K */
    bool gru;
    const float *x, *w, *v, *b, *d, *dy;
    float *gates, *cells, *from_h, *h, *dh, *dc, *dx;
    float *dw, *dv, *db, *dd;
};

static size_t gates_of(const struct rnn *l)
{
    return l->o.gru ? 3 : 4;
}

/* --- Binding --------------------------------------------------------------------------------- */

/* (T, N, C) in memory. */
static int describe_steps(nn_md *md, struct nn_shape shape)
{
    return nn_check(nn_layout_tag(md, shape, NN_F32, dnnl_dcab), "describing steps");
}

static int rnn_bind(struct nn_bound *b)
{
    const struct rnn *l = (const struct rnn *)b->layer;
    const struct nn_shape in = nn_bound_shape(b, l->layer.in),
                          out = nn_bound_shape(b, l->layer.out);
    struct rnn_state *s = b->state = leadseq_calloc(1, sizeof *s);
    nn_md x = NULL, y = NULL;
    if (!s || describe_steps(&x, in)) return -1;
    int status = nn_adapter_init_values(&s->x, b->engine, b->x, x, NN_F32, false);
    if (!status) status = describe_steps(&y, out);
    if (!status) status = nn_tensor_describe(&b->y, b->engine, out, y);
    dnnl_memory_desc_destroy(x);
    if (y) dnnl_memory_desc_destroy(y);
    if (status) return -1;
    const size_t count = nn_shape_count(out), step = count / (size_t)out.w, gates = gates_of(l);
    s->gates = nn_aligned(gates * count * sizeof *s->gates);
    s->cells = nn_aligned(count * sizeof *s->cells);
    s->sums = nn_aligned((l->o.gru ? gates * step : 1) * sizeof *s->sums);
    if (b->training) b->kept_bytes = (gates + 1) * count * sizeof *s->gates + s->x.own.bytes;
    return s->gates && s->cells && s->sums ? 0 : -1;
}

static int rnn_bind_backward(struct nn_bound *b)
{
    struct rnn_state *s = b->state;
    const struct nn_shape out = b->y.shape;
    const size_t step = nn_shape_count(out) / (size_t)out.w;
    nn_md x = NULL;
    s->dh = nn_aligned(2 * step * sizeof *s->dh);
    if (!s->dh || nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, NN_F32, false))
        return -1;
    s->dc = s->dh + step;
    if (!b->need_dx) return 0;
    if (describe_steps(&x, b->x->shape)) return -1;
    const int status = nn_tensor_describe(&b->dx, b->engine, b->x->shape, x);
    dnnl_memory_desc_destroy(x);
    return status;
}

static void rnn_unbind(struct nn_bound *b)
{
    struct rnn_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dy);
    free(s->gates);
    free(s->cells);
    free(s->sums);
    free(s->dh);
    free(s);
    b->state = NULL;
}

static void rnn_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    const struct rnn *l = (const struct rnn *)layer;
    const size_t step = (size_t)batch * (size_t)l->o.hidden, x = nn_shape_count(layer->in);
    const size_t kept = (gates_of(l) + 1) * step * (size_t)layer->out.w + x * (size_t)batch;
    need->block = 1;
    if (training) need->kept = kept * sizeof(float);
    need->scratch = ((training ? 2 * step : kept) + gates_of(l) * step) * sizeof(float);
}

/* --- Products ---------------------------------------------------------------------------------
 */

/* A matrix by rows of `length` floats, transposed where it is to be. */
struct matrix {
    const float *value;
    size_t length;
    bool transposed;
};

/* c (m, n) = a (m, k) b (k, n), or added to c. By the calling thread alone, in a parallel region.
 */
static dnnl_status_t multiply(size_t m, size_t n, size_t k, struct matrix a, struct matrix b,
                              bool add, float *c, size_t length)
{
    return dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', (dnnl_dim_t)m,
                      (dnnl_dim_t)n, (dnnl_dim_t)k, 1, a.value, (dnnl_dim_t)a.length, b.value,
                      (dnnl_dim_t)b.length, add ? 1 : 0, c, (dnnl_dim_t)length);
}

/* Calls `visit` for each piece of at most `size` of `count`. */
typedef dnnl_status_t visitor(const struct run *r, size_t first, size_t n);
static int run_pieces(const struct run *r, size_t count, size_t size, visitor *visit)
{
    int worst = dnnl_success;
#pragma omp parallel for schedule(dynamic) reduction(max : worst)
    for (size_t first = 0; first < count; first += size) {
        const int status = (int)visit(r, first, count - first < size ? count - first : size);
        if (status > worst) worst = status;
    }
    return nn_check((dnnl_status_t)worst, "a product of matrices");
}

/* --- Forward ----------------------------------------------------------------------------------
 */

/* The biases of a row of sums; those of both where they are added. */
static void set_biases(float *to, const float *b, const float *d, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] = d ? b[i] + d[i] : b[i];
}

/* What x adds to the sums, in some of the T·N rows. */
static dnnl_status_t sum_x(const struct run *r, size_t first, size_t rows)
{
    float *a = r->gates + first * r->sums;
    for (size_t i = 0; i < rows; i++)
        set_biases(a + i * r->sums, r->b, r->gru ? NULL : r->d, r->sums);
    return multiply(rows, r->sums, r->in, (struct matrix){r->x + first * r->in, r->in, false},
                    (struct matrix){r->w, r->in, true}, true, a, r->sums);
}

/* A row of K units; `before`: c of the step before, or NULL. */
CLONES static void lstm_row(float *a, const float *before, float *c, float *h, size_t n)
{
    const vec zero = {0};
    for (size_t k = 0; k < n; k += WIDTH) {
        const size_t some = n - k;
        const struct gates g = {.i = sigmoid(load_some(a + k, some)),
                                .f = sigmoid(load_some(a + n + k, some)),
                                .g = tangent(load_some(a + 2 * n + k, some)),
                                .o = sigmoid(load_some(a + 3 * n + k, some))};
        vec cell = before ? load_some(before + k, some) : zero;
        store_some(h + k, step(&g, &cell), some);
        store_some(c + k, cell, some);
        store_some(a + k, g.i, some);
        store_some(a + n + k, g.f, some);
        store_some(a + 2 * n + k, g.g, some);
        store_some(a + 3 * n + k, g.o, some);
    }
}

/* `u`: what h adds to the sums; `before`: h of the step before, or NULL. */
CLONES static void gru_row(float *a, const float *u, const float *before, float *c, float *h,
                           size_t n)
{
    const vec zero = {0};
    for (size_t k = 0; k < n; k += WIDTH) {
        const size_t some = n - k;
        const vec last = before ? load_some(before + k, some) : zero;
        const vec own = load_some(u + 2 * n + k, some);
        const vec r = sigmoid(load_some(a + k, some) + load_some(u + k, some));
        const vec z = sigmoid(load_some(a + n + k, some) + load_some(u + n + k, some));
        const vec g = tangent(load_some(a + 2 * n + k, some) + r * own);
        store_some(h + k, g + z * (last - g), some);
        store_some(c + k, own, some);
        store_some(a + k, r, some);
        store_some(a + n + k, z, some);
        store_some(a + 2 * n + k, g, some);
    }
}

/* All steps of some records. */
static dnnl_status_t go_forward(const struct run *r, size_t first, size_t n)
{
    const size_t k = r->hidden;
    for (size_t t = 0; t < r->steps; t++) {
        const size_t at = t * r->records + first;
        float *a = r->gates + at * r->sums, *to = r->gru ? r->from_h + first * r->sums : a;
        const float *last = t ? r->h + (at - r->records) * k : NULL;
        const float *cell = t ? r->cells + (at - r->records) * k : NULL;
        for (size_t i = 0; r->gru && i < n; i++) set_biases(to + i * r->sums, r->d, NULL, r->sums);
        const dnnl_status_t status =
            !t ? dnnl_success
               : multiply(n, r->sums, k, (struct matrix){last, k, false},
                          (struct matrix){r->v, k, true}, true, to, r->sums);
        if (status != dnnl_success) return status;
        for (size_t i = 0; i < n; i++) {
            float *c = r->cells + (at + i) * k, *h = r->h + (at + i) * k;
            if (r->gru)
                gru_row(a + i * r->sums, to + i * r->sums, last ? last + i * k : NULL, c, h, k);
            else
                lstm_row(a + i * r->sums, cell ? cell + i * k : NULL, c, h, k);
        }
    }
    return dnnl_success;
}

static struct run run_of(const struct nn_bound *b)
{
    const struct rnn *l = (const struct rnn *)b->layer;
    const struct rnn_state *s = b->state;
    const struct leadseq_params *p = l->layer.store.params;
    return (struct run){.steps = (size_t)l->layer.in.w,
                        .records = (size_t)b->batch,
                        .in = (size_t)l->layer.in.c,
                        .hidden = (size_t)l->o.hidden,
                        .sums = gates_of(l) * (size_t)l->o.hidden,
                        .gru = l->o.gru,
                        .x = s->x.tensor->data,
                        .w = nn_params_value(p, l->w),
                        .v = nn_params_value(p, l->v),
                        .b = nn_params_value(p, l->b),
                        .d = nn_params_value(p, l->d),
                        .gates = s->gates,
                        .cells = s->cells,
                        .from_h = s->sums,
                        .h = b->y.data};
}

static int rnn_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct rnn_state *s = b->state;
    (void)pass;
    if (nn_adapter_run(&s->x, b->engine)) return -1;
    const struct run r = run_of(b);
    return run_pieces(&r, r.steps * r.records, ROWS, sum_x) ||
                   run_pieces(&r, r.records, RECORDS, go_forward)
               ? -1
               : 0;
}

/* --- Backward ---------------------------------------------------------------------------------
 */

/* Gates become derivatives of their sums; dc that of the step before. */
CLONES static void lstm_row_back(float *a, const float *before, const float *c, const float *dy,
                                 const float *dh, float *dc, size_t n)
{
    const vec zero = {0};
    for (size_t k = 0; k < n; k += WIDTH) {
        const size_t some = n - k;
        struct gates g = {.i = load_some(a + k, some),
                          .f = load_some(a + n + k, some),
                          .g = load_some(a + 2 * n + k, some),
                          .o = load_some(a + 3 * n + k, some)};
        vec d = load_some(dc + k, some);
        step_back(&g, tangent(load_some(c + k, some)), before ? load_some(before + k, some) : zero,
                  load_some(dy + k, some) + load_some(dh + k, some), &d);
        store_some(dc + k, d, some);
        store_some(a + k, g.i, some);
        store_some(a + n + k, g.f, some);
        store_some(a + 2 * n + k, g.g, some);
        store_some(a + 3 * n + k, g.o, some);
    }
}

/* The same; c (n') becomes the derivative to it, dh what goes to h of the step before past the
 * gates. */
CLONES static void gru_row_back(float *a, const float *before, float *c, const float *dy, float *dh,
                                size_t n)
{
    const vec zero = {0};
    for (size_t k = 0; k < n; k += WIDTH) {
        const size_t some = n - k;
        const vec r = load_some(a + k, some), z = load_some(a + n + k, some),
                  g = load_some(a + 2 * n + k, some);
        const vec last = before ? load_some(before + k, some) : zero;
        const vec d = load_some(dy + k, some) + load_some(dh + k, some);
        const vec to_g = d * (1.0f - z) * (1.0f - g * g);
        store_some(a + k, to_g * load_some(c + k, some) * r * (1.0f - r), some);
        store_some(a + n + k, d * (last - g) * z * (1.0f - z), some);
        store_some(a + 2 * n + k, to_g, some);
        store_some(c + k, to_g * r, some);
        store_some(dh + k, d * z, some);
    }
}

/* dh of the step before, from the derivatives of the sums of some rows of this one. */
static dnnl_status_t hand_back(const struct run *r, size_t at, size_t first, size_t n)
{
    const size_t k = r->hidden, plain = r->gru ? 2 * k : r->sums;
    float *dh = r->dh + first * k;
    const struct matrix a = {r->gates + at * r->sums, r->sums, false},
                        own = {r->cells + at * k, k, false};
    const dnnl_status_t status =
        multiply(n, k, plain, a, (struct matrix){r->v, k, false}, r->gru, dh, k);
    if (status != dnnl_success || !r->gru) return status;
    return multiply(n, k, k, own, (struct matrix){r->v + plain * k, k, false}, true, dh, k);
}

static dnnl_status_t go_backward(const struct run *r, size_t first, size_t n)
{
    const size_t k = r->hidden;
    memset(r->dh + first * k, 0, n * k * sizeof *r->dh);
    memset(r->dc + first * k, 0, n * k * sizeof *r->dc);
    for (size_t t = r->steps; t-- > 0;) {
        const size_t at = t * r->records + first;
        for (size_t i = 0; i < n; i++) {
            const size_t row = at + i, last = row - r->records;
            float *a = r->gates + row * r->sums, *c = r->cells + row * k;
            float *dh = r->dh + (first + i) * k;
            if (r->gru)
                gru_row_back(a, t ? r->h + last * k : NULL, c, r->dy + row * k, dh, k);
            else
                lstm_row_back(a, t ? r->cells + last * k : NULL, c, r->dy + row * k, dh,
                              r->dc + (first + i) * k, k);
        }
        const dnnl_status_t status = t ? hand_back(r, at, first, n) : dnnl_success;
        if (status != dnnl_success) return status;
    }
    return dnnl_success;
}

static dnnl_status_t to_x(const struct run *r, size_t first, size_t rows)
{
    return multiply(rows, r->in, r->sums,
                    (struct matrix){r->gates + first * r->sums, r->sums, false},
                    (struct matrix){r->w, r->in, false}, false, r->dx + first * r->in, r->in);
}

/* Derivatives to the sums of some units, of which V h has its own in the last third of a GRU. */
static struct matrix to_sums(const struct run *r, size_t unit, bool from_h)
{
    const size_t own = 2 * r->hidden;
    if (from_h && r->gru && unit >= own)
        return (struct matrix){r->cells + unit - own, r->hidden, true};
    return (struct matrix){r->gates + unit, r->sums, true};
}

/* Of some units that are all of one gate. */
static dnnl_status_t to_weights(const struct run *r, size_t unit, size_t n)
{
    const size_t k = r->hidden, rows = r->steps * r->records, later = rows - r->records;
    struct matrix a = to_sums(r, unit, true);
    const dnnl_status_t status =
        multiply(n, r->in, rows, to_sums(r, unit, false), (struct matrix){r->x, r->in, false}, true,
                 r->dw + unit * r->in, r->in);
    if (status != dnnl_success || !later) return status;
    a.value += r->records * a.length;
    return multiply(n, k, later, a, (struct matrix){r->h, k, false}, true, r->dv + unit * k, k);
}

/* Σ over rows, in double. */
CLONES static void add_rows(struct matrix a, size_t rows, size_t n, float *to)
{
    for (size_t k = 0; k < n; k += WIDTH) {
        double sum[WIDTH] = {0};
        for (size_t i = 0; i < rows; i++)
            add_doubles(sum, doubled(load_some(a.value + i * a.length + k, n - k)));
        for (size_t j = 0; j < WIDTH && k + j < n; j++) to[k + j] += (float)sum[j];
    }
}

static dnnl_status_t to_parameters(const struct run *r, size_t first, size_t n)
{
    const size_t rows = r->steps * r->records, gate = first / r->hidden * r->hidden + r->hidden;
    const size_t here = first + n > gate ? gate - first : n;
    add_rows(to_sums(r, first, false), rows, here, r->db + first);
    add_rows(to_sums(r, first, true), rows, here, r->dd + first);
    const dnnl_status_t status = to_weights(r, first, here);
    return status != dnnl_success || here == n ? status : to_parameters(r, gate, n - here);
}

static int rnn_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    const struct rnn *l = (const struct rnn *)b->layer;
    struct rnn_state *s = b->state;
    const struct leadseq_params *p = l->layer.store.params;
    (void)pass;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    struct run r = run_of(b);
    r.dy = s->dy.tensor->data;
    r.dh = s->dh, r.dc = s->dc, r.dx = b->need_dx ? b->dx.data : NULL;
    r.dw = nn_params_gradient(p, l->w), r.dv = nn_params_gradient(p, l->v);
    r.db = nn_params_gradient(p, l->b), r.dd = nn_params_gradient(p, l->d);
    if (run_pieces(&r, r.records, RECORDS, go_backward) ||
        run_pieces(&r, r.sums, UNITS, to_parameters))
        return -1;
    return b->need_dx ? run_pieces(&r, r.steps * r.records, ROWS, to_x) : 0;
}

/* --- Graph ------------------------------------------------------------------------------------
 */

/* Rows of a slice of G K units in ONNX's order of gates. */
static int add_ordered(struct nn_graph *g, const struct rnn *l, const int slice[2],
                       const int *order)
{
    const struct leadseq_params *p = l->layer.store.params;
    const size_t parts = slice[1] < 0 ? 1 : 2, whole = p->slice[slice[0]].count;
    const size_t gates = gates_of(l), one = whole / gates;
    float *v = leadseq_calloc(parts * whole, sizeof *v);
    if (!v) return -1;
    for (size_t i = 0; i < parts; i++)
        for (size_t k = 0; k < gates; k++)
            memcpy(v + i * whole + k * one, nn_params_value(p, slice[i]) + (size_t)order[k] * one,
                   one * sizeof *v);
    const int64_t units = (int64_t)gates * l->o.hidden, rest = (int64_t)whole / units;
    const int64_t matrix[] = {1, units, rest}, vector[] = {1, 2 * units};
    const int value = parts == 1 ? nn_graph_array(g, l->layer.name, v, 3, matrix)
                                 : nn_graph_array(g, l->layer.name, v, 2, vector);
    free(v);
    return value;
}

static int reshaped(struct nn_graph *g, const char *name, const char *op, int x, int64_t axis)
{
    return nn_graph_two(g, name, op, x, nn_graph_integers(g, name, &axis, 1));
}

static int turned(struct nn_graph *g, const char *name, int x, int a, int b, int c)
{
    return nn_graph_add(g, &(struct nn_graph_op){.op = "Transpose",
                                                 .layer = name,
                                                 .n_inputs = 1,
                                                 .input = {x},
                                                 .attribute = {NN_GRAPH_INTS("perm", 3, a, b, c)}});
}

/* (N, C, 1, T) -> (T, N, C) -> LSTM -> (T, 1, N, K) -> (N, K, 1, T). ONNX's orders of gates are
 * i o f g and z r n. */
static int rnn_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    static const int lstm[] = {0, 3, 1, 2}, gru[] = {1, 0, 2};
    const struct rnn *l = (const struct rnn *)layer;
    const int *order = l->o.gru ? gru : lstm;
    const char *name = layer->name;
    const int steps = turned(g, name, reshaped(g, name, "Squeeze", x->value[0], 2), 2, 0, 1);
    struct nn_graph_op op = {.op = l->o.gru ? "GRU" : "LSTM",
                             .layer = name,
                             .n_inputs = 4,
                             .input = {steps, add_ordered(g, l, (int[]){l->w, -1}, order),
                                       add_ordered(g, l, (int[]){l->v, -1}, order),
                                       add_ordered(g, l, (int[]){l->b, l->d}, order)},
                             .attribute = {NN_GRAPH_INT("hidden_size", l->o.hidden)}};
    if (l->o.gru)
        op.attribute[1] = (struct nn_graph_attribute)NN_GRAPH_INT("linear_before_reset", 1);
    const int y = reshaped(g, name, "Squeeze", nn_graph_add(g, &op), 1);
    x->value[0] = reshaped(g, name, "Unsqueeze", turned(g, name, y, 1, 2, 0), 2);
    return x->value[0] < 0 ? -1 : 0;
}

/* --- Type -------------------------------------------------------------------------------------
 */

static int rnn_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const struct nn_rnn_options *o = options;
    if (o->hidden < 1) return leadseq_fail("hidden: expected at least 1, found %d", o->hidden);
    if (in.n != 1 || in.h != 1)
        return leadseq_fail("expected one row, whose columns are the steps, found %d images of "
                            "%d x %d",
                            in.n, in.w, in.h);
    *out = (struct nn_shape){1, o->hidden, 1, in.w};
    return 0;
}

static int rnn_init(struct nn_layer *layer, const void *options)
{
    struct rnn *l = (struct rnn *)layer;
    l->o = *(const struct nn_rnn_options *)options;
    const int k = l->o.hidden, units = (int)gates_of(l) * k, in = layer->in.c;
    const uint64_t steps = (uint64_t)layer->in.w, one = (uint64_t)units * (uint64_t)k;
    struct nn_slice_options s[] = {
        {.name = "weight_ih", .dims = {units, in}, .n_dims = 2, .decays = true},
        {.name = "weight_hh", .dims = {units, k}, .n_dims = 2, .decays = true},
        {.name = "bias_ih", .dims = {units}, .n_dims = 1},
        {.name = "bias_hh", .dims = {units}, .n_dims = 1}};
    int *slice[] = {&l->w, &l->v, &l->b, &l->d};
    for (size_t i = 0; i < LEADSEQ_COUNT(s); i++) {
        s[i].layer = layer->name;
        s[i].spread = nn_default_spread(k);
        *slice[i] = nn_params_declare(layer->store.params, &s[i]);
        if (*slice[i] < 0) return -1;
    }
    layer->dx_multiply_adds = steps * (uint64_t)units * (uint64_t)in;
    layer->state_multiply_adds = (steps - 1) * one;
    layer->multiply_adds = layer->dx_multiply_adds + layer->state_multiply_adds;
    return 0;
}

static int rnn_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    const struct rnn *l = (const struct rnn *)layer;
    option[0] = (struct nn_option){"hidden", l->o.hidden};
    option[1] = (struct nn_option){"gru", l->o.gru};
    return 2;
}

#define RNN(...)                                                                                   \
    &(const struct nn_rnn_options)                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct nn_layer_sample samples[] = {
    {{1, 1, 1, 1}, 1, RNN(.hidden = 1)},
    {{1, 12, 1, 9}, 3, RNN(.hidden = 17)},
    {{1, 5, 1, 4}, 35, RNN(.hidden = 16)},
    {{1, 1, 1, 1}, 1, RNN(.hidden = 1, .gru = true)},
    {{1, 12, 1, 9}, 3, RNN(.hidden = 17, .gru = true)},
    {{1, 3, 1, 5}, 33, RNN(.hidden = 23, .gru = true)},
    {.batch = 0},
};

const struct nn_layer_type nn_rnn_type = {
    .name = "rnn",
    .help = "an LSTM or a GRU along a row, whose columns are its steps",
    .size = sizeof(struct rnn),
    .check = rnn_check,
    .init = rnn_init,
    .options = rnn_options,
    .bind = rnn_bind,
    .bind_backward = rnn_bind_backward,
    .forward = rnn_forward,
    .backward = rnn_backward,
    .unbind = rnn_unbind,
    .need = rnn_need,
    .graph = rnn_graph,
    .samples = samples,
    .sees_all = true,
    .reads_y = true,
};

struct nn_layer *nn_rnn_new(const struct nn_store *store, const char *name, struct nn_shape in,
                            const struct nn_rnn_options *o)
{
    return nn_layer_new(&nn_rnn_type, store, name, in, o);
}
