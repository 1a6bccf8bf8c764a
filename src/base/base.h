/* SPDX-License-Identifier: MIT
 *
 * The floor every layer stands on: the error chain, keyed random streams,
 * logging and progress, files that appear whole or not at all, clocks, and the
 * wish to stop. Nothing here knows of hearts or networks.
 *
 * Ownership: strings returned as `char *` are the caller's to free();
 * `const char *` stay the library's. */
#ifndef LEADSEQ_BASE_H
#define LEADSEQ_BASE_H

#include <leadseq/base.h>

#include <stdarg.h>

#define LEADSEQ_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define LEADSEQ_COUNT(array) (sizeof(array) / sizeof *(array))

/* --- Errors: how the library makes them (leadseq_error() reads them) ------------------ */

/* Starts a new message. Returns -1, so that `return leadseq_fail(...)` reads. */
int leadseq_fail(const char *format, ...) LEADSEQ_PRINTF(1, 2);

/* Puts "context: " before the present message, as the chain unwinds. Returns -1. */
int leadseq_fail_in(const char *format, ...) LEADSEQ_PRINTF(1, 2);

/* "Out of memory" with the bytes asked for. Returns -1. */
int leadseq_fail_memory(size_t bytes);

/* calloc() that refuses overflow and leaves a message. */
void *leadseq_calloc(size_t count, size_t size) LEADSEQ_CHECKED;
/* realloc() to count × size with the same care; on failure `old` stays valid. */
void *leadseq_realloc(void *old, size_t count, size_t size) LEADSEQ_CHECKED;
/* A formatted string in fresh memory, NULL on failure. */
char *leadseq_format(const char *format, ...) LEADSEQ_PRINTF(1, 2) LEADSEQ_CHECKED;

/* --- Random streams ---------------------------------------------------------
 * A stream is keyed by (seed, purpose, a, b), for example (seed, SHUFFLE, epoch,
 * ecg_id): what is drawn depends on the key alone, never on the order of work,
 * the number of threads or of ranks. SplitMix64 (Steele, Lea & Flood 2014). */

enum leadseq_stream {
    LEADSEQ_STREAM_WEIGHTS = 1,
    LEADSEQ_STREAM_SHUFFLE,
    LEADSEQ_STREAM_SPLIT,
    LEADSEQ_STREAM_SELECT,
    LEADSEQ_STREAM_LEADS,
    LEADSEQ_STREAM_SYNTH,
    LEADSEQ_STREAM_AUGMENT,
    LEADSEQ_STREAM_DROPOUT,
    LEADSEQ_STREAM_BOOTSTRAP,
    LEADSEQ_STREAM_TEST,
    LEADSEQ_STREAM_PERMUTE,
    LEADSEQ_STREAM_PROBES,
    LEADSEQ_STREAM_DISTORT,
    LEADSEQ_STREAM_SHADOW,
};

struct leadseq_random {
    uint64_t state;
};

void leadseq_random_init(struct leadseq_random *r, uint64_t seed, enum leadseq_stream purpose,
                         uint64_t a, uint64_t b);
uint64_t leadseq_random_bits(struct leadseq_random *r);
/* Uniform in [0, 1), 53 bits. */
double leadseq_random_uniform(struct leadseq_random *r);
/* Standard normal (Marsaglia & Tsang's ziggurat, by GSL). */
double leadseq_random_normal(struct leadseq_random *r);
/* Uniform in 0 … n-1, without bias; n >= 1. */
uint64_t leadseq_random_below(struct leadseq_random *r, uint64_t n);
/* Fisher-Yates shuffle of index[0 … n-1]. */
void leadseq_random_permute(struct leadseq_random *r, size_t *index, size_t n);

/* --- Log and progress -------------------------------------------------------
 * Lines go to stderr, and with a time stamp to one more file where one is set.
 * Thread safe. */

/* The run's own log; NULL ends it. The caller owns the file. */
void leadseq_log_file(FILE *file);
void leadseq_info(const char *format, ...) LEADSEQ_PRINTF(1, 2);
void leadseq_warn(const char *format, ...) LEADSEQ_PRINTF(1, 2);

/* A bar on stderr with rate and time left: redrawn in place on a terminal, a
 * line every ten seconds elsewhere. Steps may be counted from any thread. */
struct leadseq_progress;
struct leadseq_progress *leadseq_progress_new(const char *label, const char *unit, size_t total);
/* Counts n more done; `note` (may be NULL) stands behind the bar: "loss 0.41 lr 1e-3". */
void leadseq_progress_step(struct leadseq_progress *p, size_t n, const char *note);
/* Ends the bar's line; takes NULL. */
void leadseq_progress_free(struct leadseq_progress *p);
/* All other bars are silent until this is called with NULL: a bar for work that has bars of its
 * own. */
void leadseq_progress_show_only(const struct leadseq_progress *p);

/* --- Files ------------------------------------------------------------------ */

/* A file that appears under its name only when it is whole: written beside it
 * as NAME.partial, synced and renamed by commit(). */
struct leadseq_file;
struct leadseq_file *leadseq_file_create(const char *path) LEADSEQ_CHECKED;
FILE *leadseq_file_stream(struct leadseq_file *f);
/* All free f. commit() fails if any write before it failed (full disk). */
int leadseq_file_commit(struct leadseq_file *f) LEADSEQ_CHECKED;
/* The same without waiting for the disk, for files made by the thousand that can be
 * made again: whole or absent whatever happens to the program, not to the machine. */
int leadseq_file_commit_unsynced(struct leadseq_file *f) LEADSEQ_CHECKED;
void leadseq_file_discard(struct leadseq_file *f);

/* The whole file in fresh memory with a zero byte behind it; more than `limit` bytes is refused. */
char *leadseq_file_read(const char *path, size_t limit, size_t *size) LEADSEQ_CHECKED;
bool leadseq_path_exists(const char *path);
bool leadseq_folder_has(const char *folder, const char *name); /* FOLDER/NAME exists */
bool leadseq_path_is_folder(const char *path);
/* "folder/name" in fresh memory. */
char *leadseq_path_join(const char *folder, const char *name) LEADSEQ_CHECKED;
/* Makes the folder and its parents; one that exists is fine. */
int leadseq_folder_make(const char *path) LEADSEQ_CHECKED;
/* Makes a new folder for results; fails if it exists and holds anything. */
int leadseq_folder_make_new(const char *path) LEADSEQ_CHECKED;
/* rename() with both synced; `to` is replaced as a whole. */
int leadseq_file_rename(const char *from, const char *to) LEADSEQ_CHECKED;

/* --- Parts ------------------------------------------------------------------- */

/* n things divided among `parts` as evenly as they can be, the first parts having one more: how
 * many a part has, and how many come before it. */
size_t leadseq_part_count(size_t n, int part, int parts);
size_t leadseq_part_first(size_t n, int part, int parts);

/* --- Clock, memory, stop ----------------------------------------------------- */

/* Seconds of a clock that only goes forward. */
double leadseq_seconds(void);
/* Seconds this thread's process spent on its processors. */
double leadseq_cpu_seconds(void);
/* Highest resident memory of this process so far, in bytes. */
size_t leadseq_peak_bytes(void);
/* Memory that can be had now without swapping, within the limits of control groups and
 * ulimit, in bytes (0: unknown). */
size_t leadseq_available_bytes(void);
/* "2026-11-21T22:40:00Z" */
void leadseq_timestamp(char text[32]);
/* Processors this process may use. */
int leadseq_processors(void);
/* The processor's name, "" where Linux does not say. */
void leadseq_cpu_name(char *cpu, size_t size);

/* Writes a word quoted so that a POSIX shell reads it back unchanged. */
void leadseq_print_word(FILE *out, const char *word);

#endif
