/* SPDX-License-Identifier: MIT
 *
 * oneDNN's engine and stream, its errors in our words, and plans: a primitive with the arguments it
 * was bound to. Chooses no layouts and owns no tensors.
 *
 * Threads: an engine sets OpenMP's number of threads for the thread that opens it, and its stream
 * runs one primitive at a time: an engine belongs to that thread. Several engines may exist, each
 * used by a thread of its own. oneDNN plans for that number, and its barriers would wait forever
 * for threads that a later parallel region lacks; so no primitive runs where OpenMP would give
 * fewer. */
#include "tensor.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#ifdef __aarch64__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

int nn_check(dnnl_status_t status, const char *what, ...)
{
    if (status == dnnl_success) return 0;
    char text[192];
    va_list args;
    va_start(args, what);
    vsnprintf(text, sizeof text, what, args);
    va_end(args);
    return leadseq_fail("%s: %s (oneDNN)", text, dnnl_status2str(status));
}

/* For people: what oneDNN will use, which the user may have limited (ONEDNN_MAX_CPU_ISA). */
static const char *isa_name(void)
{
    switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41:
        return "SSE4.1";
    case dnnl_cpu_isa_avx:
        return "AVX";
    case dnnl_cpu_isa_avx2:
        return "AVX2";
    case dnnl_cpu_isa_avx512_core:
        return "AVX-512";
    case dnnl_cpu_isa_avx512_core_vnni:
        return "AVX-512 with VNNI";
    case dnnl_cpu_isa_avx512_core_bf16:
        return "AVX-512 with bf16";
    case dnnl_cpu_isa_avx512_core_amx:
        return "AVX-512 with AMX";
    default:
        return "instruction set chosen by oneDNN";
    }
}

/* Once, when the engine is opened: the text is shown in summaries and stored in runs. */
static void describe(struct leadseq_engine *e)
{
    static const char *const precision[] = {"f32", "bf16, native", "bf16, emulated in f32"};
    const dnnl_version_t *v = dnnl_version();
    snprintf(e->description, sizeof e->description,
             "oneDNN %d.%d.%d, %s, %d thread%s (OpenMP), computing in %s", v->major, v->minor,
             v->patch, isa_name(), e->threads, e->threads == 1 ? "" : "s", precision[e->precision]);
}

const char *const leadseq_memory_names[] = {"normal", "low", "high", NULL};

static bool cpu_has_bf16(void)
{
#ifdef __aarch64__
    return getauxval(AT_HWCAP2) & HWCAP2_BF16;
#else
    return nn_cpu_has(dnnl_cpu_isa_avx512_core_bf16);
#endif
}

/* Whether oneDNN was built with convolutions for it. */
static bool onednn_has_bf16(void)
{
    dnnl_dims_t image = {1, 16, 8, 8}, kernel = {16, 16, 3, 3}, one = {1, 1}, none = {0, 0};
    nn_md x = NULL, w = NULL;
    dnnl_engine_t engine = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_status_t s =
        dnnl_memory_desc_create_with_tag(&x, 4, image, dnnl_bf16, dnnl_format_tag_any);
    if (s == dnnl_success)
        s = dnnl_memory_desc_create_with_tag(&w, 4, kernel, dnnl_bf16, dnnl_format_tag_any);
    if (s == dnnl_success) s = dnnl_engine_create(&engine, dnnl_cpu, 0);
    if (s == dnnl_success)
        s = dnnl_convolution_forward_primitive_desc_create(&pd, engine, dnnl_forward_training,
                                                           dnnl_convolution_direct, x, w, NULL, x,
                                                           one, none, one, one, NULL);
    if (pd) dnnl_primitive_desc_destroy(pd);
    if (engine) dnnl_engine_destroy(engine);
    if (w) dnnl_memory_desc_destroy(w);
    if (x) dnnl_memory_desc_destroy(x);
    return s == dnnl_success;
}

bool leadseq_bf16_is_native(void)
{
    return cpu_has_bf16() && onednn_has_bf16();
}

/* Emulated bf16 runs anywhere; native bf16 is refused with the way out. */
static int check_precision(enum leadseq_precision precision)
{
    if (precision != LEADSEQ_BF16 || leadseq_bf16_is_native()) return 0;
    return leadseq_fail(
        "precision: bf16 needs a CPU that multiplies bfloat16 (AVX-512 BF16, AMX or "
        "Arm's BF16), found %s; use f32, or bf16-emulated for the same numbers "
        "without the speed",
        isa_name());
}

struct leadseq_engine *leadseq_engine_open(const struct leadseq_engine_options *options)
{
    struct leadseq_engine_options o = options ? *options : (struct leadseq_engine_options){0};
    int threads = o.threads;
    if (threads < 0 || threads > 4096) {
        (void)leadseq_fail("threads: expected 0 (as many as processors) to 4096, found %d",
                           threads);
        return NULL;
    }
    struct leadseq_engine *e = check_precision(o.precision) ? NULL : leadseq_calloc(1, sizeof *e);
    if (!e) return NULL;
    e->precision = o.precision;
    e->memory = o.memory;
    e->sum = o.sum;
    e->threads = leadseq_threads_granted(threads);
    if (nn_check(dnnl_engine_create(&e->handle, dnnl_cpu, 0), "CPU engine") ||
        nn_check(dnnl_stream_create(&e->stream, e->handle, dnnl_stream_in_order), "CPU stream")) {
        leadseq_engine_close(e);
        return NULL;
    }
    describe(e);
    return e;
}

void leadseq_engine_close(struct leadseq_engine *engine)
{
    if (!engine) return;
    if (engine->stream) dnnl_stream_destroy(engine->stream);
    if (engine->handle) dnnl_engine_destroy(engine->handle);
    for (int i = 0; engine->lane_scratch && i < engine->threads; i++) free(engine->lane_scratch[i]);
    free(engine->lane_scratch);
    free(engine->turn);
    free(engine);
}

/* Only between passes: a pass reads it in its middle. */
void leadseq_engine_set_alone(struct leadseq_engine *engine, bool alone)
{
    engine->alone = alone;
}

int leadseq_engine_threads(const struct leadseq_engine *engine)
{
    return engine->threads;
}

enum leadseq_precision leadseq_engine_precision(const struct leadseq_engine *engine)
{
    return engine->precision;
}

const char *leadseq_engine_describe(const struct leadseq_engine *engine)
{
    return engine->description;
}

int nn_plan_init(struct nn_plan *plan, const_dnnl_primitive_desc_t pd)
{
    *plan = (struct nn_plan){0};
    return nn_check(dnnl_primitive_create(&plan->primitive, pd), "primitive");
}

void nn_plan_argument(struct nn_plan *plan, int argument, dnnl_memory_t memory)
{
    assert(plan->n_arguments < NN_PLAN_ARGUMENTS && memory);
    plan->argument[plan->n_arguments++] = (dnnl_exec_arg_t){argument, memory};
}

/* Cheap: OpenMP looks these up, it starts no thread. */
static int check_threads(const struct leadseq_engine *engine)
{
    if (engine->threads == 1) return 0;
    if (omp_get_dynamic()) omp_set_dynamic(0); // of this thread, where another one opened it
    if (omp_get_thread_limit() >= engine->threads &&
        omp_get_max_active_levels() > omp_get_active_level())
        return 0;
    return leadseq_fail("threads: OpenMP no longer gives the %d that the network was opened with; "
                        "open it again",
                        engine->threads);
}

/* Waits until it is done, so that our own loops may read what it wrote. */
int nn_plan_run(struct leadseq_engine *engine, const struct nn_plan *plan)
{
    if (check_threads(engine)) return -1;
    dnnl_status_t s =
        dnnl_primitive_execute(plan->primitive, engine->stream, plan->n_arguments, plan->argument);
    if (s == dnnl_success) s = dnnl_stream_wait(engine->stream);
    return nn_check(s, "running a primitive");
}

void nn_plan_clear(struct nn_plan *plan)
{
    if (!plan) return;
    if (plan->primitive && !plan->shares) dnnl_primitive_destroy(plan->primitive);
    *plan = (struct nn_plan){0};
}

/* One primitive for all steps of a sequence: only the tensors differ, so each step makes a plan of
 * its own on the stack. */
void nn_plan_share(struct nn_plan *plan, const struct nn_plan *owner)
{
    *plan = (struct nn_plan){.primitive = owner->primitive, .shares = true};
}
