/* SPDX-License-Identifier: MIT
 *
 * A training that was stopped, killed or finished continues to the same bits; what
 * is not the same training is refused. */
#include "tiny_run.h"
#include "train/checkpoint.h"
#include "train/folder.h"

#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(resume, .init = tiny_begin, .fini = remove_folder, .timeout = 120);

/* Everything a checkpoint holds, for comparing bit by bit. */
struct held {
    struct train_session s;
    struct leadseq_optimizer o;
    struct train_state state;
};

static void hold(struct held *h, const struct leadseq_experiment *e, const char *data,
                 const char *run, const char *checkpoint)
{
    char path[600];
    bool last = !strcmp(checkpoint, "last");
    *h = (struct held){0};
    snprintf(path, sizeof path, "%s/checkpoints/%s.h5", run, checkpoint);
    cr_assert_eq(train_session_open(&h->s, e, data, 0), 0, "%s", leadseq_error());
    size_t count = leadseq_model_params(h->s.net.model)->count, room = TINY_RECORDS;
    struct leadseq_optim how = leadseq_experiment_optim(e);
    cr_assert_eq(leadseq_optimizer_init(&h->o, &how, count), 0);
    h->state.logit = calloc(room, sizeof *h->state.logit);
    h->state.label = calloc(room, sizeof *h->state.label);
    cr_assert_eq(train_checkpoint_read(path, &h->s.net, last ? &h->o : NULL, &h->state, room), 0,
                 "%s", leadseq_error());
}

static void release(struct held *h)
{
    free(h->state.logit);
    free(h->state.label);
    leadseq_optimizer_clear(&h->o);
    train_session_close(&h->s);
}

static bool same_block(const float *a, const float *b, size_t n)
{
    return !memcmp(a, b, n * sizeof *a);
}

static void expect_same_checkpoint(const struct leadseq_experiment *e, const char *data,
                                   const char *one, const char *two, const char *checkpoint)
{
    struct held a, b;
    hold(&a, e, data, one, checkpoint);
    hold(&b, e, data, two, checkpoint);
    struct leadseq_params *p = leadseq_model_params(a.s.net.model),
                          *q = leadseq_model_params(b.s.net.model);
    struct leadseq_params *r = leadseq_model_state(a.s.net.model),
                          *t = leadseq_model_state(b.s.net.model);
    cr_assert(same_block(p->value, q->value, p->count), "weights differ");
    cr_assert(same_block(r->value, t->value, r->count), "running statistics differ");
    cr_assert(same_block(a.o.moment[0], b.o.moment[0], p->count), "first moments differ");
    cr_assert(same_block(a.o.moment[1], b.o.moment[1], p->count), "second moments differ");
    cr_assert_eq(a.state.step, b.state.step);
    cr_assert_eq(a.state.epoch, b.state.epoch);
    cr_assert_eq(a.state.best.epoch, b.state.best.epoch);
    cr_assert_arr_eq(a.state.threshold, b.state.threshold, sizeof a.state.threshold);
    release(&a);
    release(&b);
}

/* Everything of a table but its last columns, which are times. */
static char *without_times(char *table, int times)
{
    char *to = table, *from = table;
    for (char *line; (line = strsep(&from, "\n")) && *line;) {
        for (int k = 0; k < times; k++) *strrchr(line, '\t') = '\0';
        size_t n = strlen(line);
        memmove(to, line, n);
        to += n;
        *to++ = '\n';
    }
    *to = '\0';
    return table;
}

static void expect_same_text(const char *one, const char *two, const char *name, int times)
{
    char *a = without_times(run_text(one, name), times);
    char *b = without_times(run_text(two, name), times);
    cr_assert_str_eq(a, b, "%s differs:\n%s\n%s", name, a, b);
    free(a);
    free(b);
}

static void expect_same_bytes(const char *one, const char *two, const char *name)
{
    char a_path[600], b_path[600];
    size_t a_size, b_size;
    snprintf(a_path, sizeof a_path, "%s/%s", one, name);
    snprintf(b_path, sizeof b_path, "%s/%s", two, name);
    char *a = leadseq_file_read(a_path, 1 << 24, &a_size);
    char *b = leadseq_file_read(b_path, 1 << 24, &b_size);
    cr_assert(a && b && a_size == b_size && !memcmp(a, b, a_size), "%s differs", name);
    free(a);
    free(b);
}

static void expect_same_run(const struct leadseq_experiment *e, const char *data, const char *one,
                            const char *two)
{
    expect_same_text(one, two, "steps.tsv", 3);
    expect_same_text(one, two, "history.tsv", 1);
    expect_same_text(one, two, "metrics.json", 0);
    expect_same_text(one, two, "predictions-valid.tsv", 0);
    expect_same_text(one, two, "predictions-test.tsv", 0);
    expect_same_checkpoint(e, data, one, two, "last");
    expect_same_checkpoint(e, data, one, two, "best");
    expect_same_bytes(one, two, "checkpoints/last.h5");
    expect_same_bytes(one, two, "checkpoints/best.h5");
}

/* Steps in a run so far, by its table. */
static int steps_of(const char *run)
{
    char *steps = run_text(run, "steps.tsv");
    int n = count_lines(steps) - 1;
    free(steps);
    return n;
}

/* Stops it at every step from the first, through two ends of an epoch and their validations. */
static void expect_resumes(struct leadseq_experiment e)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 93});
    const char *whole = in_folder("whole"), *parts = in_folder("parts");
    cr_assert_trains(&e, data, whole, false);
    for (int step = 1; step <= 10; step++) {
        leadseq_stop_request(SIGTERM);
        cr_assert_trains(&e, data, parts, step > 1);
        cr_assert_eq(steps_of(parts), step);
    }
    leadseq_stop_request(SIGINT); // within the validation of the first epoch
    cr_assert_trains(&e, data, parts, true);
    char *history = run_text(parts, "history.tsv");
    cr_assert_eq(count_lines(history), 1);
    free(history);
    leadseq_stop_request(0);
    cr_assert_trains(&e, data, parts, true);
    expect_same_run(&e, data, whole, parts);
}

Test(resume, a_cnn_stopped_at_every_step_of_an_epoch_ends_with_the_same_bits)
{
    expect_resumes(
        TINY("train.schedule", "one-cycle", "model.dropout", "0.25", "train.optimizer", "adamw"));
}

Test(resume, a_convlstm_stopped_at_every_step_of_an_epoch_ends_with_the_same_bits)
{
    expect_resumes(TINY("model.type", "convlstm", "model.hidden", "[3]", "model.stem", "conv",
                        "data.leads", "shuffled", "data.standardise", "true", "train.epochs", "2"));
}

Test(resume, several_outputs_stopped_at_every_step_end_with_the_same_bits)
{
    expect_resumes(TINY("data.task", "[MI, NORM]", "train.epochs", "2"));
}

Test(resume, exclusive_classes_stopped_at_every_step_end_with_the_same_bits)
{
    expect_resumes(TINY("data.task", "superclass-single", "train.loss", "softmax", "train.epochs",
                        "2", "model.type", "convlstm", "model.hidden", "[3]"));
}

Test(resume, a_cnn_in_bf16_stopped_at_every_step_of_an_epoch_ends_with_the_same_bits)
{
    expect_resumes(TINY("train.precision", tiny_bf16(), "train.epochs", "2"));
}

Test(resume, steps_in_parts_stopped_at_every_step_end_with_the_same_bits)
{
    expect_resumes(TINY("train.accumulate", "4", "train.epochs", "2", "train.schedule", "cosine",
                        "train.warmup", "5", "model.dropout", "0.2"));
}

Test(resume, augmented_balanced_batches_stopped_at_every_step_end_with_the_same_bits)
{
    expect_resumes(TINY("train.accumulate", "2", "train.epochs", "2", "train.sampler", "balanced",
                        "data.augment", "heartnet", "train.class_weights", "balanced",
                        "train.monitor", "f1", "train.patience", "1"));
}

/* Moments begin again after the frozen epoch, at step 10: at which it is stopped, too. */
Test(resume, fine_tuning_stopped_at_every_step_of_the_frozen_epoch_ends_with_the_same_bits)
{
    expect_resumes(
        TINY("train.recipe", "fastai-fine-tune", "train.epochs", "2", "train.drop_last", "false"));
}

Test(resume, a_finished_run_resumes_to_itself)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *run = in_folder("run"), *copy = in_folder("copy");
    struct leadseq_experiment e = TINY("train.epochs", "2");
    cr_assert_trains(&e, data, run, false);
    cr_assert_trains(&e, data, copy, false);
    cr_assert_trains(&e, data, run, true);
    expect_same_run(&e, data, run, copy);
}

/* A child trains until it has taken some steps, and is killed on the spot. */
static void train_and_kill(const struct leadseq_experiment *e, const char *data, const char *run,
                           int steps)
{
    char path[600];
    snprintf(path, sizeof path, "%s/steps.tsv", run);
    pid_t child = fork();
    if (child == 0) _exit(tiny_train(e, data, run, leadseq_path_exists(run)) ? 1 : 0);
    for (double begun = leadseq_seconds(); leadseq_seconds() - begun < 60; usleep(500))
        if (steps == 0 ? leadseq_path_exists(run)
                       : leadseq_path_exists(path) && steps_of(run) >= steps)
            break;
    kill(child, SIGKILL);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status), "the child ended before it was killed");
}

Test(resume, a_run_killed_again_and_again_ends_with_the_same_bits)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *killed = in_folder("killed"), *whole = in_folder("whole");
    struct leadseq_experiment e = TINY("train.epochs", "6");
    static const int at[] = {0, 1, 10, 17, 31, 40};
    for (size_t i = 0; i < LEADSEQ_COUNT(at); i++) train_and_kill(&e, data, killed, at[i]);
    cr_assert_trains(&e, data, killed, true);
    cr_assert_trains(&e, data, whole, false);
    expect_same_run(&e, data, whole, killed);
}

/* --- What is refused ------------------------------------------------------------------------ */

Test(resume, what_is_not_there_cannot_go_on)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), true), -1);
    cr_assert_error_has("found nothing; leave out --resume");
    cr_assert_eq(leadseq_folder_make(in_folder("empty")), 0);
    cr_assert_trains(&e, data, in_folder("empty"), true); // killed in its first moment
}

struct change {
    const char *key, *value, *expected;
};

static const struct change changes[] = {
    {"train.lr", "0.02", "train.lr: the run was begun with 0.01, the experiment now says 0.02"},
    {"seed", "2", "seed: the run was begun with 1, the experiment now says 2"},
    {"train.epochs", "9", "train.epochs: the run was begun with 3"},
    {"model.hidden", "[4, 9]", "model.hidden: the run was begun with [4, 8]"},
    {"train.threads", "2", "train.threads: the run was begun with 1"},
    {"data.leads", "shuffled", "data.leads: the run was begun with ordered"},
};

Test(resume, another_experiment_is_refused_with_the_difference_named)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_trains(&e, data, in_folder("run"), false);
    for (size_t i = 0; i < LEADSEQ_COUNT(changes); i++) {
        struct leadseq_experiment other =
            TINY("train.max_steps", "1", changes[i].key, changes[i].value);
        cr_assert_eq(tiny_train(&other, data, in_folder("run"), true), -1);
        cr_assert_error_has(changes[i].expected);
    }
}

Test(resume, threads_left_to_the_machine_stay_what_they_were)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_trains(&e, data, in_folder("run"), false);
    struct leadseq_experiment any = TINY("train.max_steps", "1", "train.threads", "0");
    cr_assert_trains(&any, data, in_folder("run"), true);
}

Test(resume, another_stack_is_refused_and_a_moved_one_is_not)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    const char *other = tiny_write("b.h5", (struct tiny_stack){.n = 40, .first = 2});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_trains(&e, data, in_folder("run"), false);
    cr_assert_eq(tiny_train(&e, other, in_folder("run"), true), -1);
    cr_assert_error_has("expected the stack the run was begun with");
    cr_assert_eq(rename(data, in_folder("moved.h5")), 0);
    cr_assert_trains(&e, in_folder("moved.h5"), in_folder("run"), true);
}

static void overwrite(const char *path, long offset, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "r+b");
    cr_assert(f);
    fseek(f, offset, offset < 0 ? SEEK_END : SEEK_SET);
    cr_assert_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

Test(resume, damaged_checkpoints_are_refused_by_name)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    const char *last = in_folder("run/checkpoints/last.h5");
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_trains(&e, data, in_folder("run"), false);
    size_t size;
    char *whole = leadseq_file_read(last, 1 << 24, &size);
    cr_assert(whole);

    put_bytes("run/checkpoints/last.h5", whole, size / 2); // truncated
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), true), -1);
    cr_assert_error_has("last.h5");

    put_bytes("run/checkpoints/last.h5", "not HDF5 at all", 15);
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), true), -1);
    cr_assert_error_has("last.h5");

    char *foreign = leadseq_file_read(data, 1 << 24, &size);
    put_bytes("run/checkpoints/last.h5", foreign, size); // a stack
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), true), -1);
    cr_assert_error_has("expected a checkpoint of leadseq");
    free(foreign);
    free(whole);
}

/* One bit anywhere: refused, or in bytes nothing depends on. */
Test(resume, a_flipped_bit_never_changes_the_weights_unseen)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    const char *path = in_folder("run/checkpoints/best.h5");
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_trains(&e, data, in_folder("run"), false);
    struct held good;
    hold(&good, &e, data, in_folder("run"), "best");
    struct leadseq_params *p = leadseq_model_params(good.s.net.model);
    float *weights = malloc(p->count * sizeof *weights);
    memcpy(weights, p->value, p->count * sizeof *weights);
    size_t size;
    char *whole = leadseq_file_read(path, 1 << 24, &size);
    for (size_t i = 0; i < 60; i++) {
        long at = (long)(size * i / 60);
        char flipped = (char)(whole[at] ^ 4);
        struct train_state state = {0};
        overwrite(path, at, &flipped, 1);
        if (!train_checkpoint_read(path, &good.s.net, NULL, &state, 0))
            cr_assert(same_block(weights, p->value, p->count), "byte %ld", at);
        overwrite(path, at, &whole[at], 1);
    }
    free(whole);
    free(weights);
    release(&good);
}

Test(resume, a_cost_that_is_not_finite_stops_the_training_and_keeps_a_checkpoint)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *run = in_folder("run");
    struct leadseq_experiment e = TINY("train.epochs", "2");
    leadseq_stop_request(SIGTERM);
    cr_assert_trains(&e, data, run, false);
    leadseq_stop_request(0);
    struct held h;
    hold(&h, &e, data, run, "last");
    struct leadseq_params *p = leadseq_model_params(h.s.net.model);
    for (size_t i = 0; i < p->count; i++) p->value[i] = NAN;
    cr_assert_eq(
        train_checkpoint_write(in_folder("run/checkpoints/last.h5"), &h.s.net, &h.o, &h.state), 0);
    release(&h);
    cr_assert_eq(tiny_train(&e, data, run, true), -1);
    cr_assert_error_has("step 2: expected a finite cost");
    cr_assert(leadseq_path_exists(in_folder("run/checkpoints/last.h5")));
    char *steps = run_text(run, "steps.tsv"), *log = run_text(run, "log.txt");
    cr_assert(strstr(steps, "\n2\t1\tnan\t"), "%s", steps);
    cr_assert(strstr(log, "failed: "));
    free(steps);
    free(log);
}

/* The forward pass of the failing step moves the running statistics of batch norm, to NaN here. */
Test(resume, after_a_step_that_is_not_finite_the_checkpoint_has_the_statistics_from_before_it)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = TINY_RECORDS});
    const char *run = in_folder("run"), *last = in_folder("run/checkpoints/last.h5");
    struct leadseq_experiment e = TINY("train.epochs", "2");
    leadseq_stop_request(SIGTERM);
    cr_assert_trains(&e, data, run, false);
    leadseq_stop_request(0);
    struct held first, failed;
    hold(&first, &e, data, run, "last");
    struct leadseq_params *p = leadseq_model_params(first.s.net.model),
                          *before = leadseq_model_state(first.s.net.model);
    cr_assert(before->count > 0);
    float weight = p->value[0];
    p->value[0] = INFINITY; // of the first convolution, before batch norm
    cr_assert_eq(train_checkpoint_write(last, &first.s.net, &first.o, &first.state), 0);
    cr_assert_eq(tiny_train(&e, data, run, true), -1);
    cr_assert_error_has("step 2: expected a finite cost");
    hold(&failed, &e, data, run, "last");
    const struct leadseq_params *after = leadseq_model_state(failed.s.net.model);
    cr_assert(same_block(before->value, after->value, before->count));

    // what made the step fail is taken away (a smaller rate would do that): training continues
    leadseq_model_params(failed.s.net.model)->value[0] = weight;
    cr_assert_eq(train_checkpoint_write(last, &failed.s.net, &failed.o, &failed.state), 0);
    release(&failed);
    release(&first);
    cr_assert_trains(&e, data, run, true);
    hold(&failed, &e, data, run, "last");
    after = leadseq_model_state(failed.s.net.model);
    for (size_t i = 0; i < after->n_slices; i++)
        for (size_t k = 0; k < after->slice[i].count; k++)
            cr_assert(isfinite(after->value[after->slice[i].offset + k]));
    release(&failed);
}

Test(resume, two_processes_do_not_train_into_one_folder)
{
    const char *data = tiny_write("a.h5", (struct tiny_stack){.n = 40});
    struct leadseq_experiment e = TINY("train.max_steps", "1");
    cr_assert_trains(&e, data, in_folder("run"), false);
    struct leadseq_train_options options = {.out = in_folder("run"), .resume = true};
    struct leadseq_experiment resolved;
    struct train_folder f;
    cr_assert_eq(train_folder_experiment(options.out, &resolved), 0);
    cr_assert_eq(train_folder_open(&f, &resolved, &options), 0, "%s", leadseq_error());
    cr_assert_eq(tiny_train(&e, data, in_folder("run"), true), -1);
    cr_assert_error_has("is training into this folder");
    train_folder_close(&f);
    cr_assert_trains(&e, data, in_folder("run"), true);
}

/* --- Two at once ---------------------------------------------------------------------------- */

struct race {
    atomic_int ready, opened; /* of two */
    int won[2];
};

/* Child `i` asks for the folder when both are ready, and keeps it until both have asked. */
static void ask(struct race *race, int i, const struct leadseq_experiment *e, const char *out)
{
    struct train_folder f;
    struct leadseq_train_options options = {.out = out};
    atomic_fetch_add(&race->ready, 1);
    while (atomic_load(&race->ready) < 2) continue;
    race->won[i] = !train_folder_open(&f, e, &options);
    atomic_fetch_add(&race->opened, 1);
    while (atomic_load(&race->opened) < 2) usleep(100);
    if (race->won[i]) train_folder_close(&f);
    _exit(0);
}

Test(resume, of_two_trainings_begun_at_once_the_one_that_gets_the_folder_names_its_experiment)
{
    struct leadseq_experiment e[2] = {TINY("seed", "1"), TINY("seed", "2")}, found;
    for (int pair = 0; pair < 20; pair++) {
        char out[600];
        snprintf(out, sizeof out, "%s-%d", in_folder("run"), pair);
        struct race *race =
            mmap(NULL, sizeof *race, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        cr_assert_neq(race, MAP_FAILED);
        pid_t child[2];
        for (int i = 0; i < 2; i++)
            if ((child[i] = fork()) == 0) ask(race, i, &e[i], out);
        for (int i = 0; i < 2; i++) cr_assert_eq(waitpid(child[i], NULL, 0), child[i]);
        cr_assert_eq(race->won[0] + race->won[1], 1, "pair %d: %d and %d", pair, race->won[0],
                     race->won[1]);
        cr_assert_eq(train_folder_experiment(out, &found), 0, "%s", leadseq_error());
        cr_assert_eq(found.seed, race->won[0] ? 1 : 2, "pair %d", pair);
        munmap(race, sizeof *race);
    }
}
