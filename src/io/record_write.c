/* SPDX-License-Identifier: MIT
 *
 * Twelve leads written as PTB-XL writes them: one format 16 file and a header. */
#include "io_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double adu_per_mv = 1000;

/* (12, n) millivolts to interleaved little-endian samples and each lead's sum. */
static int encode(const float *mv, size_t n, const char *path, unsigned char *data,
                  uint16_t sum[LEADSEQ_LEADS])
{
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
        sum[lead] = 0;
        for (size_t k = 0; k < n; k++) {
            double adu = rint(mv[lead * n + k] * adu_per_mv);
            if (isnan(adu))
                adu = INT16_MIN; // format 16's missing sample
            else if (fabs(adu) > INT16_MAX)
                return leadseq_fail("%s: lead %s, sample %zu: expected at most %.3f mV either way, "
                                    "found %g mV",
                                    path, leadseq_lead_name[lead], k, INT16_MAX / adu_per_mv,
                                    (double)mv[lead * n + k]);
            uint16_t bits = (uint16_t)(int16_t)adu;
            unsigned char *p = data + 2 * (k * LEADSEQ_LEADS + lead);
            p[0] = (unsigned char)(bits & 0xff);
            p[1] = (unsigned char)(bits >> 8);
            sum[lead] = (uint16_t)(sum[lead] + bits);
        }
    }
    return 0;
}

static void print_header(FILE *out, const char *name, double rate_hz, size_t n,
                         const unsigned char *data, const uint16_t sum[LEADSEQ_LEADS])
{
    char rate[32];
    snprintf(rate, sizeof rate, "%g", rate_hz);
    if (strtod(rate, NULL) != rate_hz) snprintf(rate, sizeof rate, "%.17g", rate_hz);
    fprintf(out, "%s %d %s %zu\n", name, LEADSEQ_LEADS, rate, n);
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
        int initial = (int16_t)(data[2 * lead] | data[2 * lead + 1] << 8);
        fprintf(out, "%s.dat 16 %.1f(0)/mV 16 0 %d %u 0 %s\n", name, adu_per_mv, initial, sum[lead],
                leadseq_lead_name[lead]);
    }
}

static int check_arguments(const char *name, double rate_hz, size_t n)
{
    if (!*name || strlen(name) > 120 ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789_-")])
        return leadseq_fail("record name: expected 1 to 120 letters, digits, _ and -, found \"%s\"",
                            name);
    if (!(rate_hz > 0) || rate_hz > LEADSEQ_WFDB_RATE_MAX)
        return leadseq_fail("record %s: expected a rate over 0 and up to %d Hz, found %g", name,
                            LEADSEQ_WFDB_RATE_MAX, rate_hz);
    if (n < 1 || n > LEADSEQ_WFDB_SAMPLES_MAX)
        return leadseq_fail("record %s: expected 1 to %d samples, found %zu", name,
                            LEADSEQ_WFDB_SAMPLES_MAX, n);
    return 0;
}

/* Both files are written before the first of them gets its name. */
static int write_files(const char *dat_path, const char *hea_path, const char *name, double rate_hz,
                       const float *mv, size_t n, unsigned char *data)
{
    uint16_t sum[LEADSEQ_LEADS];
    if (encode(mv, n, hea_path, data, sum)) return -1;
    struct leadseq_file *dat = leadseq_file_create(dat_path);
    struct leadseq_file *hea = dat ? leadseq_file_create(hea_path) : NULL;
    if (!hea) {
        leadseq_file_discard(dat);
        return -1;
    }
    fwrite(data, 2 * LEADSEQ_LEADS, n, leadseq_file_stream(dat)); // commit() sees what failed
    print_header(leadseq_file_stream(hea), name, rate_hz, n, data, sum);
    if (leadseq_file_commit_unsynced(dat)) {
        leadseq_file_discard(hea);
        return -1;
    }
    if (leadseq_file_commit_unsynced(hea)) {
        unlink(dat_path);
        return -1;
    }
    return 0;
}

int leadseq_record_write(const char *folder, const char *name, double rate_hz, const float *mv,
                         size_t n_samples)
{
    if (check_arguments(name, rate_hz, n_samples)) return -1;
    char *stem = leadseq_path_join(folder, name);
    char *dat = stem ? leadseq_format("%s.dat", stem) : NULL;
    char *hea = dat ? leadseq_format("%s.hea", stem) : NULL;
    unsigned char *data = hea ? leadseq_calloc(n_samples, 2 * LEADSEQ_LEADS) : NULL;
    int status = data ? write_files(dat, hea, name, rate_hz, mv, n_samples, data) : -1;
    free(data);
    free(hea);
    free(dat);
    free(stem);
    return status;
}
