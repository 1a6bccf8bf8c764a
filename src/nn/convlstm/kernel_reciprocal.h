/* SPDX-License-Identifier: MIT
 *
 * 1 / x on AVX-512, cheaper than a division, whose unit the kernels would wait
 * for: an estimate of 14 bits and a step of Newton's, within two units in the
 * last place. Included after the target is chosen. */
static inline __attribute__((always_inline)) __m512 reciprocal(__m512 x)
{
    __m512 r = _mm512_rcp14_ps(x);
    return _mm512_mul_ps(r, _mm512_fnmadd_ps(x, r, _mm512_set1_ps(2)));
}
