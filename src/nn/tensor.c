/* SPDX-License-Identifier: MIT
 *
 * Tensors that carry their layout (layout.c), copies to and from plain NCHW, and adapters that
 * reorder only where two layouts disagree. Computes nothing. */
#include "tensor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Large blocks on large pages where the kernel gives them: a step walks through many planes
 * at once, each on pages of its own. */
enum { LARGE_PAGE = 2 << 20 };

/* One per thread: describing a network on one thread must not change how another one allocates. */
static _Thread_local bool untouched;

/* For nn_chain_describe(): binding a network that is too large must not fill the machine. */
void nn_leave_untouched(bool on)
{
    untouched = on;
}

/* Zeros. On several sockets the kernel takes a page from the memory of the thread that writes it
 * first: large blocks are divided as loops over images are. */
static void touch(void *p, size_t bytes, bool large)
{
    enum { PAGE = 4096 };
    const size_t pages = (bytes + PAGE - 1) / PAGE;
#pragma omp parallel for if (large) schedule(static)
    for (size_t i = 0; i < pages; i++) {
        const size_t at = i * PAGE, left = bytes - at;
        memset((char *)p + at, 0, left < PAGE ? left : PAGE);
    }
}

/* Zeroed, so that padding of blocked layouts is zero from the start. Writing the zeros also makes
 * the kernel provide the pages now and not in the first step, whose time would mislead. */
void *nn_aligned(size_t bytes)
{
    size_t unit = bytes >= 4 * (size_t)LARGE_PAGE ? LARGE_PAGE : 64;
    size_t whole = nn_whole_lines(bytes);
    void *p = NULL; // aligned_alloc() would want whole multiples of the unit
    if (whole < bytes || posix_memalign(&p, unit, whole ? whole : 64)) {
        (void)leadseq_fail_memory(bytes);
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    if (unit == LARGE_PAGE)
        (void)madvise(p, whole, MADV_HUGEPAGE); /* a request; it may be refused */
#endif
    if (!untouched) touch(p, whole, unit == LARGE_PAGE);
    return p;
}

int nn_turn_reserve(struct leadseq_engine *engine, size_t bytes)
{
    if (bytes <= engine->turn_bytes) return 0;
    free(engine->turn);
    engine->turn_bytes = 0;
    engine->turn = nn_aligned(bytes);
    if (!engine->turn) return -1;
    engine->turn_bytes = bytes;
    return 0;
}

void nn_accumulate(float *to, const float *from, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] += from[i];
}

/* The handle onto memory exists at once, without data. Plans are bound to the handle and not to the
 * data, so that a chain can first bind all its layers, then see which tensors are needed at the
 * same time, and only then place them in memory that others have finished with. */
int nn_tensor_describe(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                       const_dnnl_memory_desc_t md)
{
    *t = (struct nn_tensor){.shape = shape};
    dnnl_status_t s =
        md ? dnnl_memory_desc_clone(&t->md, md) : nn_layout_tag(&t->md, shape, NN_F32, dnnl_nchw);
    if (s == dnnl_success)
        s = dnnl_memory_create(&t->memory, t->md, engine->handle, DNNL_MEMORY_NONE);
    if (s != dnnl_success) {
        nn_tensor_clear(t);
        return nn_check(s, "tensor (N=%d C=%d H=%d W=%d)", shape.n, shape.c, shape.h, shape.w);
    }
    t->bytes = dnnl_memory_desc_get_size(t->md);
    t->values = nn_md_type(t->md) == dnnl_bf16 ? NN_BF16 : NN_F32;
    return 0;
}

int nn_tensor_describe_like(struct nn_tensor *t, struct leadseq_engine *engine,
                            const struct nn_tensor *like)
{
    if (nn_tensor_describe(t, engine, like->shape, like->md)) return -1;
    t->values = like->values;
    return 0;
}

/* Moves the tensor: plans see the new data, as they hold the handle. */
int nn_tensor_place(struct nn_tensor *t, float *data)
{
    if (t->owns) free(t->data);
    t->owns = false;
    t->data = data;
    return nn_check(dnnl_memory_set_data_handle(t->memory, data), "memory of a tensor");
}

int nn_tensor_allocate(struct nn_tensor *t)
{
    float *data = nn_aligned(t->bytes);
    if (!data) return -1;
    int status = nn_tensor_place(t, data);
    t->owns = true;
    return status;
}

int nn_tensor_init(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                   const_dnnl_memory_desc_t md)
{
    if (nn_tensor_describe(t, engine, shape, md)) return -1;
    return nn_tensor_allocate(t);
}

int nn_tensor_init_plain(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                         float *data)
{
    if (nn_tensor_describe(t, engine, shape, NULL)) return -1;
    return nn_tensor_place(t, data);
}

int nn_tensor_init_vector(struct nn_tensor *t, struct leadseq_engine *engine, int count,
                          float *data)
{
    nn_md md;
    dnnl_dims_t dims = {count};
    if (nn_check(dnnl_memory_desc_create_with_tag(&md, 1, dims, dnnl_f32, dnnl_a), "vector of %d",
                 count))
        return -1;
    int status = nn_tensor_describe(t, engine, (struct nn_shape){1, count, 1, 1}, md);
    dnnl_memory_desc_destroy(md);
    if (status) return -1;
    return data ? nn_tensor_place(t, data) : nn_tensor_allocate(t);
}

void nn_tensor_clear(struct nn_tensor *t)
{
    if (!t) return;
    if (t->memory) dnnl_memory_destroy(t->memory);
    if (t->md) dnnl_memory_desc_destroy(t->md);
    if (t->owns) free(t->data);
    *t = (struct nn_tensor){0};
}

/* --- In a layout our own code walks through ----------------------------------------------- */

int nn_tensor_describe_as(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                          enum nn_order order)
{
    nn_md md;
    if (nn_layout_create(&md, shape, order)) return -1;
    int status = nn_tensor_describe(t, engine, shape, md);
    dnnl_memory_desc_destroy(md);
    return status;
}

int nn_tensor_describe_sized(struct nn_tensor *t, struct leadseq_engine *engine,
                             const struct nn_tensor *like, struct nn_shape shape)
{
    nn_md md;
    if (nn_layout_create_like(&md, shape, like)) return -1;
    int status = nn_tensor_describe(t, engine, shape, md);
    t->values = like->values;
    dnnl_memory_desc_destroy(md);
    return status;
}

int nn_tensor_init_as(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                      enum nn_order order)
{
    if (nn_tensor_describe_as(t, engine, shape, order)) return -1;
    return nn_tensor_allocate(t);
}

/* --- Copies between layouts ---------------------------------------------------------- */

int nn_reorder_init(struct nn_plan *plan, struct leadseq_engine *engine,
                    const struct nn_tensor *from, const struct nn_tensor *to)
{
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_reorder_primitive_desc_create(&pd, from->md, engine->handle, to->md,
                                                    engine->handle, NULL),
                 "reorder (N=%d C=%d H=%d W=%d)", from->shape.n, from->shape.c, from->shape.h,
                 from->shape.w))
        return -1;
    int status = nn_plan_init(plan, pd);
    dnnl_primitive_desc_destroy(pd);
    if (status) return -1;
    nn_plan_argument(plan, DNNL_ARG_FROM, from->memory);
    nn_plan_argument(plan, DNNL_ARG_TO, to->memory);
    return 0;
}

/* A reorder built, run and dropped: for observers and tests. */
static int copy_once(struct leadseq_engine *engine, const struct nn_tensor *from,
                     const struct nn_tensor *to)
{
    struct nn_plan plan = {0};
    int status = nn_reorder_init(&plan, engine, from, to);
    if (!status) status = nn_plan_run(engine, &plan);
    nn_plan_clear(&plan);
    return status;
}

/* Values in plain order, in memory of the caller: for observers, probes and tests. Each call builds
 * a reorder, so that it is not for the inner loop of a training. */
int nn_tensor_get(struct leadseq_engine *engine, const struct nn_tensor *t, float *nchw)
{
    struct nn_tensor plain = {0};
    int status = nn_tensor_init_plain(&plain, engine, t->shape, nchw);
    if (!status) status = copy_once(engine, t, &plain);
    nn_tensor_clear(&plain);
    return status;
}

int nn_tensor_set(struct leadseq_engine *engine, struct nn_tensor *t, const float *nchw)
{
    struct nn_tensor plain = {0};
    int status = nn_tensor_init_plain(&plain, engine, t->shape, (float *)(uintptr_t)nchw);
    if (!status) status = copy_once(engine, &plain, t);
    nn_tensor_clear(&plain);
    return status;
}

int nn_adapter_init(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                    const_dnnl_memory_desc_t wanted, bool out)
{
    return nn_adapter_init_values(a, engine, t, wanted, NN_F32, out);
}

/* The adapter of the same memory under another descriptor; nothing is copied. */
static int view(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                const_dnnl_memory_desc_t wanted)
{
    if (nn_tensor_describe(&a->own, engine, t->shape, wanted)) return -1;
    *a = (struct nn_adapter){.own = a->own, .tensor = &a->own, .viewed = t};
    a->own.values = t->values;
    return 0;
}

/* Four cases, in this order:
 *   t is as wanted                            tensor is t itself
 *   sixteen channels, NHWC or nChw16c         tensor is a view of t's memory
 *   t is float32, rounded values are wanted   a copy, rounded after the reorder
 *   another layout or type                    a copy */
enum owner { OWN, TURN, CALLERS };

static int init(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                const_dnnl_memory_desc_t wanted, enum nn_values values, bool out, enum owner owner)
{
    bool rounds = values == NN_ROUNDED && t->values == NN_F32 && !out;
    *a = (struct nn_adapter){.tensor = t};
    if (nn_tensor_has_layout(t, wanted) && !rounds) return 0;
    if (!rounds && nn_md_type(wanted) == nn_md_type(t->md) &&
        nn_layout_is_16_last(t->shape, wanted) && nn_layout_is_16_last(t->shape, t->md))
        return view(a, engine, t, wanted);
    a->tensor = &a->own;
    if (nn_tensor_describe(&a->own, engine, t->shape, wanted) ||
        (owner == TURN && nn_turn_reserve(engine, a->own.bytes)) ||
        (owner == OWN && nn_tensor_allocate(&a->own)))
        return -1;
    a->in_turn = owner == TURN;
    if (rounds) a->own.values = NN_ROUNDED;
    return out ? nn_reorder_init(&a->reorder, engine, &a->own, t)
               : nn_reorder_init(&a->reorder, engine, t, &a->own);
}

int nn_adapter_init_values(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                           const_dnnl_memory_desc_t wanted, enum nn_values values, bool out)
{
    return init(a, engine, t, wanted, values, out, OWN);
}

int nn_adapter_init_turn(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                         const_dnnl_memory_desc_t wanted, enum nn_values values)
{
    return init(a, engine, t, wanted, values, false, TURN);
}

int nn_adapter_init_out(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                        const_dnnl_memory_desc_t wanted)
{
    return init(a, engine, t, wanted, NN_F32, true, CALLERS);
}

int nn_adapter_init_plain(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                          bool out)
{
    nn_md md;
    if (nn_layout_create(&md, t->shape, NN_CHANNELS_FIRST)) return -1;
    int status = nn_adapter_init(a, engine, t, md, out);
    dnnl_memory_desc_destroy(md);
    return status;
}

/* A view has nothing to copy, but follows t to where the chain placed it. */
int nn_adapter_run(struct nn_adapter *a, struct leadseq_engine *engine)
{
    if (!a->reorder.primitive) return nn_adapter_point(a);
    if (a->in_turn && nn_tensor_place(&a->own, engine->turn)) return -1;
    if (nn_plan_run(engine, &a->reorder)) return -1;
    nn_tensor_round(&a->own);
    return 0;
}

/* Lets a view follow the tensor it is a view of, which may have been placed after the view was
 * made. For adapters that copy there is nothing to do. */
int nn_adapter_point(struct nn_adapter *a)
{
    if (!a->viewed || a->own.data == a->viewed->data) return 0;
    return nn_tensor_place(&a->own, a->viewed->data);
}

void nn_adapter_clear(struct nn_adapter *a)
{
    if (!a) return;
    nn_plan_clear(&a->reorder);
    nn_tensor_clear(&a->own);
    *a = (struct nn_adapter){0};
}

/* --- Workspaces of primitives -----------------------------------------------------------
 *
 * What a forward primitive writes for its own backward primitive alone, in a format of oneDNN: the
 * places of maxima, or which values passed a ReLU. It belongs to one binding and must not be
 * overwritten between its forward and its backward pass. */

int nn_workspace_init(struct nn_workspace *w, struct leadseq_engine *engine,
                      const_dnnl_primitive_desc_t pd)
{
    const_dnnl_memory_desc_t md = nn_md_of(pd, dnnl_query_workspace_md);
    *w = (struct nn_workspace){.bytes = md ? dnnl_memory_desc_get_size(md) : 0};
    if (!w->bytes) return 0;
    w->data = nn_aligned(w->bytes);
    if (!w->data) return -1;
    return nn_check(dnnl_memory_create(&w->memory, md, engine->handle, w->data), "workspace");
}

void nn_workspace_argument(const struct nn_workspace *w, struct nn_plan *plan)
{
    if (w->memory) nn_plan_argument(plan, DNNL_ARG_WORKSPACE, w->memory);
}

void nn_workspace_clear(struct nn_workspace *w)
{
    if (w->memory) dnnl_memory_destroy(w->memory);
    free(w->data);
    *w = (struct nn_workspace){0};
}
