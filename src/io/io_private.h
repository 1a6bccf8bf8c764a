/* SPDX-License-Identifier: MIT
 *
 * Between the files of io: words, WFDB sample formats, the HDF5 store. */
#ifndef IO_PRIVATE_H
#define IO_PRIVATE_H

#include "io/io.h"
#include "io/store.h"

/* --- text.c ---------------------------------------------------------------- */

/* The next word between blanks, ended in place; NULL at the end. */
char *io_next_word(char **cursor);
/* Cuts blanks off both ends, in place. */
char *io_trim(char *text);
/* Copies what fits into `size` bytes; false where `text` was longer. */
bool io_copy(char *to, size_t size, const char *text);
/* Whether a name stays in its folder and is one that a file can have. */
bool io_is_plain_name(const char *name);

/* --- foreign.c -------------------------------------------------------------- */

/* leadseq_foreign() of the first bytes of a file. */
const char *io_foreign_file(const char *path);

/* --- wfdb_signal_line.c ------------------------------------------------------ */

/* Parses one signal line, which is taken apart. */
int io_wfdb_signal_parse(struct leadseq_wfdb_signal *signal, char *line, const char *path,
                         int line_number);

/* --- wfdb_format.c ---------------------------------------------------------- */

struct io_wfdb_format {
    int code;
    size_t (*bytes)(size_t n_samples);                      /* of a file of that many */
    size_t (*padded)(size_t n_samples);                     /* the same where a writer filled up */
    int32_t (*sample)(const unsigned char *data, size_t i); /* the i-th, sign extended */
    int32_t missing;                                        /* the value that means "none" */
};
/* NULL where the format cannot be read; fail() then names `path` and those that can. */
const struct io_wfdb_format *io_wfdb_format(int code);
int io_wfdb_format_fail(int code, const char *path);

/* --- wfdb_matlab.c ----------------------------------------------------------- */

/* Whether a signal file is named as MATLAB's. */
bool io_is_matlab(const char *file_name);
/* Fails where the file is of MATLAB 5 or later, which says so in its first bytes. */
int io_matlab_version_check(const char *path);
/* Fails unless the file begins with the MATLAB v4 matrix that its header speaks of:
 * (n_rows, n_columns) of the format's type, its data `byte_offset` bytes after the beginning. */
int io_matlab_check(const char *path, int format, size_t byte_offset, size_t n_rows,
                    size_t n_columns);

/* --- wfdb_data.c ------------------------------------------------------------- */

/* Fills header->n_samples where the header did not say, from the files' sizes.
 * Fails unless every signal file in `folder` exists, is in a format that can be
 * read, and exactly as long as the header says. A file without a signal that is drawn may be in a
 * format that cannot be read. */
int io_wfdb_data_check(struct leadseq_wfdb_header *header, const char *folder, const char *hea_path,
                       const int signal_of[LEADSEQ_LEADS]);
/* Reads all signals block by block, verifies initial values and (where asked) checksums, and writes
 * signal i as millivolts to mv[i] (n_samples) where that is not NULL. */
int io_wfdb_data_read(const struct leadseq_wfdb_header *header, const char *folder,
                      const char *hea_path, bool verify_sums, float *const *mv);

/* --- ptbxl_scp.c ------------------------------------------------------------------ */

struct io_scp_statement {
    char code[16];
    int superclass;  /* enum leadseq_superclass; -1: not a diagnostic one */
    uint8_t mi_site; /* bits; 0 where no MI */
};
struct io_scp {
    struct io_scp_statement *statement; /* (n), in the table's order */
    size_t n;
};
int io_scp_read(struct io_scp *scp, const char *path) LEADSEQ_CHECKED;
void io_scp_clear(struct io_scp *scp);
/* Labels `row` by its scp_codes, "{'NORM': 100.0, 'SR': 0.0}". On failure returns -1,
 * with what was expected and what was found in the message. */
int io_scp_label(const struct io_scp *scp, const char *codes, struct leadseq_ptbxl_row *row);

/* --- store.c and store_*.c: int64_t identifiers are HDF5's hid_t ------ */

enum { IO_STORE_OPEN_SETS = 256 };

struct io_store_rows {
    size_t first, end;
};
struct leadseq_store {
    char *path;
    struct leadseq_partial partial; /* without a name when open for reading */
    int64_t file;
    uint64_t bytes, base; /* of the file when it was opened, 0 for one made here; its user block */
    struct {
        char *name;
        int64_t id;
        struct io_store_rows whole; /* rows of chunks that were found to be right last */
    } set[IO_STORE_OPEN_SETS];      /* data sets stay open once used */
    int n_sets;
};

/* Every call of HDF5 is between these two: the library is not thread-safe, so one lock (held from
 * enter to leave) admits one thread at a time. */
void io_store_enter(void);
void io_store_leave(void);
/* HDF5's own reason for the first failure since enter(), after `what`; `name` is the object's, ""
 * for the file. Returns -1. */
int io_store_hdf5_fail(const struct leadseq_store *store, const char *name, const char *what);
/* A file's bytes into an open file. */
int io_copy_file(const char *from_path, int to) LEADSEQ_CHECKED;
/* Lets go of any kind of identifier; negative ones are none. */
void io_store_drop(int64_t id);
/* A creation list of the class whose objects keep no times. */
int64_t io_store_timeless(int64_t class);
/* A new text type: UTF-8, of that many bytes. */
int64_t io_store_text_type(size_t bytes);
enum leadseq_store_kind io_store_kind_of(int64_t type);
/* Bytes of a value in the file (store_chunk.c). */
size_t io_store_value_bytes(int64_t type);

/* store_guard.c: links and storage that lead to other files are refused, with a message. */
bool io_store_exists(const struct leadseq_store *store, const char *name);
/* Whether a member of a group is a data set, which is not opened for that. */
bool io_store_is_set(int64_t group, const char *name);
int64_t io_store_open_object(const struct leadseq_store *store, const char *name);
/* A data set, also refused where the file cannot hold what it claims. */
int64_t io_store_open_set(const struct leadseq_store *store, const char *name);

/* store_header.c: whether the messages of an object's header, which is at a place of the file, lie
 * within themselves. */
int io_store_check_header(const struct leadseq_store *store, const char *name,
                          uint64_t place) LEADSEQ_CHECKED;

/* store_chunk.c: whether the compressed chunks of some rows of an open set unpack to their own
 * size. Those looked at last are not unpacked again for their next rows. */
int io_store_check_chunks(struct leadseq_store *store, int64_t set, size_t first,
                          size_t rows) LEADSEQ_CHECKED;

/* store_text.c: texts of variable length are read as references first. */
enum { IO_STORE_REFERENCE = 16 };      /* bytes of one */
int64_t io_store_reference_type(void); /* to read them as; the caller does not drop it */
/* texts (n, width); longest: of the texts in the file, in bytes; name: for messages. */
int io_store_read_references(const struct leadseq_store *store, const char *name,
                             const unsigned char *reference, size_t n, char *texts, size_t width,
                             size_t *longest) LEADSEQ_CHECKED;

#endif
