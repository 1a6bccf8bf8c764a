/* SPDX-License-Identifier: MIT
 *
 * An open source of records: filled by its type, sampled, closed. What several types need: the
 * header of a record's path, sums over headers, names that are keys. */
#include "dataset_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int dataset_source_open(struct leadseq_source *source, const struct leadseq_source_type *type,
                        const struct leadseq_source_value *value,
                        const struct leadseq_build_options *options)
{
    *source = (struct leadseq_source){.type = type,
                                      .value = value,
                                      .rate_hz = options->drawing.rate_hz,
                                      .skip_missing = options->skip_missing};
    return type->open(source);
}

void dataset_source_close(struct leadseq_source *source)
{
    if (source->type->close) source->type->close(source);
    for (size_t i = 0; i < source->n; i++) {
        free(source->record[i].path);
        free(source->record[i].label);
    }
    for (size_t i = 0; i < source->n_labels; i++) free(source->label_rule[i]);
    leadseq_faults_clear(&source->bad);
    free(source->label_rule);
    free(source->label_name);
    free(source->record);
    *source = (struct leadseq_source){0};
}

int leadseq_source_label(struct leadseq_source *source, const char *name, const char *rule)
{
    if (leadseq_label_name_check(name)) return -1;
    assert(source->n == 0 || !source->record[0].label);
    void *names = leadseq_realloc(source->label_name, source->n_labels + 1, LEADSEQ_LABEL_NAME);
    if (!names) return -1;
    source->label_name = names;
    char **rules = leadseq_realloc(source->label_rule, source->n_labels + 1, sizeof *rules);
    if (!rules) return -1;
    source->label_rule = rules;
    rules[source->n_labels] = leadseq_format("%s", rule);
    if (!rules[source->n_labels]) return -1;
    snprintf(source->label_name[source->n_labels++], LEADSEQ_LABEL_NAME, "%s", name);
    return 0;
}

static int grow(struct leadseq_source *source)
{
    size_t room = source->room ? 2 * source->room : 256;
    void *record = leadseq_realloc(source->record, room, sizeof *source->record);
    if (!record) return -1;
    source->record = record;
    source->room = room;
    return 0;
}

int leadseq_source_add(struct leadseq_source *source, const char *path,
                       const struct leadseq_stack_row *row, const uint8_t *label)
{
    if (source->n == source->room && grow(source)) return -1;
    struct leadseq_source_record record = {.path = leadseq_format("%s", path), .row = *row};
    if (source->n_labels) record.label = leadseq_calloc(source->n_labels, 1);
    if (!record.path || (source->n_labels && !record.label)) {
        free(record.path);
        free(record.label);
        return -1;
    }
    for (size_t i = 0; i < source->n_labels; i++)
        record.label[i] = label ? label[i] : LEADSEQ_UNKNOWN;
    source->record[source->n++] = record;
    return 0;
}

int leadseq_source_absent(struct leadseq_source *source)
{
    source->missing += source->skip_missing;
    source->absent += !source->skip_missing;
    return source->skip_missing ? 0 : leadseq_faults_add(&source->bad);
}

bool dataset_is_absent(const char *path)
{
    struct stat info;
    return stat(path, &info) && (errno == ENOENT || errno == ENOTDIR);
}

void dataset_source_sample(struct leadseq_source *source, int limit)
{
    size_t most = (size_t)limit, n = source->n;
    if (limit <= 0 || n <= most) return;
    for (size_t i = 0, kept = 0; i < n; i++) {
        if (kept < most && i == kept * n / most) {
            source->record[kept++] = source->record[i];
        } else {
            free(source->record[i].path);
            free(source->record[i].label);
        }
    }
    source->n = most;
}

/* --- Paths and names ---------------------------------------------------------------- */

char *dataset_header_of(const char *path)
{
    size_t n = strlen(path);
    if (leadseq_ends_with(path, ".hea") || leadseq_ends_with(path, ".dat") ||
        leadseq_ends_with(path, ".mat"))
        n -= 4;
    return leadseq_format("%.*s.hea", (int)n, path);
}

void dataset_header_sum(const char *path, uint32_t *crc)
{
    enum { HEADER_MAX = 4 << 20 }; // of io's reader
    size_t bytes;
    char *header = leadseq_file_read(path, HEADER_MAX, &bytes);
    if (header) *crc = dataset_crc32(*crc, header, bytes);
    free(header);
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(name_of(*(const char *const *)a), name_of(*(const char *const *)b));
}

/* Known before the work, not after it. */
int dataset_source_check_names(const struct leadseq_source *source)
{
    const char **sorted = leadseq_calloc(source->n, sizeof *sorted);
    if (!sorted) return -1;
    for (size_t i = 0; i < source->n; i++) sorted[i] = source->record[i].path;
    qsort(sorted, source->n, sizeof *sorted, by_name);
    int status = 0;
    for (size_t i = 1; !status && i < source->n; i++)
        if (!by_name(&sorted[i - 1], &sorted[i]))
            status = leadseq_fail("%s and %s: two records of the same name; a stack identifies "
                                  "records without ecg_id by their names",
                                  sorted[i - 1], sorted[i]);
    free(sorted);
    return status;
}
