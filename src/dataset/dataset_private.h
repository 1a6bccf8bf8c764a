/* SPDX-License-Identifier: MIT
 *
 * Between the files of dataset: compression, the stack's objects, the queue of
 * the builder, conversion of pixels. */
#ifndef DATASET_PRIVATE_H
#define DATASET_PRIVATE_H

#include <leadseq/dataset.h>
#include <leadseq/store.h>

/* --- pack.c: zlib streams of pixels ------------------------------------------- */

/* Of 100 real records at 12 × 512 × 512, level 1 needs 219 kB and 9 ms a record, level 6
 * 212 kB and 14 ms, level 9 206 kB and 74 ms. */
enum { DATASET_PACK_LEVEL = 1 };

struct dataset_packer;
/* Packs blocks of at most `bytes`; one packer a thread. */
struct dataset_packer *dataset_packer_new(size_t bytes) LEADSEQ_CHECKED;
void dataset_packer_free(struct dataset_packer *packer);
/* The stream is the packer's, until its next use. */
const void *dataset_pack(struct dataset_packer *packer, const void *block, size_t bytes,
                         size_t *packed);
uint32_t dataset_crc32(uint32_t crc, const void *data, size_t bytes);
/* -1 (without a message) unless the stream is whole and gives exactly `bytes`. */
int dataset_unpack(const void *stream, size_t packed, void *block, size_t bytes) LEADSEQ_CHECKED;

/* --- stack_columns.c: a value of each row as one data set each ------------------- */

struct dataset_column {
    const char *name; /* "label/mi" */
    enum leadseq_store_type type;
    size_t offset, bytes; /* in struct leadseq_stack_row */
    int values;           /* a row's; 0: one, without an axis of its own */
};
extern const struct dataset_column dataset_column[];
extern const size_t dataset_columns;

int dataset_columns_write(struct leadseq_store *store, const struct leadseq_stack_row *row,
                          size_t n) LEADSEQ_CHECKED;
int dataset_columns_read(struct leadseq_store *store, struct leadseq_stack_row *row,
                         size_t n) LEADSEQ_CHECKED;
/* Refuses values no stack can have, and the same record twice. */
int dataset_columns_check(const char *path, const struct leadseq_stack_row *row,
                          size_t n) LEADSEQ_CHECKED;

/* --- stack_preparation.c: filters and window as attributes of the root ------------ */

int dataset_preparation_write(struct leadseq_store *store,
                              const struct leadseq_preparation *preparation) LEADSEQ_CHECKED;
int dataset_preparation_read(struct leadseq_store *store,
                             struct leadseq_preparation *preparation) LEADSEQ_CHECKED;

/* Bytes of all images of a record. */
size_t dataset_record_bytes(const struct leadseq_drawing *drawing);

/* --- pixels.c -------------------------------------------------------------------- */

struct dataset_conversion {
    bool invert;
    float mean, scale;
};
/* values[i] from bytes[i·stride]. */
void dataset_pixels_convert(const struct dataset_conversion *how, const uint8_t *bytes,
                            size_t stride, float *values, size_t n);

/* --- plan.c: which records an epoch takes ------------------------------------------ */

struct dataset_draw {
    size_t position;
    uint64_t round; /* how often this epoch has had the record before */
};
/* The number draws are keyed by; a record without ecg_id has its position instead. */
uint64_t dataset_number(const struct leadseq_stack *stack, size_t position);
/* draw (n) of an epoch, in the order of its batches: a function of the options and the epoch. */
int dataset_plan(struct dataset_draw *draw, const struct leadseq_stack *stack,
                 const struct leadseq_batch_options *o, uint64_t epoch) LEADSEQ_CHECKED;

/* --- augment.c ---------------------------------------------------------------------- */

struct dataset_key { /* of a record's draws in an epoch */
    uint64_t seed, epoch, number, round;
};
struct dataset_view {            /* how a record is seen */
    double stretch[4];           /* of the left, right, top, bottom edge */
    double degrees;              /* anticlockwise */
    double zoom, x, y;           /* towards (x, y) of [-1, 1]² */
    double brightness, contrast; /* added to logits, then multiplied */
};
void dataset_view_draw(struct dataset_view *view, const struct leadseq_augment *a,
                       const struct dataset_key *key);
/* (column, row, 1) of a pixel to where it is looked up in the image as drawn. */
void dataset_view_matrix(double m[9], const struct dataset_view *view, int width, int height);
void dataset_view_light(uint8_t light[256], const struct dataset_view *view);

struct dataset_augmenter;
struct dataset_augmenter *dataset_augmenter_new(int width, int height,
                                                int channels) LEADSEQ_CHECKED;
void dataset_augmenter_free(struct dataset_augmenter *a);
size_t dataset_augmenter_bytes(int width, int height);
/* n images (height, width, channels) of a record, in place. */
void dataset_augment(struct dataset_augmenter *a, const struct dataset_view *view, uint8_t *images,
                     size_t n);

/* --- place.c ---------------------------------------------------------------------- */

/* leadseq_batch_pack() with the number SHUFFLED is keyed by. */
void dataset_place(const struct leadseq_batch_options *o, const struct leadseq_drawing *drawing,
                   const uint8_t *images, uint64_t number, int i, int n, float *batch);
/* --- build_png.c ------------------------------------------------------------------- */

struct dataset_png;
struct dataset_png *dataset_png_begin(const char *folder) LEADSEQ_CHECKED;
/* All images of a record; from any thread. */
int dataset_png_write(const struct dataset_png *png, const struct leadseq_stack_row *row,
                      const struct leadseq_drawing *drawing, uint8_t *images) LEADSEQ_CHECKED;
/* Both free `png` and take NULL. */
int dataset_png_commit(struct dataset_png *png) LEADSEQ_CHECKED;
void dataset_png_discard(struct dataset_png *png);

/* --- build.c, build_record.c, build_work.c
 * ----------------------------------------------------------- */

struct dataset_job { /* one record to draw */
    char *path;
    struct leadseq_stack_row row; /* its name and what its signal shows are still missing */
};
struct dataset_build {
    const struct leadseq_build_options *options;
    struct leadseq_build_report *report;
    struct dataset_job *job; /* (n), in the stack's order */
    size_t n, record_bytes;
    struct dataset_png *png;                /* NULL: none */
    size_t shortened, too_short, resampled; /* records, against 10 s at the drawing's rate */
};

struct dataset_easel { /* what a worker draws with */
    uint8_t *images;   /* of one record */
    struct dataset_packer *packer;
};
int dataset_easel_init(struct dataset_easel *easel,
                       const struct dataset_build *build) LEADSEQ_CHECKED;
void dataset_easel_clear(struct dataset_easel *easel);

struct dataset_result { /* one record drawn and packed */
    bool done;
    struct leadseq_stack_row row;
    void *stream;
    size_t bytes, clipped;
    bool shortened, too_short, resampled;
    char *message; /* why it failed */
};
/* Reads, draws and packs one record; the caller frees what the result holds. */
int dataset_record_make(const struct dataset_build *build, const struct dataset_job *job,
                        struct dataset_easel *easel, struct dataset_result *result) LEADSEQ_CHECKED;

/* Draws all jobs by workers and appends them in order. */
int dataset_build_run(struct dataset_build *build,
                      struct leadseq_stack_writer *writer) LEADSEQ_CHECKED;

#endif
