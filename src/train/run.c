/* SPDX-License-Identifier: MIT
 *
 * A run opened for use: its network with the weights of a checkpoint, fed as in
 * training. Nothing in it depends on where the run is. */
#include "evaluate.h"
#include "exchange/exchange.h"
#include "folder.h"
#include "records.h"
#include "windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct leadseq_run {
    char *folder;
    struct leadseq_experiment e;
    struct train_input input;
    struct train_network net;
    struct train_state state; /* of the checkpoint */
    enum leadseq_checkpoint which;
    struct train_evaluation how;
    float *images; /* of a batch, made when first needed */
};

static int read_checkpoint(struct leadseq_run *run)
{
    const char *name = train_checkpoint_name(run->which);
    char *path = leadseq_format("%s/checkpoints/%s.h5", run->folder, name);
    if (!path) return -1;
    int status = 0;
    if (!leadseq_path_exists(path))
        status = leadseq_fail(
            "%s: expected the %s checkpoint, found none yet; continue training with --resume%s",
            path, name, run->which == LEADSEQ_BEST ? ", or use --checkpoint last" : "");
    else
        status = train_checkpoint_read(path, &run->net, NULL, &run->state, 0);
    free(path);
    return status;
}

static int open_run(struct leadseq_run *run, int threads)
{
    char *path = train_folder_file(run->folder, "input.json");
    int status = path ? train_input_read(&run->input, path) : -1;
    free(path);
    if (status || leadseq_experiment_check(&run->e)) return -1;
    if (threads) run->e.train.threads = threads;
    if (train_network_open(&run->net, &run->e, &run->input, run->e.train.threads)) {
        bool lacks = run->e.train.precision == LEADSEQ_BF16 && !leadseq_bf16_is_native();
        return lacks ? leadseq_fail_in("%s, trained in bf16 (--precision computes in another)",
                                       run->folder)
                     : -1;
    }
    return read_checkpoint(run);
}

struct leadseq_run *leadseq_run_open_as(const char *folder, const struct leadseq_experiment *e,
                                        enum leadseq_checkpoint which, int threads)
{
    struct leadseq_run *run = leadseq_calloc(1, sizeof *run);
    if (!run) return NULL;
    run->e = *e;
    run->which = which;
    run->folder = leadseq_format("%s", folder);
    if (!run->folder || open_run(run, threads)) {
        leadseq_run_close(run);
        return NULL;
    }
    run->how = train_evaluation_of(run->folder, which, &run->e.data.task, &run->state);
    if (which == LEADSEQ_BEST && !run->state.threshold_epoch)
        leadseq_info("%s: nothing was validated, so no epoch is the best: the last checkpoint is "
                     "used, with the threshold 0.5",
                     folder);
    return run;
}

int leadseq_run_experiment(const char *folder, struct leadseq_experiment *e)
{
    char *path = leadseq_path_join(folder, "experiment.yaml");
    int status = path ? 0 : -1;
    if (path && !leadseq_path_exists(path))
        status = leadseq_fail("%s: expected a run's folder with experiment.yaml in it", folder);
    if (!status) status = leadseq_experiment_read(e, path);
    free(path);
    return status;
}

struct leadseq_run *leadseq_run_open(const char *folder, enum leadseq_checkpoint which, int threads)
{
    struct leadseq_experiment *e = leadseq_experiment_new();
    struct leadseq_run *run = NULL;
    if (e && !leadseq_run_experiment(folder, e))
        run = leadseq_run_open_as(folder, e, which, threads);
    leadseq_experiment_free(e);
    return run;
}

void leadseq_run_close(struct leadseq_run *run)
{
    if (!run) return;
    free(run->images);
    train_network_close(&run->net);
    free(run->folder);
    free(run);
}

int leadseq_run_describe(const char *folder, const struct leadseq_experiment *e,
                         struct leadseq_model_table *table)
{
    struct train_input input;
    struct train_network net = {0};
    char *path = train_folder_file(folder, "input.json");
    int status = path ? train_input_read(&input, path) : -1;
    free(path);
    if (!status) status = leadseq_experiment_check(e);
    if (!status) status = train_network_open(&net, e, &input, e->train.threads);
    if (!status) status = leadseq_model_describe(net.model, table);
    train_network_close(&net);
    return status;
}

const struct leadseq_drawing *leadseq_run_drawing(const struct leadseq_run *run)
{
    return &run->input.drawing;
}

/* --- For other programs ---------------------------------------------------------------------- */

/* "I,II,V1"; "page" where images show all leads. */
static void lead_names(const struct leadseq_run *run, bool page, char *text, size_t size)
{
    size_t at = 0;
    snprintf(text, size, "page");
    for (int i = 0; !page && i < run->e.data.n_leads; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%s", i ? "," : "",
                               leadseq_lead_name[run->e.data.leads[i]]);
}

static void output_names(const struct leadseq_run *run, char *text, size_t size)
{
    size_t at = 0;
    text[0] = '\0';
    for (int i = 0; i < run->e.data.task.outputs && at < size; i++)
        at +=
            (size_t)snprintf(text + at, size - at, "%s%s", i ? "," : "", run->e.data.task.name[i]);
}

/* Pairs of key and value, ended by NULL. */
struct metadata {
    const char *text[24];
    int n;
};

static void put_pair(struct metadata *m, const char *key, const char *value)
{
    m->text[m->n++] = key;
    m->text[m->n++] = value;
}

/* How a record becomes what the model is fed. */
static void put_input(struct metadata *m, const struct leadseq_run *run, char number[4][32])
{
    const struct leadseq_drawing *d = &run->input.drawing;
    const double value[4] = {d->rate_hz, d->preparation.highpass_hz, d->preparation.notch_hz,
                             (double)run->input.samples};
    static const char *const key[4] = {"rate_hz", "highpass_hz", "notch_hz", "samples"};
    if (!run->input.samples) {
        put_pair(m, "style", run->input.style);
        put_pair(m, "profile", leadseq_profile_name(d->profile));
        return;
    }
    for (int i = 0; i < 4; i++) {
        snprintf(number[i], sizeof number[i], "%.9g", value[i]);
        put_pair(m, key[i], number[i]);
    }
}

/* Moments in the order of the model's leads, where they differ. */
static void put_moments(struct leadseq_export *e, const struct leadseq_run *run,
                        double mean[LEADSEQ_LEADS], double deviation[LEADSEQ_LEADS])
{
    const struct train_input *input = &run->input;
    for (int c = 0; c < 3; c++) e->mean[c] = input->mean[c], e->deviation[c] = input->deviation[c];
    if (!input->samples) return;
    e->mean[0] = input->lead_mean[0];
    e->deviation[0] = input->lead_deviation[0];
    if (run->e.data.standardise_by == LEADSEQ_STANDARDISE_ALL) return;
    for (int i = 0; i < run->e.data.n_leads; i++) {
        mean[i] = input->lead_mean[run->e.data.leads[i]];
        deviation[i] = input->lead_deviation[run->e.data.leads[i]];
    }
    e->lead_mean = mean;
    e->lead_deviation = deviation;
}

int leadseq_run_export(struct leadseq_run *run, const struct leadseq_export_format *format,
                       FILE *out)
{
    const bool page = leadseq_drawing_images(&run->input.drawing) == 1;
    char leads[64], outputs[1024], threshold[32], number[4][32];
    double mean[LEADSEQ_LEADS], deviation[LEADSEQ_LEADS];
    struct metadata metadata = {.n = 0};
    lead_names(run, page, leads, sizeof leads);
    output_names(run, outputs, sizeof outputs);
    snprintf(threshold, sizeof threshold, "%.9g", run->how.threshold[0]);
    put_pair(&metadata, "leads", leads);
    put_pair(&metadata, "outputs", outputs);
    put_pair(&metadata, "threshold", threshold);
    put_input(&metadata, run, number);
    put_pair(&metadata, "source", run->input.source);
    struct leadseq_export e = {.model = run->net.model,
                               .stack_leads = page ? 0 : LEADSEQ_LEADS,
                               .n_leads = run->e.data.n_leads,
                               .shuffled = run->e.data.order == LEADSEQ_LEADS_SHUFFLED,
                               .invert = run->e.data.invert,
                               .exclusive = leadseq_loss_at(run->e.train.loss)->exclusive,
                               .metadata = metadata.text};
    for (int i = 0; i < run->e.data.n_leads; i++) e.lead[i] = run->e.data.leads[i];
    put_moments(&e, run, mean, deviation);
    return format->write(&e, out);
}

const struct leadseq_task *leadseq_run_task(const struct leadseq_run *run)
{
    return &run->e.data.task;
}

double leadseq_run_threshold(const struct leadseq_run *run, int output, const char **origin)
{
    if (origin) *origin = run->how.threshold_origin;
    return run->how.threshold[output];
}

void leadseq_run_probability(const struct leadseq_run *run, const float *logits, float *probability)
{
    leadseq_loss_probability(leadseq_loss_at(run->e.train.loss), logits, run->net.outputs,
                             probability);
}

/* --- Images from anywhere ------------------------------------------------------------------ */

static int make_room(struct leadseq_run *run)
{
    if (run->images) return 0;
    const struct leadseq_model_spec *spec = leadseq_model_spec(run->net.model);
    size_t pixels = (size_t)spec->height * (size_t)spec->width;
    run->images = leadseq_calloc((size_t)run->net.batch * (size_t)(spec->leads * spec->channels),
                                 pixels * sizeof *run->images);
    return run->images ? 0 : -1;
}

/* In batches of the training's size. A record's logits do not depend on the others of its batch:
 * evaluation uses running statistics. The run's buffers are used, so one run must not predict on
 * two threads at once; two runs may. */
int leadseq_run_predict(struct leadseq_run *run, const uint8_t *images, const uint64_t *key,
                        size_t n, float *logits)
{
    struct leadseq_batch_options options = train_batch_options(&run->e, &run->net, &run->input);
    size_t record = leadseq_drawing_bytes(&run->input.drawing);
    if (run->input.samples)
        return leadseq_fail("%s: expected signals, which the run was trained on, found images",
                            run->folder);
    if (make_room(run)) return -1;
    for (size_t first = 0; first < n; first += (size_t)run->net.batch) {
        size_t left = n - first;
        int count = left < (size_t)run->net.batch ? (int)left : run->net.batch;
        for (int i = 0; i < count; i++)
            leadseq_batch_pack(&options, &run->input.drawing, images + (first + (size_t)i) * record,
                               key ? key[first + (size_t)i] : UINT64_MAX, i, count, run->images);
        if (leadseq_model_forward(run->net.model, LEADSEQ_EVALUATE, 0, count, run->images,
                                  logits + first * (size_t)run->net.outputs))
            return -1;
    }
    return 0;
}

/* Logits of a record's windows, one after the other. */
static int predict_windows(struct leadseq_run *run, const struct leadseq_batch_options *options,
                           const float *mv, uint64_t key, size_t windows, float *logits)
{
    const size_t batch = (size_t)run->net.batch;
    for (size_t first = 0; first < windows; first += batch) {
        int count = (int)(windows - first < batch ? windows - first : batch);
        for (int i = 0; i < count; i++)
            leadseq_batch_pack_signals(options, mv, first + (size_t)i, key, i, count, run->images);
        if (leadseq_model_forward(run->net.model, LEADSEQ_EVALUATE, 0, count, run->images,
                                  logits + first * (size_t)run->net.outputs))
            return -1;
    }
    return 0;
}

int leadseq_run_predict_signals(struct leadseq_run *run, const float *mv, const uint64_t *key,
                                size_t n, float *logits)
{
    struct leadseq_batch_options options = train_batch_options(&run->e, &run->net, &run->input);
    const size_t outputs = (size_t)run->net.outputs, record = LEADSEQ_LEADS * run->input.samples;
    if (!run->input.samples)
        return leadseq_fail("%s: expected images, which the run was trained on, found signals",
                            run->folder);
    options.signals.windows = LEADSEQ_WINDOWS_ALL;
    const size_t windows = leadseq_windows_count(&options.signals);
    float *window = leadseq_calloc(windows * outputs, sizeof *window);
    int status = window ? make_room(run) : -1;
    for (size_t i = 0; !status && i < n; i++) {
        status = predict_windows(run, &options, mv + i * record, key ? key[i] : UINT64_MAX, windows,
                                 window);
        if (!status)
            train_aggregate(&run->e, window, windows, run->net.outputs, logits + i * outputs);
    }
    free(window);
    return status;
}

size_t leadseq_run_samples(const struct leadseq_run *run)
{
    return run->input.samples;
}

int leadseq_run_prepare(const struct leadseq_run *run, const struct leadseq_record *record,
                        struct leadseq_prepared *signal)
{
    const struct leadseq_drawing *d = &run->input.drawing;
    if (leadseq_signal_prepare(signal, record, &d->preparation, d->rate_hz)) return -1;
    if (!leadseq_signals_round(run->input.gain, signal->mv, LEADSEQ_LEADS * signal->n)) return 0;
    leadseq_prepared_clear(signal);
    return leadseq_fail_in("the run's signals are integers");
}

int leadseq_run_predict_row(struct leadseq_run *run, struct leadseq_stack *stack, size_t position,
                            float *logits)
{
    const struct leadseq_stack_row *row = &leadseq_stack_rows(stack)[position];
    const uint64_t key = leadseq_record_key(row->ecg_id, row->record);
    const size_t samples = run->input.samples;
    if (train_input_check(&run->input, stack)) return -1;
    void *room = samples ? leadseq_calloc(LEADSEQ_LEADS * samples, sizeof(float))
                         : leadseq_calloc(leadseq_drawing_bytes(&run->input.drawing), 1);
    int status = !room     ? -1
                 : samples ? leadseq_stack_read_signals(stack, position, room)
                           : leadseq_stack_read(stack, position, room);
    if (!status)
        status = samples ? leadseq_run_predict_signals(run, room, &key, 1, logits)
                         : leadseq_run_predict(run, room, &key, 1, logits);
    free(room);
    return status;
}

/* --- A part of a stack ----------------------------------------------------------------------- */

/* Folds mean the same on every stack, also on one that has a few of them only. */
static int split_by_folds(struct train_session *s)
{
    const struct leadseq_stack_row *rows = leadseq_stack_rows(s->stack);
    size_t count = leadseq_stack_count(s->stack);
    for (int part = 0; part < LEADSEQ_PARTS; part++) {
        struct leadseq_split *split = &s->split;
        split->position[part] = leadseq_calloc(count, sizeof *split->position[part]);
        if (!split->position[part]) return -1;
        for (size_t i = 0; i < count; i++)
            if (leadseq_labels_known(&s->labels, i) && rows[i].strat_fold > 0 &&
                s->e.data.folds[part] >> rows[i].strat_fold & 1)
                split->position[part][split->n[part]++] = i;
    }
    return 0;
}

/* Shares and selections are drawn over a stack's own records: on another stack
 * the same seed would put training records into the test part. */
static int split_as_run(const struct leadseq_run *run, struct train_session *s, int part)
{
    if (!strcmp(s->input.checksum, run->input.checksum)) return train_session_split(s);
    bool drawn = run->e.data.split != LEADSEQ_SPLIT_FOLDS;
    if (!drawn && run->e.data.select == LEADSEQ_SELECT_ALL) return split_by_folds(s);
    if (part < 0) return 0; // no record's part is known
    return leadseq_fail("%s: expected the stack the run was trained on, because its %s was drawn "
                        "over that stack's records; found another (%s, not %s); use --split all",
                        leadseq_stack_path(s->stack), drawn ? "split" : "selection",
                        s->input.checksum, run->input.checksum);
}

/* The scores in a run's folder are those of its own stack: a comparison of runs takes them for
 * that. */
static int place_results(const struct leadseq_run *run, const struct train_session *s,
                         struct train_evaluation *how)
{
    how->foreign = strcmp(s->input.checksum, run->input.checksum) != 0;
    if (how->elsewhere && leadseq_folder_has(how->folder, "experiment.yaml"))
        return leadseq_fail("%s: is the folder of a run; choose another for the results",
                            how->folder);
    if (!how->foreign) return 0;
    const char *stack = leadseq_stack_path(s->stack);
    if (!how->elsewhere)
        return leadseq_fail("%s: is not the stack that %s was trained on (%s, not %s), whose "
                            "results would be taken for those of this one; --out DIR writes into "
                            "another folder",
                            stack, run->folder, s->input.checksum, run->input.checksum);
    leadseq_info("%s (%s) is not the stack that %s was trained on (%s)", stack, s->input.checksum,
                 run->folder, run->input.checksum);
    return 0;
}

int leadseq_run_evaluate_into(struct leadseq_run *run, const char *data, int part,
                              const char *folder, bool force)
{
    struct train_session s = {.e = run->e, .net = run->net};
    struct train_evaluation how = run->how;
    how.elsewhere = folder != NULL;
    how.force = force;
    if (folder) how.folder = folder;
    int status = train_session_data(&s, data);
    if (!status) status = train_input_check(&run->input, s.stack);
    if (!status) status = split_as_run(run, &s, part);
    if (!status) status = place_results(run, &s, &how);
    if (!status) {
        s.input = run->input;
        status = train_evaluate(&s, &how, part);
    }
    s.net = (struct train_network){0}; // the run's own
    train_session_close(&s);
    if (status == 1) status = leadseq_stop_check();
    return status ? -1 : 0;
}

int leadseq_run_evaluate(struct leadseq_run *run, const char *data, int part)
{
    return leadseq_run_evaluate_into(run, data, part, NULL, false);
}

int leadseq_run_outputs(const struct leadseq_run *run)
{
    return leadseq_run_task(run)->outputs;
}

const char *leadseq_run_output_name(const struct leadseq_run *run, int output)
{
    return leadseq_run_task(run)->name[output];
}

static int predict_signals_of(struct leadseq_run *run, const struct leadseq_record *record,
                              uint64_t key, float *logits)
{
    struct leadseq_prepared signal;
    if (leadseq_run_prepare(run, record, &signal)) return -1;
    int status = signal.empty ? leadseq_fail_empty(record->path)
                              : leadseq_run_predict_signals(run, signal.mv, &key, 1, logits);
    leadseq_prepared_clear(&signal);
    return status;
}

int leadseq_run_predict_record(struct leadseq_run *run, const struct leadseq_record *record,
                               float *logits)
{
    const struct leadseq_drawing *d = leadseq_run_drawing(run);
    int ecg_id = leadseq_record_ecg_id(record);
    uint64_t key = leadseq_record_key(ecg_id, record->name);
    if (run->input.samples) return predict_signals_of(run, record, key, logits);
    uint8_t *images = leadseq_calloc(leadseq_drawing_bytes(d), 1);
    struct leadseq_prepared signal;
    int status = images ? leadseq_draw_prepared(d, record, ecg_id, images, &signal) : -1;
    if (!status && signal.empty) status = leadseq_fail_empty(record->path);
    if (!status) status = leadseq_run_predict(run, images, &key, 1, logits);
    free(images);
    return status;
}
