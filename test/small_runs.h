/* SPDX-License-Identifier: MIT
 *
 * Run folders and prediction tables made by formulas, for tests of comparisons.
 * Records are those of small_stack.h: ecg_id 100 + i, two a patient, every third
 * positive. */
#ifndef SMALL_RUNS_H
#define SMALL_RUNS_H

#include "report/report.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char runs_root[64];

static inline void runs_begin(void)
{
    strcpy(runs_root, "/tmp/leadseq-runs-XXXXXX");
    cr_assert(mkdtemp(runs_root));
}

static inline void runs_end(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", runs_root);
    cr_assert_eq(system(command), 0);
}

/* "ROOT/name": valid until 512 further calls. */
static inline char *runs_path(const char *name)
{
    static char path[512][256];
    static int next;
    char *p = path[next++ % 512];
    snprintf(p, sizeof path[0], "%s/%s", runs_root, name);
    return p;
}

static inline void runs_write(const char *name, const char *text)
{
    FILE *f = fopen(runs_path(name), "w");
    cr_assert(f);
    fputs(text, f);
    fclose(f);
}

static inline char *runs_text(const char *name)
{
    char *text = leadseq_file_read(runs_path(name), 1 << 24, NULL);
    cr_assert(text, "%s", leadseq_error());
    return text;
}

static inline int runs_label(size_t i)
{
    return i % 3 == 0;
}

/* Overlapping classes; `skill` moves the positives up. Multiples of 1/128: no digit is lost. */
static inline double runs_probability(size_t i, int skill)
{
    return (double)((i * 37 + (size_t)skill * 11) % 89 + (size_t)(runs_label(i) * skill)) / 128;
}

struct runs_made {
    const char *folder, *name; /* name: in experiment.yaml; NULL: no such file */
    size_t n;                  /* records compared, from ecg_id 100 on */
    int skill;                 /* 0 … 39 */
    int seed;                  /* in experiment.yaml; 0: 1 */
    bool no_valid, with_train;
    const char *source; /* in environment.json; NULL: no such file */
    const char *more;   /* there too: ", \"key\": value" */
};

/* Records first … first + n - 1 as FOLDER/predictions-SPLIT.tsv. */
static inline void runs_predictions(const struct runs_made *m, const char *split, size_t first,
                                    size_t n)
{
    char name[128];
    snprintf(name, sizeof name, "%s/predictions-%s.tsv", m->folder, split);
    FILE *f = fopen(runs_path(name), "w");
    cr_assert(f);
    fputs("ecg_id\tpatient_id\tfold\tsplit\tlabel\tlogit\tprobability\n", f);
    for (size_t k = n; k-- > 0;) { // not in ascending order: records are joined by id
        size_t i = first + k;
        fprintf(f, "%zu\t%zu\t10\t%s\t%d\t0\t%.9g\n", 100 + i, 5000 + i / 2, split, runs_label(i),
                runs_probability(i, m->skill));
    }
    fclose(f);
}

static inline void runs_history(const struct runs_made *m)
{
    char name[128];
    snprintf(name, sizeof name, "%s/history.tsv", m->folder);
    runs_write(name, "epoch\ttrain_loss\tvalid_loss\tvalid_auc\n"
                     "1\t.7\t.69\t.61\n2\t.5\t.55\t.72\n3\t.4\t.56\t.74\n");
}

enum { RUNS_VALID_FIRST = 3000, RUNS_VALID = 90, RUNS_TRAIN_FIRST = 6000, RUNS_TRAIN = 50 };

/* A run folder; returns its path. */
static inline char *runs_make(const struct runs_made *m)
{
    char name[128], text[512];
    cr_assert_eq(leadseq_folder_make(runs_path(m->folder)), 0);
    runs_predictions(m, "test", 0, m->n);
    if (!m->no_valid) runs_predictions(m, "valid", RUNS_VALID_FIRST, RUNS_VALID);
    if (m->with_train) runs_predictions(m, "train", RUNS_TRAIN_FIRST, RUNS_TRAIN);
    runs_history(m);
    snprintf(name, sizeof name, "%s/experiment.yaml", m->folder);
    snprintf(text, sizeof text,
             "data:\n  name: not this\n  size: 64x64\nname: %s # a comment\nseed: %d\n"
             "model:\n  type: cnn\n",
             m->name ? m->name : "", m->seed ? m->seed : 1);
    if (m->name) runs_write(name, text);
    snprintf(name, sizeof name, "%s/environment.json", m->folder);
    snprintf(text, sizeof text, "{\"threads\": 2, \"stack\": {\"source\": \"%s\"}%s}",
             m->source ? m->source : "", m->more ? m->more : "");
    if (m->source) runs_write(name, text);
    return runs_path(m->folder);
}

/* Compares into ROOT/out; what is printed goes nowhere. */
static inline int runs_compare(char *const *inputs, size_t n, const char *data)
{
    struct leadseq_compare_options options = {.split = "test", .data = data, .resamples = 300};
    leadseq_progress_show(false);
    FILE *sink = fopen("/dev/null", "w");
    int status = leadseq_compare(inputs, n, runs_path("out"), &options, sink);
    fclose(sink);
    return status;
}

/* A refusal names what it should, and leaves nothing. */
static inline void runs_assert_refused(char *const *inputs, size_t n, const char *data,
                                       const char *message)
{
    cr_assert_eq(runs_compare(inputs, n, data), -1, "not refused: %s", message);
    cr_assert(strstr(leadseq_error(), message), "expected \"%s\" in \"%s\"", message,
              leadseq_error());
    cr_assert(!leadseq_path_exists(runs_path("out")));
    cr_assert(!leadseq_path_exists(runs_path("out.partial")));
}

#endif
