/* SPDX-License-Identifier: MIT
 *
 * Signal files of a WFDB record. Signals that follow each other with the same file
 * name are one group, interleaved sample by sample:
 *
 *   offset | s0[0] s1[0] ... sk[0] | s0[1] s1[1] ... sk[1] | ...
 *
 * Everything that a header says about its files is verified here. */
#include "io_private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const size_t file_bytes_max = (size_t)4 << 30;

struct group {
    int first, n;                             // signals
    const struct leadseq_wfdb_signal *signal; // the first
    const struct io_wfdb_format *format;
    char *path;
};

static int check_group(const struct leadseq_wfdb_header *header, const struct group *g,
                       const char *hea_path)
{
    for (int i = 0; i < g->n; i++) {
        const struct leadseq_wfdb_signal *s = &g->signal[i];
        int number = g->first + i + 1;
        if (s->format != g->signal->format || s->byte_offset != g->signal->byte_offset)
            return leadseq_fail("%s: signal %d: expected format %d+%ld as of the other signals in "
                                "%s, found %d+%ld",
                                hea_path, number, g->signal->format, g->signal->byte_offset,
                                s->file_name, s->format, s->byte_offset);
        if (s->samples_per_frame != 1)
            return leadseq_fail("%s: signal %d: expected one sample in a frame, found %d", hea_path,
                                number, s->samples_per_frame);
        if (s->skew != 0)
            return leadseq_fail("%s: signal %d: expected signals that are not skewed, found a skew "
                                "of %d samples",
                                hea_path, number, s->skew);
    }
    for (int i = 0; i < g->first; i++)
        if (!strcmp(header->signals[i].file_name, g->signal->file_name))
            return leadseq_fail("%s: signal %d: expected the signals of %s one behind the other, "
                                "found others between them",
                                hea_path, g->first + 1, g->signal->file_name);
    return 0;
}

/* Fills the group that begins with signal `first`; g->path is the caller's. */
static int find_group(struct group *g, const struct leadseq_wfdb_header *header, int first,
                      const char *folder, const char *hea_path)
{
    const struct leadseq_wfdb_signal *s = &header->signals[first];
    *g = (struct group){.first = first, .n = 1, .signal = s};
    while (first + g->n < header->n_signals && !strcmp(s[g->n].file_name, s->file_name)) g->n++;
    g->format = io_wfdb_format(s->format, hea_path);
    if (!g->format || check_group(header, g, hea_path)) return -1;
    g->path = leadseq_path_join(folder, s->file_name);
    return g->path ? 0 : -1;
}

/* No overflow: at most 2^31 samples of at most 1024 signals, and 2^31 of offset. */
static size_t group_bytes(const struct group *g, size_t n_samples)
{
    return (size_t)g->signal->byte_offset + g->format->bytes(n_samples * (size_t)g->n);
}

/* Samples of each signal in a file of that many bytes; 0 where it does not come out even. */
static size_t samples_in(const struct group *g, size_t bytes)
{
    size_t offset = (size_t)g->signal->byte_offset, frame = g->format->bytes((size_t)g->n);
    size_t n = bytes > offset ? (bytes - offset) / frame : 0;
    return n && n <= LEADSEQ_WFDB_SAMPLES_MAX && group_bytes(g, n) == bytes ? n : 0;
}

static int check_size(struct leadseq_wfdb_header *header, const struct group *g,
                      const char *hea_path)
{
    struct stat info;
    if (stat(g->path, &info))
        return leadseq_fail("%s: the signal file that %s names cannot be read: %s; expected %zu "
                            "bytes",
                            g->path, hea_path, strerror(errno), group_bytes(g, header->n_samples));
    size_t found = (size_t)info.st_size;
    if (!header->n_samples) {
        header->n_samples = samples_in(g, found);
        if (!header->n_samples)
            return leadseq_fail("%s: expected %ld bytes and whole frames of %d samples behind them "
                                "(%s does not say how many), found %zu bytes",
                                g->path, g->signal->byte_offset, g->n, hea_path, found);
    }
    size_t expected = group_bytes(g, header->n_samples);
    if (expected > file_bytes_max)
        return leadseq_fail("%s: expected at most %zu bytes in a signal file, found %zu asked for "
                            "by %s",
                            g->path, file_bytes_max, expected, hea_path);
    if (found != expected)
        return leadseq_fail("%s: expected %zu bytes (%zu samples of %d signals, %s), found %zu: "
                            "the file is %s",
                            g->path, expected, header->n_samples, g->n, hea_path, found,
                            found < expected ? "truncated" : "longer than its header says");
    return 0;
}

int io_wfdb_data_check(struct leadseq_wfdb_header *header, const char *folder, const char *hea_path)
{
    struct group g;
    for (int first = 0; first < header->n_signals; first += g.n) {
        if (find_group(&g, header, first, folder, hea_path)) return -1;
        int status = check_size(header, &g, hea_path);
        free(g.path);
        if (status) return -1;
    }
    return 0;
}

/* One signal of a group; mv may be NULL. */
static int read_signal(const struct group *g, int i, const unsigned char *data, size_t n_samples,
                       bool verify_sum, float *mv)
{
    const struct leadseq_wfdb_signal *s = &g->signal[i];
    uint32_t sum = 0;
    for (size_t k = 0; k < n_samples; k++) {
        int32_t v = g->format->sample(data, k * (size_t)g->n + (size_t)i);
        sum += (uint32_t)v;
        if (!mv) continue;
        mv[k] = v == g->format->missing ? NAN : (float)((v - s->baseline_adu) / s->gain_adu_per_mv);
    }
    int32_t initial = g->format->sample(data, (size_t)i);
    if (s->has_initial_value && initial != s->initial_value)
        return leadseq_fail("%s: signal %d (%s): expected the initial value %d of its header, "
                            "found %d",
                            g->path, g->first + i + 1, s->description, s->initial_value, initial);
    if (verify_sum && (uint16_t)sum != (uint16_t)s->checksum)
        return leadseq_fail("%s: signal %d (%s): expected the checksum %d of its header, found %d: "
                            "the file is damaged or of another record",
                            g->path, g->first + i + 1, s->description, (uint16_t)s->checksum,
                            (uint16_t)sum);
    return 0;
}

static int read_group(const struct leadseq_wfdb_header *header, const struct group *g,
                      bool verify_sums, float *const *mv)
{
    size_t expected = group_bytes(g, header->n_samples), found;
    char *data = leadseq_file_read(g->path, expected, &found);
    if (!data) return -1;
    int status = 0;
    if (found != expected) // it changed since its size was checked
        status = leadseq_fail("%s: expected %zu bytes, found %zu", g->path, expected, found);
    for (int i = 0; !status && i < g->n; i++)
        status = read_signal(g, i, (const unsigned char *)data + g->signal->byte_offset,
                             header->n_samples, verify_sums && g->signal[i].has_checksum,
                             mv[g->first + i]);
    free(data);
    return status;
}

int io_wfdb_data_read(const struct leadseq_wfdb_header *header, const char *folder,
                      const char *hea_path, bool verify_sums, float *const *mv)
{
    struct group g;
    for (int first = 0; first < header->n_signals; first += g.n) {
        if (find_group(&g, header, first, folder, hea_path)) return -1;
        int status = read_group(header, &g, verify_sums, mv);
        free(g.path);
        if (status) return -1;
    }
    return 0;
}
