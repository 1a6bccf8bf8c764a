/* SPDX-License-Identifier: MIT
 *
 * leadseq diagnose: why a run failed, or that it did not; with --remedies, which
 * changes undo it. The verdict says what it needs; here it is rehearsed and trained. */
#include "options.h"
#include "run.h"
#include "status.h"

#include "page/page.h"
#include "sweep/sweep.h"
#include "verdict/verdict.h"

#include <stdlib.h>

struct arguments {
    const char *run, *out;
    char *trained; /* the run of an experiment that was given */
    struct leadseq_verdict_options options;
    struct leadseq_remedies_options remedies;
    bool tries;
};

static const struct cli_option options[] = {
    {NULL, "RUN|EXPERIMENT.yaml", &cli_input, FIELD(run), .required = true},
    {"data", "FILE.h5", &cli_input, FIELD(options.data),
     "Stack the run was trained on (default: where the run found it)"},
    {"out", "DIR", &cli_out_folder, FIELD(out),
     "Folder of diagnosis.html, .md, .json and figures (default: the run's)"},
    {"no-rehearsal", NULL, &cli_off, FIELD(options.rehearse),
     "Judge by what the run stored; do not measure now what its probes left out"},
    {"remedies", NULL, &cli_on, FIELD(tries),
     "Try changes that could cure the run, each in a short training"},
    {"steps", "N", &cli_integer, FIELD(remedies.steps),
     "Steps of each such training (default 200; 0: by epochs)", .most = 2000000000},
    {"epochs", "N", &cli_integer, FIELD(remedies.epochs),
     "At most N epochs each (default: as the run's experiment)", .least = 1, .most = 1000000,
     .with = "remedies"},
    {"records", "N", &cli_integer, FIELD(remedies.limit),
     "At most N training records each (default: all)", .most = 1000000000, .with = "remedies"},
    {"pairs", "N", &cli_integer, FIELD(remedies.paired),
     "Combine the N most promising changes in pairs (default 4; 0: none)", .most = 8,
     .with = "remedies"},
    {"only", "NAMES", &cli_text, FIELD(remedies.only),
     "Try these changes only, such as loss-logits,head-mean", .with = "remedies"},
    {"fixed-mv", "FILE.h5", &cli_input, FIELD(remedies.fixed_mv),
     "The same records rendered with --profile fixed-mv, for the change of that name",
     .with = "remedies"},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->options.rehearse = true;
    a->options.command_line = cli_command_line();
    a->remedies.steps = -1; // not given
    a->remedies.paired = 4;
}

/* --steps is also how far an experiment is trained first. */
static int check(void *arguments)
{
    struct arguments *a = arguments;
    if (a->remedies.steps >= 0 && !a->tries && leadseq_path_is_folder(a->run))
        return leadseq_fail("--steps has no effect on a run without --remedies; give both or "
                            "neither");
    if (a->remedies.steps < 0) a->remedies.steps = 200;
    return 0;
}

/* An experiment file is trained first, as far as a remedy would be, into OUT/run. */
static int train_first(struct arguments *a, struct leadseq_experiment *e)
{
    if (!a->options.data || !a->out)
        return leadseq_fail(
            "%s: an experiment is trained before it is diagnosed: give --data FILE.h5 "
            "and --out DIR",
            a->run);
    if (leadseq_experiment_read(e, a->run)) return -1;
    if (a->remedies.steps && (!e->train.max_steps || e->train.max_steps > a->remedies.steps))
        e->train.max_steps = a->remedies.steps;
    a->trained = leadseq_path_join(a->out, "run");
    struct leadseq_probes *probes = a->trained ? leadseq_probes_new() : NULL;
    if (!probes) return -1;
    struct leadseq_train_options how = {
        .data = a->options.data, .out = a->trained, .hooks = leadseq_probes_hooks(probes)};
    how.resume = leadseq_path_exists(a->trained);
    int status = leadseq_train(e, &how);
    leadseq_probes_free(probes);
    a->run = a->trained;
    return status ? -1 : leadseq_run_experiment(a->run, e);
}

/* --- What a verdict asks for ------------------------------------------------------------------ */

static int rehearse(const struct leadseq_request *r)
{
    struct leadseq_probe_options how = {
        .data = r->data, .out = r->out, .from = r->from, .groups = r->groups, .steps = r->steps};
    return leadseq_probe_run(r->run, r->e, &how);
}

/* A bar of the training's steps, whose number is known when it begins. */
static int show_begin(void *bar, const struct leadseq_training *training)
{
    struct leadseq_progress **shown = bar;
    *shown = leadseq_progress_new("comparison", "steps", (size_t)training->total);
    leadseq_progress_show_only(*shown);
    leadseq_progress_show(true);
    return *shown ? 0 : -1;
}

static int show_start(void *bar, uint64_t step)
{
    leadseq_progress_step(*(struct leadseq_progress **)bar, (size_t)step, NULL);
    return 0;
}

static int show_step(void *bar, struct leadseq_step *step)
{
    (void)step;
    leadseq_progress_step(*(struct leadseq_progress **)bar, 1, NULL);
    return 0;
}

/* Only that bar and warnings are shown meanwhile: bars and lines of such a training would hide what
 * is said about the run. */
static int train_for_comparison(const struct leadseq_request *r)
{
    struct leadseq_progress *bar = NULL;
    const struct leadseq_hooks hooks = {
        .user = &bar, .begin = show_begin, .start = show_start, .after = show_step};
    struct leadseq_train_options how = {
        .data = r->data, .out = r->out, .resume = leadseq_path_exists(r->out), .hooks = &hooks};
    bool shows = leadseq_progress_show(false);
    const enum leadseq_log_level level = leadseq_log_level(LEADSEQ_LOG_WARN);
    int status = leadseq_train(r->e, &how);
    leadseq_log_level(level);
    leadseq_progress_show(shows);
    leadseq_progress_free(bar);
    leadseq_progress_show_only(NULL);
    return status;
}

static int answer(struct leadseq_verdict *v)
{
    struct leadseq_request request;
    int status;
    while ((status = leadseq_verdict_next(v, &request)) == 1) {
        leadseq_info("%s", request.says);
        int done = request.run ? rehearse(&request) : train_for_comparison(&request);
        if (leadseq_verdict_done(v, done)) return -1;
    }
    return status;
}

/* --- Remedies --------------------------------------------------------------------------------- */

static void *watch_trial(void *user, const struct leadseq_hooks **hooks)
{
    (void)user;
    struct leadseq_probes *probes = leadseq_probes_new();
    if (probes) *hooks = leadseq_probes_hooks(probes);
    return probes;
}

static void unwatch_trial(void *probes)
{
    leadseq_probes_free(probes);
}

static int end_trial(void *user, size_t i, int status)
{
    (void)i; // they end in order
    return leadseq_remedies_done(user, status);
}

static int train_level(struct leadseq_remedies *l, const char *label,
                       const struct leadseq_remedy *remedy, size_t n)
{
    const struct leadseq_trials how = {.label = label,
                                       .user = l,
                                       .watch = watch_trial,
                                       .unwatch = unwatch_trial,
                                       .ended = end_trial};
    struct leadseq_trial *trial = leadseq_calloc(n, sizeof *trial);
    if (!trial) return -1;
    for (size_t i = 0; i < n; i++)
        trial[i] = (struct leadseq_trial){.name = remedy[i].name,
                                          .data = remedy[i].data,
                                          .out = remedy[i].out,
                                          .e = &remedy[i].e,
                                          .steps = remedy[i].steps,
                                          .done = remedy[i].done};
    int status = leadseq_trials_run(trial, n, &how);
    free(trial);
    return status < 0 ? -1 : 0;
}

static int try_remedies(struct leadseq_verdict *v, const struct leadseq_remedies_options *how)
{
    struct leadseq_remedies *l = leadseq_remedies_open(v, how);
    struct leadseq_remedy *remedy;
    const char *label;
    size_t n;
    int status = l ? 1 : -1;
    while (status == 1 && (status = leadseq_remedies_next(l, &label, &remedy, &n)) == 1)
        if (train_level(l, label, remedy, n)) status = -1;
    if (!status) status = leadseq_remedies_write(l);
    if (!status) status = leadseq_verdict_write(v, l);
    if (!status) status = leadseq_remedies_print(l, stdout);
    leadseq_remedies_free(l);
    return status;
}

/* --- The command ------------------------------------------------------------------------------ */

/* What is found is written before remedies are tried, since those may take hours. */
static int diagnose_run(const struct arguments *a, const struct leadseq_experiment *e)
{
    if (a->tries && leadseq_remedies_check(e, &a->remedies)) return -1;
    struct leadseq_verdict *v = leadseq_verdict_open(a->run, e, &a->options);
    int status = v ? answer(v) : -1;
    if (!status) status = leadseq_verdict_write(v, NULL);
    if (!status) status = leadseq_verdict_print(v, stdout);
    if (!status && a->tries) status = try_remedies(v, &a->remedies);
    leadseq_verdict_free(v);
    return status;
}

/* What the run has of them; a diagnosis without a damaged one would be another. */
static int check_files(const char *run)
{
    static const char *const names[] = {"environment.json", "metrics.json"};
    for (size_t i = 0; i < LEADSEQ_COUNT(names); i++) {
        struct leadseq_json *json;
        if (leadseq_json_read_optional(&json, run, names[i])) return -1;
        leadseq_json_free(json);
    }
    return 0;
}

/* One diagnosis at a time in a folder: what is measured and drawn is read again from there. */
static int diagnose_alone(const struct arguments *a, const struct leadseq_experiment *e)
{
    int lock = -1;
    if (leadseq_folder_make(a->options.out) || leadseq_lock_claim(a->options.out, &lock)) return -1;
    int status = diagnose_run(a, e);
    if (leadseq_stop_signal())
        status =
            leadseq_fail("stopped by %s; %s keeps what was found and trained so far, and the same "
                         "command continues",
                         leadseq_stop_name(), a->options.out);
    leadseq_lock_release(lock);
    return status;
}

/* A stack that is named is needed: that it cannot be read is no matter of a note. */
static int check_stack(const char *path)
{
    struct leadseq_stack *stack = path ? leadseq_stack_open(path) : NULL;
    leadseq_stack_close(stack);
    return path && !stack ? -1 : 0;
}

static int diagnose(struct arguments *a)
{
    struct leadseq_experiment e;
    a->options.out = a->out ? a->out : a->run;
    if (leadseq_verdict_check_place(a->options.out, a->run) || check_stack(a->options.data))
        return -1;
    bool file = leadseq_path_exists(a->run) && !leadseq_path_is_folder(a->run);
    if (file ? train_first(a, &e) : leadseq_run_experiment(a->run, &e)) return -1;
    if (leadseq_stop_signal()) return 0;
    if (check_files(a->run)) return -1;
    return diagnose_alone(a, &e);
}

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    free(a->trained);
}

static int run(void *arguments)
{
    struct arguments *a = arguments;
    if (diagnose(a)) return cli_failed();
    if (!leadseq_stop_signal())
        printf("\nDiagnosis: %s/diagnosis.html\n", leadseq_plain(a->options.out));
    return CLI_DONE;
}

const struct cli_command cli_diagnose = {
    .name = "diagnose",
    .summary = "explain why a run failed, or confirm that nothing is wrong",
    .usage = "RUN|EXPERIMENT.yaml",
    .about = "Explains what happened in a run, at which step, by which mechanism, with the numbers "
             "measured and what to change. The run may be unfinished or still in progress. An "
             "experiment is trained for --steps first.",
    .examples = "Examples:\n"
                "  leadseq diagnose run --out run/diagnosis\n"
                "  leadseq diagnose run --remedies --steps 300 --records 200\n"
                "  leadseq diagnose experiment.yaml --data stack.h5 --out diagnosis",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .check = check,
    .clear = clear,
    .run = run,
    .in_step = true,
};
