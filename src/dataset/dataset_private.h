/* SPDX-License-Identifier: MIT
 *
 * Between the files of dataset: compression, the stack's objects, the queue of
 * the builder, conversion of pixels. */
#ifndef DATASET_PRIVATE_H
#define DATASET_PRIVATE_H

#include "dataset/dataset.h"
#include "io/store.h"

/* --- pack.c: zlib streams of pixels ------------------------------------------- */

enum { DATASET_PACK_LEVEL = 1 }; /* what HDF5 is told; doc/performance.md has other encoders' */

struct dataset_packer;
/* Packs the pictures of records, at most leadseq_drawing_bytes(); each thread has its own packer.
 */
struct dataset_packer *dataset_packer_new(const struct leadseq_drawing *drawing) LEADSEQ_CHECKED;
void dataset_packer_free(struct dataset_packer *packer);
/* The stream is the packer's, until its next use. */
const void *dataset_pack(struct dataset_packer *packer, const void *block, size_t bytes,
                         size_t *packed);
uint32_t dataset_crc32(uint32_t crc, const void *data, size_t bytes);
/* -1 (without a message) unless the stream is whole and gives exactly `bytes`. */
int dataset_unpack(const void *stream, size_t packed, void *block, size_t bytes) LEADSEQ_CHECKED;

/* The data set that says how many records an open stack has: "images", or "signals". */
const char *dataset_contents(struct leadseq_store *store);

/* --- stack_columns.c: a value of each row as one data set each ------------------- */

/* `ptbxl` false: without the columns of PTB-XL's codes. */
int dataset_columns_write(struct leadseq_store *store, const struct leadseq_stack_row *row,
                          size_t n, bool ptbxl) LEADSEQ_CHECKED;
/* Columns of PTB-XL's codes that are absent leave what they would fill unknown. */
int dataset_columns_read(struct leadseq_store *store, struct leadseq_stack_row *row,
                         size_t n) LEADSEQ_CHECKED;
/* Refuses values no stack can have, and the same record twice. */
int dataset_columns_check(const char *path, const struct leadseq_stack_row *row,
                          size_t n) LEADSEQ_CHECKED;

/* --- stack_labels.c: labels by name ------------------------------------------------ */

struct dataset_labels {
    size_t n;
    char name[LEADSEQ_LABELS_MOST][LEADSEQ_LABEL_NAME];
    char *rule[LEADSEQ_LABELS_MOST];     /* NULL where none was given */
    uint8_t *value[LEADSEQ_LABELS_MOST]; /* (records) */
};
void dataset_labels_clear(struct dataset_labels *labels);
/* -1 where there is none of that name. */
int dataset_labels_find(const struct dataset_labels *labels, const char *name);
/* A new label whose values are still to be filled; NULL and a message where there can be no more.
 * name and rule (may be NULL) are copied. */
uint8_t *dataset_labels_add(struct dataset_labels *labels, const char *name, const char *rule,
                            size_t n) LEADSEQ_CHECKED;
/* Those of an open file whose rows were read. */
int dataset_labels_read(struct dataset_labels *labels, struct leadseq_store *store,
                        const struct leadseq_stack_row *row, size_t n) LEADSEQ_CHECKED;
int dataset_labels_write(const struct dataset_labels *labels, struct leadseq_store *store,
                         size_t n) LEADSEQ_CHECKED;

/* --- sources.c, source.c, source_*.c ------------------------------------------------ */

/* Those that functions of their own build from. */
extern const struct leadseq_source_type dataset_source_ptbxl, dataset_source_records;
/* PATH.hea of PATH, PATH.hea, PATH.dat or PATH.mat, in fresh memory. */
char *dataset_header_of(const char *path);
/* The crc32 of a record's header, continued from *crc; one that cannot be read adds nothing. */
void dataset_header_sum(const char *path, uint32_t *crc);
/* Whether there is no file of that name; one that cannot be looked at is there. */
bool dataset_is_absent(const char *path);
/* Fails where two records have the same name, which is their key. */
int dataset_source_check_names(const struct leadseq_source *source) LEADSEQ_CHECKED;
/* Opens a source; the caller closes it, also after a failure. */
int dataset_source_open(struct leadseq_source *source, const struct leadseq_source_type *type,
                        const struct leadseq_source_value *value,
                        const struct leadseq_build_options *options) LEADSEQ_CHECKED;
void dataset_source_close(struct leadseq_source *source);
/* Leaves an even sample of at most `limit` records; 0: all. */
void dataset_source_sample(struct leadseq_source *source, int limit);

/* --- stack_preparation.c: filters and window as attributes of the root ------------ */

int dataset_preparation_write(struct leadseq_store *store,
                              const struct leadseq_preparation *preparation) LEADSEQ_CHECKED;
int dataset_preparation_read(struct leadseq_store *store,
                             struct leadseq_preparation *preparation) LEADSEQ_CHECKED;

/* --- stack_drawing.c: a drawing as attributes of the root -------------------------- */

int dataset_drawing_write(struct leadseq_store *store,
                          const struct leadseq_drawing *drawing) LEADSEQ_CHECKED;
int dataset_drawing_read(struct leadseq_store *store, const char *style, const char *profile,
                         struct leadseq_drawing *drawing) LEADSEQ_CHECKED;
/* Of a stack without images: what its signals need of a drawing, the rest 0. */
int dataset_rate_write(struct leadseq_store *store,
                       const struct leadseq_drawing *drawing) LEADSEQ_CHECKED;
int dataset_rate_read(struct leadseq_store *store, struct leadseq_drawing *drawing) LEADSEQ_CHECKED;
/* Lengths and names of the axes of a record's images, at most 4; returns how many. */
int dataset_images_shape(const struct leadseq_drawing *drawing, size_t *shape, const char **axis);

/* --- stack_signals.c: /signals ------------------------------------------------------ */

struct dataset_signals {
    size_t samples; /* of a lead; 0: there are none */
    double gain;    /* 0: float32 */
};
/* Whether there are samples, and not too many for a stack. */
int dataset_samples_check(const struct leadseq_drawing *drawing) LEADSEQ_CHECKED;
int dataset_signals_add(struct leadseq_store *store,
                        const struct dataset_signals *signals) LEADSEQ_CHECKED;
int dataset_signals_append(struct leadseq_store *store, const struct dataset_signals *signals,
                           const float *mv) LEADSEQ_CHECKED;
/* Of an open file, whose drawing says how many samples there are. */
int dataset_signals_find(struct leadseq_store *store, const struct leadseq_drawing *drawing,
                         struct dataset_signals *signals, size_t *rows) LEADSEQ_CHECKED;
int dataset_signals_read(struct leadseq_store *store, const struct dataset_signals *signals,
                         size_t position, float *mv) LEADSEQ_CHECKED;

/* --- pixels.c -------------------------------------------------------------------- */

struct dataset_conversion {
    bool invert;
    float mean, scale;
};
/* values[i] from bytes[i·stride]. */
void dataset_pixels_convert(const struct dataset_conversion *how, const uint8_t *bytes,
                            size_t stride, float *values, size_t n);

/* The same from p of an image as it is drawn, values of a colour `stride` apart. */
void dataset_values_convert(const struct dataset_conversion *how, const float *p, size_t stride,
                            float *values, size_t n);
/* leadseq_batch_pack() of p. */
void dataset_pack_values(const struct leadseq_batch_options *options,
                         const struct leadseq_drawing *drawing, const float *p, uint64_t key, int i,
                         int n, float *batch);

/* --- windows.c: samples of a record ------------------------------------------------- */

/* leadseq_batch_pack_signals() of the samples from `begin` on. */
void dataset_pack_window(const struct leadseq_batch_options *options, const float *mv, size_t begin,
                         uint64_t key, int i, float *batch);
/* Where a window begins; of WINDOWS_MIDDLE and RANDOM there is one. */
size_t dataset_window_begin(const struct leadseq_batch_options *options, size_t window,
                            const struct leadseq_augment_key *key);

/* --- place.c: which leads of a record, in which order; returns how many -------------- */

size_t dataset_lead_order(const struct leadseq_batch_options *options, uint64_t key,
                          size_t lead[LEADSEQ_LEADS]);

/* --- plan.c: which records an epoch takes ------------------------------------------ */

struct dataset_draw {
    size_t position;
    uint64_t round; /* how often this epoch has drawn the record before */
};
/* The number draws are keyed by: the ecg_id, or a hash of the name of a record without one. */
uint64_t dataset_number(const struct leadseq_stack *stack, size_t position);
/* draw (n) of an epoch, in the order of its batches: a function of the options and the epoch. */
int dataset_plan(struct dataset_draw *draw, const struct leadseq_stack *stack,
                 const struct leadseq_batch_options *o, uint64_t epoch) LEADSEQ_CHECKED;

/* --- build_folder.c: files beside the stack, a folder that appears whole ------------ */

/* "PARTIAL/1END", or by label "PARTIAL/mi/1END", whose folder is made; from any thread. */
char *dataset_folder_file(const struct leadseq_folder *folder, const struct leadseq_stack_row *row,
                          bool by_label, const char *end) LEADSEQ_CHECKED;

/* --- build_png.c ------------------------------------------------------------------- */

/* All images of a record; from any thread. */
int dataset_png_write(const struct leadseq_folder *folder, const struct leadseq_stack_row *row,
                      const struct leadseq_drawing *drawing, uint8_t *images) LEADSEQ_CHECKED;

/* --- traces.c: where the leads of a record are in its pictures ----------------------- */

struct dataset_traces {
    const float *mv;                              /* (LEADSEQ_LEADS, map.n) as drawn */
    struct leadseq_map map;                       /* in the picture as drawn, before distortion */
    struct leadseq_distorted done[LEADSEQ_LEADS]; /* (images) */
};
/* Makes room for n samples; may be called again for another record. */
int dataset_traces_init(struct dataset_traces *traces, size_t n) LEADSEQ_CHECKED;
void dataset_traces_clear(struct dataset_traces *traces);
/* Of a row of the map: the lead it shows, the picture it is in, whether it is in one at all. */
int dataset_row_lead(const struct leadseq_drawing *drawing, int row);
int dataset_row_image(const struct leadseq_drawing *drawing, int row);
bool dataset_row_drawn(const struct dataset_traces *traces, int row);

/* Before distortion; NaN where there is no such row. */
void dataset_row_scale(const struct dataset_traces *traces, const struct leadseq_drawing *drawing,
                       int row, struct leadseq_scale *scale);

/* --- stack_traces.c: the same in a stack ---------------------------------------------- */

struct dataset_where { /* of one record */
    struct leadseq_scale scale[LEADSEQ_MAP_ROWS];
    struct leadseq_box box[LEADSEQ_MAP_ROWS];
    double warp[LEADSEQ_LEADS][9];
    int32_t distorted[LEADSEQ_LEADS];
};
void dataset_where_keep(struct dataset_where *where, const struct dataset_traces *traces,
                        const struct leadseq_drawing *drawing);
int dataset_stack_traces_begin(struct leadseq_store *store,
                               const struct leadseq_build_options *options) LEADSEQ_CHECKED;
/* first: of the stack's records. */
int dataset_stack_traces_append(struct leadseq_store *store, const struct dataset_where *where,
                                bool distorted, bool first) LEADSEQ_CHECKED;
struct leadseq_store *dataset_writer_store(struct leadseq_stack_writer *writer);

/* --- sidecar.c ----------------------------------------------------------------------- */

int dataset_sidecar_write(const struct dataset_traces *traces,
                          const struct leadseq_build_options *options,
                          const struct leadseq_stack_row *row, const char *path) LEADSEQ_CHECKED;

/* --- build.c, build_record.c, build_work.c ---------------------------------------------------- */

struct dataset_build {
    const struct leadseq_build_options *options;
    struct leadseq_build_report *report;
    const struct leadseq_source_record *job; /* (n), in the stack's order; the source's */
    struct leadseq_faults bad;               /* records that cannot be read, in that order */
    size_t absent;                           /* of those: not there at all */
    bool *left_out;                          /* (n) those */
    size_t n, record_bytes;
    bool traced, distorted;                 /* pictures have traces; are distorted */
    struct leadseq_folder *png, *sidecar;   /* NULL: none; the same where asked for so */
    size_t shortened, too_short, resampled; /* records, against 10 s at the drawing's rate */
    size_t upsampled;                       /* those of a lower rate than the drawing's */
    size_t empty;                           /* records that show nothing */
    char first_empty[sizeof((struct leadseq_stack_row *)0)->record];
};

struct dataset_easel { /* what a worker draws with */
    uint8_t *images;   /* of one record */
    struct dataset_packer *packer;
    struct dataset_traces traces;
};
int dataset_easel_init(struct dataset_easel *easel,
                       const struct dataset_build *build) LEADSEQ_CHECKED;
void dataset_easel_clear(struct dataset_easel *easel);

struct dataset_result { /* one record drawn and packed */
    bool done;
    struct leadseq_stack_row row;
    void *stream; /* NULL: no pictures */
    float *mv;    /* NULL: no signals */
    size_t bytes, clipped;
    struct dataset_where where; /* where the build is traced */
    bool shortened, too_short, resampled, upsampled;
    char *message; /* why it failed */
    bool fatal;    /* not because of the record */
};
/* Whether pictures are drawn, whether the stack has signals. */
static inline bool dataset_build_draws(const struct dataset_build *build)
{
    return !build->options->signals_only;
}
static inline bool dataset_build_keeps(const struct dataset_build *build)
{
    return build->options->signals || build->options->signals_only;
}
/* Reads, draws and packs one record; the caller frees what the result holds. */
int dataset_record_make(const struct dataset_build *build, const struct leadseq_source_record *job,
                        struct dataset_easel *easel, struct dataset_result *result) LEADSEQ_CHECKED;
/* Fails where that would, and draws nothing. */
int dataset_record_try(const struct dataset_build *build, const struct leadseq_source_record *job,
                       struct dataset_result *result) LEADSEQ_CHECKED;

/* Draws all jobs by workers and appends them in order. Those that cannot be read are added to
 * `bad`; unless they are to be skipped, nothing is drawn after the first of them. */
int dataset_build_run(struct dataset_build *build,
                      struct leadseq_stack_writer *writer) LEADSEQ_CHECKED;

#endif
