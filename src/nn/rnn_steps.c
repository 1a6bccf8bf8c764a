/* SPDX-License-Identifier: MIT
 *
 * See rnn_steps.h. Forward, of each step and panel: biases, then W x and V h are added to them in
 * tiles, then gates, c and h. Backward, of each step from the last on: the gates of a group of
 * records become derivatives, whose products with V and W are dh of the step before and dx. Then
 * dW and dV, to which every step adds the sums over its records. */
#include "rnn_steps.h"

#include "vector.h"

#include <omp.h>
#include <stdlib.h>

enum { ROWS = 6 }; /* of a whole tile: a group of records is some of them */

static size_t elements(const struct nn_rnn *r, size_t n)
{
    return (n + r->kernels->pair - 1) / r->kernels->pair;
}

static size_t to_panels(size_t n)
{
    return (n + NN_PANEL - 1) / NN_PANEL;
}

/* --- Memory ---------------------------------------------------------------------------------- */

enum { BLOCKS = 24 }; /* 17 are in use */
struct blocks {
    struct {
        void *at; /* a pointer of some type */
        size_t bytes;
    } block[BLOCKS];
    size_t n;
};

static void add(struct blocks *b, void *at, size_t count, size_t size)
{
    b->block[b->n].at = at;
    b->block[b->n++].bytes = count * size;
}

static size_t pairs_of(const struct nn_rnn *r)
{
    return elements(r, r->records) * (r->in + r->hidden + NN_PANEL);
}

static void list_training(struct nn_rnn *r, struct blocks *b)
{
    const size_t n = r->records, p = r->panels, f = sizeof(float);
    const size_t k = to_panels(r->hidden), c = to_panels(r->in), column = p * NN_PANEL;
    add(b, &r->back_w, c * elements(r, column) * NN_PANEL, f);
    add(b, &r->back_v, k * elements(r, column) * NN_PANEL, f);
    add(b, &r->dh, n * k * NN_PANEL, f);
    add(b, &r->dx, n * c * NN_PANEL, f);
    add(b, &r->dc, r->gru ? 0 : p * n * NN_UNITS, f);
    add(b, &r->dw, r->in * column, f);
    add(b, &r->dv, r->hidden * column, f);
    add(b, &r->db, column, sizeof(double));
    if (!r->kernels->along) return;
    add(b, &r->halves, n * elements(r, column), f);
    add(b, &r->pairs, (size_t)r->threads * pairs_of(r), f);
}

static struct blocks list(struct nn_rnn *r)
{
    struct blocks b = {.n = 0};
    const size_t steps = r->training ? r->steps : 1, column = r->panels * NN_PANEL;
    const size_t rows = steps * r->panels * r->records, f = sizeof(float);
    add(&b, &r->gates, rows * NN_PANEL, f);
    add(&b, &r->cells, r->gru ? 0 : rows * NN_UNITS, f);
    r->kept = r->training ? b.block[0].bytes + b.block[1].bytes : 0;
    add(&b, &r->bias, column, f);
    add(&b, &r->w, elements(r, r->in) * column, f);
    add(&b, &r->v, elements(r, r->hidden) * column, f);
    if (r->kernels->along) {
        add(&b, &r->x, r->records * elements(r, r->in), f);
        add(&b, &r->last, r->records * elements(r, r->hidden), f);
    }
    if (r->training) list_training(r, &b);
    r->bytes = 0;
    for (size_t i = 0; i < b.n; i++) r->bytes += b.block[i].bytes;
    return b;
}

void nn_rnn_measure(struct nn_rnn *r)
{
    (void)list(r);
}

int nn_rnn_init(struct nn_rnn *r)
{
    const struct blocks b = list(r);
    for (size_t i = 0; i < b.n; i++) {
        void *memory = nn_aligned(b.block[i].bytes);
        if (!memory) return -1;
        memcpy(b.block[i].at, &memory, sizeof memory);
    }
    return 0;
}

void nn_rnn_clear(struct nn_rnn *r)
{
    const struct blocks b = r->kernels ? list(r) : (struct blocks){.n = 0};
    for (size_t i = 0; i < b.n; i++) {
        void *memory;
        memcpy(&memory, b.block[i].at, sizeof memory);
        free(memory);
    }
    *r = (struct nn_rnn){0};
}

/* --- Weights in panels ----------------------------------------------------------------------- */

/* The gate that a vector of a panel has, of W or of V; -1: none. */
static int gate_of(const struct nn_rnn *r, int vector, bool of_v)
{
    if (!r->gru) return vector;
    return vector < 2 ? vector : (vector == 3) == of_v ? 2 : -1;
}

/* Which vector products with W, or with V, leave out. */
static int without(const struct nn_rnn *r, bool of_v)
{
    return !r->gru ? 0 : of_v ? 2 : 3;
}

/* Term `k` of the sum of a column. */
static void put(const struct nn_rnn *r, float *to, size_t k, size_t column, float value)
{
    if (r->kernels->pair == 1)
        to[k * NN_PANEL + column] = value;
    else
        ((uint16_t *)(void *)to)[(k / 2 * NN_PANEL + column) * 2 + k % 2] = nn_bf16_of(value);
}

/* Of one panel: `w` (G K, n) as the forward pass reads it, and for the backward pass, whose columns
 * are those of w. */
static void pack(const struct nn_rnn *r, size_t panel, const float *w, size_t n, bool of_v,
                 float *forward, float *backward)
{
    const size_t units = elements(r, NN_PANEL) * NN_PANEL;
    forward += panel * elements(r, n) * NN_PANEL;
    for (int vector = 0; vector < NN_GATES; vector++) {
        const int gate = gate_of(r, vector, of_v);
        for (size_t lane = 0; gate >= 0 && lane < NN_UNITS; lane++) {
            const size_t unit = panel * NN_UNITS + lane, at = (size_t)vector * NN_UNITS + lane;
            if (unit >= r->hidden) break;
            const float *row = w + ((size_t)gate * r->hidden + unit) * n;
            for (size_t k = 0; k < n; k++) put(r, forward, k, at, row[k]);
            for (size_t k = 0; backward && k < n; k++)
                put(r, backward + (k / NN_PANEL * r->panels + panel) * units, at, k % NN_PANEL,
                    row[k]);
        }
    }
}

static void pack_biases(const struct nn_rnn *r, const struct nn_rnn_pass *p, size_t panel)
{
    for (size_t at = 0; at < NN_PANEL; at++) {
        const size_t unit = panel * NN_UNITS + at % NN_UNITS;
        const int vector = (int)(at / NN_UNITS), of_w = gate_of(r, vector, false),
                  of_v = gate_of(r, vector, true);
        float *to = r->bias + panel * NN_PANEL + at;
        if (unit >= r->hidden) continue;
        *to = of_w < 0 ? 0 : p->b[(size_t)of_w * r->hidden + unit];
        if (of_v >= 0) *to += p->d[(size_t)of_v * r->hidden + unit];
    }
}

static void pack_all(const struct nn_rnn *r, const struct nn_rnn_pass *p)
{
#pragma omp parallel for schedule(static) num_threads(r->threads)
    for (size_t panel = 0; panel < r->panels; panel++) {
        pack(r, panel, p->w, r->in, false, r->w, r->back_w);
        pack(r, panel, p->v, r->hidden, true, r->v, r->back_v);
        pack_biases(r, p, panel);
    }
}

/* --- Steps ----------------------------------------------------------------------------------- */

/* Some records that go through all steps together. */
struct group {
    const struct nn_rnn *r;
    const struct nn_rnn_pass *p;
    size_t first, n;
};
typedef void visitor(const struct group *g);

static void run_groups(const struct nn_rnn *r, const struct nn_rnn_pass *p, visitor *visit)
{
    const size_t threads = (size_t)r->threads, even = (r->records + threads - 1) / threads;
    const size_t size = (even + ROWS - 1) / ROWS * ROWS;
#pragma omp parallel for schedule(static, 1) num_threads(r->threads)
    for (size_t first = 0; first < r->records; first += size) {
        const size_t left = r->records - first;
        const struct group g = {.r = r, .p = p, .first = first, .n = left < size ? left : size};
        visit(&g);
    }
}

/* Where a step's rows of a panel begin, of the group's. */
static size_t row_of(const struct group *g, size_t t, size_t panel)
{
    const struct nn_rnn *r = g->r;
    return ((r->training ? t : 0) * r->panels + panel) * r->records + g->first;
}

/* Rows of the group as the kernels read them: where they are, or in bfloat16 in `own`. */
static const void *operand(const struct group *g, const float *rows, size_t n, float *own)
{
    const struct nn_rnn_kernels *k = g->r->kernels;
    const size_t length = elements(g->r, n);
    rows += g->first * n;
    if (!k->along) return rows;
    own += g->first * length;
    for (size_t i = 0; i < g->n; i++) k->along(rows + i * n, n, own + i * length);
    return own;
}

static void add_products(const struct group *g, const void *a, size_t n, const float *weights,
                         size_t panel, bool of_v, float *sums)
{
    const size_t length = elements(g->r, n);
    g->r->kernels->run(&(struct nn_tiles){.rows = g->n,
                                          .blocks = 1,
                                          .k = length,
                                          .a = a,
                                          .a_row = length,
                                          .a_k = 1,
                                          .b = weights + panel * length * NN_PANEL,
                                          .c = sums,
                                          .c_row = NN_PANEL,
                                          .without = without(g->r, of_v)});
}

/* Rows of sixteen units: `a` their gates, `c` and `h` of this step; those of the step before may be
 * NULL. `units` of them exist in h, whose rows are `length` long. */
struct rows {
    size_t n, units, length;
    float *a, *c, *h;
    const float *c_before, *h_before;
};

CLONES static void lstm_rows(const struct rows *r)
{
    const vec zero = {0};
    for (size_t i = 0; i < r->n; i++) {
        float *a = r->a + i * NN_PANEL;
        const struct gates g = {.i = sigmoid(load(a)),
                                .f = sigmoid(load(a + WIDTH)),
                                .g = tangent(load(a + 2 * WIDTH)),
                                .o = sigmoid(load(a + 3 * WIDTH))};
        vec cell = r->c_before ? load(r->c_before + i * WIDTH) : zero;
        store_some(r->h + i * r->length, step(&g, &cell), r->units);
        store(r->c + i * WIDTH, cell);
        store(a, g.i);
        store(a + WIDTH, g.f);
        store(a + 2 * WIDTH, g.g);
        store(a + 3 * WIDTH, g.o);
    }
}

CLONES static void gru_rows(const struct rows *r)
{
    const vec zero = {0};
    for (size_t i = 0; i < r->n; i++) {
        float *a = r->a + i * NN_PANEL;
        const vec last = r->h_before ? load_some(r->h_before + i * r->length, r->units) : zero;
        const vec reset = sigmoid(load(a)), z = sigmoid(load(a + WIDTH));
        const vec g = tangent(load(a + 2 * WIDTH) + reset * load(a + 3 * WIDTH));
        store_some(r->h + i * r->length, g + z * (last - g), r->units);
        store(a, reset);
        store(a + WIDTH, z);
        store(a + 2 * WIDTH, g);
    }
}

static struct rows rows_of(const struct group *g, size_t t, size_t panel)
{
    const struct nn_rnn *r = g->r;
    const size_t row = row_of(g, t, panel), unit = panel * NN_UNITS, k = r->hidden;
    const size_t h = (t * r->records + g->first) * k + unit;
    struct rows rows = {.n = g->n,
                        .units = k - unit < NN_UNITS ? k - unit : NN_UNITS,
                        .length = k,
                        .a = r->gates + row * NN_PANEL,
                        .c = r->cells + row * NN_UNITS,
                        .h = g->p->h + h};
    if (t) rows.h_before = rows.h - r->records * k;
    if (t && !r->gru) rows.c_before = r->cells + row_of(g, t - 1, panel) * NN_UNITS;
    return rows;
}

static void forward_group(const struct group *g)
{
    const struct nn_rnn *r = g->r;
    for (size_t t = 0; t < r->steps; t++) {
        const void *x = operand(g, g->p->x + t * r->records * r->in, r->in, r->x);
        const float *h = g->p->h + (t ? t - 1 : 0) * r->records * r->hidden;
        const void *last = t ? operand(g, h, r->hidden, r->last) : NULL;
        for (size_t panel = 0; panel < r->panels; panel++) {
            const struct rows rows = rows_of(g, t, panel);
            for (size_t i = 0; i < g->n; i++)
                memcpy(rows.a + i * NN_PANEL, r->bias + panel * NN_PANEL,
                       NN_PANEL * sizeof *rows.a);
            add_products(g, x, r->in, r->w, panel, false, rows.a);
            if (last) add_products(g, last, r->hidden, r->v, panel, true, rows.a);
            if (r->gru)
                gru_rows(&rows);
            else
                lstm_rows(&rows);
        }
    }
}

void nn_rnn_forward(const struct nn_rnn *r, const struct nn_rnn_pass *p)
{
    pack_all(r, p);
    run_groups(r, p, forward_group);
}

/* --- Backward -------------------------------------------------------------------------------- */

/* Derivatives of such rows: dy (length), dh (rows of `dh_length`), dc. dh becomes what goes to the
 * step before past the gates. */
struct back_rows {
    const float *dy;
    float *dh, *dc;
    size_t dh_length;
};

CLONES static void lstm_rows_back(const struct rows *r, const struct back_rows *b)
{
    const vec zero = {0};
    for (size_t i = 0; i < r->n; i++) {
        float *a = r->a + i * NN_PANEL, *dh = b->dh + i * b->dh_length;
        struct gates g = {
            .i = load(a), .f = load(a + WIDTH), .g = load(a + 2 * WIDTH), .o = load(a + 3 * WIDTH)};
        vec d = load(b->dc + i * WIDTH);
        step_back(&g, tangent(load(r->c + i * WIDTH)),
                  r->c_before ? load(r->c_before + i * WIDTH) : zero,
                  load_some(b->dy + i * r->length, r->units) + load(dh), &d);
        store(b->dc + i * WIDTH, d);
        store(dh, zero);
        store(a, g.i);
        store(a + WIDTH, g.f);
        store(a + 2 * WIDTH, g.g);
        store(a + 3 * WIDTH, g.o);
    }
}

CLONES static void gru_rows_back(const struct rows *r, const struct back_rows *b)
{
    const vec zero = {0};
    for (size_t i = 0; i < r->n; i++) {
        float *a = r->a + i * NN_PANEL, *dh = b->dh + i * b->dh_length;
        const vec reset = load(a), z = load(a + WIDTH), g = load(a + 2 * WIDTH);
        const vec last = r->h_before ? load_some(r->h_before + i * r->length, r->units) : zero;
        const vec d = load_some(b->dy + i * r->length, r->units) + load(dh);
        const vec to_g = d * (1.0f - z) * (1.0f - g * g);
        store(a, to_g * load(a + 3 * WIDTH) * reset * (1.0f - reset));
        store(a + WIDTH, d * (last - g) * z * (1.0f - z));
        store(a + 2 * WIDTH, to_g);
        store(a + 3 * WIDTH, to_g * reset);
        store(dh, d * z);
    }
}

static void derive(const struct group *g, size_t t, size_t panel)
{
    const struct nn_rnn *r = g->r;
    const struct rows rows = rows_of(g, t, panel);
    const size_t length = to_panels(r->hidden) * NN_PANEL;
    const struct back_rows back = {.dy = g->p->dy + (rows.h - g->p->h),
                                   .dh = r->dh + g->first * length + panel * NN_UNITS,
                                   .dc = r->dc + (panel * r->records + g->first) * NN_UNITS,
                                   .dh_length = length};
    if (r->gru)
        gru_rows_back(&rows, &back);
    else
        lstm_rows_back(&rows, &back);
}

/* to (n, columns / 64 · 64) += derivatives of a step times the weights that `packed` has. */
static void hand_back(const struct group *g, const float *a, const float *packed, size_t columns,
                      bool of_v, float *to)
{
    const struct nn_rnn *r = g->r;
    const size_t unit = elements(r, NN_PANEL), some = elements(r, NN_UNITS);
    const int left_out = without(r, of_v);
    const size_t first = left_out == 2 ? 2 : left_out == 3 ? 3 : NN_GATES;
    to += g->first * to_panels(columns) * NN_PANEL;
    struct nn_tiles t = {.rows = g->n,
                         .blocks = r->panels,
                         .a_row = unit,
                         .a_k = 1,
                         .a_block = r->records * unit,
                         .b_block = unit * NN_PANEL,
                         .c_row = to_panels(columns) * NN_PANEL};
    for (size_t j = 0; j < to_panels(columns); j++) {
        t.k = first * some;
        t.a = a + g->first * unit;
        t.b = packed + j * r->panels * unit * NN_PANEL;
        t.c = to + j * NN_PANEL;
        r->kernels->run(&t);
        if (left_out != 2) continue;
        t.k = some; // of the last vector alone
        t.a = (const float *)t.a + 3 * some;
        t.b = (const float *)t.b + 3 * some * NN_PANEL;
        r->kernels->run(&t);
    }
}

static void write_dx(const struct group *g, size_t t)
{
    const struct nn_rnn *r = g->r;
    const size_t length = to_panels(r->in) * NN_PANEL;
    float *dx = g->p->dx + (t * r->records + g->first) * r->in, *from = r->dx + g->first * length;
    for (size_t i = 0; i < g->n; i++) memcpy(dx + i * r->in, from + i * length, r->in * sizeof *dx);
}

/* Derivatives of a step as the kernels read them. */
static const float *derivatives(const struct group *g, size_t t)
{
    const struct nn_rnn *r = g->r;
    const float *a = r->gates + t * r->panels * r->records * NN_PANEL;
    const size_t unit = elements(r, NN_PANEL);
    if (!r->kernels->along) return a;
    for (size_t panel = 0; panel < r->panels; panel++) {
        const size_t row = panel * r->records + g->first;
        r->kernels->along(a + row * NN_PANEL, g->n * NN_PANEL, r->halves + row * unit);
    }
    return r->halves;
}

static void backward_group(const struct group *g)
{
    const struct nn_rnn *r = g->r;
    const size_t k = to_panels(r->hidden) * NN_PANEL, c = to_panels(r->in) * NN_PANEL;
    memset(r->dh + g->first * k, 0, g->n * k * sizeof *r->dh);
    for (size_t panel = 0; !r->gru && panel < r->panels; panel++)
        memset(r->dc + (panel * r->records + g->first) * NN_UNITS, 0,
               g->n * NN_UNITS * sizeof *r->dc);
    for (size_t t = r->steps; t-- > 0;) {
        for (size_t panel = 0; panel < r->panels; panel++) derive(g, t, panel);
        const float *a = derivatives(g, t);
        if (t) hand_back(g, a, r->back_v, r->hidden, true, r->dh);
        if (!g->p->dx) continue;
        memset(r->dx + g->first * c, 0, g->n * c * sizeof *r->dx);
        hand_back(g, a, r->back_w, r->in, false, r->dx);
        write_dx(g, t);
    }
}

/* --- Gradients of the parameters ------------------------------------------------------------- */

/* What dW and dV of a step are sums over: rows of x and h, in bfloat16 two by two. */
struct factors {
    const void *x, *h;
    float *panel; /* room for a panel's */
};

static const void *paired(const struct nn_rnn *r, const float *rows, size_t n, float *own)
{
    const struct nn_rnn_kernels *k = r->kernels;
    if (!k->across) return rows;
    for (size_t i = 0; i < r->records; i += 2)
        k->across(rows + i * n, i + 1 < r->records ? rows + (i + 1) * n : NULL, n, own + i / 2 * n);
    return own;
}

static void add_gradient(const struct nn_rnn *r, const void *rows, size_t n, const void *a,
                         size_t panel, bool of_v, float *to)
{
    r->kernels->run(&(struct nn_tiles){.rows = n,
                                       .blocks = 1,
                                       .k = elements(r, r->records),
                                       .a = rows,
                                       .a_row = 1,
                                       .a_k = n,
                                       .b = a,
                                       .c = to + panel * NN_PANEL,
                                       .c_row = r->panels * NN_PANEL,
                                       .without = without(r, of_v)});
}

/* Σ over a step's rows; over steps in double. */
CLONES static void add_rows(const float *a, size_t n, double *to)
{
    vec s[NN_GATES] = {{0}};
    for (size_t i = 0; i < n; i++)
        for (size_t v = 0; v < NN_GATES; v++) s[v] += load(a + i * NN_PANEL + v * WIDTH);
    for (size_t v = 0; v < NN_GATES; v++) add_doubles(to + v * WIDTH, doubled(s[v]));
}

/* Adds what a step has of some panels. */
static void add_step(const struct nn_rnn *r, const struct nn_rnn_pass *p, size_t t, size_t first,
                     size_t end, float *own)
{
    const size_t n = r->records, half = elements(r, n);
    const float *a = r->gates + t * r->panels * n * NN_PANEL;
    const void *x = paired(r, p->x + t * n * r->in, r->in, own);
    const void *h =
        t ? paired(r, p->h + (t - 1) * n * r->hidden, r->hidden, own + half * r->in) : NULL;
    for (size_t panel = first; panel < end; panel++) {
        const float *rows = a + panel * n * NN_PANEL;
        const void *b = paired(r, rows, NN_PANEL, own + half * (r->in + r->hidden));
        add_gradient(r, x, r->in, b, panel, false, r->dw);
        if (h) add_gradient(r, h, r->hidden, b, panel, true, r->dv);
        add_rows(rows, n, r->db + panel * NN_PANEL);
    }
}

/* A panel's sums into the gradients. */
static void take(const struct nn_rnn *r, const struct nn_rnn_pass *p, size_t panel)
{
    for (size_t at = 0; at < NN_PANEL; at++) {
        const size_t unit = panel * NN_UNITS + at % NN_UNITS, from = panel * NN_PANEL + at;
        const int vector = (int)(at / NN_UNITS), of_w = gate_of(r, vector, false),
                  of_v = gate_of(r, vector, true);
        const size_t row = r->panels * NN_PANEL;
        if (unit >= r->hidden) continue;
        if (of_w >= 0) {
            const size_t to = (size_t)of_w * r->hidden + unit;
            for (size_t c = 0; c < r->in; c++) p->dw[to * r->in + c] += r->dw[c * row + from];
            p->db[to] += (float)r->db[from];
        }
        if (of_v >= 0) {
            const size_t to = (size_t)of_v * r->hidden + unit;
            for (size_t k = 0; k < r->hidden; k++)
                p->dv[to * r->hidden + k] += r->dv[k * row + from];
            p->dd[to] += (float)r->db[from];
        }
    }
}

static void add_gradients(const struct nn_rnn *r, const struct nn_rnn_pass *p)
{
    const size_t threads = (size_t)r->threads, some = (r->panels + threads - 1) / threads;
    memset(r->dw, 0, r->in * r->panels * NN_PANEL * sizeof *r->dw);
    memset(r->dv, 0, r->hidden * r->panels * NN_PANEL * sizeof *r->dv);
    memset(r->db, 0, r->panels * NN_PANEL * sizeof *r->db);
#pragma omp parallel for schedule(static, 1) num_threads(r->threads)
    for (size_t first = 0; first < r->panels; first += some) {
        const size_t end = first + some < r->panels ? first + some : r->panels;
        float *own = r->pairs ? r->pairs + (size_t)omp_get_thread_num() * pairs_of(r) : NULL;
        for (size_t t = 0; t < r->steps; t++) add_step(r, p, t, first, end, own);
        for (size_t panel = first; panel < end; panel++) take(r, p, panel);
    }
}

void nn_rnn_backward(const struct nn_rnn *r, const struct nn_rnn_pass *p)
{
    run_groups(r, p, backward_group);
    add_gradients(r, p);
}
