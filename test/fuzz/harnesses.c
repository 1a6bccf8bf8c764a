/* SPDX-License-Identifier: MIT */
#include "harnesses.h"

const struct fuzz_harness *const fuzz_harnesses[] = {
#define ROW(name) &fuzz_##name,
#include "table.h"
#undef ROW
    NULL};
