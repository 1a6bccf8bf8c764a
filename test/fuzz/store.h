/* SPDX-License-Identifier: MIT
 *
 * HDF5 files for harnesses: a valid one, some of whose attributes, data sets and links are changed
 * by HDF5's own functions, so that what is tried is this program and not libhdf5. */
#ifndef TEST_FUZZ_STORE_H
#define TEST_FUZZ_STORE_H

#include "fuzz.h"

enum { FUZZ_TARGETS = 256 };
struct fuzz_store {
    char *data; /* of the valid file */
    size_t size;
    struct {
        char object[64], attribute[64]; /* attribute "": the object itself */
    } target[FUZZ_TARGETS];
    unsigned n;
};
/* A valid file, written by `make` to a path it is given, and what is in it; once, the first time.
 */
const struct fuzz_store *fuzz_store_made(struct fuzz_store *store, void (*make)(const char *path));
/* A copy with changes, as the bytes say; its path. */
const char *fuzz_store_change(const struct fuzz_store *store, struct fuzz_bytes *in);
/* Seeds: the file as it is, and one change of each kind for each target. */
void fuzz_store_seeds(const struct fuzz_store *store);
/* The byte that fills the file which changed ones may try to pass on. */
enum { FUZZ_SECRET = 0xa5 };

#endif
