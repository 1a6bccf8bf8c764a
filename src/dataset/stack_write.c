/* SPDX-License-Identifier: MIT
 *
 * Writes a stack: images and signals as they come, the columns at the end, every parameter
 * of the drawing as an attribute. The bytes depend on contents, command line and
 * time of creation (SOURCE_DATE_EPOCH sets it) and on nothing else. */
#include "dataset_private.h"

#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct leadseq_stack_writer {
    struct leadseq_store *store;
    size_t record_bytes;
    struct leadseq_drawing drawing;
    bool images;
    struct dataset_signals signals;
    struct leadseq_stack_row *row;
    size_t n, room;
    struct dataset_labels labels;  // of the stack's own
    size_t labelled;               // records that each of them has a value of
    struct dataset_packer *packer; // made when first needed
};

static void creation_time(char text[32])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    int64_t seconds;
    bool fixed = epoch && leadseq_parse_integer(epoch, INT64_MIN, INT64_MAX, &seconds);
    time_t when = fixed ? (time_t)seconds : 0;
    struct tm utc;
    if (fixed && gmtime_r(&when, &utc))
        strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
    else
        leadseq_timestamp(text);
}

/* (record, [lead,] row, column[, rgb]) */
static int add_images(struct leadseq_store *s, const struct leadseq_drawing *drawing)
{
    struct leadseq_store_spec spec = {
        .type = LEADSEQ_STORE_UINT8,
        .deflate = DATASET_PACK_LEVEL,
        .packed = true,
    };
    const char *axis[5] = {"record"};
    spec.rank = dataset_images_shape(drawing, spec.shape, axis + 1);
    if (leadseq_store_add(s, "images", &spec)) return -1;
    if (leadseq_store_set_texts(s, "images", "axes", axis, (size_t)spec.rank + 1)) return -1;
    return leadseq_store_set_int(s, "images", "paper_white", 255);
}

static int describe_drawing(struct leadseq_store *s, const struct leadseq_drawing *drawing,
                            bool images)
{
    if (images ? dataset_drawing_write(s, drawing) : dataset_rate_write(s, drawing)) return -1;
    return leadseq_store_set_texts(s, "/", "lead_names", leadseq_lead_name, LEADSEQ_LEADS);
}

static int describe_origin(struct leadseq_store *s, const char *source, const char *command_line)
{
    char created[32];
    creation_time(created);
    if (leadseq_store_set_int(s, "/", "schema_version", LEADSEQ_STACK_SCHEMA)) return -1;
    if (leadseq_store_set_text(s, "/", "source", source ? source : "")) return -1;
    if (leadseq_store_set_text(s, "/", "program_version", PACKAGE_STRING)) return -1;
    if (leadseq_store_set_text(s, "/", "command_line", command_line ? command_line : "")) return -1;
    return leadseq_store_set_text(s, "/", "created", created);
}

struct leadseq_store *dataset_writer_store(struct leadseq_stack_writer *writer)
{
    return writer->store;
}

static int check_plan(const struct leadseq_stack_plan *plan)
{
    const struct leadseq_drawing *d = plan->drawing;
    if (!plan->images && !plan->signals)
        return leadseq_fail("a stack: expected images or signals in it, found neither");
    if (plan->gain != 0 && leadseq_signals_gain_check(plan->gain)) return -1;
    if (plan->images ? leadseq_drawing_check(d) : leadseq_preparation_check(&d->preparation))
        return -1;
    return plan->signals ? dataset_samples_check(d) : 0;
}

static int add_contents(struct leadseq_stack_writer *w)
{
    const char *path = leadseq_store_path(w->store);
    if (w->images && w->record_bytes > UINT32_MAX)
        return leadseq_fail(
            "%s: %d × %d images: a record has %zu bytes, more than HDF5 keeps in one chunk", path,
            w->drawing.width, w->drawing.height, w->record_bytes);
    if (describe_drawing(w->store, &w->drawing, w->images)) return -1;
    if (w->images && add_images(w->store, &w->drawing)) return -1;
    return w->signals.samples ? dataset_signals_add(w->store, &w->signals) : 0;
}

struct leadseq_stack_writer *leadseq_stack_begin(const char *path,
                                                 const struct leadseq_stack_plan *plan,
                                                 const char *source, const char *command_line)
{
    if (check_plan(plan)) return NULL;
    struct leadseq_store *store =
        plan->replace ? leadseq_store_replace(path) : leadseq_store_create(path);
    struct leadseq_stack_writer *writer = store ? leadseq_calloc(1, sizeof *writer) : NULL;
    if (!writer) {
        leadseq_store_discard(store);
        return NULL;
    }
    writer->store = store;
    writer->drawing = *plan->drawing;
    writer->images = plan->images;
    if (plan->images) writer->record_bytes = leadseq_drawing_bytes(plan->drawing);
    if (plan->signals)
        writer->signals =
            (struct dataset_signals){leadseq_drawing_samples(plan->drawing), plan->gain};
    if (!describe_origin(store, source, command_line) && !add_contents(writer)) return writer;
    leadseq_stack_discard(writer);
    return NULL;
}

struct leadseq_stack_writer *leadseq_stack_create(const char *path,
                                                  const struct leadseq_drawing *drawing,
                                                  const char *source, const char *command_line)
{
    const struct leadseq_stack_plan plan = {.drawing = drawing, .images = true};
    return leadseq_stack_begin(path, &plan, source, command_line);
}

struct leadseq_stack_writer *leadseq_stack_replace(const char *path,
                                                   const struct leadseq_drawing *drawing,
                                                   const char *source, const char *command_line)
{
    const struct leadseq_stack_plan plan = {.drawing = drawing, .images = true, .replace = true};
    return leadseq_stack_begin(path, &plan, source, command_line);
}

static int keep_row(struct leadseq_stack_writer *writer, const struct leadseq_stack_row *row)
{
    if (writer->n == writer->room) {
        size_t room = writer->room ? 2 * writer->room : 256;
        void *rows = leadseq_realloc(writer->row, room, sizeof *writer->row);
        if (!rows) return -1;
        writer->row = rows;
        writer->room = room;
    }
    writer->row[writer->n++] = *row;
    return 0;
}

/* Whether what is given is what the stack holds. */
static int check_given(const struct leadseq_stack_writer *w, bool images, bool signals)
{
    if (images == w->images && signals == (w->signals.samples > 0)) return 0;
    return leadseq_fail("%s: expected %s of each record, found %s", leadseq_store_path(w->store),
                        !w->signals.samples ? "images"
                        : w->images         ? "images and signals"
                                            : "signals",
                        !signals ? (images ? "images" : "none")
                        : images ? "images and signals"
                                 : "signals");
}

int leadseq_stack_append(struct leadseq_stack_writer *writer, const struct leadseq_stack_row *row,
                         const void *chunk, size_t bytes, const float *mv)
{
    if (check_given(writer, chunk != NULL, mv != NULL)) return -1;
    if (mv && dataset_signals_append(writer->store, &writer->signals, mv)) return -1;
    if (chunk && leadseq_store_append_packed(writer->store, "images", chunk, bytes)) return -1;
    return keep_row(writer, row);
}

int leadseq_stack_append_record(struct leadseq_stack_writer *writer,
                                const struct leadseq_stack_row *row, const uint8_t *images,
                                const float *mv)
{
    size_t packed = 0;
    const void *chunk = NULL;
    if (check_given(writer, images != NULL, mv != NULL)) return -1;
    if (images && !writer->packer) writer->packer = dataset_packer_new(&writer->drawing);
    if (images && !writer->packer) return -1;
    if (images) chunk = dataset_pack(writer->packer, images, writer->record_bytes, &packed);
    return leadseq_stack_append(writer, row, chunk, packed, mv);
}

int leadseq_stack_append_images(struct leadseq_stack_writer *writer,
                                const struct leadseq_stack_row *row, const uint8_t *images)
{
    return leadseq_stack_append_record(writer, row, images, NULL);
}

static int set_bits(struct leadseq_store *s, const char *object, const char *const *name, size_t n)
{
    int64_t bit[LEADSEQ_QUALITY_FLAGS];
    for (size_t i = 0; i < n; i++) bit[i] = 1 << i;
    if (leadseq_store_set_texts(s, object, "bit_names", name, n)) return -1;
    return leadseq_store_set_ints(s, object, "bit_values", bit, n);
}

int leadseq_stack_add_label(struct leadseq_stack_writer *writer, const char *name, const char *rule,
                            const uint8_t *value, size_t n)
{
    if (leadseq_label_name_check(name)) return -1;
    if (writer->labels.n && n != writer->labelled)
        return leadseq_fail("label %s: expected values of %zu records, as the other labels have, "
                            "found %zu",
                            name, writer->labelled, n);
    for (size_t i = 0; i < n; i++)
        if (value[i] > 1 && value[i] != LEADSEQ_UNKNOWN)
            return leadseq_fail("label %s: record %zu: expected 0, 1 or 255 (unknown), found %d",
                                name, i, value[i]);
    uint8_t *copy = dataset_labels_add(&writer->labels, name, rule, n);
    if (!copy) return -1;
    if (n) memcpy(copy, value, n);
    writer->labelled = n;
    return 0;
}

static int check_labelled(const struct leadseq_stack_writer *writer)
{
    if (!writer->labels.n || writer->labelled == writer->n) return 0;
    return leadseq_fail("%s: expected labels of %zu records, found labels of %zu",
                        leadseq_store_path(writer->store), writer->n, writer->labelled);
}

/* What the columns mean, and the rules that made PTB-XL's labels where the stack has them. */
static int explain_columns(struct leadseq_store *s, bool ptbxl)
{
    static const char *const site[] = {"anterior", "inferior", "lateral", "posterior"};
    static const char *const quality[] = {
        "baseline_drift", "static_noise", "burst_noise", "electrodes_problems",
        "flat_lead",      "saturated",    "missing",     "einthoven",
        "reversed",       "empty",        "amplitude",
    };
    static const struct {
        const char *object, *name, *text;
    } note[] = {
        {"label/mi", "rule",
         "1 where any key of scp_codes has diagnostic = 1 and diagnostic_class = MI in "
         "scp_statements.csv, whatever its likelihood; else 0; 255 where no label is known"},
        {"label/mi_site", "rule",
         "bits of the sites named by the record's MI codes; 0 where there is none"},
        {"label/mi_likelihood", "rule",
         "the largest likelihood of an MI code, 0 to 100; 0 without one; NaN where no label is "
         "known"},
        {"label/superclass", "rule",
         "1 where any key of scp_codes has diagnostic = 1 and this diagnostic_class, whatever its "
         "likelihood; 255 where no label is known"},
        {"quality", "rule",
         "bits 0 to 3: the flags of ptbxl_database.csv; bits 4 to 10: found in the signal itself"},
        {"age", "unit", "years"},
        {"sex", "codes", "0 male, 1 female, -1 unknown"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(note); i++)
        if ((ptbxl || strncmp(note[i].object, "label/", 6)) &&
            leadseq_store_set_text(s, note[i].object, note[i].name, note[i].text))
            return -1;
    if (ptbxl && (leadseq_store_set_texts(s, "label/superclass", "class_names",
                                          leadseq_superclass_name, LEADSEQ_SUPERCLASSES) ||
                  set_bits(s, "label/mi_site", site, LEADSEQ_COUNT(site))))
        return -1;
    return set_bits(s, "quality", quality, LEADSEQ_COUNT(quality));
}

int leadseq_stack_commit(struct leadseq_stack_writer *writer)
{
    struct leadseq_store *store = writer->store;
    bool ptbxl = writer->labels.n == 0;
    int status = dataset_columns_check(leadseq_store_path(store), writer->row, writer->n);
    if (!status) status = check_labelled(writer);
    if (!status) status = leadseq_store_add_group(store, "label");
    if (!status) status = dataset_columns_write(store, writer->row, writer->n, ptbxl);
    if (!status) status = dataset_labels_write(&writer->labels, store, writer->n);
    if (!status) status = explain_columns(store, ptbxl);
    if (!status) {
        status = leadseq_store_commit(store);
        writer->store = NULL;
    }
    leadseq_stack_discard(writer);
    return status;
}

void leadseq_stack_discard(struct leadseq_stack_writer *writer)
{
    if (!writer) return;
    leadseq_store_discard(writer->store);
    dataset_packer_free(writer->packer);
    dataset_labels_clear(&writer->labels);
    free(writer->row);
    free(writer);
}
