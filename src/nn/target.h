/* SPDX-License-Identifier: MIT
 *
 * Compiles what follows for an instruction set beyond the compiler's default, on
 * x86-64: NN_TARGET("avx2,fma") before, NN_TARGET_END after. All other code of
 * the file must be between them. */
#ifndef NN_TARGET_H
#define NN_TARGET_H

#define NN_PRAGMA(text) _Pragma(#text)
#ifdef __clang__
#define NN_TARGET(set)                                                                             \
    NN_PRAGMA(clang attribute push(__attribute__((target(set))), apply_to = function))
#define NN_TARGET_END NN_PRAGMA(clang attribute pop)
#else
#define NN_TARGET(set) NN_PRAGMA(GCC push_options) NN_PRAGMA(GCC target(set))
#define NN_TARGET_END  NN_PRAGMA(GCC pop_options)
#endif

#endif
