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
    const struct io_wfdb_format *format;      // NULL: cannot be read
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
    g->format = io_wfdb_format(s->format);
    if (check_group(header, g, hea_path)) return -1;
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

static int fail_size(const struct leadseq_wfdb_header *header, const struct group *g, size_t found,
                     const char *hea_path)
{
    size_t expected = group_bytes(g, header->n_samples);
    const char *foreign = io_foreign_file(g->path);
    const char *state = found < expected ? "truncated" : "longer than its header says";
    return leadseq_fail("%s: expected %zu bytes (%zu samples of %d signals in format %d, %s), "
                        "found %zu: the file is %s",
                        g->path, expected, header->n_samples, g->n, g->format->code, hea_path,
                        found, foreign ? foreign : state);
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
    if (found == expected || found == padded_bytes(g, header->n_samples)) return 0;
    return fail_size(header, g, found, hea_path);
}

static bool is_drawn(const struct group *g, const int signal_of[LEADSEQ_LEADS])
{
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        if (signal_of[lead] >= g->first && signal_of[lead] < g->first + g->n) return true;
    return false;
}

static int check_file(struct leadseq_wfdb_header *header, const struct group *g,
                      const char *hea_path, const int signal_of[LEADSEQ_LEADS])
{
    if (!g->format)
        return is_drawn(g, signal_of) ? io_wfdb_format_fail(g->signal->format, hea_path) : 0;
    bool matlab = io_is_matlab(g->path);
    if (matlab && io_matlab_version_check(g->path)) return -1; // before its size, which is another
    if (check_size(header, g, hea_path)) return -1;
    if (!matlab) return 0;
    return io_matlab_check(g->path, g->format->code, (size_t)g->signal->byte_offset, g->frame,
                           header->n_samples);
}

int io_wfdb_data_check(struct leadseq_wfdb_header *header, const char *folder, const char *hea_path,
                       const int signal_of[LEADSEQ_LEADS])
{
    struct group g;
    for (int first = 0; first < header->n_signals; first += g.n) {
        if (find_group(&g, header, first, folder, hea_path)) return -1;
        int status = check_file(header, &g, hea_path, signal_of);
        free(g.path);
        if (status) return -1;
    }
    return 0;
}

/* --- Reading, block by block ---------------------------------------------------------- */

enum { BLOCK_SAMPLES = 1 << 18 };

struct found { // of a signal, in the blocks read so far
    int32_t initial;
    uint32_t sum;
};

/* Frames first … first + n - 1 of a group; `data` begins with the first's samples. */
struct block {
    const unsigned char *data;
    size_t first, n;
};

/* One signal's samples of a block; `begin` is where they are in a frame. The first `skew` samples
 * precede the record's beginning, so that as many are missing at its end. */
static void take_signal(const struct group *g, const struct leadseq_wfdb_signal *s, size_t begin,
                        const struct block *b, struct found *found, float *mv)
{
    size_t each = (size_t)s->samples_per_frame, skew = (size_t)s->skew;
    uint32_t sum = 0;
    for (size_t k = b->first * each, i = 0; i < b->n * each; i++, k++) {
        int32_t v = g->format->sample(b->data, i / each * g->frame + begin + i % each);
        sum += (uint32_t)v;
        if (k == 0) found->initial = v;
        if (!mv || k < skew) continue;
        mv[k - skew] =
            v == g->format->missing ? NAN : (float)((v - s->baseline_adu) / s->gain_adu_per_mv);
    }
    found->sum += sum;
}

static int verify(const struct group *g, int i, const struct found *found, bool verify_sums)
{
    const struct leadseq_wfdb_signal *s = &g->signal[i];
    if (s->has_initial_value && found->initial != s->initial_value)
        return leadseq_fail("%s: signal %d (%s): expected the initial value %d of its header, "
                            "found %d",
                            g->path, g->first + i + 1, s->description, s->initial_value,
                            found->initial);
    if (verify_sums && s->has_checksum && (uint16_t)found->sum != (uint16_t)s->checksum)
        return leadseq_fail("%s: signal %d (%s): expected the checksum %d of its header, found %d: "
                            "the file is damaged or of another record",
                            g->path, g->first + i + 1, s->description, (uint16_t)s->checksum,
                            (uint16_t)found->sum);
    return 0;
}

/* A signal's last `skew` samples, which the file does not have. */
static void end_skewed(const struct leadseq_wfdb_signal *s, size_t n_frames, float *mv)
{
    size_t n = n_frames * (size_t)s->samples_per_frame, skew = (size_t)s->skew;
    for (size_t k = skew < n ? n - skew : 0; mv && k < n; k++) mv[k] = NAN;
}

/* An even number of frames, so that each block of format 212 begins with a pair of samples. */
static size_t frames_at_once(const struct group *g, size_t n_frames)
{
    size_t frames = BLOCK_SAMPLES / g->frame / 2 * 2;
    if (frames < 2) frames = 2;
    return frames < n_frames ? frames : n_frames;
}

static int read_blocks(FILE *file, const struct group *g, size_t n_frames, struct found *found,
                       float *const *mv)
{
    size_t at_once = frames_at_once(g, n_frames);
    unsigned char *data = leadseq_calloc(g->format->bytes(at_once * g->frame), 1);
    struct block b = {.data = data};
    int status = data ? 0 : -1;
    for (; !status && b.first < n_frames; b.first += b.n) {
        b.n = n_frames - b.first < at_once ? n_frames - b.first : at_once;
        size_t bytes = g->format->bytes(b.n * g->frame), begin = 0;
        if (fread(data, 1, bytes, file) != bytes) // it changed since its size was checked
            status = leadseq_fail("%s: expected %zu bytes, of which those from %zu on cannot be "
                                  "read: %s",
                                  g->path, group_bytes(g, n_frames), group_bytes(g, b.first),
                                  ferror(file) ? strerror(errno) : "the file is getting shorter");
        for (int i = 0; !status && i < g->n; i++) {
            take_signal(g, &g->signal[i], begin, &b, &found[i], mv[g->first + i]);
            begin += (size_t)g->signal[i].samples_per_frame;
        }
    }
    free(data);
    return status;
}

static int read_group(const struct leadseq_wfdb_header *header, const struct group *g,
                      bool verify_sums, float *const *mv)
{
    struct found *found = leadseq_calloc((size_t)g->n, sizeof *found);
    FILE *file = found ? fopen(g->path, "rb") : NULL;
    int status = file ? 0 : -1;
    if (found && (!file || fseek(file, g->signal->byte_offset, SEEK_SET)))
        status = leadseq_fail("%s: cannot be read: %s", g->path, strerror(errno));
    if (!status) status = read_blocks(file, g, header->n_samples, found, mv);
    for (int i = 0; !status && i < g->n; i++) {
        end_skewed(&g->signal[i], header->n_samples, mv[g->first + i]);
        status = verify(g, i, &found[i], verify_sums);
    }
    if (file) fclose(file);
    free(found);
    return status;
}

int io_wfdb_data_read(const struct leadseq_wfdb_header *header, const char *folder,
                      const char *hea_path, bool verify_sums, float *const *mv)
{
    struct group g;
    for (int first = 0; first < header->n_signals; first += g.n) {
        if (find_group(&g, header, first, folder, hea_path)) return -1;
        int status = g.format ? read_group(header, &g, verify_sums, mv) : 0;
        free(g.path);
        if (status) return -1;
    }
    return 0;
}
