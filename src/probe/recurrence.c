/* SPDX-License-Identifier: MIT
 *
 * The recurrence group: the Jacobian J_t = d(h_t, c_t)/d(h_{t-1}, c_{t-1}) at the
 * states the batch's first record goes through, looked at through its products
 * with vectors alone. Spectral radius by Arnoldi's iteration (krylov.c), singular
 * value by the same on J'J: bare powers settle early where two values lie close. Lyapunov exponents
 * by Gram-Schmidt of J_t Q from lead to lead (Benettin et al. 1980). */
#include "krylov.h"
#include "sums.h"
#include "type.h"

#include <stdlib.h>
#include <string.h>

static const struct leadseq_quantity quantities[] = {
    {"recurrence/singular",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD},
     "1",
     "largest singular value of J_t = d(h_t, c_t)/d(h_{t-1}, c_{t-1}), orthogonalised power "
     "iteration on J'J; NaN at leads not looked at and at the first"},
    {"recurrence/singular_residual",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD},
     "1",
     "||J'J v - sigma^2 v|| / sigma^2 of its Ritz pair"},
    {"recurrence/radius",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD},
     "1",
     "spectral radius of J_t, Arnoldi iteration with thick restarts"},
    {"recurrence/radius_residual",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD},
     "1",
     "||J v - lambda v|| / |lambda| of its Ritz pair"},
    {"recurrence/radius_error",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_LEAD},
     "1",
     "relative error of the radius: the larger of its residual times the eigenvalue's condition in "
     "the space, and of what the last vectors changed; above 5e-4 the iteration ended at its "
     "limit"},
    {"recurrence/lyapunov",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_EXPONENT},
     "1/lead",
     "leading finite-time Lyapunov exponents: mean over the leads of log |R_kk| of the QR of J_t "
     "Q"},
    {"recurrence/field",
     {LEADSEQ_AXIS_LAYER},
     "px",
     "receptive field of h of the last lead in the images: 1 + what kernels and strides add over "
     "all leads"},
    {"recurrence/field_effective",
     {LEADSEQ_AXIS_LAYER},
     "px",
     "side of the smallest centred square holding 95 % of sum |d h_{T-1} / d h_0(centre)|, in "
     "image pixels"},
    {"recurrence/beat", {0}, "px", "one beat at 75 a minute (0.8 s) in the images"},
};

enum { VECTORS_ECONOMY = 16, PRODUCTS_ECONOMY = 24, PRODUCTS_MOST = 240, LARGE_STATE = 1 << 20 };
static const double WANTED = 5e-4; /* three digits */
static const double FIELD_SHARE = 0.95;

struct effort {
    int vectors;  /* of a Krylov space */
    int products; /* with J or J'J, at most */
    bool every;   /* lead; else the second, the middle and the last */
};

/* `all`: asked for afterwards, where somebody waits for large states. */
static struct effort effort_of(const struct leadseq_experiment *e, bool all, size_t state)
{
    bool economy = e->diagnose.probes == LEADSEQ_PROBES_ECONOMY && !all;
    if (economy || (all && state > LARGE_STATE))
        return (struct effort){VECTORS_ECONOMY, PRODUCTS_ECONOMY, false};
    return (struct effort){PROBE_KRYLOV_MOST, PRODUCTS_MOST, true};
}

/* Lead 0 is never measured: it has no state before it, and its Jacobian would be with respect to a
 * constant. */
static bool is_chosen(const struct effort *effort, int t, int leads)
{
    return effort->every || t == 1 || t == leads / 2 || t == leads - 1;
}

/* --- What it costs ---------------------------------------------------------------------------- */

static const double PRODUCT_FLOP_S = 1 / 40e9, PRODUCT_VALUE_S = 1e-9;

/* Seconds of a product with J of a layer: its convolution and the pass over the gates. */
static double product_seconds(const struct leadseq_model *m, int layer)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(m);
    const struct leadseq_model_cell cell = leadseq_model_cell(m, layer);
    double k = cell.channels, pixels = (double)spec->height * spec->width / (cell.step * cell.step);
    return pixels * k * (8 * k * cell.kernel * cell.kernel * PRODUCT_FLOP_S + 30 * PRODUCT_VALUE_S);
}

/* In training steps, where every iteration goes to its limit. Per measured lead: one product with J
 * for each vector of the plain iteration, and two (J, then J') for each of the one with J'J; per
 * lead: one product for each Lyapunov direction, and a few for the impulse and the step itself. */
static double cost(const struct leadseq_training *t, const struct probe_prices *in)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    struct effort effort = effort_of(t->e, false, 0);
    double leads = effort.every ? spec->leads - 1 : 3, products, sum = 0;
    products = leads * 3 * effort.products + (double)spec->leads * (PROBE_EXPONENTS + 4);
    for (int i = 0; i < leadseq_model_cells(t->model); i++)
        sum += products * product_seconds(t->model, i);
    return sum / in->step_s;
}

/* --- One Jacobian ----------------------------------------------------------------------------- */

struct work {
    struct leadseq_probes *p;
    struct leadseq_cell_map *map;
    struct leadseq_model_cell cell; /* its shape, and what it sees */
    struct effort effort;
    int layer, leads;
    size_t n, input; /* values of a state, of x at a lead */
    float *x;        /* (T, input) */
    float *v, *u;    /* (n) */
    float *basis;    /* (vectors + 1, n) */
    float *q;        /* (PROBE_EXPONENTS, n) */
    float *impulse;  /* (n) */
    double grown[PROBE_EXPONENTS];
};

/* A vector of length 1, drawn by its key. */
static void draw(const struct work *w, float *x, int t, int which)
{
    struct leadseq_random r;
    leadseq_random_init(&r, probe_session_of(w->p)->t.e->seed, LEADSEQ_STREAM_PROBES,
                        (uint64_t)w->layer, (uint64_t)(t * 16 + which));
    for (size_t i = 0; i < w->n; i++) x[i] = (float)(2 * leadseq_random_uniform(&r) - 1);
    probe_scale(x, w->n, 1 / probe_norm(x, w->n));
}

/* u <- J v. */
static int apply(void *of, const float *v, float *u)
{
    struct work *w = of;
    return leadseq_cell_map_forward(w->map, v, u);
}

/* u <- J'J v. */
static int apply_squared(void *of, const float *v, float *u)
{
    struct work *w = of;
    if (leadseq_cell_map_forward(w->map, v, w->v)) return -1;
    return leadseq_cell_map_reverse(w->map, w->v, u);
}

/* J is the derivative of (h, c) after a lead by (h, c) before it, a matrix of n × n with n up to
 * millions, so it is never formed: only products J v are available. The largest eigenvalue of
 * J'J is the square of the largest singular value of J: how much one lead can amplify any
 * gradient. */
static int find_largest(struct work *w, bool squared, int t, struct probe_ritz *ritz)
{
    const struct probe_operator a = {squared ? apply_squared : apply, w, w->n};
    const struct probe_krylov krylov = {w->effort.vectors, w->effort.products, WANTED, w->basis};
    draw(w, w->basis, t, squared);
    return probe_largest(&a, &krylov, ritz);
}

/* --- From lead to lead ------------------------------------------------------------------------ */

/* Makes x orthogonal to the first k directions of Q. */
static void make_orthogonal(const struct work *w, float *x, int k)
{
    for (int twice = 0; twice < 2; twice++)
        for (int j = 0; j < k; j++) {
            const float *b = w->q + (size_t)j * w->n;
            probe_subtract(x, b, w->n, probe_dot(b, x, w->n));
        }
}

/* Q <- orthonormal part of J Q; log R_kk is what each direction grew by. The exponents are the mean
 * of these logarithms over the leads (Benettin et al. 1980). Without making the directions
 * orthogonal at every lead, all of them would turn into the one that grows fastest. */
static int grow(struct work *w)
{
    for (int k = 0; k < PROBE_EXPONENTS; k++) {
        float *q = w->q + (size_t)k * w->n;
        if (leadseq_cell_map_forward(w->map, q, w->v)) return -1;
        make_orthogonal(w, w->v, k);
        double size = probe_norm(w->v, w->n);
        w->grown[k] += log(size);
        memcpy(q, w->v, w->n * sizeof *q);
        if (size > 0) probe_scale(q, w->n, 1 / size);
    }
    return 0;
}

static int measure_lead(struct work *w, int t)
{
    size_t at = (size_t)w->layer * (size_t)w->leads + (size_t)t;
    if (grow(w)) return -1;
    if (leadseq_cell_map_forward(w->map, w->impulse, w->v)) return -1;
    memcpy(w->impulse, w->v, w->n * sizeof *w->v);
    if (!is_chosen(&w->effort, t, w->leads)) return 0;
    struct probe_ritz squared, plain;
    if (find_largest(w, true, t, &squared) || find_largest(w, false, t, &plain)) return -1;
    probe_values(w->p, "recurrence/singular")[at] = sqrt(squared.radius);
    probe_values(w->p, "recurrence/singular_residual")[at] = squared.residual;
    probe_values(w->p, "recurrence/radius")[at] = plain.radius;
    probe_values(w->p, "recurrence/radius_residual")[at] = plain.residual;
    probe_values(w->p, "recurrence/radius_error")[at] = plain.error;
    return 0;
}

/* A change of all channels of h at the centre pixel; products with J carry it from lead to lead,
 * and how far it has spread at the end is the effective receptive field. */
static void set_impulse(struct work *w)
{
    const int height = w->cell.height, width = w->cell.width;
    memset(w->impulse, 0, w->n * sizeof *w->impulse);
    for (int k = 0; k < w->cell.channels; k++)
        w->impulse[((size_t)k * (size_t)height + (size_t)(height / 2)) * (size_t)width +
                   (size_t)(width / 2)] = 1;
}

/* Goes through the leads; nothing is measured at the first, which has no state before it. */
static int follow(struct work *w)
{
    const float *state = w->u; // zeros
    for (int k = 0; k < PROBE_EXPONENTS; k++) {
        float *q = w->q + (size_t)k * w->n;
        draw(w, q, 0, 2 + k);
        make_orthogonal(w, q, k);
        probe_scale(q, w->n, 1 / probe_norm(q, w->n));
    }
    set_impulse(w);
    for (int t = 0; t < w->leads; t++) {
        state = leadseq_cell_map_step(w->map, w->x + (size_t)t * w->input, state);
        if (!state || (t && measure_lead(w, t))) return -1;
    }
    for (int k = 0; k < PROBE_EXPONENTS; k++)
        probe_values(w->p, "recurrence/lyapunov")[w->layer * PROBE_EXPONENTS + k] =
            w->grown[k] / (w->leads - 1);
    return 0;
}

/* --- Fields ----------------------------------------------------------------------------------- */

/* Side of the smallest square around the centre that holds a share of Σ|impulse| of h. */
static double spread_of(const struct work *w)
{
    const int height = w->cell.height, width = w->cell.width;
    const int most = height > width ? height : width;
    double *ring = leadseq_calloc((size_t)most + 1, sizeof *ring), all = 0, inside = 0;
    if (!ring) return NAN;
    for (int k = 0; k < w->cell.channels; k++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                int dy = abs(y - height / 2), dx = abs(x - width / 2);
                double size =
                    fabsf(w->impulse[((size_t)k * (size_t)height + (size_t)y) * (size_t)width +
                                     (size_t)x]);
                ring[dy > dx ? dy : dx] += size;
                all += size;
            }
    int radius = 0;
    while (radius < most && (inside += ring[radius]) < FIELD_SHARE * all) radius++;
    free(ring);
    return all > 0 && isfinite(all) ? 2 * radius + 1 : NAN;
}

/* Compared with the fields: a network whose field is narrower than a beat cannot see two beats at
 * once. Profiles that show the whole lead use the whole width for its 10 s; the paper's profiles
 * leave out the margins of a matplotlib figure. */
static double beat_px(const struct leadseq_drawing *d)
{
    const double seconds = 10, beat = 0.8, box = 0.9 - 0.125, margins = 1.1;
    bool whole = d->profile == LEADSEQ_FIXED_MV || d->profile == LEADSEQ_TRUE_SCALE;
    double across = whole ? d->width : d->width * box / margins;
    return across * beat / seconds;
}

static void fill_fields(struct work *w)
{
    probe_values(w->p, "recurrence/field")[w->layer] = w->cell.field;
    probe_values(w->p, "recurrence/field_effective")[w->layer] = w->cell.step * spread_of(w);
    *probe_values(w->p, "recurrence/beat") = beat_px(probe_session_of(w->p)->t.drawing);
}

/* --- The group -------------------------------------------------------------------------------- */

static int measure_layer(struct leadseq_probes *p, int layer)
{
    const struct probe_session *s = probe_session_of(p);
    struct work w = {.p = p, .layer = layer, .leads = leadseq_model_spec(s->t.model)->leads};
    int status = -1;
    w.map = leadseq_model_cell_map(s->t.model, layer);
    if (!w.map) return -1;
    w.n = leadseq_cell_map_state(w.map);
    w.effort = effort_of(s->t.e, s->whole, w.n);
    w.cell = leadseq_model_cell(s->t.model, layer);
    w.input = w.cell.inputs;
    size_t vectors = 3 + (size_t)w.effort.vectors + 1 + PROBE_EXPONENTS;
    w.v = leadseq_calloc(vectors * w.n + (size_t)w.leads * w.input, sizeof *w.v);
    if (w.v) {
        w.u = w.v + w.n;
        w.impulse = w.u + w.n;
        w.q = w.impulse + w.n;
        w.basis = w.q + PROBE_EXPONENTS * w.n;
        w.x = w.basis + (size_t)(w.effort.vectors + 1) * w.n;
        status = leadseq_model_get_cell_input(s->t.model, layer, 0, w.x);
        if (!status) status = follow(&w);
        if (!status) fill_fields(&w);
    }
    free(w.v);
    leadseq_cell_map_free(w.map);
    return status;
}

static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    const struct leadseq_model *m = probe_session_of(p)->t.model;
    const int cells = leadseq_model_cells(m), leads = leadseq_model_spec(m)->leads;
    double most = NAN;
    (void)own;
    if (probe_row(p, "recurrence", step->step)) return -1;
    for (int layer = 0; layer < cells; layer++)
        if (measure_layer(p, layer)) return leadseq_fail_in("probes of the recurrence");
    const double *singular = probe_values(p, "recurrence/singular");
    for (int i = 0; i < cells * leads; i++) most = fmax(most, singular[i]);
    probe_cell(step, LEADSEQ_CELL_SINGULAR, most);
    return 0;
}

static bool is_absent(const struct leadseq_training *t, char why[PROBE_REASON])
{
    if (probe_lacks_recurrence(t, why)) return true;
    if (leadseq_model_spec(t->model)->leads > 1) return false;
    snprintf(why, PROBE_REASON, "one lead alone: there is no step from one to the next");
    return true;
}

static const struct probe_work jacobians = {"recurrence", .share = 0.1, .cost = cost};

const struct leadseq_probe_type probe_recurrence = {
    .name = "recurrence",
    .group = LEADSEQ_GROUP_RECURRENCE,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&jacobians},
    .n_works = 1,
    .absent = is_absent,
    .gradient = gradient,
};
