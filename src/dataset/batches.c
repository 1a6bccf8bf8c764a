/* SPDX-License-Identifier: MIT
 *
 * Batches, one ahead: while the caller trains on one, a worker reads, inflates and
 * converts the next. What a batch holds depends on its options, its epoch and its
 * number alone, so an epoch can be taken up in its middle, and in parts. */
#include "dataset_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 2 }; // the caller's batch and the one being made

struct leadseq_batches {
    struct leadseq_stack *stack;
    struct leadseq_batch_options options;
    size_t count; // batches an epoch
    uint64_t epoch;
    struct dataset_draw *draw; // (n) what this epoch takes, in its order
    uint8_t *images;           // a record as stored, unless its signals are taken
    float *values;             // as it is seen, where that is not bytes; or its signals
    void *augmenter;           // the state of options.augment_type; NULL: seen as stored
    struct leadseq_batch slot[SLOTS];
    double waited;

    pthread_t worker;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool started, quit, busy, failed;
    char *message;            // why the worker failed
    size_t made, taken, held; // made: ready so far; taken: handed out; held: the caller has one
};

/* --- Parts of a batch ------------------------------------------------------------- */

static int parts_of(const struct leadseq_batch_options *o)
{
    return o->parts ? o->parts : 1;
}

/* Which records of a whole batch of n this part has. */
static void take_part(const struct leadseq_batch_options *o, size_t n, struct leadseq_batch *batch)
{
    size_t own = leadseq_part_count(n, o->part, parts_of(o));
    batch->whole_n = (int)n;
    batch->counted = own > 0;
    batch->first = own ? (int)leadseq_part_first(n, o->part, parts_of(o)) : 0;
    batch->n = own ? (int)own : 1;
    batch->target = batch->whole_target + batch->first * batch->outputs;
    batch->position = batch->whole_position + batch->first;
}

/* --- The worker ------------------------------------------------------------------- */

static bool takes_signals(const struct leadseq_batch_options *o)
{
    return o->signals.samples > 0;
}

static struct leadseq_augment_key key_of(const struct leadseq_batches *b,
                                         const struct dataset_draw *draw)
{
    return (struct leadseq_augment_key){.seed = b->options.seed,
                                        .epoch = b->epoch,
                                        .number = dataset_number(b->stack, draw->position),
                                        .round = draw->round};
}

/* A record's images, as this epoch sees them. */
static int read_images(struct leadseq_batches *b, const struct dataset_draw *draw)
{
    if (leadseq_stack_read(b->stack, draw->position, b->images)) return -1;
    if (!b->augmenter) return 0;
    const struct leadseq_augment_key key = key_of(b, draw);
    const struct leadseq_augment_type *type = b->options.augment_type;
    const size_t n = (size_t)leadseq_stack_images(b->stack);
    if (b->values)
        type->look(b->augmenter, &b->options.augment, &key, b->images, b->values, n);
    else
        type->apply(b->augmenter, &b->options.augment, &key, b->images, n);
    return 0;
}

static int place_images(struct leadseq_batches *b, const struct dataset_draw *draw, int i, int n,
                        float *images)
{
    const struct leadseq_drawing *drawing = leadseq_stack_drawing(b->stack);
    const uint64_t key = dataset_number(b->stack, draw->position);
    if (read_images(b, draw)) return -1;
    if (b->values)
        dataset_pack_values(&b->options, drawing, b->values, key, i, n, images);
    else
        leadseq_batch_pack(&b->options, drawing, b->images, key, i, n, images);
    return 0;
}

static int place_signals(struct leadseq_batches *b, const struct dataset_draw *draw, size_t window,
                         int i, float *signals)
{
    const struct leadseq_augment_key key = key_of(b, draw);
    if (leadseq_stack_read_signals(b->stack, draw->position, b->values)) return -1;
    dataset_pack_window(&b->options, b->values, dataset_window_begin(&b->options, window, &key),
                        key.number, i, signals);
    return 0;
}

static int outputs_of(const struct leadseq_batch_options *o)
{
    return o->labels ? o->labels->outputs : 1;
}

/* The labels of a record as a loss wants them. */
static void fill_target(const struct leadseq_batches *b, size_t position, float *target)
{
    const struct leadseq_labels *labels = b->options.labels;
    if (!labels) {
        *target = leadseq_stack_rows(b->stack)[position].mi == 1;
        return;
    }
    const uint8_t *value = labels->value + position * (size_t)labels->outputs;
    for (int k = 0; k < labels->outputs; k++) target[k] = value[k] > 1 ? -1.0f : value[k];
}

/* Records of an epoch, or of signals their windows. */
static size_t items_of(const struct leadseq_batch_options *o)
{
    return o->n * leadseq_windows_count(&o->signals);
}

static int fill(struct leadseq_batches *b, size_t number)
{
    struct leadseq_batch *batch = &b->slot[number % SLOTS];
    const size_t windows = leadseq_windows_count(&b->options.signals);
    size_t first = number * (size_t)b->options.batch, left = items_of(&b->options) - first;
    size_t whole = left < (size_t)b->options.batch ? left : (size_t)b->options.batch;
    for (size_t i = 0; i < whole; i++) {
        size_t position = b->draw[(first + i) / windows].position;
        batch->whole_position[i] = position;
        fill_target(b, position, batch->whole_target + i * (size_t)batch->outputs);
    }
    take_part(&b->options, whole, batch);
    for (int i = 0; i < batch->n; i++) {
        const size_t item = first + (size_t)(batch->first + i);
        const struct dataset_draw *draw = &b->draw[item / windows];
        int status = takes_signals(&b->options)
                         ? place_signals(b, draw, item % windows, i, batch->images)
                         : place_images(b, draw, i, batch->n, batch->images);
        if (status) return -1;
    }
    return 0;
}

static bool has_work(const struct leadseq_batches *b)
{
    return b->started && !b->failed && b->made < b->count && b->made + b->held < b->taken + SLOTS;
}

static void *work(void *batches)
{
    struct leadseq_batches *b = batches;
    pthread_mutex_lock(&b->lock);
    while (!b->quit) {
        if (!has_work(b)) {
            pthread_cond_wait(&b->changed, &b->lock);
            continue;
        }
        b->busy = true;
        pthread_mutex_unlock(&b->lock);
        int status = fill(b, b->made);
        pthread_mutex_lock(&b->lock);
        b->busy = false;
        if (status) {
            b->failed = true;
            b->message = leadseq_format("%s", leadseq_error());
        } else {
            b->made++;
        }
        pthread_cond_broadcast(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* --- The caller's side ------------------------------------------------------------ */

static int check_images(const struct leadseq_stack *stack, const struct leadseq_batch_options *o)
{
    if (leadseq_stack_need_images(stack)) return -1;
    if (o->scale[0] != 0 && o->scale[1] != 0 && o->scale[2] != 0) return 0;
    return leadseq_fail("%s: a scale of 0 leaves nothing of the images", leadseq_stack_path(stack));
}

static int check_signals(const struct leadseq_stack *stack, const struct leadseq_batch_options *o)
{
    const struct leadseq_batch_signals *s = &o->signals;
    const char *path = leadseq_stack_path(stack);
    if (leadseq_stack_need_signals(stack)) return -1;
    if (s->samples != leadseq_stack_samples(stack))
        return leadseq_fail("%s: expected signals of %zu samples, found %zu", path, s->samples,
                            leadseq_stack_samples(stack));
    if (s->crop > s->samples)
        return leadseq_fail("%s: expected windows of at most %zu samples, as its signals have, "
                            "found %zu",
                            path, s->samples, s->crop);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        if (s->scale[lead] == 0)
            return leadseq_fail("%s: a scale of 0 leaves nothing of lead %s", path,
                                leadseq_lead_name[lead]);
    return 0;
}

static int check_options(const struct leadseq_stack *stack, const struct leadseq_batch_options *o)
{
    const char *path = leadseq_stack_path(stack);
    if (o->n == 0) return leadseq_fail("%s: no records to make batches of", path);
    if (o->batch < 1)
        return leadseq_fail("%s: expected a batch of at least one record, found %d", path,
                            o->batch);
    if (o->part < 0 || o->part >= parts_of(o))
        return leadseq_fail("%s: part %d of %d", path, o->part, parts_of(o));
    if (o->balance && outputs_of(o) > 1)
        return leadseq_fail("%s: balanced batches need a task with one output, found %d", path,
                            outputs_of(o));
    if (takes_signals(o) ? check_signals(stack, o) : check_images(stack, o)) return -1;
    for (size_t i = 0; i < o->n; i++)
        if (o->position[i] >= leadseq_stack_count(stack))
            return leadseq_fail("%s: record number %zu does not exist: the stack has %zu", path,
                                o->position[i], leadseq_stack_count(stack));
    if (o->order != LEADSEQ_LEADS_LIST) return 0;
    if (o->n_leads < 1 || o->n_leads > LEADSEQ_LEADS)
        return leadseq_fail("%s: a list of %d leads; expected 1 to %d", path, o->n_leads,
                            LEADSEQ_LEADS);
    for (int t = 0; t < o->n_leads; t++)
        if (o->leads[t] < 0 || o->leads[t] >= LEADSEQ_LEADS)
            return leadseq_fail("%s: lead number %d; expected 0 to %d", path, o->leads[t],
                                LEADSEQ_LEADS - 1);
    return 0;
}

/* Values of a record in a batch: of its pictures, or of a window of its signals. */
static size_t record_values(const struct leadseq_stack *stack,
                            const struct leadseq_batch_options *o)
{
    const size_t leads = o->order == LEADSEQ_LEADS_LIST ? (size_t)o->n_leads : LEADSEQ_LEADS;
    if (takes_signals(o)) return leads * leadseq_windows_samples(&o->signals);
    return (leadseq_stack_images(stack) == 1 ? 1 : leads) * leadseq_stack_image_bytes(stack);
}

/* Records of the largest batch. */
static size_t largest(const struct leadseq_batch_options *o)
{
    const size_t items = items_of(o);
    return (size_t)o->batch < items ? (size_t)o->batch : items;
}

/* ... and of this part's. */
static size_t largest_part(const struct leadseq_batch_options *o)
{
    size_t own = leadseq_part_count(largest(o), o->part, parts_of(o));
    return own ? own : 1;
}

static bool augments(const struct leadseq_batch_options *o)
{
    const struct leadseq_augment_type *type = o->augment_type;
    return type && (type->apply || type->look) && (!type->is_on || type->is_on(&o->augment));
}

/* A record as it is read, and as augmentations see it. */
static size_t reading_bytes(const struct leadseq_stack *stack,
                            const struct leadseq_batch_options *o)
{
    const struct leadseq_drawing *d = leadseq_stack_drawing(stack);
    if (takes_signals(o)) return LEADSEQ_LEADS * o->signals.samples * sizeof(float);
    size_t looking = augments(o) ? o->augment_type->bytes(d->width, d->height) : 0;
    if (looking && o->augment_type->look) looking += leadseq_drawing_bytes(d) * sizeof(float);
    return leadseq_drawing_bytes(d) + looking;
}

size_t leadseq_batches_bytes(const struct leadseq_stack *stack,
                             const struct leadseq_batch_options *o)
{
    size_t order = o->balance ? 6 : o->shuffle ? 4 : 2; // words a record: the plan, and sorting it
    return SLOTS * largest_part(o) * record_values(stack, o) * sizeof(float) +
           order * o->n * sizeof(size_t) + reading_bytes(stack, o);
}

static int check_memory(const struct leadseq_stack *stack, const struct leadseq_batch_options *o)
{
    size_t need = leadseq_batches_bytes(stack, o), there = leadseq_available_bytes();
    if (!there || need <= there) return 0;
    return leadseq_fail("%s: batches of %zu records, read ahead, need %zu bytes, %zu are there; "
                        "use a smaller batch",
                        leadseq_stack_path(stack), largest(o), need, there);
}

static int open_augmenter(struct leadseq_batches *b)
{
    const struct leadseq_drawing *d = leadseq_stack_drawing(b->stack);
    if (!augments(&b->options)) return 0;
    b->augmenter = b->options.augment_type->open(d->width, d->height, leadseq_drawing_channels(d));
    return b->augmenter ? 0 : -1;
}

/* Room for a record as it is read, and as it is seen. */
static int allocate_reading(struct leadseq_batches *b)
{
    if (takes_signals(&b->options)) {
        b->values = leadseq_calloc(LEADSEQ_LEADS * b->options.signals.samples, sizeof(float));
        return b->values ? 0 : -1;
    }
    size_t images = (size_t)leadseq_stack_images(b->stack),
           image = leadseq_stack_image_bytes(b->stack);
    b->images = leadseq_calloc(images, image);
    if (!b->images || open_augmenter(b)) return -1;
    if (!b->augmenter || !b->options.augment_type->look) return 0;
    b->values = leadseq_calloc(images, image * sizeof(float));
    return b->values ? 0 : -1;
}

static int allocate(struct leadseq_batches *b)
{
    size_t batch = largest(&b->options), values = record_values(b->stack, &b->options);
    b->draw = leadseq_calloc(b->options.n, sizeof *b->draw);
    if (!b->draw || allocate_reading(b)) return -1;
    for (int s = 0; s < SLOTS; s++) {
        struct leadseq_batch *slot = &b->slot[s];
        slot->images = leadseq_calloc(largest_part(&b->options) * values, sizeof(float));
        slot->outputs = outputs_of(&b->options);
        slot->whole_target = leadseq_calloc(batch * (size_t)slot->outputs, sizeof(float));
        slot->whole_position = leadseq_calloc(batch, sizeof(size_t));
        if (!slot->images || !slot->whole_target || !slot->whole_position) return -1;
    }
    return 0;
}

static void release(struct leadseq_batches *b)
{
    for (int s = 0; s < SLOTS; s++) {
        free(b->slot[s].images);
        free(b->slot[s].whole_target);
        free(b->slot[s].whole_position);
    }
    free(b->images);
    free(b->values);
    free(b->draw);
    if (b->augmenter) b->options.augment_type->close(b->augmenter);
    free(b->message);
    free(b);
}

struct leadseq_batches *leadseq_batches_open(struct leadseq_stack *stack,
                                             const struct leadseq_batch_options *options)
{
    if (check_options(stack, options) || check_memory(stack, options)) return NULL;
    struct leadseq_batches *b = leadseq_calloc(1, sizeof *b);
    if (!b) return NULL;
    b->stack = stack;
    b->options = *options;
    b->count = (items_of(options) - 1) / (size_t)options->batch + 1;
    if (options->batches && options->batches < b->count) b->count = options->batches;
    if (allocate(b)) {
        release(b);
        return NULL;
    }
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    int error = pthread_create(&b->worker, NULL, work, b);
    if (!error) return b;
    leadseq_fail("a thread that reads ahead cannot be started: %s", strerror(error));
    release(b);
    return NULL;
}

int leadseq_batches_start(struct leadseq_batches *b, uint64_t epoch, size_t first)
{
    if (first > b->count)
        return leadseq_fail("%s: batch %zu of an epoch of %zu", leadseq_stack_path(b->stack), first,
                            b->count);
    pthread_mutex_lock(&b->lock);
    b->started = false;
    while (b->busy) pthread_cond_wait(&b->changed, &b->lock);
    b->made = b->taken = first;
    b->held = 0;
    b->failed = false;
    free(b->message);
    b->message = NULL;
    b->epoch = epoch;
    int status = dataset_plan(b->draw, b->stack, &b->options, epoch);
    b->started = !status;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    return status;
}

/* With the lock held: 1 when the next batch is there, 0 at the end, -1 on failure. */
static int await(struct leadseq_batches *b, double *waited)
{
    if (!b->started) return leadseq_fail("no epoch was begun");
    if (b->taken == b->count) return 0;
    double before = leadseq_seconds();
    while (b->made == b->taken && !b->failed) pthread_cond_wait(&b->changed, &b->lock);
    *waited = leadseq_seconds() - before;
    b->waited += *waited;
    if (b->made > b->taken) return 1;
    return leadseq_fail("%s", b->message ? b->message : "out of memory");
}

int leadseq_batches_next(struct leadseq_batches *b, const struct leadseq_batch **batch)
{
    pthread_mutex_lock(&b->lock);
    b->held = 0; // the batch before may be overwritten now
    pthread_cond_broadcast(&b->changed);
    double waited = 0;
    int status = await(b, &waited);
    if (status == 1) {
        struct leadseq_batch *next = &b->slot[b->taken % SLOTS];
        next->waited_s = waited;
        *batch = next;
        b->taken++;
        b->held = 1;
    }
    pthread_mutex_unlock(&b->lock);
    return status;
}

size_t leadseq_batches_count(const struct leadseq_batches *b)
{
    return b->count;
}

double leadseq_batches_waited(const struct leadseq_batches *b)
{
    return b->waited;
}

void leadseq_batches_close(struct leadseq_batches *b)
{
    if (!b) return;
    pthread_mutex_lock(&b->lock);
    b->quit = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->worker, NULL);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    release(b);
}
