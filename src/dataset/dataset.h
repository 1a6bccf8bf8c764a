/* SPDX-License-Identifier: MIT
 *
 * Records to stacks to batches: the simulator, the HDF5 stack, who is in which
 * split, and batches read ahead by a worker.
 *
 *   record -> lead -> image -> stack (record, lead, row, column[, rgb]) -> batch
 *   record ->         page  -> stack (record, row, column[, rgb])       -> batch
 *
 * Records are always joined by ecg_id; positions in a stack are only positions. */
#ifndef LEADSEQ_DATASET_H
#define LEADSEQ_DATASET_H

#include <leadseq/stack.h>

#include "base/option.h"
#include "render/distort.h"

/* --- Stack: see <leadseq/stack.h> ------------------------------------------------------ */

/* Appends one record whose images are compressed already (a zlib stream of the
 * record's chunk), so that workers can share the compression. mv: as above. */
int leadseq_stack_append(struct leadseq_stack_writer *writer, const struct leadseq_stack_row *row,
                         const void *chunk, size_t bytes, const float *mv) LEADSEQ_CHECKED;

/* For readers that need one of them: -1 and what to do about it where the stack has none. */
int leadseq_stack_need_images(const struct leadseq_stack *stack) LEADSEQ_CHECKED;
int leadseq_stack_need_signals(const struct leadseq_stack *stack) LEADSEQ_CHECKED;
/* What storing as 16-bit integers does to millivolts, `n` of them, in place; gain 0: nothing. -1
 * where one does not fit. */
int leadseq_signals_round(double gain, float *mv, size_t n) LEADSEQ_CHECKED;
/* Why a stack of signals cannot be made with this gain. */
int leadseq_signals_gain_check(double gain) LEADSEQ_CHECKED;

enum { LEADSEQ_ROW_FILE = 128 };
/* The beginning of file names of a record: its ecg_id, else its name, whose slashes become "--"
 * (ward3/0001: "ward3--0001"). Returns `name`. */
const char *leadseq_stack_row_file(const struct leadseq_stack_row *row,
                                   char name[LEADSEQ_ROW_FILE]);

/* --- Sources: where the records of a stack come from --------------------------------- */

struct leadseq_source_option { /* of leadseq render: --NAME ARGUMENT */
    const char *name, *argument, *help;
    bool many;     /* takes one value or several; a folder or list is replaced by its records */
    bool optional; /* the source can do without it */
};
enum { LEADSEQ_SOURCE_OPTIONS = 4 }; /* most options of a type */
struct leadseq_source_value {        /* of an option; n 0: not given */
    char *const *text;
    size_t n;
};

struct leadseq_source_record { /* one record to draw */
    char *path;                /* of its header or signals, without or with an ending */
    /* The keys and what is known of the person. Where the source did not give a name, the
     * record's own is filled in when it is read; likewise age and sex, where its header says
     * them. */
    struct leadseq_stack_row row;
    uint8_t *label; /* (n_labels) 0, 1 or LEADSEQ_UNKNOWN; NULL where there are none */
};

/* An open source. A type's open() fills it by leadseq_source_label() and leadseq_source_add();
 * the caller that opened it closes it. */
struct leadseq_source {
    const struct leadseq_source_type *type;
    const struct leadseq_source_value *value; /* of the type's options, in its order */
    double rate_hz;                           /* the signals asked for */
    bool skip_missing;                        /* records whose files are absent are counted only */
    struct leadseq_faults bad;                /* records that cannot be taken, and why */
    size_t absent;                            /* of those: their files are absent */
    struct leadseq_source_record *record;     /* (n), in the stack's order */
    size_t n, room, missing;
    char (*label_name)[LEADSEQ_LABEL_NAME], **label_rule; /* (n_labels) */
    size_t n_labels;
    void *state; /* the type's own */
};
struct leadseq_source_type {
    const char *name, *help;
    struct leadseq_source_option option[LEADSEQ_SOURCE_OPTIONS + 1]; /* ended by a NULL name */
    int (*open)(struct leadseq_source *source);
    /* What the records are, for the stack's attribute "source", in fresh memory; called once the
     * records to draw are chosen. */
    char *(*describe)(const struct leadseq_source *source);
    void (*close)(struct leadseq_source *source); /* frees `state`; NULL: nothing to free */
};
/* All types, ended by NULL. */
extern const struct leadseq_source_type *const leadseq_source_types[];
/* The type whose options are all of those given: NULL and a message that names the combinations
 * there are. */
const struct leadseq_source_type *leadseq_source_choose(const char *const *given,
                                                        size_t n) LEADSEQ_CHECKED;
/* For types: a label of all records, before the first of them; then a record, whose labels are
 * copied (NULL: all unknown). */
int leadseq_source_label(struct leadseq_source *source, const char *name,
                         const char *rule) LEADSEQ_CHECKED;
int leadseq_source_add(struct leadseq_source *source, const char *path,
                       const struct leadseq_stack_row *row, const uint8_t *label) LEADSEQ_CHECKED;
/* For types: a record whose files are absent, as this thread's message says: counted, or kept among
 * those that are bad. */
int leadseq_source_absent(struct leadseq_source *source) LEADSEQ_CHECKED;

/* --- Rendering a whole folder -------------------------------------------------------- */

struct leadseq_build_options {
    struct leadseq_drawing drawing;
    int workers;            /* 0: leadseq_threads_share() */
    int limit;              /* 0: all; else an even sample of that many records, by ecg_id */
    bool force;             /* a stack that is there is replaced */
    bool skip_missing;      /* skip records whose files are absent, and report how many */
    bool skip_bad;          /* skip records that cannot be read, and warn of each at the end */
    const char *png_folder; /* NULL: none; else mi/ and normal/ folders of ECGID_LEAD.png, or of
                               ECGID.png where a page has all leads */
    const char
        *sidecar_folder; /* NULL: none; else ECGID.json, beside the PNG files in the same folder */
    struct leadseq_distort distort; /* done to the pictures after they were drawn; {0}: nothing */
    bool signals, signals_only;     /* the samples that are drawn, too; or instead of pictures */
    double gain; /* of these: 0 float32, else 16-bit integers with this number of steps per mV */
    const char *command_line;
};
struct leadseq_build_report {
    size_t records, missing, bad, clipped_samples, clipped_records;
    double seconds;
};
/* Draws every record of a source into a new stack; value[i] belongs to the type's option i. The
 * bytes do not depend on the number of workers. Where records cannot be read, the rest is read
 * nevertheless and the message names all of them. Stopped by a signal it leaves nothing. */
int leadseq_build(const struct leadseq_source_type *type, const struct leadseq_source_value *value,
                  const char *out, const struct leadseq_build_options *options,
                  struct leadseq_build_report *report) LEADSEQ_CHECKED;
/* The same of a PTB-XL folder. */
int leadseq_build_ptbxl(const char *folder, const char *out,
                        const struct leadseq_build_options *options,
                        struct leadseq_build_report *report) LEADSEQ_CHECKED;
/* The same of WFDB records without tables. */
int leadseq_build_records(char *const *paths, size_t n, const char *out,
                          const struct leadseq_build_options *options,
                          struct leadseq_build_report *report) LEADSEQ_CHECKED;

/* --- Labels of a task ------------------------------------------------------------------ */

/* What is learned about each record of a stack: one label per output of a task. */
struct leadseq_labels {
    int outputs;
    bool exclusive;                   /* exactly one output is 1, where they are known */
    char (*name)[LEADSEQ_LABEL_NAME]; /* (outputs) */
    uint8_t *value;                   /* (records, outputs) 0, 1 or LEADSEQ_UNKNOWN */
};
/* Whether any output of the record at that position has a known label. */
bool leadseq_labels_known(const struct leadseq_labels *labels, size_t position);

/* --- Split ---------------------------------------------------------------------------- */

extern const char *const leadseq_part_name[LEADSEQ_PARTS]; /* train valid test */

enum leadseq_split_by { LEADSEQ_SPLIT_FOLDS, LEADSEQ_SPLIT_PATIENT, LEADSEQ_SPLIT_RECORD };
enum leadseq_select { LEADSEQ_SELECT_ALL, LEADSEQ_SELECT_HEARTNET_RNN, LEADSEQ_SELECT_BALANCED };

struct leadseq_split_options {
    enum leadseq_split_by by;
    uint16_t folds[LEADSEQ_PARTS];       /* bit k: fold k, for SPLIT_FOLDS */
    double share[LEADSEQ_PARTS];         /* for the others; default .8 .1 .1 */
    enum leadseq_select select;          /* applied before splitting; ALL with several outputs */
    const struct leadseq_labels *labels; /* NULL: mi of the rows */
    uint64_t seed;
};
struct leadseq_split {
    size_t *position[LEADSEQ_PARTS]; /* positions in the stack, ascending ecg_id */
    size_t n[LEADSEQ_PARTS];
    size_t patients_on_both_sides; /* in training and in validation or test */
    size_t records_of_those;       /* such validation and test records */
};
/* Records without any known label are never in a split. HEARTNET_RNN takes 7,547 others in
 * the full set (5,469 MI or more), in a smaller one MI · 7547/5486, rounded. By patient, a record
 * whose patient is not known is a patient of its own. Fails where a fold is in two parts, a part
 * that was asked for is empty, or an output has one class only in training. */
int leadseq_split_make(struct leadseq_split *split, const struct leadseq_stack *stack,
                       const struct leadseq_split_options *options) LEADSEQ_CHECKED;
/* The same from rows alone; `position` then counts rows. */
int leadseq_split_rows(struct leadseq_split *split, const struct leadseq_stack_row *row, size_t n,
                       const struct leadseq_split_options *options) LEADSEQ_CHECKED;
void leadseq_split_clear(struct leadseq_split *split);

/* --- Batches ----------------------------------------------------------------------------- */

enum leadseq_batch_layout {
    LEADSEQ_LAYOUT_TNCHW, /* (lead, record, channel, row, column): a sequence */
    LEADSEQ_LAYOUT_NTCHW, /* (record, lead, channel, row, column): leads are channels */
};
enum leadseq_lead_order { LEADSEQ_LEADS_ORDERED, LEADSEQ_LEADS_SHUFFLED, LEADSEQ_LEADS_LIST };

/* Values of an augmentation's options: a struct that only its file knows. */
enum { LEADSEQ_AUGMENT_OPTIONS_BYTES = 128 };
struct leadseq_augment_options {
    _Alignas(8) unsigned char byte[LEADSEQ_AUGMENT_OPTIONS_BYTES];
};

/* What the draws of a record in an epoch are keyed by: the same for all its leads. */
struct leadseq_augment_key {
    uint64_t seed, epoch, number, round;
};
/* A way to see images differently in every epoch. Its state is used by one thread at a time. */
struct leadseq_augment_type {
    const char *name; /* as in data.augment */
    const char *help;
    size_t bytes_of_options;                    /* of a struct that only its file knows */
    const struct leadseq_option_group *options; /* ends with a row NULL; NULL: it has none */
    /* NULL: images are as drawn. n images (height, width, channels) of a record, in place. */
    void (*apply)(void *state, const void *options, const struct leadseq_augment_key *key,
                  uint8_t *images, size_t n);
    /* In place of apply(), where values are not to be rounded: p from 0 to 1, in the same order. */
    void (*look)(void *state, const void *options, const struct leadseq_augment_key *key,
                 const uint8_t *images, float *values, size_t n);
    /* Whether apply() changes anything with these options; NULL: always. */
    bool (*is_on)(const void *options);
    void *(*open)(int width, int height, int channels); /* NULL and a message: no memory */
    void (*close)(void *state);
    size_t (*bytes)(int width, int height); /* of the state */
};
/* 0 … n-1 in the order of the options' documentation, the first as drawn; NULL from n. */
const struct leadseq_augment_type *leadseq_augment_at(size_t i);
const char *leadseq_augment_name(size_t i);
const char *leadseq_augment_help(size_t i);
void leadseq_augment_defaults(const struct leadseq_augment_type *type,
                              struct leadseq_augment_options *options);

/* Which samples of a record's signals a batch has. */
enum leadseq_windows {
    LEADSEQ_WINDOWS_MIDDLE, /* one window, in the middle */
    LEADSEQ_WINDOWS_RANDOM, /* one, drawn in each epoch: keyed by (seed, epoch, record, round) */
    LEADSEQ_WINDOWS_ALL,    /* each in turn, from the first sample on, `stride` apart */
};
struct leadseq_batch_signals {
    size_t samples; /* of a record's lead; 0: batches have images */
    size_t crop;    /* of a window, at most samples; 0: all of them */
    size_t stride;  /* from window to window; 0: half a window */
    enum leadseq_windows windows;
    /* (mV - mean)·scale of each lead in standard order; a missing sample is 0 */
    float mean[LEADSEQ_LEADS], scale[LEADSEQ_LEADS];
};
/* Samples of a window, and windows of a record in an epoch's batches. Windows that would reach
 * beyond the last sample are left out. */
size_t leadseq_windows_samples(const struct leadseq_batch_signals *signals);
size_t leadseq_windows_count(const struct leadseq_batch_signals *signals);

struct leadseq_batch_options {
    const size_t *position; /* (n) of the stack; must outlive the batches */
    size_t n;
    int batch;
    bool shuffle; /* a new order each epoch, keyed by (seed, epoch, ecg_id) */
    /* Classes alternate: n draws an epoch, half of them of each class, in rounds through the
     * class's records, each round in an order keyed by (seed, epoch, round, ecg_id). Of the larger
     * class an epoch sees a part, another one each time; of the smaller one a record several times.
     */
    bool balance;                        /* of the one output of a task */
    const struct leadseq_labels *labels; /* NULL: mi of the rows; must outlive the batches */
    const struct leadseq_augment_type *augment_type; /* NULL: as drawn */
    struct leadseq_augment_options augment;          /* its options */
    uint64_t seed;
    enum leadseq_lead_order order; /* SHUFFLED: each record has its own order, keyed by (seed,
                                    * ecg_id); a page has no leads to order */
    int leads[LEADSEQ_LEADS], n_leads;
    enum leadseq_batch_layout layout;
    bool invert;             /* ink 1, paper 0; else as drawn: paper 1 */
    float mean[3], scale[3]; /* value = (p - mean)·scale of each colour; 0 and 1 leave p */
    /* Signals in place of images: (record, lead, 1, sample), whatever the layout. With
     * WINDOWS_ALL each record is in an epoch as often as it has windows, one after the other. */
    struct leadseq_batch_signals signals;
    size_t batches;  /* of an epoch, at most; 0: all */
    int part, parts; /* the images of one part of each batch only; 0, 0: all */
};
/* A part has the records first … first + n - 1 of a whole batch. Where there are fewer records than
 * parts, those left over have record 0 for company, `counted` false: it belongs to part 0. */
struct leadseq_batch {
    int n;              /* records in it; the last of an epoch may have fewer */
    float *images;      /* or signals; in the layout asked for, n in place of N */
    float *target;      /* (n, outputs) 0 or 1, -1 where the label is not known; without labels (n)
                         * whether the row's mi is 1 */
    size_t *position;   /* (n) */
    int outputs;        /* of a record */
    int whole_n, first; /* records of all parts, and where this part begins */
    bool counted;
    double waited_s;        /* by the caller of next(), until it was read */
    float *whole_target;    /* (whole_n, outputs) */
    size_t *whole_position; /* (whole_n) */
};
struct leadseq_batches;

/* Bytes that open() takes: the caller's batch and the next. */
size_t leadseq_batches_bytes(const struct leadseq_stack *stack,
                             const struct leadseq_batch_options *options);
/* What does not fit in the memory there is gets refused before it is allocated. */
struct leadseq_batches *
leadseq_batches_open(struct leadseq_stack *stack,
                     const struct leadseq_batch_options *options) LEADSEQ_CHECKED;
/* Begins an epoch at its batch number `first` (0: the beginning). */
int leadseq_batches_start(struct leadseq_batches *b, uint64_t epoch, size_t first) LEADSEQ_CHECKED;
/* 1 and a batch that stays valid until the next call; 0 at the epoch's end; -1 on failure. */
int leadseq_batches_next(struct leadseq_batches *b,
                         const struct leadseq_batch **batch) LEADSEQ_CHECKED;
size_t leadseq_batches_count(const struct leadseq_batches *b);  /* batches an epoch */
double leadseq_batches_waited(const struct leadseq_batches *b); /* seconds next() waited so far */
void leadseq_batches_close(struct leadseq_batches *b);

/* Writes one record as the i-th of a batch of n into `batch`, in the options'
 * layout, lead order and scale: what batches are made with, for records that do
 * not come from a stack. images: (LEADSEQ_LEADS or 1, height, width, channels) bytes, leads in
 * standard order, drawn as `drawing` says; `key`, leadseq_record_key() of the record, is what
 * SHUFFLED is keyed by. */
void leadseq_batch_pack(const struct leadseq_batch_options *options,
                        const struct leadseq_drawing *drawing, const uint8_t *images, uint64_t key,
                        int i, int n, float *batch);

/* The same of a record's signals, (LEADSEQ_LEADS, samples) millivolts: window number `window` of
 * WINDOWS_MIDDLE or WINDOWS_ALL. */
void leadseq_batch_pack_signals(const struct leadseq_batch_options *options, const float *mv,
                                size_t window, uint64_t key, int i, int n, float *batch);

/* Mean and standard deviation of the samples of some records, of each lead (LEADSEQ_LEADS); of all
 * leads together, the same numbers for each, unless `by_lead`. Missing samples do not count; NaN
 * where all are missing. */
int leadseq_signals_moments(struct leadseq_stack *stack, const size_t *position, size_t n,
                            bool by_lead, double mean[LEADSEQ_LEADS],
                            double deviation[LEADSEQ_LEADS]) LEADSEQ_CHECKED;

/* Mean and standard deviation of the pixels p (after `invert`) of some records:
 * what standardising uses, fitted on the training records only. `channels` 1: of all pixels
 * together; otherwise of each colour, mean and deviation (channels).
 * Exact over up to 4,096 records; of more, every k-th is taken. */
int leadseq_batches_moments(struct leadseq_stack *stack, const size_t *position, size_t n,
                            bool invert, int channels, double *mean,
                            double *deviation) LEADSEQ_CHECKED;

#endif
