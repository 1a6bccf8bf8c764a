/* SPDX-License-Identifier: MIT
 *
 * leadseq_train(): from an experiment and a stack to a finished run folder.
 *
 * On several ranks each call of train_ranks_verdict() is a meeting: rank 0 has done what only one
 * process may do (folder, files), and all learn whether it worked. A function that may fail on
 * rank 0 alone must not be left without one, or the others would wait in the next exchange. */
#include "evaluate.h"
#include "exchange/exchange.h"
#include "loop.h"
#include "memory.h"
#include "phase.h"
#include "ranks.h"
#include "records.h"
#include "share.h"
#include "work.h"

#include <stdlib.h>
#include <string.h>

/* Threads that were left to the machine stay what they were when the run began: the order of sums
 * in a pass depends on their number, and a resumed run must continue with the same bits. */
static int threads_of(const struct leadseq_train_options *options)
{
    struct leadseq_experiment e;
    if (!options->resume || !leadseq_folder_has(options->out, "experiment.yaml"))
        return options->threads;
    return train_folder_experiment(options->out, &e) ? -1 : e.train.threads;
}

static int compare_input(struct train_session *s, const char *path)
{
    struct train_input theirs;
    if (train_input_read(&theirs, path)) return -1;
    if (train_input_check(&theirs, s->stack)) return -1;
    if (strcmp(theirs.checksum, s->input.checksum))
        return leadseq_fail("%s: expected the stack the run was begun with (%s, %s), found %s, "
                            "%s; resume with that stack or begin another run",
                            leadseq_stack_path(s->stack), theirs.checksum, theirs.source,
                            s->input.checksum, s->input.source);
    s->input = theirs;
    return 0;
}

/* Mean and deviation of the pixels: those of the run if it is resumed, otherwise fitted now. They
 * are never fitted a second time, because a resumed run must scale its images exactly as before. */
static int settle_input(struct train_session *s, const struct train_folder *f)
{
    char *path = train_folder_file(f->path, "input.json");
    int status = path ? 0 : -1;
    if (!status && leadseq_path_exists(path))
        status = compare_input(s, path);
    else if (!status && !(status = train_fit_input(s)))
        status = train_input_write(&s->input, path);
    free(path);
    return status;
}

static int describe_machine(const struct train_session *s, const struct train_folder *f)
{
    struct train_environment env;
    train_environment_fill(&env, s->net.engine, s->stack);
    for (int part = 0; part < LEADSEQ_PARTS; part++) train_count_part(s, part, &env.part[part]);
    env.left_out = train_left_out(s, -1);
    env.patients_on_both_sides = s->split.patients_on_both_sides;
    env.records_of_those = s->split.records_of_those;
    if (leadseq_ranks() > 1)
        leadseq_info("%s, %d of them on this machine",
                     leadseq_count((size_t)leadseq_ranks(), "rank"), train_ranks_here());
    leadseq_info("%s on %s", env.engine, env.cpu[0] ? env.cpu : "an unknown processor");
    char *path = train_folder_file(f->path, "environment.json");
    int status = path ? 0 : -1;
    if (!status && !leadseq_path_exists(path))
        status = train_environment_write(&env, &s->input, path);
    free(path);
    return status;
}

/* How a stack without folds was split, and whom its patients cannot keep apart. */
static void describe_split(const struct train_session *s)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(s->stack);
    size_t n = leadseq_stack_count(s->stack), folds = 0, unknown = 0;
    if (s->e.data.split != LEADSEQ_SPLIT_PATIENT) return;
    for (size_t i = 0; i < n; i++) {
        folds += row[i].strat_fold > 0;
        unknown += row[i].patient_id < 0;
    }
    if (!folds)
        leadseq_info("the stack has no folds: its records are split by patient, shares of "
                     "training, validation and test %g, %g and %g (data.split, data.share)",
                     s->e.data.share[LEADSEQ_TRAIN], s->e.data.share[LEADSEQ_VALID],
                     s->e.data.share[LEADSEQ_TEST]);
    if (unknown)
        leadseq_info("%zu of %s %s no patient_id: each is a patient of its own, and "
                     "several records of one person may be on both sides",
                     unknown, leadseq_count(n, "record"), unknown == 1 ? "has" : "have");
}

static int describe_data(const struct train_session *s)
{
    describe_split(s);
    char *left_out = train_left_out_text(s);
    if (!left_out) return -1;
    if (*left_out) leadseq_info("%s", left_out);
    free(left_out);
    for (int part = 0; part < LEADSEQ_PARTS; part++) {
        char *text = train_counts_text(s, part);
        if (!text) return -1;
        leadseq_info("%s: %s", leadseq_part_name[part], text);
        free(text);
    }
    if (s->split.patients_on_both_sides)
        leadseq_warn("%s %s both in training and in validation or test, with %s there: scores will "
                     "be too good; data.split: patient keeps them apart",
                     leadseq_count(s->split.patients_on_both_sides, "patient"),
                     s->split.patients_on_both_sides == 1 ? "is" : "are",
                     leadseq_count(s->split.records_of_those, "record"));
    train_warn_of_classes(s);
    if (!s->split.n[LEADSEQ_VALID])
        leadseq_warn("no validation records: no epoch can be called the best, so that the last is "
                     "kept and evaluated, and the threshold is 0.5");
    return 0;
}

/* The caller prints the message; the run's own log records it too. */
static void log_failure(const struct train_folder *f)
{
    char when[32];
    leadseq_timestamp(when);
    fprintf(f->log, "%s failed: %s\n", when, leadseq_error());
}

/* Counts of the training part go into metrics.json, although it is not evaluated: a comparison
 * builds the constant classifier from them. */
static int count_training(const struct train_session *s, const struct train_folder *f)
{
    struct train_part counts;
    char *metrics = train_folder_file(f->path, "metrics.json");
    train_count_part(s, LEADSEQ_TRAIN, &counts);
    int status =
        metrics ? train_counts_write(&counts, leadseq_part_name[LEADSEQ_TRAIN], metrics) : -1;
    free(metrics);
    return status;
}

/* Validation and test parts by the best checkpoint, which rank 0 reads and gives to the others;
 * all of them predict. */
static int finish(struct train_session *s, const struct train_folder *f)
{
    struct train_state state = {0};
    char *best = train_folder_file(f->path, "checkpoints/best.h5");
    int status = best ? 0 : -1;
    if (!status && !leadseq_rank()) status = train_checkpoint_read(best, &s->net, NULL, &state, 0);
    if (!status && !leadseq_rank()) status = count_training(s, f);
    free(best);
    if (train_ranks_verdict(status)) return -1;
    train_share_network(&s->net);
    train_share_place(&state);
    struct train_evaluation how =
        train_evaluation_of(f->path, LEADSEQ_BEST, &s->e.data.task, &state);
    for (int part = LEADSEQ_VALID; !status && part <= LEADSEQ_TEST; part++)
        if (s->split.n[part]) status = train_evaluate(s, &how, part);
    if (status == 1)
        leadseq_info("%s: trained, but stopped by a signal while evaluating; the same command "
                     "with --resume continues",
                     f->path);
    return status;
}

/* What a run that is resumed has of its scores, to which the end of the training adds. */
static int check_scores(const struct train_folder *f)
{
    char *metrics = train_folder_file(f->path, "metrics.json");
    int status = metrics ? train_scores_check(metrics) : -1;
    free(metrics);
    return status;
}

/* The folder and all that is written before training begins; rank 0's work. */
static int open_folder(struct train_session *s, struct train_folder *f,
                       const struct leadseq_train_options *options)
{
    if (train_folder_open(f, &s->e, options)) return -1;
    if (check_scores(f) || settle_input(s, f)) return -1;
    leadseq_log_file(f->log); // of a run that was there too: nothing refuses to continue it
    return describe_machine(s, f);
}

/* Other ranks know the folder's name, and write nothing. What rank 0 found there decides what all
 * do: whether the run is resumed, and how records are scaled. */
static int enter_folder(struct train_session *s, struct train_folder *f,
                        const struct leadseq_train_options *options)
{
    *f = (struct train_folder){.lock = -1};
    int status = leadseq_rank() ? 0 : open_folder(s, f, options);
    if (leadseq_rank() && !(f->path = leadseq_format("%s", options->out))) status = -1;
    if (train_ranks_verdict(status)) return -1;
    train_ranks_share(&f->resumed, sizeof f->resumed);
    train_ranks_share(&s->input, sizeof s->input);
    return status;
}

/* The lock of the folder is held from train_folder_open() to train_folder_close(), so also while
 * the finished run is evaluated: another process that resumes it finds either a locked or a
 * complete run. */
static int train_into(struct train_session *s, const struct leadseq_train_options *options)
{
    struct train_folder f;
    int status = enter_folder(s, &f, options);
    bool refused = status && f.resumed; // which leaves the run as it is
    if (!status) {
        status = describe_data(s);
        if (!status) status = train_loop(s, &f, options->hooks);
    }
    if (!status) status = finish(s, &f);
    if (status < 0 && f.log && !refused) log_failure(&f);
    train_folder_close(&f);
    return status < 0 ? -1 : 0;
}

static int check_patience(const struct train_session *s)
{
    if (!s->e.train.patience || s->split.n[LEADSEQ_VALID]) return 0;
    return leadseq_fail("train.patience: %d needs validation records, found none; give "
                        "data.valid a fold",
                        s->e.train.patience);
}

/* Before the stack is opened; threads as rank 0 finds them in the folder. */
static int look_at_folder(const struct leadseq_train_options *options, int *threads)
{
    int status = 0;
    *threads = 0;
    if (!leadseq_rank()) status = train_folder_probe(options->out, options->resume);
    if (!leadseq_rank() && !status) *threads = threads_of(options);
    if (train_ranks_verdict(*threads < 0 ? -1 : status)) return -1;
    train_ranks_share(threads, sizeof *threads);
    return 0;
}

/* Every rank opens the stack itself, perhaps from another disk. If contents differed, ranks would
 * train on different records without any visible sign, so the checksums must agree. */
static int compare_stacks(const struct train_session *s)
{
    char theirs[sizeof s->input.checksum];
    memcpy(theirs, s->input.checksum, sizeof theirs);
    train_ranks_share(theirs, sizeof theirs);
    if (!strcmp(theirs, s->input.checksum)) return 0;
    return leadseq_fail(
        "%s: expected the stack rank 0 has (%s), found another (%s); give all ranks "
        "the same file",
        leadseq_stack_path(s->stack), theirs, s->input.checksum);
}

/* model.weights, where a training begins: rank 0 reads the file. */
static int load_weights(struct train_session *s, const struct leadseq_train_options *options)
{
    int status = 0;
    int given = strcmp(s->e.weights, "none") != 0;
    if (options->resume && leadseq_folder_has(options->out, "checkpoints/last.h5")) given = 0;
    train_ranks_share(&given, sizeof given);
    if (!given) return 0;
    if (!leadseq_rank())
        status = leadseq_weights_load(s->net.model, s->e.weights, s->e.weights_strict);
    if (train_ranks_verdict(status)) return -1;
    train_share_network(&s->net);
    return 0;
}

int leadseq_train(const struct leadseq_experiment *e, const struct leadseq_train_options *options)
{
    struct train_session s;
    int threads;
    if (train_ranks_check(e) || look_at_folder(options, &threads) ||
        train_session_open(&s, e, options->data, threads))
        return -1;
    // what does not fit in memory is refused before a folder is made
    int status = check_patience(&s);
    if (!status) status = compare_stacks(&s);
    if (!status) status = train_phase_check(&s);
    if (!status) status = train_memory_check(&s);
    if (!status) status = leadseq_model_prepare(s.net.model, LEADSEQ_TRAINING);
    if (!status) status = load_weights(&s, options);
    if (!status) status = train_into(&s, options);
    train_session_close(&s);
    return status;
}
