/* SPDX-License-Identifier: MIT */
#include "io/store.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[96], partial[112];

static void make_folder(void)
{
    strcpy(folder, "/tmp/leadseq-store-XXXXXX");
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.h5", folder);
    snprintf(partial, sizeof partial, "%s.partial", path);
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

/* HDF5 1.10 loses memory of its own where it refuses damaged metadata. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

TestSuite(store, .init = make_folder, .fini = remove_folder);

enum { ROWS = 1000 };

static int value(int i)
{
    return i * i % 977 - 400;
}

/* A store with a bit of everything. */
static void fill(struct leadseq_store *s)
{
    static int32_t id[ROWS];
    static char name[ROWS][16];
    for (int i = 0; i < ROWS; i++) {
        id[i] = value(i);
        snprintf(name[i], sizeof name[i], "record %d", i);
    }
    struct leadseq_store_spec ints = {.type = LEADSEQ_STORE_INT32, .deflate = 6, .chunk_rows = 128};
    struct leadseq_store_spec texts = {.type = LEADSEQ_STORE_TEXT, .text_bytes = 16};
    struct leadseq_store_spec pairs = {.type = LEADSEQ_STORE_FLOAT64, .rank = 1, .shape = {2}};
    cr_assert_eq(leadseq_store_add_group(s, "group"), 0);
    cr_assert_eq(leadseq_store_add(s, "group/id", &ints), 0);
    cr_assert_eq(leadseq_store_add(s, "name", &texts), 0);
    cr_assert_eq(leadseq_store_add(s, "pair", &pairs), 0);
    cr_assert_eq(leadseq_store_append(s, "group/id", 300, id), 0);
    cr_assert_eq(leadseq_store_append(s, "group/id", ROWS - 300, id + 300), 0);
    cr_assert_eq(leadseq_store_append(s, "name", ROWS, name), 0);
    for (int i = 0; i < ROWS; i++)
        cr_assert_eq(leadseq_store_append(s, "pair", 1, (double[]){i, -i}), 0);
    cr_assert_eq(leadseq_store_set_text(s, "/", "title", "a text"), 0);
    cr_assert_eq(
        leadseq_store_set_texts(s, "group/id", "words", (const char *[]){"one", "three"}, 2), 0);
    cr_assert_eq(leadseq_store_set_int(s, "/", "schema", 1), 0);
    cr_assert_eq(leadseq_store_set_ints(s, "group", "many", (int64_t[]){1, 2, 3}, 3), 0);
    cr_assert_eq(leadseq_store_set_real(s, "name", "rate", 0.1), 0);
}

static void write_store(void)
{
    struct leadseq_store *s = leadseq_store_create(path);
    cr_assert(s, "%s", leadseq_error());
    fill(s);
    cr_assert_eq(leadseq_store_commit(s), 0, "%s", leadseq_error());
}

static void write_bytes(const char *name, const void *bytes, size_t n)
{
    FILE *f = fopen(name, "wb");
    cr_assert(f);
    cr_assert_eq(fwrite(bytes, 1, n, f), n);
    cr_assert_eq(fclose(f), 0);
}

/* Reads everything fill() wrote: -1 refused, 0 as written; anything else fails the test. */
static int read_all(const char *file)
{
    static _Thread_local int32_t id[ROWS];
    static _Thread_local char name[ROWS][16];
    static _Thread_local double pair[ROWS][2];
    struct leadseq_store *s = leadseq_store_open(file);
    if (!s) return -1;
    char title[16];
    int64_t schema;
    int status = leadseq_store_read(s, "group/id", LEADSEQ_STORE_INT32, 0, 1, 0, ROWS, id);
    if (!status) status = leadseq_store_read(s, "name", LEADSEQ_STORE_TEXT, 16, 1, 0, ROWS, name);
    if (!status) status = leadseq_store_read(s, "pair", LEADSEQ_STORE_FLOAT64, 0, 2, 0, ROWS, pair);
    if (!status) status = leadseq_store_get_text(s, "/", "title", title, sizeof title);
    if (!status) status = leadseq_store_get_int(s, "/", "schema", &schema);
    leadseq_store_close(s);
    if (status) return -1;
    cr_assert_str_eq(title, "a text");
    cr_assert_eq(schema, 1);
    for (int i = 0; i < ROWS; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "record %d", i);
        cr_assert_eq(id[i], value(i));
        cr_assert_str_eq(name[i], expected);
        cr_assert(pair[i][0] == i && pair[i][1] == -i);
    }
    return 0;
}

Test(store, what_is_no_hdf5_file_is_refused_by_name)
{
    cr_assert_null(leadseq_store_open("/nowhere/a.h5"));
    cr_assert(strstr(leadseq_error(), "/nowhere/a.h5: cannot be read"));
    cr_assert_null(leadseq_store_open(folder));
    cr_assert(strstr(leadseq_error(), "a folder"));
    write_bytes(path, "", 0);
    cr_assert_null(leadseq_store_open(path));
    cr_assert(strstr(leadseq_error(), "an empty file"));
    write_bytes(path, "ecg_id,patient_id\n", 18);
    cr_assert_null(leadseq_store_open(path));
    cr_assert(strstr(leadseq_error(), "expected an HDF5 file, found something else"));
}

Test(store, a_truncated_file_is_refused_at_every_length)
{
    write_store();
    size_t size;
    char *bytes = leadseq_file_read(path, 1 << 24, &size);
    cr_assert(bytes);
    for (size_t n = 0; n < size; n += n < 4096 ? 61 : 997) {
        write_bytes(partial, bytes, n);
        leadseq_error_clear();
        cr_assert_eq(read_all(partial), -1, "%zu of %zu bytes were accepted", n, size);
        cr_assert(strstr(leadseq_error(), partial), "no path in: %s", leadseq_error());
    }
    free(bytes);
}

Test(store, a_flipped_byte_is_refused_or_harmless)
{
    write_store();
    size_t size, refused = 0;
    char *bytes = leadseq_file_read(path, 1 << 24, &size);
    cr_assert(bytes);
    struct leadseq_random r;
    leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, 0, 0);
    for (int i = 0; i < 1500; i++) {
        size_t at = leadseq_random_below(&r, i % 2 ? size : 4096);
        char flip = (char)(1 + leadseq_random_below(&r, 255));
        bytes[at] ^= flip;
        write_bytes(partial, bytes, size);
        leadseq_error_clear();
        if (read_all(partial)) {
            refused++;
            cr_assert(strstr(leadseq_error(), partial), "no path in: %s", leadseq_error());
        }
        bytes[at] ^= flip;
    }
    cr_assert_gt(refused, 200);
    free(bytes);
}

Test(store, what_it_does_not_hold_is_named)
{
    write_store();
    struct leadseq_store *s = leadseq_store_open(path);
    cr_assert(s, "%s", leadseq_error());
    int32_t i;
    char text[4];
    size_t bytes;
    struct leadseq_store_info info;
    cr_assert_eq(leadseq_store_describe(s, "images", &info), -1);
    cr_assert(strstr(leadseq_error(), "images"));
    cr_assert_eq(leadseq_store_describe(s, "group", &info), -1);
    cr_assert_eq(leadseq_store_read(s, "name", LEADSEQ_STORE_INT32, 0, 1, 0, 1, &i), -1);
    cr_assert(strstr(leadseq_error(), "expected integers, found texts"));
    cr_assert_eq(leadseq_store_read(s, "group/id", LEADSEQ_STORE_INT32, 0, 1, ROWS, 1, &i), -1);
    cr_assert_eq(leadseq_store_read(s, "group/id", LEADSEQ_STORE_INT32, 0, 1, 1, SIZE_MAX, &i), -1);
    // room for one value of a row is not filled with two
    double one;
    cr_assert_eq(leadseq_store_read(s, "pair", LEADSEQ_STORE_FLOAT64, 0, 1, 0, 1, &one), -1);
    cr_assert(strstr(leadseq_error(), "expected 1 values in a row, found 2"));
    cr_assert_null(leadseq_store_read_packed(s, "group/id", 0, &bytes));
    cr_assert_eq(leadseq_store_get_text(s, "/", "title", text, sizeof text), -1);
    cr_assert(strstr(leadseq_error(), "at most 3 bytes, found 6"));
    cr_assert_eq(leadseq_store_get_text(s, "/", "schema", text, sizeof text), -1);
    cr_assert_eq(leadseq_store_get_text(s, "/", "author", text, sizeof text), -1);
    cr_assert(strstr(leadseq_error(), "attribute author"));
    leadseq_store_close(s);
}

Test(store, an_existing_file_is_kept)
{
    write_bytes(path, "precious", 8);
    cr_assert_null(leadseq_store_create(path));
    cr_assert(strstr(leadseq_error(), "exists already"));
    cr_assert(!leadseq_path_exists(partial));
}

Test(store, a_folder_that_is_missing_or_read_only_is_named)
{
    cr_assert_null(leadseq_store_create("/nowhere/a.h5"));
    cr_assert(strstr(leadseq_error(), "/nowhere"));
    cr_assert_null(leadseq_store_create("/proc/a.h5"));
    cr_assert(strstr(leadseq_error(), "/proc"));
}

Test(store, what_a_killed_run_left_is_removed)
{
    write_bytes(partial, "half", 4);
    leadseq_log_level(LEADSEQ_LOG_WARN);
    write_store();
    cr_assert_eq(read_all(path), 0);
    cr_assert(!leadseq_path_exists(partial));
}

Test(store, what_another_is_writing_is_not_touched)
{
    struct leadseq_store *s = leadseq_store_create(path);
    cr_assert(s);
    cr_assert_null(leadseq_store_create(path));
    cr_assert(strstr(leadseq_error(), "is writing it"));
    leadseq_store_discard(s);
    cr_assert(!leadseq_path_exists(partial) && !leadseq_path_exists(path));
}

Test(store, a_full_disk_fails_and_leaves_nothing)
{
    signal(SIGXFSZ, SIG_IGN); // beyond the limit write() says EFBIG
    struct rlimit limit = {.rlim_cur = 200000, .rlim_max = RLIM_INFINITY};
    static uint8_t block[65536];
    for (size_t i = 0; i < sizeof block; i++) block[i] = (uint8_t)(i * 31);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct leadseq_store *s = leadseq_store_create(path);
    cr_assert(s);
    struct leadseq_store_spec spec = {
        .type = LEADSEQ_STORE_UINT8, .rank = 1, .shape = {sizeof block}};
    cr_assert_eq(leadseq_store_add(s, "block", &spec), 0);
    int status = 0;
    for (int i = 0; !status && i < 10; i++) status = leadseq_store_append(s, "block", 1, block);
    if (!status) status = leadseq_store_flush(s);
    cr_assert_eq(status, -1);
    cr_assert(strstr(leadseq_error(), "File too large"), "%s", leadseq_error());
    cr_assert(strstr(leadseq_error(), partial));
    cr_assert_eq(leadseq_store_commit(s), -1);
    cr_assert(!leadseq_path_exists(path) && !leadseq_path_exists(partial));
    limit.rlim_cur = RLIM_INFINITY;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    write_store(); // the library is whole after it
    cr_assert_eq(read_all(path), 0);
}

Test(store, a_committed_store_reads_back)
{
    write_store();
    cr_assert(!leadseq_path_exists(partial));
    cr_assert_eq(read_all(path), 0, "%s", leadseq_error());
    struct leadseq_store *s = leadseq_store_open(path);
    char words[4][8];
    size_t n;
    double rate;
    int64_t wide[2];
    cr_assert_eq(leadseq_store_get_texts(s, "group/id", "words", words[0], 8, 4, &n), 0);
    cr_assert(n == 2 && !strcmp(words[0], "one") && !strcmp(words[1], "three"));
    cr_assert_eq(leadseq_store_get_real(s, "name", "rate", &rate), 0);
    cr_assert_eq(rate, 0.1);
    cr_assert_eq(leadseq_store_get_real(s, "/", "schema", &rate), 0);
    cr_assert_eq(leadseq_store_read(s, "group/id", LEADSEQ_STORE_INT64, 0, 1, 500, 2, wide), 0);
    cr_assert(wide[0] == value(500) && wide[1] == value(501));
    cr_assert(leadseq_store_has(s, "group") && !leadseq_store_has(s, "other"));
    struct leadseq_store_info info;
    cr_assert_eq(leadseq_store_describe(s, "pair", &info), 0);
    cr_assert(info.rows == ROWS && info.rank == 1 && info.shape[0] == 2 && !info.packed);
    cr_assert(info.kind == LEADSEQ_KIND_REAL && info.item_bytes == 8);
    leadseq_store_close(s);
}

Test(store, equal_contents_give_equal_bytes)
{
    size_t size[2];
    char *bytes[2];
    for (int i = 0; i < 2; i++) {
        write_store();
        bytes[i] = leadseq_file_read(path, 1 << 24, &size[i]);
        cr_assert(bytes[i]);
        unlink(path);
        if (i == 0) sleep(1); // a clock's second inside the file would show
    }
    cr_assert_eq(size[0], size[1]);
    cr_assert_arr_eq(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
}

Test(store, packed_rows_come_back_as_they_went_in)
{
    struct leadseq_store *s = leadseq_store_create(path);
    struct leadseq_store_spec spec = {
        .type = LEADSEQ_STORE_UINT8, .rank = 1, .shape = {64}, .deflate = 1, .packed = true};
    cr_assert(s);
    cr_assert_eq(leadseq_store_add(s, "images", &spec), 0);
    cr_assert_eq(leadseq_store_append_packed(s, "images", "first", 5), 0);
    cr_assert_eq(leadseq_store_append_packed(s, "images", "second", 6), 0);
    cr_assert_eq(leadseq_store_commit(s), 0);
    s = leadseq_store_open(path);
    cr_assert(s);
    size_t n;
    char *stream = leadseq_store_read_packed(s, "images", 1, &n);
    cr_assert(stream && n == 6 && !memcmp(stream, "second", 6));
    free(stream);
    uint8_t pixels[64]; // no zlib streams: HDF5's own reading must notice
    cr_assert_eq(leadseq_store_read(s, "images", LEADSEQ_STORE_UINT8, 0, 64, 0, 1, pixels), -1);
    cr_assert_null(leadseq_store_read_packed(s, "images", 2, &n));
    leadseq_store_close(s);
}

static void *read_often(void *result)
{
    for (int i = 0; i < 20; i++)
        if (read_all(path)) return result;
    return NULL;
}

Test(store, threads_may_read_at_the_same_time)
{
    write_store();
    pthread_t thread[4];
    for (int i = 0; i < 4; i++) pthread_create(&thread[i], NULL, read_often, path);
    for (int i = 0; i < 4; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        cr_assert_null(failed);
    }
}

static size_t rows_of(const char *name)
{
    struct leadseq_store_info info;
    struct leadseq_store *store = leadseq_store_open(path);
    cr_assert(store, "%s", leadseq_error());
    cr_assert_eq(leadseq_store_describe(store, name, &info), 0);
    leadseq_store_close(store);
    return info.rows;
}

/* HDF5's own way is the nearest value there is: another record's id, a "no" of an unknown label. */
Test(store, a_number_that_does_not_fit_is_refused)
{
    static const struct {
        int64_t value;
        enum leadseq_store_type as;
        const char *says;
    } cases[] = {
        {(int64_t)1 << 31, LEADSEQ_STORE_INT32,
         "n: expected numbers from -2147483648 to 2147483647"},
        {-((int64_t)1 << 31) - 1, LEADSEQ_STORE_INT32, "n: expected numbers from -2147483648"},
        {(int64_t)1 << 62, LEADSEQ_STORE_INT32, "found one outside"},
        {-1, LEADSEQ_STORE_UINT8, "n: expected numbers from 0 to 255"},
        {256, LEADSEQ_STORE_UINT8, "n: expected numbers from 0 to 255"},
        {65536, LEADSEQ_STORE_UINT16, "n: expected numbers from 0 to 65535"},
        {255, LEADSEQ_STORE_UINT8, NULL},
        {INT32_MAX, LEADSEQ_STORE_INT32, NULL},
        {INT32_MIN, LEADSEQ_STORE_INT32, NULL},
    };
    const struct leadseq_store_spec spec = {.type = LEADSEQ_STORE_INT64};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        int64_t row[2] = {1, cases[i].value}, back[2] = {0};
        unlink(path);
        struct leadseq_store *store = leadseq_store_create(path);
        cr_assert(store && !leadseq_store_add(store, "n", &spec));
        cr_assert_eq(leadseq_store_append(store, "n", 2, row), 0);
        cr_assert_eq(leadseq_store_commit(store), 0);
        store = leadseq_store_open(path);
        cr_assert(store, "%s", leadseq_error());
        int status = leadseq_store_read(store, "n", cases[i].as, 0, 1, 0, 2, back);
        cr_assert_eq(status, cases[i].says ? -1 : 0, "case %zu", i);
        if (cases[i].says) cr_assert(strstr(leadseq_error(), cases[i].says), "%s", leadseq_error());
        leadseq_store_close(store);
    }
}

Test(store, a_file_is_changed_in_a_copy_that_takes_its_place)
{
    const struct leadseq_store_spec spec = {.type = LEADSEQ_STORE_INT64};
    int64_t row[3] = {4, 5, 6};
    struct leadseq_store *store = leadseq_store_create(path);
    cr_assert(store && !leadseq_store_add(store, "n", &spec));
    cr_assert_eq(leadseq_store_append(store, "n", 3, row), 0);
    cr_assert_eq(leadseq_store_commit(store), 0);
    struct leadseq_store *reader = leadseq_store_open(path); // keeps the file it opened
    store = leadseq_store_amend(path);
    cr_assert(store, "%s", leadseq_error());
    cr_assert_eq(leadseq_store_append(store, "n", 2, row), 0);
    cr_assert_eq(rows_of("n"), 3);
    cr_assert_eq(leadseq_store_commit_unsynced(store), 0);
    cr_assert_eq(rows_of("n"), 5);
    cr_assert_eq(leadseq_store_read(reader, "n", LEADSEQ_STORE_INT64, 0, 1, 2, 1, row), 0);
    cr_assert_eq(row[0], 6);
    leadseq_store_close(reader);
    store = leadseq_store_amend(path);
    cr_assert_eq(leadseq_store_cut(store, "n", 4), 0);
    cr_assert_eq(leadseq_store_cut(store, "n", 9), 0, "it has no more");
    cr_assert_eq(leadseq_store_cut(store, "m", 1), -1);
    leadseq_store_discard(store);
    cr_assert_eq(rows_of("n"), 5, "what is discarded changes nothing");
    store = leadseq_store_amend(path);
    cr_assert_eq(leadseq_store_cut(store, "n", 1), 0);
    cr_assert_eq(leadseq_store_commit(store), 0);
    cr_assert_eq(rows_of("n"), 1);
    cr_assert_null(leadseq_store_amend(folder)); // a folder is no file
    cr_assert(access(partial, F_OK) != 0);
}
