/* SPDX-License-Identifier: MIT
 *
 * Whether a stack is what an experiment or a run expects, and what identifies
 * its contents. */
#include "input.h"

#include "ranks.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS_SAMPLED = 16 };

static int fail_differs(const struct leadseq_stack *stack, const char *key, const char *expected,
                        const char *found)
{
    return leadseq_fail("%s: expected %s %s, as data.%s says, found %s; render the stack again or "
                        "change the experiment",
                        leadseq_stack_path(stack), key, expected, key, found);
}

static int resolve_word(char *word, size_t size, const char *key, const char *found,
                        const struct leadseq_stack *stack)
{
    if (!strcmp(word, "any")) {
        snprintf(word, size, "%s", found);
        return 0;
    }
    return strcmp(word, found) ? fail_differs(stack, key, word, found) : 0;
}

static int resolve_size(struct leadseq_experiment *e, const struct leadseq_stack *stack)
{
    const struct leadseq_drawing *d = leadseq_stack_drawing(stack);
    if (e->data.width && (e->data.width != d->width || e->data.height != d->height)) {
        char expected[32], found[32];
        snprintf(expected, sizeof expected, "%dx%d", e->data.width, e->data.height);
        snprintf(found, sizeof found, "%dx%d", d->width, d->height);
        return fail_differs(stack, "size", expected, found);
    }
    e->data.width = d->width;
    e->data.height = d->height;
    return 0;
}

static int resolve_images(struct leadseq_experiment *e, const struct leadseq_stack *stack)
{
    const char *profile = leadseq_profile_name(leadseq_stack_drawing(stack)->profile);
    const char *style = leadseq_stack_style(stack);
    if (leadseq_stack_need_images(stack) ||
        resolve_word(e->data.style, sizeof e->data.style, "style", style, stack) ||
        resolve_word(e->data.profile, sizeof e->data.profile, "profile", profile, stack))
        return -1;
    return resolve_size(e, stack);
}

int leadseq_train_check_windows(const struct leadseq_experiment *e,
                                const struct leadseq_stack *stack)
{
    const size_t samples = leadseq_stack_samples(stack), crop = (size_t)e->data.crop;
    const char *path = leadseq_stack_path(stack);
    if (leadseq_stack_need_signals(stack)) return -1;
    if (crop > samples)
        return leadseq_fail("data.crop: expected at most %zu samples, as the signals of %s have, "
                            "found %zu; use shorter windows, or render longer ones (--window)",
                            samples, path, crop);
    if (crop || samples <= LEADSEQ_SIDE_MAX) return 0;
    return leadseq_fail("data.crop: expected windows of 1 to %d samples, because the signals of %s "
                        "have %zu, more than a network reads; set it, or render at a lower --rate",
                        LEADSEQ_SIDE_MAX, path, samples);
}

static bool has_folds(const struct leadseq_stack *stack)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    for (size_t i = 0; i < leadseq_stack_count(stack); i++)
        if (row[i].strat_fold > 0) return true;
    return false;
}

/* A stack without folds is split by patient, unless the experiment says how. */
static void resolve_split(struct leadseq_experiment *e, const struct leadseq_stack *stack)
{
    size_t option = leadseq_option_find("data.split");
    if (e->given[option] || e->data.split != LEADSEQ_SPLIT_FOLDS || has_folds(stack)) return;
    e->data.split = LEADSEQ_SPLIT_PATIENT;
}

/* After this the experiment has no open value, and what is written to experiment.yaml gives the
 * same training on another machine or with another default. */
int leadseq_train_resolve(struct leadseq_experiment *e, const struct leadseq_stack *stack)
{
    if (leadseq_experiment_check(e)) return -1;
    if (e->data.input == LEADSEQ_DATA_SIGNALS ? leadseq_train_check_windows(e, stack)
                                              : resolve_images(e, stack))
        return -1;
    resolve_split(e, stack);
    if (e->train.threads == 0) e->train.threads = train_ranks_threads();
    return 0;
}

/* "dataset4, paper-text, 128x128, 100 Hz, 2 mV" */
static void describe(char text[512], const char *style, const struct leadseq_drawing *d)
{
    char prepared[128];
    int n = snprintf(text, 512, "%s, %s, %dx%d, %g Hz%s", style, leadseq_profile_name(d->profile),
                     d->width, d->height, d->rate_hz,
                     leadseq_preparation_text(&d->preparation, prepared));
    if (d->profile == LEADSEQ_FIXED_MV)
        n += snprintf(text + n, 512 - (size_t)n, ", %g mV", d->range_mv);
    char more[256];
    snprintf(text + n, 512 - (size_t)n, "%s", leadseq_drawing_text(d, more));
}

void train_signals_text(char text[256], const struct leadseq_drawing *d, size_t samples)
{
    char prepared[128];
    snprintf(text, 256, "signals of %zu samples at %g Hz%s", samples, d->rate_hz,
             leadseq_preparation_text(&d->preparation, prepared));
}

/* Another gain is no other signal. */
static int check_signals(const struct train_input *input, const struct leadseq_stack *stack)
{
    char expected[256], found[256];
    if (leadseq_stack_need_signals(stack)) return -1;
    train_signals_text(expected, &input->drawing, input->samples);
    train_signals_text(found, leadseq_stack_drawing(stack), leadseq_stack_samples(stack));
    if (!strcmp(expected, found)) return 0;
    return leadseq_fail("%s: expected %s, as the run's are, found %s; render the records again",
                        leadseq_stack_path(stack), expected, found);
}

int train_input_check(const struct train_input *input, const struct leadseq_stack *stack)
{
    char expected[512], found[512];
    if (input->samples) return check_signals(input, stack);
    if (leadseq_stack_need_images(stack)) return -1;
    describe(expected, input->style, &input->drawing);
    describe(found, leadseq_stack_style(stack), leadseq_stack_drawing(stack));
    if (!strcmp(expected, found)) return 0;
    return leadseq_fail("%s: expected a stack drawn as the run's (%s), found %s",
                        leadseq_stack_path(stack), expected, found);
}

static void mix(uint64_t *hash, const void *data, size_t n)
{
    *hash = leadseq_hash(*hash, data, n);
}

/* Fields one by one: a struct's gaps have no values of their own. */
static void mix_row(uint64_t *hash, const struct leadseq_stack_row *row)
{
    int32_t number[] = {row->ecg_id, row->patient_id, row->strat_fold, row->age_years, row->sex};
    mix(hash, row->record, strlen(row->record));
    mix(hash, number, sizeof number);
    mix(hash, &row->mi, 1);
    mix(hash, &row->mi_site, 1);
    uint8_t flags = (uint8_t)(row->quality & 0xff); // those that the first runs knew
    mix(hash, &flags, 1);
    mix(hash, row->superclass, sizeof row->superclass);
    mix(hash, &row->mi_likelihood, sizeof row->mi_likelihood);
}

/* Labels that are no member of a row: the first stacks had none. */
static void mix_labels(uint64_t *hash, const struct leadseq_stack *stack)
{
    static const char *const of_rows[] = {"mi", "NORM", "MI", "STTC", "CD", "HYP"};
    bool ptbxl = leadseq_stack_label(stack, "mi") != NULL;
    for (size_t i = 0; i < leadseq_stack_labels(stack); i++) {
        const char *name = leadseq_stack_label_name(stack, i);
        bool known = false;
        for (size_t k = 0; ptbxl && k < LEADSEQ_COUNT(of_rows); k++)
            known = known || !strcmp(name, of_rows[k]);
        if (known) continue;
        mix(hash, name, strlen(name));
        mix(hash, leadseq_stack_label(stack, name), leadseq_stack_count(stack));
    }
}

/* Images or signals of an even sample of the records, into room for one. */
static int mix_records(uint64_t *hash, struct leadseq_stack *stack, bool signals, size_t bytes)
{
    size_t count = leadseq_stack_count(stack);
    size_t sampled = count < RECORDS_SAMPLED ? count : RECORDS_SAMPLED;
    void *values = leadseq_calloc(bytes, 1);
    int status = values ? 0 : -1;
    for (size_t i = 0; !status && i < sampled; i++) {
        const size_t position = i * count / sampled;
        status = signals ? leadseq_stack_read_signals(stack, position, values)
                         : leadseq_stack_read(stack, position, values);
        if (!status) mix(hash, values, bytes);
    }
    free(values);
    return status;
}

static int mix_images(uint64_t *hash, struct leadseq_stack *stack)
{
    if (!leadseq_stack_images(stack)) return 0;
    return mix_records(hash, stack, false, leadseq_drawing_bytes(leadseq_stack_drawing(stack)));
}

static int mix_signals(uint64_t *hash, struct leadseq_stack *stack)
{
    const size_t samples = leadseq_stack_samples(stack);
    char text[256];
    if (!samples) return 0;
    train_signals_text(text, leadseq_stack_drawing(stack), samples);
    mix(hash, text, strlen(text));
    return mix_records(hash, stack, true, LEADSEQ_LEADS * samples * sizeof(float));
}

/* Identifies the contents of a stack: drawing, rows, labels, and the pixels and samples of sixteen
 * records spread evenly, since reading all of them would take as long as an epoch. The order of
 * what is mixed must not change: runs store the result and compare it when they are resumed, years
 * later perhaps. */
int leadseq_train_checksum(struct leadseq_stack *stack, char text[32])
{
    uint64_t hash = LEADSEQ_HASH_START;
    char drawing[512];
    describe(drawing, leadseq_stack_style(stack), leadseq_stack_drawing(stack));
    if (leadseq_stack_images(stack)) mix(&hash, drawing, strlen(drawing));
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    for (size_t i = 0; i < leadseq_stack_count(stack); i++) mix_row(&hash, &row[i]);
    mix_labels(&hash, stack);
    if (mix_images(&hash, stack) || mix_signals(&hash, stack)) return -1;
    snprintf(text, 32, "fnv1a:%016llx", (unsigned long long)hash);
    return 0;
}
