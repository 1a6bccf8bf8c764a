/* SPDX-License-Identifier: MIT
 *
 * What this machine's arithmetic reaches at best: one large convolution, all of
 * whose channels fill oneDNN's blocks, forward, in layouts oneDNN chooses. The
 * yardstick of `leadseq bench`; no network uses it. */
#include "tensor.h"

#include <stdlib.h>
#include <string.h>

/* Of nine shapes with 16 to 256 channels and 32 to 512 rows this was the fastest in both
 * precisions, by up to 7 %. */
enum { CHANNELS = 256, SIDE = 32, KERNEL = 3 };

struct leadseq_ceiling {
    struct leadseq_engine *engine; /* the caller's */
    int images;
    struct nn_plan plan;
    dnnl_memory_t memory[3]; /* x, w, y; own their data */
};

static int create_pd(dnnl_primitive_desc_t *pd, const struct leadseq_ceiling *c,
                     dnnl_data_type_t type)
{
    dnnl_dims_t image = {c->images, CHANNELS, SIDE, SIDE}, one = {1, 1}, none = {0, 0};
    dnnl_dims_t weights = {CHANNELS, CHANNELS, KERNEL, KERNEL};
    nn_md x = NULL, w = NULL;
    dnnl_status_t s = dnnl_memory_desc_create_with_tag(&x, 4, image, type, dnnl_format_tag_any);
    if (s == dnnl_success)
        s = dnnl_memory_desc_create_with_tag(&w, 4, weights, type, dnnl_format_tag_any);
    if (s == dnnl_success)
        s = dnnl_convolution_forward_primitive_desc_create(
            pd, c->engine->handle, dnnl_forward_inference, dnnl_convolution_direct, x, w, NULL, x,
            one, none, one, one, NULL);
    if (x) dnnl_memory_desc_destroy(x);
    if (w) dnnl_memory_desc_destroy(w);
    return nn_check(s, "the ceiling's convolution");
}

/* Memory of the argument, zeroed: what is multiplied does not change the time. */
static int create_memory(struct leadseq_ceiling *c, int i, const_dnnl_memory_desc_t md)
{
    void *data = NULL;
    dnnl_status_t s =
        dnnl_memory_create(&c->memory[i], md, c->engine->handle, DNNL_MEMORY_ALLOCATE);
    if (s == dnnl_success) s = dnnl_memory_get_data_handle(c->memory[i], &data);
    if (nn_check(s, "the ceiling's memory")) return -1;
    memset(data, 0, dnnl_memory_desc_get_size(md));
    return 0;
}

static int init(struct leadseq_ceiling *c, const_dnnl_primitive_desc_t pd)
{
    static const int argument[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
    static const dnnl_query_t query[] = {dnnl_query_src_md, dnnl_query_weights_md,
                                         dnnl_query_dst_md};
    if (nn_plan_init(&c->plan, pd)) return -1;
    for (int i = 0; i < 3; i++) {
        if (create_memory(c, i, nn_md_of(pd, query[i]))) return -1;
        nn_plan_argument(&c->plan, argument[i], c->memory[i]);
    }
    return 0;
}

struct leadseq_ceiling *leadseq_ceiling_new(struct leadseq_engine *engine)
{
    dnnl_primitive_desc_t pd = NULL;
    struct leadseq_ceiling *c = leadseq_calloc(1, sizeof *c);
    if (!c) return NULL;
    c->engine = engine;
    c->images = engine->threads > 2 ? engine->threads : 2;
    bool bf16 = engine->precision == LEADSEQ_BF16;
    int status = create_pd(&pd, c, bf16 ? dnnl_bf16 : dnnl_f32);
    if (!status) status = init(c, pd);
    if (pd) dnnl_primitive_desc_destroy(pd);
    if (!status) return c;
    leadseq_ceiling_free(c);
    return NULL;
}

void leadseq_ceiling_free(struct leadseq_ceiling *c)
{
    if (!c) return;
    nn_plan_clear(&c->plan);
    for (int i = 0; i < 3; i++)
        if (c->memory[i]) dnnl_memory_destroy(c->memory[i]);
    free(c);
}

/* Two operations per multiply-add. Callers take the best of several runs. */
double leadseq_ceiling_run(struct leadseq_ceiling *c)
{
    double begun = leadseq_seconds();
    if (nn_plan_run(c->engine, &c->plan)) return -1;
    double seconds = leadseq_seconds() - begun;
    double work = 2.0 * c->images * SIDE * SIDE * CHANNELS * CHANNELS * KERNEL * KERNEL;
    return work / seconds;
}
