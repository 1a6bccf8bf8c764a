/* SPDX-License-Identifier: MIT
 *
 * A twelve-lead record: the leads found by name among a WFDB record's signals,
 * in millivolts and in standard order. */
#include "io_private.h"

#include <libgen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const leadseq_lead_name[LEADSEQ_LEADS] = {
    "I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6",
};

int leadseq_lead_index(const char *name)
{
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        if (!strcasecmp(name, leadseq_lead_name[lead])) return lead;
    return -1;
}

/* PATH, PATH.hea, PATH.dat or PATH.mat to PATH.hea, in fresh memory. */
static char *header_path(const char *path)
{
    if (leadseq_ends_with(path, ".hea")) return leadseq_format("%s", path);
    if (leadseq_ends_with(path, ".dat") || leadseq_ends_with(path, ".mat"))
        return leadseq_format("%.*s.hea", (int)strlen(path) - 4, path);
    return leadseq_format("%s.hea", path);
}

static void add_name(char *list, size_t size, const char *name)
{
    size_t n = strlen(list);
    snprintf(list + n, size - n, " %s", name);
}

static int fail_missing(const struct leadseq_wfdb_header *header, const char *path,
                        const char *missing)
{
    char names[160] = "";
    for (int i = 0; i < header->n_signals; i++)
        add_name(names, sizeof names, header->signals[i].description);
    return leadseq_fail("%s: expected the twelve leads I II III AVR AVL AVF V1 ... V6, found "
                        "%d signals without:%s (they are named%s%s)",
                        path, header->n_signals, missing, names,
                        strlen(names) == sizeof names - 1 ? " ..." : "");
}

/* Fills signal_of[lead]; names every lead that is missing or appears twice. */
static int find_leads(const struct leadseq_wfdb_header *header, const char *path,
                      int signal_of[LEADSEQ_LEADS])
{
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) signal_of[lead] = -1;
    for (int i = 0; i < header->n_signals; i++) {
        int lead = leadseq_lead_index(header->signals[i].description);
        if (lead < 0) continue;
        if (signal_of[lead] >= 0)
            return leadseq_fail("%s: expected each of the twelve leads once, found lead %s as "
                                "signals %d and %d",
                                path, leadseq_lead_name[lead], signal_of[lead] + 1, i + 1);
        signal_of[lead] = i;
    }
    char missing[64] = "";
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        if (signal_of[lead] < 0) add_name(missing, sizeof missing, leadseq_lead_name[lead]);
    return *missing ? fail_missing(header, path, missing) : 0;
}

/* Samples in a frame of each of the twelve leads; 0 and a message where they differ. */
static int samples_per_frame(const struct leadseq_wfdb_header *header, const char *path,
                             const int signal_of[LEADSEQ_LEADS])
{
    int first = header->signals[signal_of[0]].samples_per_frame;
    for (int lead = 1; lead < LEADSEQ_LEADS; lead++) {
        int other = header->signals[signal_of[lead]].samples_per_frame;
        if (other == first) continue;
        leadseq_fail("%s: expected the twelve leads at one rate, found I at %g Hz and %s at %g Hz",
                     path, header->rate_hz * first, leadseq_lead_name[lead],
                     header->rate_hz * other);
        return 0;
    }
    return first;
}

static int check_calibrated(const struct leadseq_wfdb_header *header, const char *path,
                            const int signal_of[LEADSEQ_LEADS])
{
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        const struct leadseq_wfdb_signal *s = &header->signals[signal_of[lead]];
        if (*s->uncalibrated)
            return leadseq_fail("%s:%d: lead %s: %s", path, s->line, leadseq_lead_name[lead],
                                s->uncalibrated);
    }
    return 0;
}

/* Refuses what does not fit before it is allocated: the leads, and what filters and resampling make
 * of them. */
static int check_memory(const struct leadseq_record *record)
{
    char what[512];
    size_t leads = LEADSEQ_LEADS * record->n_samples * sizeof *record->mv;
    snprintf(what, sizeof what, "%.400s: a record of %.1f hours", record->path,
             (double)record->n_samples / record->rate_hz / 3600);
    return leadseq_memory_check(what, 3 * leads);
}

static int read_leads(struct leadseq_record *record, const struct leadseq_wfdb_header *header,
                      const int signal_of[LEADSEQ_LEADS], const char *folder, bool verify_sums)
{
    record->mv = leadseq_calloc(LEADSEQ_LEADS * record->n_samples, sizeof *record->mv);
    float **mv = leadseq_calloc((size_t)header->n_signals, sizeof *mv);
    int status = record->mv && mv ? 0 : -1;
    for (int lead = 0; !status && lead < LEADSEQ_LEADS; lead++)
        mv[signal_of[lead]] = record->mv + (size_t)lead * record->n_samples;
    if (!status) status = io_wfdb_data_read(header, folder, record->path, verify_sums, mv);
    free(mv);
    return status;
}

/* Fills the record from its header, whose comments it takes over. */
static int fill_record(struct leadseq_record *record, struct leadseq_wfdb_header *header)
{
    int signal_of[LEADSEQ_LEADS];
    if (find_leads(header, record->path, signal_of)) return -1;
    if (check_calibrated(header, record->path, signal_of)) return -1;
    int per_frame = samples_per_frame(header, record->path, signal_of);
    if (!per_frame) return -1;

    char *copy = leadseq_format("%s", record->path);
    if (!copy) return -1;
    const char *folder = dirname(copy);
    // WFDB: without a number of samples "checksum verification is disabled"
    bool verify_sums = header->n_samples > 0;
    int status = io_wfdb_data_check(header, folder, record->path, signal_of);
    record->n_samples = header->n_samples * (size_t)per_frame;
    record->rate_hz = header->rate_hz * per_frame;
    if (!status) status = check_memory(record);
    if (!status) status = read_leads(record, header, signal_of, folder, verify_sums);
    free(copy);
    record->comments = header->comments;
    header->comments = NULL;
    return status;
}

/* The name is the header file's: some headers of the challenges write "E00009.mat" within. */
static int name_record(struct leadseq_record *record, const char *path)
{
    record->path = header_path(path);
    if (!record->path) return -1;
    const char *base = strrchr(record->path, '/');
    io_copy(record->name, sizeof record->name, base ? base + 1 : record->path);
    char *dot = strrchr(record->name, '.');
    if (dot) *dot = '\0';
    return 0;
}

struct leadseq_record *leadseq_record_open(const char *path)
{
    struct leadseq_wfdb_header header = {0};
    struct leadseq_record *record = leadseq_calloc(1, sizeof *record);
    if (!record || name_record(record, path)) goto fail;
    if (leadseq_wfdb_header_read(&header, record->path)) goto fail;
    if (fill_record(record, &header)) goto fail;
    leadseq_wfdb_header_clear(&header);
    return record;
fail:
    leadseq_wfdb_header_clear(&header);
    leadseq_record_close(record);
    return NULL;
}

void leadseq_record_close(struct leadseq_record *record)
{
    if (!record) return;
    free(record->path);
    free(record->mv);
    free(record->comments);
    free(record);
}
