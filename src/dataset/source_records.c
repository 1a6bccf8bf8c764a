/* SPDX-License-Identifier: MIT
 *
 * WFDB records alone: no table, so no labels, no patients, no folds. */
#include "dataset_private.h"

#include <stdlib.h>

static int add_record(struct leadseq_source *source, const char *path, uint32_t *crc)
{
    struct leadseq_stack_row row;
    leadseq_stack_row_init(&row);
    char *header = dataset_header_of(path);
    if (!header) return -1;
    int status = 0;
    if (source->skip_missing && dataset_is_absent(header))
        source->missing++;
    else
        status = leadseq_source_add(source, header, &row, NULL);
    if (!status) dataset_header_sum(header, crc);
    free(header);
    return status;
}

static int open_records(struct leadseq_source *source)
{
    const struct leadseq_source_value *paths = &source->value[0];
    uint32_t *crc = leadseq_calloc(1, sizeof *crc);
    if (!crc) return -1;
    source->state = crc;
    for (size_t i = 0; i < paths->n; i++)
        if (add_record(source, paths->text[i], crc)) return -1;
    if (source->n == 0)
        return leadseq_fail("expected WFDB records, found none of the %zu given", paths->n);
    return dataset_source_check_names(source);
}

static char *describe_records(const struct leadseq_source *source)
{
    return leadseq_format("%zu WFDB records, crc32 of their headers: %08x", source->n,
                          (unsigned)*(const uint32_t *)source->state);
}

static void close_records(struct leadseq_source *source)
{
    free(source->state);
}

const struct leadseq_source_type dataset_source_records = {
    .name = "records",
    .help = "WFDB records without a table, which have no labels",
    .option = {{.name = "records",
                .argument = "FILE...",
                .help = "WFDB records, folders or lists of them; they have no labels",
                .many = true}},
    .open = open_records,
    .describe = describe_records,
    .close = close_records,
};
