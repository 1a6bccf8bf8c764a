/* SPDX-License-Identifier: MIT
 *
 * MATLAB files as signal files: what is accepted is a matrix of the type and size that its header
 * speaks of, and its samples are those after the head. */
#include "fuzz.h"

#include "io/io.h"

enum { SAMPLES = 4, HEAD = 24 };

static void put_header(int format)
{
    FILE *out = fuzz_print();
    fprintf(out, "m 12 500 %d\n", SAMPLES);
    for (int i = 0; i < LEADSEQ_LEADS; i++) // the first has its initial value and sum, of zeros
        fprintf(out, "m.mat %d+%d 1000/mV 16 0 0 0 0 %s\n", format, HEAD, leadseq_lead_name[i]);
    char *text = fuzz_printed(NULL);
    fuzz_put_text("m.hea", text);
    free(text);
}

static void check(const struct leadseq_record *r, const uint8_t *data, size_t size, int format)
{
    const int type = format == 16 ? 30 : format == 32 ? 20 : 50;
    fuzz_require(size >= HEAD && data[0] == type && data[4] == LEADSEQ_LEADS && data[8] == SAMPLES,
                 "accepted another head");
    fuzz_require(r->n_samples == SAMPLES, "%zu samples", r->n_samples);
    for (size_t i = 0; i < LEADSEQ_LEADS * SAMPLES; i++)
        fuzz_require(isnan(r->mv[i]) || fabsf(r->mv[i]) <= 2147483.75f, "sample %zu: %g", i,
                     r->mv[i]);
}

static void run(const uint8_t *data, size_t size)
{
    static const int formats[] = {16, 32, 80, 212};
    struct fuzz_bytes in = {data, size};
    int format = formats[fuzz_below(&in, LEADSEQ_COUNT(formats))];
    put_header(format);
    fuzz_put("m.mat", in.at, in.left);
    struct leadseq_record *r = leadseq_record_open(fuzz_path("m.mat"));
    if (r)
        check(r, in.at, in.left, format);
    else
        fuzz_refused();
    leadseq_record_close(r);
}

static void seeds(void)
{
    static const int32_t type[] = {30, 20, 50};
    static const size_t bytes[] = {2, 4, 1};
    for (uint8_t k = 0; k < 3; k++) {
        uint8_t data[1 + HEAD + 4 * LEADSEQ_LEADS * SAMPLES] = {k};
        memcpy(data + 1, (int32_t[]){type[k], LEADSEQ_LEADS, SAMPLES, 0, 4, 0x006c6176}, HEAD);
        if (k == 2) memset(data + 1 + HEAD, 128, LEADSEQ_LEADS * SAMPLES); // zero of format 80
        fuzz_seed(data, 1 + HEAD + bytes[k] * LEADSEQ_LEADS * SAMPLES);
    }
    static const char newer[] = "\0MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Mon";
    fuzz_seed(newer, sizeof newer);
}

const struct fuzz_harness fuzz_matlab = {"matlab", "MATLAB files as signal files", run, seeds};
