/* SPDX-License-Identifier: MIT
 *
 * What every folder builds on: the error chain, numbers and words in text, keyed
 * random streams, logging and progress, files that appear whole or not at all,
 * clocks, and requests to stop. Nothing here knows of hearts or networks.
 *
 * Ownership: strings returned as `char *` are the caller's to free();
 * `const char *` remain the library's.
 *
 * Threads: everything here may be called from any thread at any time, except that
 * an object (a random stream, a file) belongs to one thread at a time. Messages of
 * errors are per thread. */
#ifndef LEADSEQ_BASE_H
#define LEADSEQ_BASE_H

#include <leadseq/base.h>

#include <stdarg.h>

#define LEADSEQ_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define LEADSEQ_COUNT(array) (sizeof(array) / sizeof *(array))

/* Pixels along one side of an image at most, wherever one is drawn, stored or given to a model. */
enum { LEADSEQ_SIDE_MAX = 8192 };

/* --- Errors: how the library makes them (leadseq_error() reads them) ------------------ */

/* Starts a new message. Returns -1, so that callers can write `return leadseq_fail(...)`. */
int leadseq_fail(const char *format, ...) LEADSEQ_PRINTF(1, 2);

/* Puts "context: " before the message, as a caller passes the failure on, unless it begins with
 * that already: a file is named once. Returns -1. */
int leadseq_fail_in(const char *format, ...) LEADSEQ_PRINTF(1, 2);

/* "out of memory", with the bytes that were requested. Returns -1. */
int leadseq_fail_memory(size_t bytes);

/* calloc() that refuses overflow and leaves a message. */
void *leadseq_calloc(size_t count, size_t size) LEADSEQ_CHECKED;
/* realloc() to count × size with the same checks; on failure `old` stays valid. */
void *leadseq_realloc(void *old, size_t count, size_t size) LEADSEQ_CHECKED;
/* A formatted string in fresh memory, NULL on failure. */
char *leadseq_format(const char *format, ...) LEADSEQ_PRINTF(1, 2) LEADSEQ_CHECKED;

/* --- Numbers in text ----------------------------------------------------------
 * Decimal numbers as people write them, read without surprises: no blanks before or
 * after, no "0x10", "inf" or "nan", nothing that overflows, and nothing outside the
 * range given. Each returns false, leaves *value alone and sets no message: the
 * caller says what the number is for. */

bool leadseq_parse_integer(const char *text, int64_t least, int64_t most, int64_t *value);
bool leadseq_parse_int(const char *text, int least, int most, int *value);
/* Digits only, 0 to 2^64 - 1. */
bool leadseq_parse_seed(const char *text, uint64_t *value);
bool leadseq_parse_number(const char *text, double least, double most, double *value);
/* "WIDTHxHEIGHT", each from 1 to most. */
bool leadseq_parse_size(const char *text, int most, int *width, int *height);
/* A number that begins at *text and ends at the end or at one of the characters of `stops`, to
 * which *text is moved. "0.5:0.3" with stops ":,": reads 0.5 and moves to ":0.3". */
bool leadseq_scan_number(const char **text, const char *stops, double least, double most,
                         double *value);
/* The shortest decimal text, of at least that many significant digits, that reads back as value. */
void leadseq_print_shortest(char text[32], double value, int least_digits);

/* --- Answers ------------------------------------------------------------------
 * What a cell of a table says, however pandas, R, SQL or a spreadsheet wrote it; upper and lower
 * case are alike, blanks around it are the reader's to take off. */

/* Nothing, "NaN", "NULL", "None", "NA", "N/A", "<NA>", "NaT", "#N/A", "\N" and ".". */
bool leadseq_is_absent(const char *text);
/* Yes: 1 as any number ("1.0"), true, t, yes, y; no: 0, false, f, no, n. */
enum leadseq_answer {
    LEADSEQ_ANSWER_NO,
    LEADSEQ_ANSWER_YES,
    LEADSEQ_ANSWER_ABSENT,
    LEADSEQ_ANSWER_OTHER
};
enum leadseq_answer leadseq_parse_answer(const char *text);

/* --- Faults: several things that are wrong, told together -------------------- */

struct leadseq_faults { /* {0}: none */
    char **text;
    size_t n;
};
/* Keeps a copy of this thread's error message, which is cleared. */
int leadseq_faults_add(struct leadseq_faults *faults) LEADSEQ_CHECKED;
/* Fails with the only one, or, after a warning of each of the first 20, with their number and
 * `what` ("records that cannot be read"); `advice` ends the message of either. Returns -1. */
int leadseq_faults_fail(const struct leadseq_faults *faults, const char *what, const char *advice);
/* Each as a warning of its own. */
void leadseq_faults_warn(const struct leadseq_faults *faults);
void leadseq_faults_clear(struct leadseq_faults *faults);

/* --- Words ------------------------------------------------------------------ */

/* Writes a word quoted so that a POSIX shell reads it back unchanged. */
void leadseq_print_word(FILE *out, const char *word);
bool leadseq_ends_with(const char *text, const char *ending);
/* Letters to insert, remove, replace or swap with their neighbour between two words, of their first
 * 64. */
size_t leadseq_edits(const char *a, const char *b);
/* Whether a mistyped word may have meant the name: by edits of a third of its letters at most. */
bool leadseq_is_near(const char *word, const char *name);

/* A count with its noun, "1 record" or "3 records", as an argument of printf:
 *   leadseq_info("%s: %s", path, leadseq_count(n, "record"));
 * The text lives until the end of the full expression. English plurals in -s, -es and -ies are
 * formed here; leadseq_count_of() takes any other: leadseq_count_of(n, "axis", "axes"). */
#define leadseq_count(n, one)          (leadseq_counted((n), (one), NULL).text)
#define leadseq_count_of(n, one, many) (leadseq_counted((n), (one), (many)).text)
struct leadseq_counted {
    char text[96];
};
struct leadseq_counted leadseq_counted(size_t n, const char *one, const char *many);

/* --- Text from outside ----------------------------------------------------------
 * Names, labels, notes and paths may hold what a terminal obeys or hides. Shown plainly, control
 * characters (line ends and tabs too), marks that turn the direction of writing and bytes that are
 * not UTF-8 are written as their numbers: \n, \u001b, \xff. All else stays as it is, a backslash
 * too, so that showing text twice changes nothing. Messages of errors and log lines are shown so
 * by themselves, and so is all that the program prints to stdout, except for line ends and tabs
 * there. */

/* The next character of `text`, which has n >= 1 bytes, as it is shown; the bytes read. */
enum { LEADSEQ_PLAIN_NEXT = 16 };
size_t leadseq_plain_next(const char *text, size_t n, char shown[LEADSEQ_PLAIN_NEXT]);
/* As many whole characters as fit, always ended; the bytes written. */
size_t leadseq_plain_copy(char *to, size_t room, const char *text);
void leadseq_plain_put(FILE *out, const char *text);
/* As an argument of printf, to the end of the full expression. */
#define leadseq_plain(words) (leadseq_plained((words)).text)
struct leadseq_plained {
    char text[4096];
};
struct leadseq_plained leadseq_plained(const char *text);

/* --- Hash ---------------------------------------------------------------------
 * FNV-1a with 64 bits (Fowler, Noll & Vo): for names and for finding equal bytes,
 * not for cryptography. */

#define LEADSEQ_HASH_START UINT64_C(0xcbf29ce484222325)
/* Continues `hash` (at first LEADSEQ_HASH_START) over n bytes. */
uint64_t leadseq_hash(uint64_t hash, const void *data, size_t n);
uint64_t leadseq_hash_text(const char *text);
/* A faster hash with other values, eight bytes at a time: for large data. */
uint64_t leadseq_hash_words(const void *data, size_t n);

/* --- Random streams ---------------------------------------------------------
 * A stream is keyed by (seed, purpose, a, b), for example (seed, SHUFFLE, epoch,
 * ecg_id): its numbers depend on the key alone, never on the order of work, the
 * number of threads or of ranks. SplitMix64 (Steele, Lea & Flood 2014). */

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
    LEADSEQ_STREAM_CROP,
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
 * Lines go to stderr, and with a time stamp to one more file if one is set. One lock
 * guards stderr and the settings below: lines and bars of several threads appear
 * whole, one after the other. The settings belong to the whole process, so a function
 * that changes one puts the previous value back. */

/* The run's own log; NULL ends it. The caller owns the file, which must stay open until then. */
void leadseq_log_file(FILE *file);
void leadseq_info(const char *format, ...) LEADSEQ_PRINTF(1, 2);
void leadseq_warn(const char *format, ...) LEADSEQ_PRINTF(1, 2);

/* A bar on stderr with rate and time left: redrawn in place on a terminal, elsewhere one line
 * every ten seconds. Steps may be counted from any thread. */
struct leadseq_progress;
struct leadseq_progress *leadseq_progress_new(const char *label, const char *unit, size_t total);
/* Counts n more done; `note` (may be NULL) is shown after the bar: "loss 0.41 lr 1e-3". */
void leadseq_progress_step(struct leadseq_progress *p, size_t n, const char *note);
/* Ends the bar's line; takes NULL. */
void leadseq_progress_free(struct leadseq_progress *p);
/* Silences all other bars until this is called with NULL: for one bar over work that draws bars
 * itself. */
void leadseq_progress_show_only(const struct leadseq_progress *p);

/* --- Files ------------------------------------------------------------------ */

/* A file that appears under its name only when it is complete: it is written as NAME.partial,
 * which commit() syncs and renames. Of several programs that write one file, one gets it: it holds
 * a lock on NAME.partial from the beginning, the others fail at once and say which process it is.
 * What a killed program left under that name is written over; a symbolic link there is refused,
 * never followed. (Where the file system has no locks the name is NAME.PROCESS-K.partial, made
 * for this program alone, and the last to commit() wins.) */
struct leadseq_file;
/* A file of the program's own, replaced as a whole where it is there: metrics.json. Not for names
 * that come from the user. */
struct leadseq_file *leadseq_file_create(const char *path) LEADSEQ_CHECKED;
/* The same, after waiting for up to a minute for another program that writes it: for what is read,
 * changed and written. */
struct leadseq_file *leadseq_file_await(const char *path) LEADSEQ_CHECKED;
FILE *leadseq_file_stream(struct leadseq_file *f);
/* All free f. commit() fails if any write before it failed (full disk). */
int leadseq_file_commit(struct leadseq_file *f) LEADSEQ_CHECKED;
/* The same without waiting for the disk, for thousands of files that can be made again: complete
 * or absent if the program is killed, but not if the machine loses power. */
int leadseq_file_commit_unsynced(struct leadseq_file *f) LEADSEQ_CHECKED;
void leadseq_file_discard(struct leadseq_file *f);

/* Why writing failed, maybe long ago, so that errno is another one's: tries one more byte. For a
 * stream that is given up. */
const char *leadseq_write_reason(FILE *stream);

/* The whole file in fresh memory, followed by a zero byte; more than `limit` bytes are refused. */
char *leadseq_file_read(const char *path, size_t limit, size_t *size) LEADSEQ_CHECKED;

/* Text files as people's programs write them: UTF-8, with or without a byte order mark, lines that
 * end in \n, \r\n or \r. Read, they have no mark and all lines end in \n. What is no text is
 * refused with what it is and what to do: UTF-16, Latin-1 (with its line), gzip, Excel, … */
char *leadseq_text_read(const char *path, size_t limit, size_t *size) LEADSEQ_CHECKED;
/* Its two halves, of what leadseq_file_read() returned: clean() takes marks and \r out, in place,
 * and refuses what is no text; check() refuses what is not UTF-8 (names of files may be). */
int leadseq_text_clean(char *text, size_t *size, const char *path) LEADSEQ_CHECKED;
int leadseq_text_check(const char *text, size_t size, const char *path) LEADSEQ_CHECKED;
/* "a gzip file; unpack it first" and the like by a file's first n bytes, else NULL. */
const char *leadseq_foreign(const void *first, size_t n);

bool leadseq_path_exists(const char *path);
bool leadseq_folder_has(const char *folder, const char *name); /* FOLDER/NAME exists */
bool leadseq_path_is_folder(const char *path);
/* A folder that can be read and has nothing in it. */
bool leadseq_folder_is_empty(const char *path);
/* The first name in a folder that is none of `names`, which NULL ends, nor one of these that is not
 * complete yet, in fresh memory; NULL: all are. */
char *leadseq_folder_stranger(const char *path, const char *const *names);
/* What a walk calls for each file, and with a reason (`why`) for what it had to leave out: `bad`
 * where something may be lost by that, not where a link leads to what is found anyway. -1 ends the
 * walk. */
typedef int leadseq_walk_visit(void *state, const char *path, const char *why, bool bad);
/* Visits the files in a folder and below it whose names end so, links to files and folders
 * followed. Names that begin with a dot, and __MACOSX, are passed over, as ls does. A folder is
 * entered once, so that a loop of links ends; a link to a file that the walk finds itself is left
 * out. Folders that cannot be read and links to nothing are named. */
int leadseq_folder_walk(const char *folder, const char *ending, leadseq_walk_visit *visit,
                        void *state) LEADSEQ_CHECKED;
/* "folder/name" in fresh memory. */
char *leadseq_path_join(const char *folder, const char *name) LEADSEQ_CHECKED;
/* Makes the folder and its parents; an existing folder is fine. */
int leadseq_folder_make(const char *path) LEADSEQ_CHECKED;
/* Makes a new folder for results; fails if it exists and is not empty. */
int leadseq_folder_make_new(const char *path) LEADSEQ_CHECKED;
/* The same path from any working folder, in fresh memory. */
char *leadseq_path_absolute(const char *path) LEADSEQ_CHECKED;
/* $TMPDIR where it can be written into, else /tmp. */
const char *leadseq_temporary_folder(void);
/* rename() with both synced; `to` is replaced as a whole. */
int leadseq_file_rename(const char *from, const char *to) LEADSEQ_CHECKED;

/* What a struct leadseq_file is made of, for files that another library writes. */
struct leadseq_partial {
    char *path, *name; /* the final name, and the one until then */
    int file;          /* open for reading and writing, empty, locked */
    bool replaces;     /* what is under the final name */
    bool published;
    bool held; /* open() failed because another program writes it */
};
int leadseq_partial_open(struct leadseq_partial *p, const char *path,
                         bool replaces) LEADSEQ_CHECKED;
/* Ends the lock of a complete file, of which a reader may want a lock of its own as soon as it has
 * its final name: until then it gets a name that nobody else opens. */
int leadseq_partial_unlock(struct leadseq_partial *p) LEADSEQ_CHECKED;
/* Gives what was written its final name. A device is never replaced. */
int leadseq_partial_publish(struct leadseq_partial *p, bool synced) LEADSEQ_CHECKED;
/* Removes the file unless it was published; ends the lock. */
void leadseq_partial_close(struct leadseq_partial *p);

/* --- Outputs that the user named ------------------------------------------------
 * A file that is there is refused unless `force` says to replace it. A character device, a pipe or
 * an open file by its number (/dev/stdout, /dev/fd/3) is written straight through, whatever `force`
 * is, and never replaced. Of a symbolic link to a file, and of one to nothing, it is the link that
 * is there and is replaced: what it leads to stays as it is. */

/* Looks, before any work, at what is there, and whether the folder can be written into. */
int leadseq_output_check(const char *path, bool force) LEADSEQ_CHECKED;
/* The same of a folder, which is made with its parents where it is not there; what is in it is the
 * maker's to judge. */
int leadseq_output_check_folder(const char *path) LEADSEQ_CHECKED;
/* Whether it is written straight through. */
bool leadseq_output_is_stream(const char *path);
/* Checks, and begins to write; a file that appears meanwhile is not replaced without force. */
struct leadseq_file *leadseq_output_create(const char *path, bool force) LEADSEQ_CHECKED;

/* A folder that appears under its name only when all is in it: it is filled as NAME.partial, in
 * which the file .unfinished is locked. Of several programs that fill one folder, one gets it, as
 * with files. What a killed program left is recognised by .unfinished and emptied; other folders
 * of that name are refused. Missing parents are made. */
struct leadseq_folder;
/* `replaces`: a folder that is there is replaced at commit(), with all that is in it; otherwise it
 * is refused unless it is empty. */
struct leadseq_folder *leadseq_folder_begin(const char *path, bool replaces) LEADSEQ_CHECKED;
const char *leadseq_folder_partial(const struct leadseq_folder *f);
/* Both free f and take NULL. */
int leadseq_folder_commit(struct leadseq_folder *f) LEADSEQ_CHECKED;
void leadseq_folder_discard(struct leadseq_folder *f);

/* --- Locks --------------------------------------------------------------------
 * Of several processes only one may write into a folder. It takes a lock, by convention before it
 * looks at what the folder holds: a decision made without the lock may be out of date. The lock is
 * on a file, made if it is not there, or on a folder; it ends with the process, however that ends,
 * and does not stop anyone who does not ask for it. Where a file system has no locks, all
 * succeed, with one warning.
 * Within one process, two takers exclude each other too. */

/* 0: taken, *lock is to be released; 1: another holds it, no message; -1: failed. */
int leadseq_lock_take(const char *path, int *lock) LEADSEQ_CHECKED;
/* The same, but programs started meanwhile hold it too, until the last of them has ended. */
int leadseq_lock_take_inherited(const char *path, int *lock) LEADSEQ_CHECKED;
/* The same as the first; where another holds it, a message that names the process, and -1. */
int leadseq_lock_claim(const char *path, int *lock) LEADSEQ_CHECKED;
/* The same, after waiting for at most that many seconds. */
int leadseq_lock_await(const char *path, double seconds, int *lock) LEADSEQ_CHECKED;
void leadseq_lock_release(int lock); /* takes -1 */
/* Whether anyone holds it now. */
bool leadseq_lock_is_held(const char *path);
/* "another program (process 4711, leadseq)", as far as it is known. */
enum { LEADSEQ_HOLDER_TEXT = 96 };
const char *leadseq_lock_holder(const char *path, char text[LEADSEQ_HOLDER_TEXT]);
/* Makes a new folder for results and takes its lock; fails if it exists and is not empty, or if
 * another process has it. Of two that ask for one folder, one gets it. */
int leadseq_folder_take_new(const char *path, int *lock) LEADSEQ_CHECKED;

/* --- Parts ------------------------------------------------------------------- */

/* n things divided among `parts` as evenly as they can be, the first parts having one more: how
 * many a part has, and how many come before it. */
size_t leadseq_part_count(size_t n, int part, int parts);
size_t leadseq_part_first(size_t n, int part, int parts);

/* --- Processors and threads ------------------------------------------------------ */

/* Processors this process may use: those of its affinity mask, within the quota of processor time
 * that control groups (containers) grant. */
int leadseq_processors(void);
/* Threads of each of `processes` that share the processors, where the user asks for no number:
 * OMP_NUM_THREADS where it is set, else an equal share, and no more than OpenMP grants. */
int leadseq_threads_share(int processes);
/* How many threads OpenMP really gives the calling thread where `wanted` are asked for (0: the
 * share of one process), found by a trial; parallel regions without a number of their own have as
 * many from now on. Warns where they are fewer than wanted, or more than the processors; where more
 * than four would share a processor there is one for each. */
int leadseq_threads_granted(int wanted);
/* The number of threads that are no OpenMP's: `wanted`, or where that is 0 the share. */
int leadseq_threads_wanted(int wanted);
/* For a program whose threads wait for each other at every step, first of all: starts it again with
 * `argv`, with an OpenMP whose threads soon sleep while they wait, where the user has not said how
 * they do (OMP_WAIT_POLICY, GOMP_SPINCOUNT). Returns where it has, and in the second start.
 * Threads, and programs that it starts, have short slices of the processor when others want it,
 * too. */
void leadseq_threads_wait_asleep(char **argv);

/* --- Stop -----------------------------------------------------------------------
 * leadseq_stop_signal() asks; what is done then depends on the work. */

/* 0, or -1 with a message once a signal asked to stop: for work of which nothing is kept. */
int leadseq_stop_check(void) LEADSEQ_CHECKED;
/* What asked to stop: "Ctrl-C (SIGINT)", "SIGTERM". */
const char *leadseq_stop_name(void);
/* Such signals end this process, a forked one, as they do by default. */
void leadseq_stop_uninstall(void);

/* --- Clock, memory ----------------------------------------------------- */

/* Seconds of a clock that only goes forward. */
double leadseq_seconds(void);
/* Processor seconds used by all threads of this process. */
double leadseq_cpu_seconds(void);
/* Highest resident memory of this process so far, in bytes. */
size_t leadseq_peak_bytes(void);
/* Memory available now without swapping, within the limits of control groups and ulimit, in bytes
 * (0: unknown). */
size_t leadseq_available_bytes(void);
/* Fails where more memory is needed than is available, before it is allocated: what a file claims
 * may be anything, and the system hands out memory it does not have. `what` begins the message. */
int leadseq_memory_check(const char *what, uint64_t bytes) LEADSEQ_CHECKED;
/* "2026-11-21T22:40:00Z" */
void leadseq_timestamp(char text[32]);
/* The processor's name, "" where Linux does not say. */
void leadseq_cpu_name(char *cpu, size_t size);

#endif
