/* SPDX-License-Identifier: MIT
 *
 * Signal files of a WFDB record. Signals that follow each other with the same file
 * name are one group, interleaved frame by frame:
 *
 *   offset | s0[0] s1[0] ... sk[0] | s0[1] s1[1] ... sk[1] | ...
 *
 * where each s[i] is one sample, or the several that a signal of a higher rate has
 * in a frame. Everything that a header says about its files is verified here. */
#include "io_private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const size_t file_bytes_max = (size_t)4 << 30;

struct group {
    int first, n;                             // signals
    size_t frame;                             // samples of all signals in a frame
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
    }
    for (int i = 0; i < g->first; i++)
        if (!strcmp(header->signals[i].file_name, g->signal->file_name))
            return leadseq_fail("%s: signal %d: expected the signals of %s one after the other, "
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
    for (int i = 0; i < g->n; i++) g->frame += (size_t)s[i].samples_per_frame;
    g->format = io_wfdb_format(s->format, hea_path);
    if (!g->format || check_group(header, g, hea_path)) return -1;
    g->path = leadseq_path_join(folder, s->file_name);
    return g->path ? 0 : -1;
}

/* No overflow: at most 2^31 frames of at most 1024 signals' samples, which parsing limits, and
 * 2^31 of offset. */
static size_t group_bytes(const struct group *g, size_t n_frames)
{
    return (size_t)g->signal->byte_offset + g->format->bytes(n_frames * g->frame);
}

static size_t padded_bytes(const struct group *g, size_t n_frames)
{
    return (size_t)g->signal->byte_offset + g->format->padded(n_frames * g->frame);
}

/* Frames of a file of that many bytes; 0 where it does not come out even. */
static size_t frames_in(const struct group *g, size_t bytes)
{
    size_t low = 0, high = LEADSEQ_WFDB_SAMPLES_MAX;
    while (low < high) { // the most frames that fit
        size_t middle = low + (high - low + 1) / 2;
        if (group_bytes(g, middle) <= bytes)
            low = middle;
        else
            high = middle - 1;
    }
    return group_bytes(g, low) == bytes || padded_bytes(g, low) == bytes ? low : 0;
}

static int count_frames(struct leadseq_wfdb_header *header, const struct group *g, size_t bytes,
                        const char *hea_path)
{
    header->n_samples = frames_in(g, bytes);
    if (header->n_samples) return 0;
    return leadseq_fail("%s: expected %ld bytes and whole frames of %zu samples after them "
                        "(%s does not say how many), found %zu bytes",
                        g->path, g->signal->byte_offset, g->frame, hea_path, bytes);
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
    if (!header->n_samples && count_frames(header, g, found, hea_path)) return -1;
    size_t expected = group_bytes(g, header->n_samples);
    if (expected > file_bytes_max)
        return leadseq_fail("%s: expected at most %zu bytes in a signal file, found %zu required "
                            "by %s",
                            g->path, file_bytes_max, expected, hea_path);
    if (found != expected && found != padded_bytes(g, header->n_samples))
        return leadseq_fail("%s: expected %zu bytes (%zu samples of %d signals in format %d, %s), "
                            "found %zu: the file is %s",
                            g->path, expected, header->n_samples, g->n, g->format->code, hea_path,
                            found, found < expected ? "truncated" : "longer than its header says");
    return 0;
}

static int check_file(struct leadseq_wfdb_header *header, const struct group *g,
                      const char *hea_path)
{
    if (check_size(header, g, hea_path)) return -1;
    if (!io_is_matlab(g->path)) return 0;
    return io_matlab_check(g->path, g->format->code, (size_t)g->signal->byte_offset, g->frame,
                           header->n_samples);
}

int io_wfdb_data_check(struct leadseq_wfdb_header *header, const char *folder, const char *hea_path)
{
    struct group g;
    for (int first = 0; first < header->n_signals; first += g.n) {
        if (find_group(&g, header, first, folder, hea_path)) return -1;
        int status = check_file(header, &g, hea_path);
        free(g.path);
        if (status) return -1;
    }
    return 0;
}

/* Where the samples of a signal are among those of its group. */
struct course {
    const struct io_wfdb_format *format;
    const unsigned char *data; // after the offset
    size_t frame, begin, each; // samples of a frame, before the signal's, of the signal's
    size_t n;                  // of the signal, in all frames
};

static int32_t sample_at(const struct course *c, size_t k)
{
    return c->format->sample(c->data, k / c->each * c->frame + c->begin + k % c->each);
}

/* The first `skew` samples precede the record's beginning, so that as many are missing at its
 * end. */
static void to_millivolts(const struct leadseq_wfdb_signal *s, const struct course *c, float *mv)
{
    size_t skew = (size_t)s->skew;
    for (size_t k = 0; k < c->n; k++) {
        int32_t v = skew < c->n - k ? sample_at(c, k + skew) : c->format->missing;
        mv[k] = v == c->format->missing ? NAN : (float)((v - s->baseline_adu) / s->gain_adu_per_mv);
    }
}

/* One signal of a group; mv may be NULL. */
static int read_signal(const struct group *g, int i, const struct course *c, bool verify_sum,
                       float *mv)
{
    const struct leadseq_wfdb_signal *s = &g->signal[i];
    uint32_t sum = 0;
    for (size_t k = 0; k < c->n; k++) sum += (uint32_t)sample_at(c, k);
    int32_t initial = sample_at(c, 0);
    if (s->has_initial_value && initial != s->initial_value)
        return leadseq_fail("%s: signal %d (%s): expected the initial value %d of its header, "
                            "found %d",
                            g->path, g->first + i + 1, s->description, s->initial_value, initial);
    if (verify_sum && (uint16_t)sum != (uint16_t)s->checksum)
        return leadseq_fail("%s: signal %d (%s): expected the checksum %d of its header, found %d: "
                            "the file is damaged or of another record",
                            g->path, g->first + i + 1, s->description, (uint16_t)s->checksum,
                            (uint16_t)sum);
    if (mv) to_millivolts(s, c, mv);
    return 0;
}

static int read_signals(const struct leadseq_wfdb_header *header, const struct group *g,
                        const char *data, bool verify_sums, float *const *mv)
{
    struct course c = {.format = g->format, .frame = g->frame};
    c.data = (const unsigned char *)data + g->signal->byte_offset;
    for (int i = 0; i < g->n; i++, c.begin += c.each) {
        c.each = (size_t)g->signal[i].samples_per_frame;
        c.n = header->n_samples * c.each;
        bool verify_sum = verify_sums && g->signal[i].has_checksum;
        if (read_signal(g, i, &c, verify_sum, mv[g->first + i])) return -1;
    }
    return 0;
}

static int read_group(const struct leadseq_wfdb_header *header, const struct group *g,
                      bool verify_sums, float *const *mv)
{
    size_t expected = group_bytes(g, header->n_samples), found;
    char *data = leadseq_file_read(g->path, padded_bytes(g, header->n_samples), &found);
    if (!data) return -1;
    int status = 0;
    if (found < expected) // it changed since its size was checked
        status = leadseq_fail("%s: expected %zu bytes, found %zu", g->path, expected, found);
    if (!status) status = read_signals(header, g, data, verify_sums, mv);
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
