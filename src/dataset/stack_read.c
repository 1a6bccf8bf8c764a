/* SPDX-License-Identifier: MIT
 *
 * Opens and reads a stack, ours or one that another program wrote to the same
 * plan. All that does not depend on pixels is checked when it is opened; a
 * record's pixels are checked when they are read. */
#include "dataset_private.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The first two are there only where there are pictures, the last where they are distorted. */
enum { TEXTS = 7, OF_DRAWING = 2, OPTIONAL = 6, TEXT_BYTES = 65536 };

static const char *const text_name[TEXTS] = {
    "style", "profile", "source", "program_version", "command_line", "created", "distortions"};

struct leadseq_stack {
    struct leadseq_store *store;
    struct leadseq_drawing drawing;
    struct leadseq_stack_row *row;
    size_t n, record_bytes; // record_bytes: of its images; 0: there are none
    struct dataset_signals signals;
    struct dataset_labels labels;
    bool images, packed; // packed: one zlib stream a record: inflated here, outside HDF5's lock
    char *text[TEXTS];
    atomic_bool told; // that there are blank pictures
};

static int read_schema(struct leadseq_store *store)
{
    int64_t schema;
    const char *path = leadseq_store_path(store);
    if (leadseq_store_get_int(store, "/", "schema_version", &schema)) {
        bool contents = leadseq_store_has(store, "images") || leadseq_store_has(store, "signals");
        if (contents && leadseq_store_has(store, "label")) return -1;
        return leadseq_fail(
            "%s: expected an image stack of leadseq, found an HDF5 file of something "
            "else; 'leadseq render' makes stacks",
            path);
    }
    if (schema == LEADSEQ_STACK_SCHEMA) return 0;
    return leadseq_fail("%s: expected a stack of schema version %d, found %lld; %s", path,
                        LEADSEQ_STACK_SCHEMA, (long long)schema,
                        schema > LEADSEQ_STACK_SCHEMA ? "use a newer leadseq to read it"
                                                      : "render it again");
}

static int read_texts(struct leadseq_stack *stack)
{
    char *buffer = leadseq_calloc(TEXT_BYTES, 1);
    if (!buffer) return -1;
    int status = 0;
    for (int i = 0; !status && i < TEXTS; i++) {
        buffer[0] = 0;
        bool needed = i < OF_DRAWING ? stack->images : i < OPTIONAL;
        if (needed || leadseq_store_has_attribute(stack->store, "/", text_name[i]))
            status = leadseq_store_get_text(stack->store, "/", text_name[i], buffer, TEXT_BYTES);
        if (!status) stack->text[i] = leadseq_format("%s", buffer);
        if (!status && !stack->text[i]) status = -1;
    }
    free(buffer);
    return status;
}

static int read_lead_names(struct leadseq_store *store)
{
    char name[LEADSEQ_LEADS][16];
    size_t n;
    if (leadseq_store_get_texts(store, "/", "lead_names", name[0], sizeof name[0], LEADSEQ_LEADS,
                                &n))
        return -1;
    for (size_t i = 0; i < LEADSEQ_LEADS; i++)
        if (i >= n || strcmp(name[i], leadseq_lead_name[i]))
            return leadseq_fail("%s: lead_names: expected %s as number %zu, found %s",
                                leadseq_store_path(store), leadseq_lead_name[i], i + 1,
                                i < n ? name[i] : "none");
    return 0;
}

static int read_drawing(struct leadseq_stack *stack)
{
    struct leadseq_store *store = stack->store;
    if (stack->images ? dataset_drawing_read(store, leadseq_stack_style(stack), stack->text[1],
                                             &stack->drawing)
                      : dataset_rate_read(store, &stack->drawing))
        return leadseq_fail_in("%s", leadseq_store_path(store));
    return read_lead_names(store);
}

/* "(n, 12, 512, 512)" */
static void format_shape(char *text, size_t size, const size_t *shape, int rank)
{
    size_t used = (size_t)snprintf(text, size, "(n");
    for (int i = 0; i < rank && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, ", %zu", shape[i]);
    if (used < size) snprintf(text + used, size - used, ")");
}

static int check_images(struct leadseq_stack *stack)
{
    const struct leadseq_drawing *d = &stack->drawing;
    const char *path = leadseq_store_path(stack->store);
    size_t shape[4];
    const char *axis[4];
    int rank = dataset_images_shape(d, shape, axis);
    struct leadseq_store_info info;
    if (leadseq_store_describe(stack->store, "images", &info)) return -1;
    if (info.kind != LEADSEQ_KIND_INTEGER || info.item_bytes != 1)
        return leadseq_fail("%s: /images: expected 8-bit integers, found %zu bytes a value", path,
                            info.item_bytes);
    if (info.rank != rank || memcmp(info.shape, shape, (size_t)rank * sizeof *shape)) {
        char expected[96], found[128];
        format_shape(expected, sizeof expected, shape, rank);
        format_shape(found, sizeof found, info.shape, info.rank);
        return leadseq_fail("%s: /images: its attributes say %s, its shape is %s", path, expected,
                            found);
    }
    if (info.rows > INT32_MAX)
        return leadseq_fail("%s: /images: %zu records are more than can be numbered", path,
                            info.rows);
    stack->n = info.rows;
    stack->packed = info.packed;
    stack->record_bytes = leadseq_drawing_bytes(d);
    return 0;
}

/* Images, signals or both, of the same number of records. */
static int read_contents(struct leadseq_stack *stack)
{
    const char *path = leadseq_store_path(stack->store);
    size_t rows;
    if (stack->images && check_images(stack)) return -1;
    if (!leadseq_store_has(stack->store, "signals")) return 0;
    if (dataset_signals_find(stack->store, &stack->drawing, &stack->signals, &rows)) return -1;
    if (rows > INT32_MAX)
        return leadseq_fail("%s: /signals: %zu records are more than can be numbered", path, rows);
    if (stack->images && rows != stack->n)
        return leadseq_fail("%s: /signals: expected %zu rows, as /images has, found %zu", path,
                            stack->n, rows);
    stack->n = rows;
    return 0;
}

static int read_rows(struct leadseq_stack *stack)
{
    stack->row = leadseq_calloc(stack->n, sizeof *stack->row);
    if (!stack->row || dataset_columns_read(stack->store, stack->row, stack->n)) return -1;
    if (dataset_columns_check(leadseq_store_path(stack->store), stack->row, stack->n)) return -1;
    return dataset_labels_read(&stack->labels, stack->store, stack->row, stack->n);
}

struct leadseq_stack *leadseq_stack_open(const char *path)
{
    struct leadseq_stack *stack = leadseq_calloc(1, sizeof *stack);
    if (!stack) return NULL;
    stack->store = leadseq_store_open(path);
    if (!stack->store) goto fail;
    stack->images =
        leadseq_store_has(stack->store, "images") || !leadseq_store_has(stack->store, "signals");
    if (read_schema(stack->store) || read_texts(stack)) goto fail;
    if (read_drawing(stack) || read_contents(stack) || read_rows(stack)) goto fail;
    return stack;
fail:
    leadseq_stack_close(stack);
    return NULL;
}

void leadseq_stack_close(struct leadseq_stack *stack)
{
    if (!stack) return;
    leadseq_store_close(stack->store);
    for (int i = 0; i < TEXTS; i++) free(stack->text[i]);
    dataset_labels_clear(&stack->labels);
    free(stack->row);
    free(stack);
}

size_t leadseq_stack_count(const struct leadseq_stack *stack)
{
    return stack->n;
}

const struct leadseq_stack_row *leadseq_stack_rows(const struct leadseq_stack *stack)
{
    return stack->row;
}

size_t leadseq_stack_labels(const struct leadseq_stack *stack)
{
    return stack->labels.n;
}

const char *leadseq_stack_label_name(const struct leadseq_stack *stack, size_t i)
{
    return stack->labels.name[i];
}

const uint8_t *leadseq_stack_label(const struct leadseq_stack *stack, const char *name)
{
    int i = dataset_labels_find(&stack->labels, name);
    return i < 0 ? NULL : stack->labels.value[i];
}

const struct leadseq_drawing *leadseq_stack_drawing(const struct leadseq_stack *stack)
{
    return &stack->drawing;
}

const char *leadseq_stack_style(const struct leadseq_stack *stack)
{
    return leadseq_stack_attribute(stack, "style");
}

const char *leadseq_stack_source(const struct leadseq_stack *stack)
{
    return leadseq_stack_attribute(stack, "source");
}

const char *leadseq_stack_path(const struct leadseq_stack *stack)
{
    return leadseq_store_path(stack->store);
}

const char *leadseq_stack_attribute(const struct leadseq_stack *stack, const char *name)
{
    for (int i = 0; i < TEXTS; i++)
        if (!strcmp(text_name[i], name)) return stack->text[i];
    return "";
}

int leadseq_stack_images(const struct leadseq_stack *stack)
{
    return stack->images ? leadseq_drawing_images(&stack->drawing) : 0;
}

size_t leadseq_stack_image_bytes(const struct leadseq_stack *stack)
{
    return stack->images ? leadseq_drawing_image_bytes(&stack->drawing) : 0;
}

size_t leadseq_stack_samples(const struct leadseq_stack *stack)
{
    return stack->signals.samples;
}

double leadseq_stack_gain(const struct leadseq_stack *stack)
{
    return stack->signals.gain;
}

int leadseq_stack_need_images(const struct leadseq_stack *stack)
{
    if (stack->images) return 0;
    return leadseq_fail("%s: expected images, found signals only; render the records again without "
                        "--signals-only (--signals keeps both)",
                        leadseq_stack_path(stack));
}

int leadseq_stack_need_signals(const struct leadseq_stack *stack)
{
    if (stack->signals.samples) return 0;
    return leadseq_fail("%s: expected signals, found images only; render the records again with "
                        "--signals",
                        leadseq_stack_path(stack));
}

static int read_packed(struct leadseq_stack *stack, size_t position, uint8_t *images)
{
    size_t bytes;
    void *stream = leadseq_store_read_packed(stack->store, "images", position, &bytes);
    if (!stream) return -1;
    int status = dataset_unpack(stream, bytes, images, stack->record_bytes);
    free(stream);
    if (status)
        leadseq_fail("%s: the images of record %s are damaged; render the stack again",
                     leadseq_stack_path(stack), stack->row[position].record);
    return status;
}

/* Once: what a blank picture shows is nothing, whatever is learnt or predicted of it. Records that
 * are flagged are counted where they are used. */
static void tell_blank(struct leadseq_stack *stack, size_t position, const uint8_t *images)
{
    const struct leadseq_stack_row *row = &stack->row[position];
    int all = leadseq_drawing_images(&stack->drawing);
    if (row->quality & LEADSEQ_QUALITY_EMPTY || atomic_load(&stack->told)) return;
    if (leadseq_drawing_blank(&stack->drawing, images) < all) return;
    if (!atomic_exchange(&stack->told, true))
        leadseq_warn(
            "%s: the pictures of record %s, and perhaps of others, are blank: nothing can be "
            "learnt from them or said about them",
            leadseq_stack_path(stack), row->record);
}

static int read_images(struct leadseq_stack *stack, size_t position, uint8_t *images)
{
    if (stack->packed) return read_packed(stack, position, images);
    return leadseq_store_read(stack->store, "images", LEADSEQ_STORE_UINT8, 0, stack->record_bytes,
                              position, 1, images);
}

static int check_position(const struct leadseq_stack *stack, size_t position)
{
    if (position < stack->n) return 0;
    return leadseq_fail("%s: record number %zu does not exist: the stack has %zu",
                        leadseq_stack_path(stack), position, stack->n);
}

int leadseq_stack_read(struct leadseq_stack *stack, size_t position, uint8_t *images)
{
    if (leadseq_stack_need_images(stack) || check_position(stack, position)) return -1;
    if (read_images(stack, position, images)) return -1;
    tell_blank(stack, position, images);
    return 0;
}

int leadseq_stack_read_signals(struct leadseq_stack *stack, size_t position, float *mv)
{
    if (leadseq_stack_need_signals(stack) || check_position(stack, position)) return -1;
    if (dataset_signals_read(stack->store, &stack->signals, position, mv)) return -1;
    for (size_t i = 0; i < LEADSEQ_LEADS * stack->signals.samples; i++)
        if (isinf(mv[i]))
            return leadseq_fail("%s: the signals of record %s are damaged: expected millivolts, "
                                "found an infinite value; render the stack again",
                                leadseq_stack_path(stack), stack->row[position].record);
    return 0;
}
