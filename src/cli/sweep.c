/* SPDX-License-Identifier: MIT
 *
 * leadseq sweep: an experiment in many settings, a run folder for each, and one
 * table at the end. Plans and jobs are train's, the table is report's; here they
 * are asked for, one after the other, at once, or from Slurm. */
#include "cli_private.h"

#include "sweep/sweep.h"

#include "report/report.h"
#include "verdict/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *plan; /* an experiment file, or a sweep's folder */
    const char *data, *out;
    int job; /* from 1; 0: all */
    bool table, print, dry_run, slurm;
    struct cli_paths overrides;
    struct leadseq_origins origins; /* of the base's values */
    struct sweep_options options;
};

enum {
    DATA = 256,
    OUT,
    JOBS,
    KEEP_GOING,
    JOB,
    TABLE,
    PRINT,
    DRY_RUN,
    THREADS,
    SLURM,
    SLURM_OPTIONS,
    SLURM_DRY_RUN
};

static const struct argp_option options[] = {
    {"data", DATA, "FILE.h5", 0, "Stack to train on", 0},
    {"out", OUT, "DIR", 0, "Folder of the sweep; one that holds this very sweep is gone on with",
     0},
    {"jobs", JOBS, "N", 0,
     "So many jobs at once (default: 1); the processors are divided among them", 0},
    {"keep-going", KEEP_GOING, NULL, 0, "Go on with the others when a job fails", 0},
    {"threads", THREADS, "N", 0, "Threads of each job whose experiment leaves them open", 0},
    {"print", PRINT, NULL, 0, "Print the jobs, and what they have in common; do not train", 0},
    {"dry-run", DRY_RUN, NULL, 0, "The same, with shapes, memory and time; do not train", 0},
    {"table", TABLE, NULL, 0, "Make the table of what is finished in DIR again", 0},
    {"job", JOB, "N", 0, "Run job N of DIR in this process, as a job array does", 0},
    {"slurm", SLURM, NULL, 0, "Submit the jobs to Slurm as an array, the table behind it", 1},
    {"slurm-options", SLURM_OPTIONS, "WORDS", 0,
     "Options of sbatch, as \"--partition=cpu --time=2:00:00\"", 1},
    {"slurm-dry-run", SLURM_DRY_RUN, NULL, 0, "Write Slurm's scripts and do not submit them", 1},
    {0},
};

static error_t parse_mode(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case JOB:
        a->job = (int)cli_integer(state, "--job", text, 1, LEADSEQ_SWEEP_JOBS_MOST);
        return 0;
    case TABLE:
        a->table = true;
        return 0;
    case PRINT:
        a->print = true;
        return 0;
    case DRY_RUN:
        a->dry_run = true;
        return 0;
    case SLURM_DRY_RUN:
        a->slurm = true;
        a->options.submit = false;
        return 0;
    case SLURM:
        a->slurm = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* What is asked for must be about a folder, or about a file and a folder to be. */
static void check(const struct arguments *a, struct argp_state *state)
{
    bool looks = a->print || a->dry_run;
    cli_need(state, "EXPERIMENT.yaml or a sweep's folder", a->plan);
    if (leadseq_path_is_folder(a->plan)) {
        if (a->overrides.n || a->out)
            argp_error(state,
                       "%s: a sweep's plan stands; give its experiment file and another --out "
                       "for a new one",
                       a->plan);
        return;
    }
    if (a->job || a->table) argp_error(state, "expected a sweep's folder, found '%s'", a->plan);
    if (!a->print) cli_need(state, "--data FILE.h5", a->data);
    if (!looks) cli_need(state, "--out DIR", a->out);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case DATA:
        a->data = text;
        return 0;
    case OUT:
        a->out = text;
        return 0;
    case JOBS:
        a->options.jobs = (int)cli_integer(state, "--jobs", text, 1, 4096);
        return 0;
    case THREADS:
        a->options.threads = (int)cli_integer(state, "--threads", text, 0, 4096);
        return 0;
    case KEEP_GOING:
        a->options.keep_going = true;
        return 0;
    case SLURM_OPTIONS:
        a->options.slurm = text;
        return 0;
    case ARGP_KEY_ARG:
        if (a->plan) return cli_paths_add(&a->overrides, text) ? ENOMEM : 0;
        a->plan = text;
        return 0;
    case ARGP_KEY_END:
        check(a, state);
        return 0;
    default:
        return parse_mode(key, text, state);
    }
}

/* --- What there is to do --------------------------------------------------------------------- */

static int run_job(const struct leadseq_sweep *s, const struct arguments *a)
{
    if ((size_t)a->job > s->n_jobs) {
        leadseq_fail("%s: expected a job from 1 to %zu, found %d", s->folder, s->n_jobs, a->job);
        return cli_failed();
    }
    struct leadseq_probes *probes = leadseq_probes_new();
    if (!probes) return cli_failed();
    struct leadseq_job_options how = {
        .threads = a->options.threads,
        .hooks = leadseq_probes_hooks(probes),
    };
    int status = leadseq_sweep_run(s, (size_t)a->job - 1, &how);
    leadseq_probes_free(probes);
    return status ? cli_failed() : cli_finished();
}

/* Whether "train.lr=1e-3,1e-4" is one of the keys that are swept over. */
static bool is_swept(const struct leadseq_sweep *s, const char *assignment)
{
    size_t n = strcspn(assignment, "=");
    for (size_t k = 0; k < s->n_keys; k++)
        if (strlen(s->key[k]) == n && !strncmp(s->key[k], assignment, n)) return true;
    return false;
}

/* The base with the origin of every value, of a file's plan; as it stands, of a folder's. */
static int print_base(const struct leadseq_sweep *s, const struct arguments *a)
{
    struct leadseq_origins origins = a->origins; // its remarks stay the arguments'
    if (!origins.remark) return leadseq_experiment_write(&s->base, stdout);
    for (size_t i = 0; i < a->overrides.n; i++) {
        const char *given = a->overrides.path[i];
        if (leadseq_origins_note(&origins, given,
                                 is_swept(s, given) ? "swept over, see below" : "command line"))
            return -1;
    }
    return leadseq_origins_print(&origins, &s->base, stdout);
}

static int print_plan(const struct leadseq_sweep *s, const struct arguments *a)
{
    if (print_base(s, a)) return -1;
    printf("\n%zu jobs\n", s->n_jobs);
    for (size_t job = 0; job < s->n_jobs; job++) {
        char *setting = leadseq_sweep_setting(s, job);
        if (!setting) return -1;
        printf("%04zu %s\n", job + 1, setting);
        free(setting);
    }
    return 0;
}

static void print_duration(double seconds)
{
    const long t = (long)(seconds + 0.5);
    printf("%ld:%02ld:%02ld", t / 3600, t / 60 % 60, t % 60);
}

/* One job's line; its seconds are added. */
static int forecast_job(const struct leadseq_sweep *s, const char *data, int threads, size_t job,
                        double *seconds)
{
    struct leadseq_experiment e;
    struct leadseq_forecast f;
    if (leadseq_sweep_experiment(s, job, &e) || leadseq_train_estimate(&e, data, threads, &f))
        return leadseq_fail_in("job %04zu", job + 1);
    printf("%04zu ", job + 1);
    print_duration(f.seconds);
    printf(", %.1f MB, %.3g s a step\n", (double)f.bytes / 1e6, f.step_s);
    fflush(stdout);
    *seconds += f.seconds;
    return 0;
}

/* Some jobs, evenly taken from all, stand for the others. */
static int forecast(const struct leadseq_sweep *s, const struct arguments *a)
{
    enum { MEASURED_MOST = 8 };
    const char *data = a->data ? a->data : s->data;
    const int at_once = a->options.jobs > 1 ? a->options.jobs : 1;
    int threads = a->options.threads ? a->options.threads : leadseq_processors() / at_once;
    size_t n = s->n_jobs < MEASURED_MOST ? s->n_jobs : MEASURED_MOST;
    double seconds = 0;
    if (threads < 1) threads = 1;
    printf("\nMeasured on %zu of them, each alone, by a few of its steps:\n", n);
    for (size_t i = 0; i < n; i++)
        if (forecast_job(s, data, threads, i * s->n_jobs / n, &seconds)) return -1;
    printf("All %zu jobs: about ", s->n_jobs);
    print_duration(seconds / (double)n * ceil((double)s->n_jobs / at_once));
    printf(", %d at once, %d threads each unless train.threads says otherwise\n", at_once, threads);
    return 0;
}

static int look(const struct leadseq_sweep *s, const struct arguments *a)
{
    if (print_plan(s, a)) return cli_failed();
    if (!a->dry_run) return CLI_DONE;
    struct leadseq_experiment e;
    const char *data = a->data ? a->data : s->data;
    puts("\nThe first job:");
    if (leadseq_sweep_experiment(s, 0, &e) || leadseq_train_summary(&e, data, stdout))
        return cli_failed();
    return forecast(s, a) ? cli_failed() : cli_finished();
}

static int work(const struct leadseq_sweep *s, const struct arguments *a)
{
    if (a->job) return run_job(s, a);
    if (a->table) return sweep_table(s, cli_command_line()) ? cli_failed() : CLI_DONE;
    if (a->slurm) return sweep_slurm(s, &a->options) ? cli_failed() : CLI_DONE;
    return sweep_local(s, &a->options) ? cli_failed() : cli_finished();
}

/* --- The plan ------------------------------------------------------------------------------------
 */

static int plan(struct leadseq_sweep *s, struct arguments *a)
{
    struct leadseq_experiment base;
    if (leadseq_origins_init(&a->origins)) return cli_failed();
    if (leadseq_experiment_read_from(&base, &a->origins, a->plan)) return cli_failed();
    if (leadseq_sweep_plan(s, &base, a->overrides.path, a->overrides.n)) {
        cli_failed();
        return CLI_USAGE;
    }
    if (a->print || a->dry_run) return CLI_DONE;
    return leadseq_sweep_begin(s, a->out, a->data) ? cli_failed() : CLI_DONE;
}

static int run(struct arguments *a)
{
    struct leadseq_sweep s = {0};
    leadseq_stop_install();
    int status = leadseq_path_is_folder(a->plan)
                     ? leadseq_sweep_open(&s, a->plan, a->data) ? cli_failed() : CLI_DONE
                     : plan(&s, a);
    if (status == CLI_DONE) status = a->print || a->dry_run ? look(&s, a) : work(&s, a);
    leadseq_sweep_clear(&s);
    return status;
}

int cli_sweep(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "EXPERIMENT.yaml KEY=VALUE[,VALUE...]... --data FILE.h5 --out DIR\nDIR",
        .doc =
            "Trains an experiment in every combination of the values given, a numbered run folder "
            "each, and ends in one table with mean and spread over seeds. Values are "
            "separated by commas; 1..5, 0..0.5:0.1 and 1e-5..1e-2:log4 are ranges; [16],[16,32] "
            "are two lists. The same command, or the folder alone, goes on where a sweep was "
            "interrupted.\v"
            "Examples:\n"
            "  leadseq sweep experiments/cnn-stack/experiment.yaml train.lr=1e-3,1e-4 seed=1..5 "
            "--data stack.h5 --out sweep --jobs 2\n"
            "  leadseq sweep sweep --keep-going\n"
            "More in doc/clusters.md and doc/experiment.md.",
    };
    struct arguments a = {.options = {.submit = true, .command_line = cli_command_line()}};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int status = run(&a);
    leadseq_origins_clear(&a.origins);
    cli_paths_clear(&a.overrides);
    return status;
}
