/* SPDX-License-Identifier: MIT
 *
 * What was done to the signals before they were drawn, as attributes of a stack.
 * One that is 0 is not written, and one that is not there is 0, so that a stack
 * of signals drawn as they are looks as it always did. */
#include "dataset_private.h"

#include <stddef.h>

static const struct {
    const char *name;
    size_t offset;
} attribute[] = {
    {"notch_hz", offsetof(struct leadseq_preparation, notch_hz)},
    {"highpass_hz", offsetof(struct leadseq_preparation, highpass_hz)},
    {"window_start_s", offsetof(struct leadseq_preparation, window_start_s)},
    {"window_s", offsetof(struct leadseq_preparation, window_s)},
};

int dataset_preparation_write(struct leadseq_store *store, const struct leadseq_preparation *p)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(attribute); i++) {
        double value = *(const double *)(const void *)((const char *)p + attribute[i].offset);
        if (value != 0 && leadseq_store_set_real(store, "/", attribute[i].name, value)) return -1;
    }
    return 0;
}

int dataset_preparation_read(struct leadseq_store *store, struct leadseq_preparation *p)
{
    *p = (struct leadseq_preparation){0};
    for (size_t i = 0; i < LEADSEQ_COUNT(attribute); i++) {
        double *value = (double *)(void *)((char *)p + attribute[i].offset);
        if (leadseq_store_has_attribute(store, "/", attribute[i].name) &&
            leadseq_store_get_real(store, "/", attribute[i].name, value))
            return -1;
    }
    return 0;
}
