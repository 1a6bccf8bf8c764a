/* SPDX-License-Identifier: MIT
 *
 * The probes of one training: the plan, the file, and the types that apply.
 * Shared by probes.c, which runs them, plan.c and file.c. */
#ifndef PROBE_FILE_H
#define PROBE_FILE_H

#include "type.h"

/* --- When what is measured (plan.c) ----------------------------------------------------------- */

struct probe_plan {
    const struct leadseq_experiment *e;
    uint64_t total, step; /* steps of the run; the last one planned */
    struct {
        const struct probe_work *work;
        double cost, spent; /* in training steps; so far */
    } row[PROBE_WORKS_MOST];
    size_t n;
};
void probe_plan_init(struct probe_plan *plan, const struct leadseq_training *t);
/* Adds the works of a type that applies, where they are possible and not planned yet. */
void probe_plan_add(struct probe_plan *plan, const struct leadseq_probe_type *type,
                    const struct leadseq_training *t);
/* Works to be done in a step, as bits of rows. Steps are asked for in ascending order; those left
 * out are planned as if they had been asked for: the plan depends on the step alone. */
uint32_t probe_plan_step(struct probe_plan *plan, uint64_t step);
/* Bits of the rows for which `is` holds; of a work, 0 where it is not planned at all. */
uint32_t probe_plan_all(const struct probe_plan *plan);
uint32_t probe_plan_on_failure(const struct probe_plan *plan);
uint32_t probe_plan_bit(const struct probe_plan *plan, const struct probe_work *work);

/* --- The file (file.c) ------------------------------------------------------------------------ */

struct probe_column { /* one quantity of a table */
    const struct leadseq_quantity *quantity;
    bool stored;   /* its type applies */
    bool lacking;  /* the file was begun by a version without it: its values are dropped */
    size_t items;  /* of a row */
    double *value; /* (room, items), rows not yet in the file */
};
struct probe_table { /* one group of the file */
    char name[32];
    char absent[PROBE_REASON]; /* why it has no data sets, "": it has */
    struct probe_column *column;
    size_t n_columns;
    int64_t *step; /* (room) */
    size_t rows, room;
    bool lacking;                           /* the file was begun without it: rows are dropped */
    const char *attribute, *attribute_text; /* NULL: none */
};
struct probe_file {
    char *path;
    size_t size[LEADSEQ_AXES];
    struct probe_table table[PROBE_TYPES_MOST];
    size_t n_tables;
    double written, took; /* when rows were last brought to the file, and seconds that took */
};
/* A file without tables; nothing is written yet. */
int probe_file_init(struct probe_file *f, const struct probe_session *s,
                    const char *path) LEADSEQ_CHECKED;
/* Adds a type's quantities; `absent` "": they are measured. */
int probe_file_add(struct probe_file *f, const struct leadseq_probe_type *type,
                   const char *absent) LEADSEQ_CHECKED;
void probe_file_clear(struct probe_file *f);
/* Makes the file, or continues the one that exists and drops its rows after `step`. */
int probe_file_start(struct probe_file *f, const struct leadseq_training *t,
                     uint64_t step) LEADSEQ_CHECKED;
/* Rows to the file: now, or where enough time has passed. */
int probe_file_flush(struct probe_file *f, bool synced) LEADSEQ_CHECKED;
int probe_file_flush_later(struct probe_file *f) LEADSEQ_CHECKED;

struct leadseq_store;
/* Whether a store is a diagnostics file of a schema this version reads (read.c). */
int probe_check_kind(struct leadseq_store *store) LEADSEQ_CHECKED;

/* --- Probes of one training (probes.c) -------------------------------------------------------- */

struct leadseq_probes {
    struct probe_session session;
    struct leadseq_hooks hooks;
    struct probe_plan plan;
    struct probe_file file;
    uint32_t planned; /* works of the present step */
    struct {
        const struct leadseq_probe_type *type;
        void *own;
        uint32_t works;        /* bits of the plan */
    } probe[PROBE_TYPES_MOST]; /* that apply */
    size_t n_probes;
    const char *path; /* of the file; NULL: RUN/diagnostics.h5 */
    uint32_t all;     /* groups measured whole in every step; 0: as planned */
    int records;      /* as in the session, which is cleared with every training */
    const char *saliency;
    char *own_saliency; /* RUN/saliency */
};

#endif
