/* SPDX-License-Identifier: MIT */
#include "small_stack.h"

#include "io/store.h"
#include <math.h>
#include <pthread.h>

enum { RECORDS = 9 };

/* HDF5 1.10 loses memory of its own where it refuses damaged metadata. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

TestSuite(stack, .init = small_begin, .fini = small_end);

static void write_bytes(const void *bytes, size_t n)
{
    FILE *f = fopen(small_path, "wb");
    cr_assert(f);
    cr_assert_eq(fwrite(bytes, 1, n, f), n);
    cr_assert_eq(fclose(f), 0);
}

/* -1 refused; 0 every row and pixel as written; anything else fails the test. */
static int read_all(const char *path)
{
    uint8_t expected[LEADSEQ_LEADS * SMALL_WIDTH * SMALL_HEIGHT], found[sizeof expected];
    struct leadseq_stack *stack = leadseq_stack_open(path);
    if (!stack) return -1;
    cr_assert_eq(leadseq_stack_count(stack), RECORDS);
    int status = 0;
    for (size_t i = 0; !status && i < RECORDS; i++) {
        struct leadseq_stack_row row = small_row(i);
        const struct leadseq_stack_row *r = &leadseq_stack_rows(stack)[i];
        cr_assert(r->ecg_id == row.ecg_id && r->patient_id == row.patient_id && r->mi == row.mi);
        cr_assert(r->strat_fold == row.strat_fold && r->age_years == row.age_years);
        cr_assert(r->sex == row.sex && r->mi_site == row.mi_site && r->quality == row.quality);
        cr_assert(r->mi_likelihood == row.mi_likelihood && !strcmp(r->record, row.record));
        cr_assert_arr_eq(r->superclass, row.superclass, sizeof row.superclass);
        status = leadseq_stack_read(stack, i, found);
        if (status) break;
        small_images(i, SMALL_WIDTH * SMALL_HEIGHT, expected);
        cr_assert_arr_eq(found, expected, sizeof expected);
    }
    leadseq_stack_close(stack);
    return status;
}

Test(stack, a_file_that_is_no_stack_is_refused_in_words)
{
    write_bytes("not HDF5", 8);
    cr_assert_null(leadseq_stack_open(small_path));
    cr_assert(strstr(leadseq_error(), "expected an HDF5 file"));
    unlink(small_path);
    struct leadseq_store *other = leadseq_store_create(small_path);
    cr_assert(other);
    struct leadseq_store_spec spec = {.type = LEADSEQ_STORE_FLOAT32};
    cr_assert_eq(leadseq_store_add(other, "temperature", &spec), 0);
    cr_assert_eq(leadseq_store_commit(other), 0);
    cr_assert_null(leadseq_stack_open(small_path));
    cr_assert(strstr(leadseq_error(), "an HDF5 file of something else"), "%s", leadseq_error());
    cr_assert(strstr(leadseq_error(), small_path));
}

Test(stack, a_truncated_file_is_refused_at_every_length)
{
    small_write(LEADSEQ_PAPER_TEXT, RECORDS);
    size_t size;
    char *bytes = leadseq_file_read(small_path, 1 << 24, &size);
    cr_assert(bytes);
    for (size_t n = 0; n < size; n += n < 2048 ? 37 : 499) {
        write_bytes(bytes, n);
        leadseq_error_clear();
        cr_assert_eq(read_all(small_path), -1, "%zu of %zu bytes were accepted", n, size);
        cr_assert(strstr(leadseq_error(), small_path), "no path in: %s", leadseq_error());
    }
    free(bytes);
}

Test(stack, a_flipped_byte_is_refused_or_harmless)
{
    small_write(LEADSEQ_PAPER_TEXT, RECORDS);
    size_t size, refused = 0;
    char *bytes = leadseq_file_read(small_path, 1 << 24, &size);
    cr_assert(bytes);
    struct leadseq_random r;
    leadseq_random_init(&r, 2, LEADSEQ_STREAM_TEST, 0, 0);
    for (int i = 0; i < 1000; i++) {
        size_t at = leadseq_random_below(&r, size);
        char flip = (char)(1 << leadseq_random_below(&r, 8));
        bytes[at] ^= flip;
        write_bytes(bytes, size);
        leadseq_error_clear();
        if (read_all(small_path)) {
            refused++;
            cr_assert(strstr(leadseq_error(), small_path), "no path in: %s", leadseq_error());
        }
        bytes[at] ^= flip;
    }
    cr_assert_gt(refused, 300);
    free(bytes);
}

/* What a stack is made of, with one thing wrong in each. */
enum fault {
    NONE,
    NEWER_SCHEMA,
    OTHER_STYLE,
    OTHER_PROFILE,
    WIDER,
    OTHER_LEADS,
    SHORT_COLUMN,
    REAL_IDS,
    SAME_ID_TWICE,
    STRANGE_LABEL,
    STRANGE_OWN_LABEL,
    SHORT_OWN_LABEL,
    FAULTS,
    NO_LABELS, // is none: see below
    OWN_LABELS
};

static void set_attributes(struct leadseq_store *s, enum fault fault)
{
    int ok = leadseq_store_set_int(s, "/", "schema_version", fault == NEWER_SCHEMA ? 7 : 1);
    ok |= leadseq_store_set_text(s, "/", "style", fault == OTHER_STYLE ? "dataset9" : "dataset4");
    ok |= leadseq_store_set_text(s, "/", "profile", fault == OTHER_PROFILE ? "mine" : "paper-text");
    ok |= leadseq_store_set_text(s, "/", "source", "");
    ok |= leadseq_store_set_text(s, "/", "program_version", "");
    ok |= leadseq_store_set_text(s, "/", "command_line", "");
    ok |= leadseq_store_set_text(s, "/", "created", "");
    ok |= leadseq_store_set_int(s, "/", "width", fault == WIDER ? 41 : 40);
    ok |= leadseq_store_set_int(s, "/", "height", 24);
    ok |= leadseq_store_set_real(s, "/", "range_mv", 2);
    ok |= leadseq_store_set_real(s, "/", "rate_hz", 100);
    ok |= leadseq_store_set_texts(s, "/", "lead_names", leadseq_lead_name + (fault == OTHER_LEADS),
                                  LEADSEQ_LEADS - (fault == OTHER_LEADS));
    cr_assert_eq(ok, 0, "%s", leadseq_error());
}

static void add_column(struct leadseq_store *s, const char *name, enum leadseq_store_type type,
                       const void *two_values, size_t rows)
{
    struct leadseq_store_spec spec = {.type = type, .text_bytes = 8};
    if (!strcmp(name, "label/superclass")) spec.rank = 1, spec.shape[0] = LEADSEQ_SUPERCLASSES;
    cr_assert_eq(leadseq_store_add(s, name, &spec), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_store_append(s, name, rows, two_values), 0);
}

/* Two records, by other means than ours: images are plain, not packed. */
static void write_by_hand(enum fault fault)
{
    static const uint8_t zeros[2 * LEADSEQ_LEADS * 40 * 24], strange[2] = {0, 7},
                                                             unknown[2] = {1, 255};
    const int32_t id[2] = {1, fault == SAME_ID_TWICE ? 1 : 2}, none[2] = {-1, -1};
    const double real[2] = {1, 2};
    const float nan[2] = {NAN, NAN};
    struct leadseq_store *s = leadseq_store_create(small_path);
    cr_assert(s);
    set_attributes(s, fault);
    struct leadseq_store_spec spec = {
        .type = LEADSEQ_STORE_UINT8, .rank = 3, .shape = {LEADSEQ_LEADS, 24, 40}, .deflate = 4};
    cr_assert_eq(leadseq_store_add(s, "images", &spec), 0);
    cr_assert_eq(leadseq_store_append(s, "images", 2, zeros), 0);
    add_column(s, "record", LEADSEQ_STORE_TEXT, "a\0\0\0\0\0\0\0b\0\0\0\0\0\0\0", 2);
    if (fault == REAL_IDS)
        add_column(s, "ecg_id", LEADSEQ_STORE_FLOAT64, real, 2);
    else
        add_column(s, "ecg_id", LEADSEQ_STORE_INT32, id, 2);
    add_column(s, "patient_id", LEADSEQ_STORE_INT32, none, fault == SHORT_COLUMN ? 1 : 2);
    add_column(s, "strat_fold", LEADSEQ_STORE_INT32, none, 2);
    add_column(s, "age", LEADSEQ_STORE_INT32, none, 2);
    add_column(s, "sex", LEADSEQ_STORE_INT32, none, 2);
    add_column(s, "quality", LEADSEQ_STORE_UINT8, zeros, 2);
    cr_assert_eq(leadseq_store_add_group(s, "label"), 0);
    if (fault == STRANGE_OWN_LABEL) add_column(s, "label/AF", LEADSEQ_STORE_UINT8, strange, 2);
    if (fault == SHORT_OWN_LABEL) add_column(s, "label/AF", LEADSEQ_STORE_UINT8, zeros, 1);
    if (fault == OWN_LABELS) {
        add_column(s, "label/CD", LEADSEQ_STORE_UINT8, unknown, 2);
        add_column(s, "label/AF", LEADSEQ_STORE_UINT8, zeros, 2);
        add_column(s, "label/score", LEADSEQ_STORE_FLOAT32, nan, 2); // no label, but no fault
    } else if (fault != NO_LABELS) {
        add_column(s, "label/mi", LEADSEQ_STORE_UINT8, fault == STRANGE_LABEL ? strange : zeros, 2);
        add_column(s, "label/mi_site", LEADSEQ_STORE_UINT8, zeros, 2);
        add_column(s, "label/mi_likelihood", LEADSEQ_STORE_FLOAT32, nan, 2);
        add_column(s, "label/superclass", LEADSEQ_STORE_UINT8, zeros, 2);
    }
    cr_assert_eq(leadseq_store_commit(s), 0, "%s", leadseq_error());
}

Test(stack, one_thing_wrong_is_named)
{
    static const char *const words[FAULTS] = {
        [NEWER_SCHEMA] = "schema version 1, found 7",
        [OTHER_STYLE] = "found \"dataset9\"",
        [OTHER_PROFILE] = "mine",
        [WIDER] = "its attributes say (n, 12, 24, 41), its shape is (n, 12, 24, 40)",
        [OTHER_LEADS] = "expected I as number 1, found II",
        [SHORT_COLUMN] = "/patient_id: expected 2 rows, as /images has, found 1",
        [REAL_IDS] = "ecg_id: expected integers, found reals",
        [SAME_ID_TWICE] = "ecg_id 1 appears twice, as records a and b",
        [STRANGE_LABEL] = "label/mi neither",
        [STRANGE_OWN_LABEL] = "/label/AF: row 1: expected 0, 1 or 255 (unknown), found 7",
        [SHORT_OWN_LABEL] = "/label/AF: expected 2 rows, as /images has, found 1",
    };
    for (enum fault fault = NEWER_SCHEMA; fault < FAULTS; fault++) {
        write_by_hand(fault);
        cr_assert_null(leadseq_stack_open(small_path), "fault %d was accepted", fault);
        cr_assert(strstr(leadseq_error(), words[fault]), "fault %d: %s", fault, leadseq_error());
        cr_assert(strstr(leadseq_error(), small_path), "fault %d: %s", fault, leadseq_error());
        unlink(small_path);
    }
}

Test(stack, labels_are_found_by_name)
{
    static const char *const ptbxl[] = {"mi", "NORM", "MI", "STTC", "CD", "HYP"};
    write_by_hand(NONE);
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_stack_labels(stack), LEADSEQ_COUNT(ptbxl));
    for (size_t i = 0; i < LEADSEQ_COUNT(ptbxl); i++) {
        cr_assert_str_eq(leadseq_stack_label_name(stack, i), ptbxl[i]);
        cr_assert_eq(leadseq_stack_label(stack, ptbxl[i])[1], 0);
    }
    cr_assert_null(leadseq_stack_label(stack, "superclass"));
    cr_assert_null(leadseq_stack_label(stack, "mi_site"));
    leadseq_stack_close(stack);
}

Test(stack, any_column_of_bytes_is_a_label_and_nothing_else_is)
{
    write_by_hand(OWN_LABELS);
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_stack_labels(stack), 2);
    cr_assert_eq(leadseq_stack_label(stack, "CD")[0], 1);
    cr_assert_eq(leadseq_stack_label(stack, "CD")[1], LEADSEQ_UNKNOWN);
    cr_assert_eq(leadseq_stack_label(stack, "AF")[1], 0);
    cr_assert_null(leadseq_stack_label(stack, "score"));
    cr_assert_null(leadseq_stack_label(stack, "mi"));
    cr_assert_eq(leadseq_stack_rows(stack)[0].mi, LEADSEQ_UNKNOWN);
    leadseq_stack_close(stack);
}

Test(stack, a_stack_may_have_no_labels)
{
    write_by_hand(NO_LABELS);
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_stack_labels(stack), 0);
    cr_assert_eq(leadseq_stack_rows(stack)[1].superclass[2], LEADSEQ_UNKNOWN);
    leadseq_stack_close(stack);
}

Test(stack, own_labels_come_back_and_faults_of_theirs_are_named)
{
    static const uint8_t value[3] = {1, LEADSEQ_UNKNOWN, 0}, strange[3] = {0, 2, 0};
    static const struct {
        const char *name, *words;
    } bad[] = {{"mi", "rename it"},
               {"superclass", "rename it"},
               {"mi_site", "no label"},
               {"two words", "1 to 31 letters"},
               {"", "1 to 31 letters"},
               {"../AF", "1 to 31 letters"},
               {"AF", "label AF: appears twice"}};
    struct leadseq_drawing drawing = small_drawing(LEADSEQ_PAPER_TEXT);
    uint8_t *images = calloc(1, leadseq_drawing_bytes(&drawing));
    struct leadseq_stack_writer *w = leadseq_stack_create(small_path, &drawing, "", "");
    cr_assert(w, "%s", leadseq_error());
    cr_assert_eq(leadseq_stack_add_label(w, "AF", "a test", value, 3), 0, "%s", leadseq_error());
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        leadseq_error_clear();
        cr_assert_eq(leadseq_stack_add_label(w, bad[i].name, "", value, 3), -1);
        cr_assert(strstr(leadseq_error(), bad[i].words), "%s", leadseq_error());
    }
    cr_assert_eq(leadseq_stack_add_label(w, "CD", "", strange, 3), -1);
    cr_assert_eq(leadseq_stack_add_label(w, "CD", "", value, 2), -1);
    for (size_t i = 0; i < 3; i++) {
        struct leadseq_stack_row row = small_row(i);
        cr_assert_eq(leadseq_stack_append_images(w, &row, images), 0);
    }
    cr_assert_eq(leadseq_stack_commit(w), 0, "%s", leadseq_error());
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_stack_labels(stack), 1);
    cr_assert_arr_eq(leadseq_stack_label(stack, "AF"), value, 3);
    leadseq_stack_close(stack);
    free(images);
}

Test(stack, a_stack_stored_otherwise_to_the_same_plan_is_read)
{
    uint8_t images[LEADSEQ_LEADS * 24 * 40];
    memset(images, 1, sizeof images);
    write_by_hand(NONE);
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_stack_count(stack), 2);
    cr_assert_eq(leadseq_stack_read(stack, 1, images), 0, "%s", leadseq_error());
    for (size_t i = 0; i < sizeof images; i++) cr_assert_eq(images[i], 0);
    cr_assert_str_eq(leadseq_stack_rows(stack)[1].record, "b");
    leadseq_stack_close(stack);
}

Test(stack, a_record_that_is_not_there_is_refused)
{
    uint8_t images[LEADSEQ_LEADS * SMALL_WIDTH * SMALL_HEIGHT];
    small_write(LEADSEQ_PAPER_TEXT, 2);
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_stack_read(stack, 2, images), -1);
    cr_assert(strstr(leadseq_error(), "record number 2"));
    leadseq_stack_close(stack);
}

Test(stack, a_record_twice_fails_the_commit_and_leaves_nothing)
{
    struct leadseq_drawing drawing = small_drawing(LEADSEQ_PAPER_TEXT);
    struct leadseq_stack_writer *writer = leadseq_stack_create(small_path, &drawing, "", "");
    struct leadseq_stack_row row = small_row(0);
    static uint8_t images[LEADSEQ_LEADS * SMALL_WIDTH * SMALL_HEIGHT];
    for (int i = 0; i < 2; i++) cr_assert_eq(leadseq_stack_append_images(writer, &row, images), 0);
    cr_assert_eq(leadseq_stack_commit(writer), -1);
    cr_assert(strstr(leadseq_error(), "twice"));
    cr_assert(!leadseq_path_exists(small_path));
}

Test(stack, a_discarded_stack_leaves_nothing)
{
    char partial[128];
    snprintf(partial, sizeof partial, "%s.partial", small_path);
    struct leadseq_drawing drawing = small_drawing(LEADSEQ_PAPER_TEXT);
    struct leadseq_stack_writer *writer = leadseq_stack_create(small_path, &drawing, "", "");
    cr_assert(writer && leadseq_path_exists(partial) && !leadseq_path_exists(small_path));
    leadseq_stack_discard(writer);
    cr_assert(!leadseq_path_exists(partial) && !leadseq_path_exists(small_path));
}

Test(stack, everything_comes_back_as_it_was_written)
{
    small_write(LEADSEQ_PAPER_TEXT, RECORDS);
    cr_assert_eq(read_all(small_path), 0, "%s", leadseq_error());
    struct leadseq_stack *stack = small_open();
    cr_assert_str_eq(leadseq_stack_style(stack), "dataset4");
    cr_assert_str_eq(leadseq_stack_source(stack), "formula, crc32:00000000");
    cr_assert_str_eq(leadseq_stack_attribute(stack, "command_line"), "test");
    cr_assert_str_eq(leadseq_stack_attribute(stack, "no such"), "");
    cr_assert_eq(leadseq_stack_image_bytes(stack), SMALL_WIDTH * SMALL_HEIGHT);
    const struct leadseq_drawing *d = leadseq_stack_drawing(stack);
    cr_assert(d->profile == LEADSEQ_PAPER_TEXT && d->width == SMALL_WIDTH && d->rate_hz == 100);
    leadseq_stack_close(stack);
}

Test(stack, colour_and_an_empty_stack_work)
{
    small_write(LEADSEQ_PAPER_CODE, 2);
    struct leadseq_stack *stack = small_open();
    size_t bytes = leadseq_stack_image_bytes(stack);
    cr_assert_eq(bytes, 3 * SMALL_WIDTH * SMALL_HEIGHT);
    uint8_t *images = malloc(12 * bytes), *expected = malloc(12 * bytes);
    cr_assert_eq(leadseq_stack_read(stack, 1, images), 0);
    small_images(1, bytes, expected);
    cr_assert_arr_eq(images, expected, 12 * bytes);
    leadseq_stack_close(stack);
    free(images);
    free(expected);
    unlink(small_path);
    small_write(LEADSEQ_PAPER_TEXT, 0);
    stack = small_open();
    cr_assert_eq(leadseq_stack_count(stack), 0);
    leadseq_stack_close(stack);
}

Test(stack, equal_records_give_equal_bytes)
{
    size_t size[2];
    char *bytes[2];
    setenv("SOURCE_DATE_EPOCH", "86400", 1);
    for (int i = 0; i < 2; i++) {
        small_write(LEADSEQ_PAPER_TEXT, RECORDS);
        bytes[i] = leadseq_file_read(small_path, 1 << 24, &size[i]);
        if (i == 0) sleep(1);
        unlink(small_path);
    }
    cr_assert_eq(size[0], size[1]);
    cr_assert_arr_eq(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
    small_write(LEADSEQ_PAPER_TEXT, 1);
    struct leadseq_stack *stack = small_open();
    cr_assert_str_eq(leadseq_stack_attribute(stack, "created"), "1970-01-02T00:00:00Z");
    leadseq_stack_close(stack);
}

static void *read_again(void *stack)
{
    size_t bytes = LEADSEQ_LEADS * leadseq_stack_image_bytes(stack);
    uint8_t *images = malloc(bytes), *expected = malloc(bytes);
    void *failed = NULL;
    for (size_t i = 0; i < 20 * RECORDS; i++) {
        small_images(i % RECORDS, bytes / LEADSEQ_LEADS, expected);
        if (leadseq_stack_read(stack, i % RECORDS, images) || memcmp(images, expected, bytes))
            failed = stack;
    }
    free(images);
    free(expected);
    return failed;
}

Test(stack, threads_may_read_at_the_same_time)
{
    small_write(LEADSEQ_PAPER_TEXT, RECORDS);
    struct leadseq_stack *stack = small_open();
    pthread_t thread[4];
    for (int i = 0; i < 4; i++) pthread_create(&thread[i], NULL, read_again, stack);
    for (int i = 0; i < 4; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        cr_assert_null(failed);
    }
    leadseq_stack_close(stack);
}
