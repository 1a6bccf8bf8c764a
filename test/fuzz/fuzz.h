/* SPDX-License-Identifier: MIT
 *
 * Harnesses: each hands bytes to one parser of the program and checks what holds whatever the bytes
 * are, beyond that nothing crashes. A harness is one file and one row of the table in harnesses.c:
 *
 *     static void run(const uint8_t *data, size_t size) { ... }
 *     static void seeds(void) { fuzz_seed_text("r 1 500"); }
 *     const struct fuzz_harness fuzz_header = {"header", "WFDB headers", run, seeds};
 *
 * libFuzzer drives them in `make fuzz`; `make check` runs them over their seeds. doc/testing.md
 * says how. Harnesses run one after the other, never at once. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include "base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct fuzz_harness {
    const char *name;
    const char *reads; /* what of, for the table of counts */
    void (*run)(const uint8_t *data, size_t size);
    void (*seeds)(void); /* hands inputs to fuzz_seed(), good ones and those that once failed */
};

/* What must hold; where it does not, says so and ends the program. */
#define fuzz_require(holds, ...)                                                                   \
    ((holds) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #holds, __VA_ARGS__))
_Noreturn void fuzz_broken(const char *file, int line, const char *holds, const char *format, ...)
    LEADSEQ_PRINTF(4, 5);
/* A parser that refused says why. */
void fuzz_refused(void);

void fuzz_seed(const void *data, size_t size);
void fuzz_seed_text(const char *text);
/* A file of the folder, as a seed. */
void fuzz_seed_file(const char *name);

/* The folder of this process, in memory where that is possible; the path of a name in it (eight
 * stay valid at a time); a file of that name with that content, whose path is returned. */
extern char fuzz_folder[64];
const char *fuzz_path(const char *name);
const char *fuzz_put(const char *name, const void *data, size_t size);
const char *fuzz_put_text(const char *name, const char *text);
/* The content of a file in fresh memory. */
char *fuzz_get(const char *name, size_t *size);

/* The input up to its first zero byte as text, in fresh memory. */
char *fuzz_text(const uint8_t *data, size_t size);

/* An input that is taken apart: zeros follow its end. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
};
unsigned fuzz_byte(struct fuzz_bytes *in);
/* 0 … n-1 */
unsigned fuzz_below(struct fuzz_bytes *in, unsigned n);
/* A line without its end, "" at the end of the input; at most size-1 bytes of it. */
void fuzz_line(struct fuzz_bytes *in, char *text, size_t size);
/* Fills an object. */
void fuzz_fill(struct fuzz_bytes *in, void *object, size_t size);

/* What a function prints, in fresh memory: FILE *out = fuzz_print(); ...; text = fuzz_printed(); */
FILE *fuzz_print(void);
char *fuzz_printed(size_t *size);

/* Same number, or both NaN. */
bool fuzz_same(double a, double b);

#endif
