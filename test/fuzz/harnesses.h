/* SPDX-License-Identifier: MIT
 *
 * Between the table of harnesses and the two programs that run them. */
#ifndef TEST_FUZZ_HARNESSES_H
#define TEST_FUZZ_HARNESSES_H

#include "fuzz.h"

#define ROW(name) extern const struct fuzz_harness fuzz_##name;
#include "table.h"
#undef ROW
extern const struct fuzz_harness *const fuzz_harnesses[]; /* ends with NULL */

/* NULL where there is none of that name. */
const struct fuzz_harness *fuzz_find(const char *name);
/* Makes the folder, and silences the log. */
void fuzz_begin(void);
void fuzz_end(void);
void fuzz_run(const struct fuzz_harness *harness, const uint8_t *data, size_t size);
/* Where fuzz_seed() hands its inputs. */
extern void (*fuzz_take_seed)(const void *data, size_t size);

#endif
