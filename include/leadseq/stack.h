/* SPDX-License-Identifier: MIT
 *
 * Stacks: HDF5 files of records, as drawings, as signals or as both, with their keys and labels.
 *
 * Ownership: what open and create return is freed by close, commit or discard. Rows, labels and
 * texts of an open stack are the stack's own, and valid until it is closed.
 *
 * Threads: an open stack may be read from several threads at once, leadseq_stack_read()
 * included. A writer belongs to one thread at a time. */
#ifndef LEADSEQ_STACK_H
#define LEADSEQ_STACK_H

#include <leadseq/draw.h>

LEADSEQ_BEGIN

enum { LEADSEQ_STACK_SCHEMA = 1 };

struct leadseq_stack_row {                              /* one record, without its images */
    char record[64];                                    /* the record's name */
    int ecg_id, patient_id, strat_fold, age_years, sex; /* -1 where unknown */
    uint16_t quality;                                   /* bits of enum leadseq_quality */
    /* What PTB-XL's codes say, for reports of subgroups; mi and superclass are 255 and the
     * likelihood NaN where they say nothing. Tasks read labels by name, see below. */
    uint8_t mi, mi_site, superclass[LEADSEQ_SUPERCLASSES];
    float mi_likelihood;
};
/* All unknown. */
void leadseq_stack_row_init(struct leadseq_stack_row *row);

struct leadseq_stack; /* a stack open for reading; safe to read from several threads */

struct leadseq_stack *leadseq_stack_open(const char *path) LEADSEQ_CHECKED;
void leadseq_stack_close(struct leadseq_stack *stack);
size_t leadseq_stack_count(const struct leadseq_stack *stack);
const struct leadseq_stack_row *leadseq_stack_rows(const struct leadseq_stack *stack);
/* How the records were drawn; rate_hz and preparation are also those of the signals. Of a stack
 * that has signals only these two, and no pixels: width and height are 0. */
const struct leadseq_drawing *leadseq_stack_drawing(const struct leadseq_stack *stack);
const char *leadseq_stack_style(const struct leadseq_stack *stack); /* "dataset4"; "": no images */
const char *leadseq_stack_path(const struct leadseq_stack *stack);
/* A text identifying the source data: its version and checksum. */
const char *leadseq_stack_source(const struct leadseq_stack *stack);
int leadseq_stack_images(const struct leadseq_stack *stack);         /* pictures of a record:
                                                                      * LEADSEQ_LEADS, 1 page, or 0 */
size_t leadseq_stack_image_bytes(const struct leadseq_stack *stack); /* of one picture */
/* Labels are columns of the stack, found by name: "mi", then the superclasses NORM, MI, STTC, CD
 * and HYP where the stack has them, then every other /label/NAME of one byte per record. A stack
 * has from 0 to LEADSEQ_LABELS_MOST of them. */
enum {
    LEADSEQ_LABELS_MOST = 128,
    LEADSEQ_LABEL_NAME = 32, /* bytes of a name, the closing zero included */
    LEADSEQ_UNKNOWN = 255,   /* in place of 0 or 1 */
};
size_t leadseq_stack_labels(const struct leadseq_stack *stack);
const char *leadseq_stack_label_name(const struct leadseq_stack *stack, size_t i);
/* (leadseq_stack_count()) values, each 0, 1 or LEADSEQ_UNKNOWN, the stack's own; NULL without a
 * message where it has no label of that name. */
const uint8_t *leadseq_stack_label(const struct leadseq_stack *stack, const char *name);
/* Whether a label may have that name in a new stack: 1 to 31 letters, digits, '_', '-' and '+',
 * the first a letter or digit, and no name with a meaning of its own (mi, superclass,
 * superclass-single, mi_site, mi_likelihood). The message says which of these it breaks. */
int leadseq_label_name_check(const char *name) LEADSEQ_CHECKED;
/* A text attribute of the stack's root ("program_version", "command_line", "created",
 * "distortions"); "" where absent. */
const char *leadseq_stack_attribute(const struct leadseq_stack *stack, const char *name);
/* Images of one record: (leadseq_stack_images(), height, width, channels) bytes. */
int leadseq_stack_read(struct leadseq_stack *stack, size_t position,
                       uint8_t *images) LEADSEQ_CHECKED;
/* Samples of each lead where the stack has signals, else 0; and the steps per mV that they are
 * stored in as 16-bit integers, 0: float32. */
size_t leadseq_stack_samples(const struct leadseq_stack *stack);
double leadseq_stack_gain(const struct leadseq_stack *stack);
/* Signals of one record: (LEADSEQ_LEADS, leadseq_stack_samples()) millivolts, NaN where a sample is
 * missing. */
int leadseq_stack_read_signals(struct leadseq_stack *stack, size_t position,
                               float *mv) LEADSEQ_CHECKED;

struct leadseq_stack_writer;
/* The stack appears under `path` only at commit; until then it is PATH.partial. One that is there
 * is refused. */
struct leadseq_stack_writer *leadseq_stack_create(const char *path,
                                                  const struct leadseq_drawing *drawing,
                                                  const char *source,
                                                  const char *command_line) LEADSEQ_CHECKED;
/* The same, but a file that is there is replaced at commit. */
struct leadseq_stack_writer *leadseq_stack_replace(const char *path,
                                                   const struct leadseq_drawing *drawing,
                                                   const char *source,
                                                   const char *command_line) LEADSEQ_CHECKED;
/* Appends one record: its images as leadseq_draw_record() gives them. */
int leadseq_stack_append_images(struct leadseq_stack_writer *writer,
                                const struct leadseq_stack_row *row,
                                const uint8_t *images) LEADSEQ_CHECKED;
/* What a new stack is to hold of each record. */
struct leadseq_stack_plan {
    const struct leadseq_drawing *drawing; /* rate_hz and preparation are also the signals' */
    bool images, signals;                  /* one of them at least */
    double gain;  /* 0: signals as float32; else as 16-bit integers, this number of steps per mV */
    bool replace; /* a file that is there */
};
/* leadseq_stack_create() of such a stack. */
struct leadseq_stack_writer *leadseq_stack_begin(const char *path,
                                                 const struct leadseq_stack_plan *plan,
                                                 const char *source,
                                                 const char *command_line) LEADSEQ_CHECKED;
/* Samples of each lead in a stack of such a drawing. */
size_t leadseq_drawing_samples(const struct leadseq_drawing *drawing);
/* Appends one record: `images` as above and `mv` (LEADSEQ_LEADS, leadseq_drawing_samples()), NaN
 * where a sample is missing; NULL for what the stack does not hold. Refuses millivolts that do not
 * fit in 16 bits. */
int leadseq_stack_append_record(struct leadseq_stack_writer *writer,
                                const struct leadseq_stack_row *row, const uint8_t *images,
                                const float *mv) LEADSEQ_CHECKED;
/* Gives the stack a label: a value (0, 1 or LEADSEQ_UNKNOWN) of every record, in the order in which
 * they were or will be appended; copied. `rule` says where the values are from. A stack with labels
 * of its own has none of PTB-XL's. */
int leadseq_stack_add_label(struct leadseq_stack_writer *writer, const char *name, const char *rule,
                            const uint8_t *value, size_t n) LEADSEQ_CHECKED;
int leadseq_stack_commit(struct leadseq_stack_writer *writer)
    LEADSEQ_CHECKED; /* frees the writer */
void leadseq_stack_discard(struct leadseq_stack_writer *writer);

/* The parts of a split; LEADSEQ_ALL: every labelled record. */
enum leadseq_part { LEADSEQ_ALL = -1, LEADSEQ_TRAIN, LEADSEQ_VALID, LEADSEQ_TEST, LEADSEQ_PARTS };

LEADSEQ_END

#endif
