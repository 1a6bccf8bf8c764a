/* SPDX-License-Identifier: MIT
 *
 * HDF5 as this program uses it: files that appear whole, data sets that grow
 * along their first axis (the row), attributes on any object.
 *
 *   data set "images": rows x (12, 512, 512)   data set "ecg_id": rows x ()
 *
 * Files are written in HDF5's format of version 1.10, whose metadata carry
 * checksums; rows written by append() carry Fletcher's checksum besides. So a
 * damaged file is refused, not misread. No object stores times: equal contents
 * give equal bytes. h5py, pandas and h5dump read everything written here; text
 * attributes are of fixed length, which h5py hands out as `bytes`.
 *
 * Ownership: a store is freed by commit(), discard() or close(). Every function
 * may be called from any thread; HDF5 itself is entered by one at a time. */
#ifndef LEADSEQ_STORE_H
#define LEADSEQ_STORE_H

#include "base/base.h"

enum { LEADSEQ_STORE_RANK = 4 }; /* most axes of a row */

enum leadseq_store_type {
    LEADSEQ_STORE_UINT8,
    LEADSEQ_STORE_INT16,
    LEADSEQ_STORE_UINT16,
    LEADSEQ_STORE_INT32,
    LEADSEQ_STORE_INT64,
    LEADSEQ_STORE_FLOAT32,
    LEADSEQ_STORE_FLOAT64,
    LEADSEQ_STORE_TEXT, /* UTF-8, of fixed length, ended by a zero */
};

struct leadseq_store_spec {
    enum leadseq_store_type type;
    size_t text_bytes;                /* of each text, the closing zero included */
    int rank;                         /* axes of a row; 0: a row is one value */
    size_t shape[LEADSEQ_STORE_RANK]; /* of a row */
    size_t chunk_rows;                /* rows kept together in the file; 0: about 64 KiB of them */
    int deflate;                      /* compression 1 … 9; 0: none */
    bool packed; /* rows come compressed, by append_packed(); one is one chunk */
};

enum leadseq_store_kind {
    LEADSEQ_KIND_INTEGER,
    LEADSEQ_KIND_REAL,
    LEADSEQ_KIND_TEXT,
    LEADSEQ_KIND_OTHER
};

struct leadseq_store_info {
    enum leadseq_store_kind kind;
    size_t item_bytes; /* of one value in the file */
    size_t rows;
    int rank; /* of a row */
    size_t shape[LEADSEQ_STORE_RANK];
    bool packed; /* each row is one chunk with deflate as its only filter */
};

struct leadseq_store;

/* A new file, as PATH.partial until commit() (see leadseq_file_create()). Refuses a PATH that
 * exists, and at commit() one that appeared meanwhile. */
struct leadseq_store *leadseq_store_create(const char *path) LEADSEQ_CHECKED;
/* The same, but a file that exists is replaced at commit(). Refuses devices and pipes. */
struct leadseq_store *leadseq_store_replace(const char *path) LEADSEQ_CHECKED;
/* Opens a file to change it, in a copy under PATH.partial that takes its place at commit():
 * a program that reads PATH at any moment gets a complete file, the old one or the new one. */
struct leadseq_store *leadseq_store_amend(const char *path) LEADSEQ_CHECKED;
/* Opens for reading; refuses what is no HDF5 file, truncated or damaged. */
struct leadseq_store *leadseq_store_open(const char *path) LEADSEQ_CHECKED;
/* Closes what was opened for reading (and discards what was created). Takes NULL. */
void leadseq_store_close(struct leadseq_store *store);
/* Everything to disk, then the final name. Frees the store, also on failure. */
int leadseq_store_commit(struct leadseq_store *store) LEADSEQ_CHECKED;
/* The same without waiting for the disk: whole whatever happens to the program, not to the machine.
 */
int leadseq_store_commit_unsynced(struct leadseq_store *store) LEADSEQ_CHECKED;
/* Removes the unfinished file. Takes NULL. */
void leadseq_store_discard(struct leadseq_store *store);
/* Everything written so far to the operating system. */
int leadseq_store_flush(struct leadseq_store *store) LEADSEQ_CHECKED;
const char *leadseq_store_path(const struct leadseq_store *store);

/* --- Data sets: names may hold groups that exist, "label/mi" ------------------- */

int leadseq_store_add_group(struct leadseq_store *store, const char *name) LEADSEQ_CHECKED;
int leadseq_store_add(struct leadseq_store *store, const char *name,
                      const struct leadseq_store_spec *spec) LEADSEQ_CHECKED;
/* Appends rows; `data` holds (rows, shape) values of the type the set was made
 * with, texts text_bytes each; texts of fixed or variable length are read alike. */
int leadseq_store_append(struct leadseq_store *store, const char *name, size_t rows,
                         const void *data) LEADSEQ_CHECKED;
/* Appends one row as a zlib stream of its bytes. */
int leadseq_store_append_packed(struct leadseq_store *store, const char *name, const void *stream,
                                size_t bytes) LEADSEQ_CHECKED;
/* Keeps the first rows of a data set; one that has no more stays as it is. */
int leadseq_store_cut(struct leadseq_store *store, const char *name, size_t rows) LEADSEQ_CHECKED;
bool leadseq_store_has(struct leadseq_store *store, const char *name);
/* The names of the data sets of a group, in the order of their bytes, each followed by "\n", in
 * fresh memory. */
char *leadseq_store_names(struct leadseq_store *store, const char *group) LEADSEQ_CHECKED;
int leadseq_store_describe(struct leadseq_store *store, const char *name,
                           struct leadseq_store_info *info) LEADSEQ_CHECKED;
/* Rows first … first+rows-1, converted to `type`; integers, reals and texts do
 * not turn into each other. text_bytes: room for each text, the longer ones are cut. items: values
 * of a row that `data` has room for; a set with another number in its rows is refused. */
int leadseq_store_read(struct leadseq_store *store, const char *name, enum leadseq_store_type type,
                       size_t text_bytes, size_t items, size_t first, size_t rows,
                       void *data) LEADSEQ_CHECKED;
/* The zlib stream of a packed row in fresh memory. */
void *leadseq_store_read_packed(struct leadseq_store *store, const char *name, size_t row,
                                size_t *bytes) LEADSEQ_CHECKED;

/* --- Attributes: of the object named, "/" for the file's own ------------------- */

int leadseq_store_set_text(struct leadseq_store *store, const char *object, const char *name,
                           const char *text) LEADSEQ_CHECKED;
int leadseq_store_set_texts(struct leadseq_store *store, const char *object, const char *name,
                            const char *const *texts, size_t n) LEADSEQ_CHECKED;
int leadseq_store_set_int(struct leadseq_store *store, const char *object, const char *name,
                          int64_t value) LEADSEQ_CHECKED;
int leadseq_store_set_ints(struct leadseq_store *store, const char *object, const char *name,
                           const int64_t *values, size_t n) LEADSEQ_CHECKED;
int leadseq_store_set_real(struct leadseq_store *store, const char *object, const char *name,
                           double value) LEADSEQ_CHECKED;
int leadseq_store_set_reals(struct leadseq_store *store, const char *object, const char *name,
                            const double *values, size_t n) LEADSEQ_CHECKED;
/* Texts of at most width-1 bytes; a longer one is an error. */
int leadseq_store_get_text(struct leadseq_store *store, const char *object, const char *name,
                           char *text, size_t width) LEADSEQ_CHECKED;
/* At most `max` of them into (max, width) bytes. */
int leadseq_store_get_texts(struct leadseq_store *store, const char *object, const char *name,
                            char *texts, size_t width, size_t max, size_t *n) LEADSEQ_CHECKED;
bool leadseq_store_has_attribute(struct leadseq_store *store, const char *object, const char *name);
int leadseq_store_get_int(struct leadseq_store *store, const char *object, const char *name,
                          int64_t *value) LEADSEQ_CHECKED;
int leadseq_store_get_real(struct leadseq_store *store, const char *object, const char *name,
                           double *value) LEADSEQ_CHECKED;

#endif
