/* SPDX-License-Identifier: MIT
 *
 * Which kernels serve this CPU. */
#include "kernel.h"
#include "nn/tensor.h"

static const struct nn_band_kernels *kernels_for(bool bf16, bool emulated)
{
#ifdef __x86_64__
    const bool avx2 = nn_cpu_has(dnnl_cpu_isa_avx2) && __builtin_cpu_supports("fma");
    if (bf16 && !emulated && leadseq_bf16_is_native() && __builtin_cpu_supports("avx512bf16"))
        return &nn_band_bf16_avx512;
    if (bf16) return avx2 ? &nn_band_bf16_avx2 : &nn_band_bf16_base;
    if (nn_cpu_has(dnnl_cpu_isa_avx512_core)) return &nn_band_avx512;
    if (avx2) return &nn_band_avx2;
#endif
    (void)emulated;
    return bf16 ? &nn_band_bf16_base : &nn_band_base;
}

const struct nn_band_kernels *nn_band_kernels(const struct leadseq_engine *engine)
{
    return kernels_for(engine->precision != LEADSEQ_F32,
                       engine->precision == LEADSEQ_BF16_EMULATED);
}
