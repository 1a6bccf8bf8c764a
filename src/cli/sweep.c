/* SPDX-License-Identifier: MIT
 *
 * leadseq sweep: an experiment in many settings, a run folder for each, and one
 * table at the end. Plans and jobs are train's, the table is report's; here they
 * are started: one after the other, several at once, or by Slurm. */
#include "options.h"
#include "status.h"

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
    bool table, print, dry_run, slurm, slurm_dry_run;
    struct cli_paths overrides;
    struct leadseq_origins origins; /* of the base's values */
    struct sweep_options options;
};

static const struct cli_option options[] = {
    {NULL, "EXPERIMENT.yaml or a sweep's folder", &cli_input, FIELD(plan), .required = true},
    {NULL, "KEY=VALUE", &cli_paths, FIELD(overrides)},
    {"data", "FILE.h5", &cli_input, FIELD(data), "Stack to train on"},
    {"out", "DIR", &cli_out_folder, FIELD(out),
     "Folder of the sweep; one with exactly this sweep is continued"},
    {"jobs", "N", &cli_integer, FIELD(options.jobs),
     "Run N jobs at the same time (default 1, with Slurm all); processors are divided among them",
     .least = 1, .most = 4096, .without = "job|table"},
    {"keep-going", NULL, &cli_on, FIELD(options.keep_going),
     "Continue with the other jobs when one fails", .without = "job|table"},
    {"threads", "N", &cli_integer, FIELD(options.threads),
     "Threads of each job whose experiment does not set them", .most = 4096, .without = "table"},
    {"print", NULL, &cli_on, FIELD(print),
     "Print the jobs, and what they have in common; do not train"},
    {"dry-run", NULL, &cli_on, FIELD(dry_run),
     "Print the same with shapes, memory and time; do not train"},
    {"table", NULL, &cli_on, FIELD(table), "Write the table of the finished jobs in DIR again",
     .without = "job|slurm|slurm-dry-run"},
    {"job", "N", &cli_integer, FIELD(job), "Run job N of DIR in this process, as a job array does",
     .least = 1, .most = LEADSEQ_SWEEP_JOBS_MOST, .without = "slurm|slurm-dry-run"},
    {.help = "On a cluster:"},
    {"slurm", NULL, &cli_on, FIELD(slurm),
     "Submit the jobs to Slurm as an array, followed by the table"},
    {"slurm-options", "WORDS", &cli_text, FIELD(options.slurm),
     "Options of sbatch, such as \"--partition=cpu --time=2:00:00\"",
     .with = "slurm|slurm-dry-run"},
    {"slurm-dry-run", NULL, &cli_on, FIELD(slurm_dry_run),
     "Write Slurm's scripts and do not submit them"},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->options.command_line = cli_command_line();
}

static void clear(void *arguments)
{
    struct arguments *a = arguments;
    leadseq_origins_clear(&a->origins);
    cli_paths_clear(&a->overrides);
}

/* The plan is either the folder of a sweep, or an experiment file for a folder to be made. */
static int check(void *arguments)
{
    struct arguments *a = arguments;
    bool looks = a->print || a->dry_run;
    a->options.submit = !a->slurm_dry_run;
    a->slurm |= a->slurm_dry_run;
    if (leadseq_path_is_folder(a->plan)) {
        if (!a->overrides.n && !a->out) return 0;
        return leadseq_fail("%s: the plan of a sweep is fixed; for a new plan give its experiment "
                            "file and another --out",
                            a->plan);
    }
    if (a->job || a->table) return leadseq_fail("expected a sweep's folder, found '%s'", a->plan);
    if (!a->print && !a->data) return leadseq_fail("--data FILE.h5 is missing");
    if (!looks && !a->out) return leadseq_fail("--out DIR is missing");
    return 0;
}

/* --- Actions --------------------------------------------------------------------- */

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
    return status ? cli_failed() : CLI_DONE;
}

/* Whether "train.lr=1e-3,1e-4" is one of the keys that are swept over. */
static bool is_swept(const struct leadseq_sweep *s, const char *assignment)
{
    size_t n = strcspn(assignment, "=");
    for (size_t k = 0; k < s->n_keys; k++)
        if (strlen(s->key[k]) == n && !strncmp(s->key[k], assignment, n)) return true;
    return false;
}

/* The base with the origin of every value, of a file's plan; of a folder's, the values alone. */
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
    printf("\n%s\n", leadseq_count(s->n_jobs, "job"));
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
    printf(", %.1f MB, %.3g s per step\n", (double)f.bytes / 1e6, f.step_s);
    fflush(stdout);
    *seconds += f.seconds;
    return 0;
}

/* A few jobs, taken evenly from all, are measured; the others are assumed to be alike. */
static int forecast(const struct leadseq_sweep *s, const struct arguments *a)
{
    enum { MEASURED_MOST = 8 };
    const char *data = a->data ? a->data : s->data;
    const int at_once = a->options.jobs > 1 ? a->options.jobs : 1;
    int threads = a->options.threads ? a->options.threads : leadseq_sweep_threads(at_once);
    size_t n = s->n_jobs < MEASURED_MOST ? s->n_jobs : MEASURED_MOST;
    double seconds = 0;
    printf("\nMeasured on %zu of them, each alone, by a few of its steps:\n", n);
    for (size_t i = 0; i < n; i++)
        if (forecast_job(s, data, threads, i * s->n_jobs / n, &seconds)) return -1;
    printf("All %s: about ", leadseq_count(s->n_jobs, "job"));
    print_duration(seconds / (double)n * ceil((double)s->n_jobs / at_once));
    printf(", %d at once, %s each unless train.threads says otherwise\n", at_once,
           leadseq_count((size_t)threads, "thread"));
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
    return forecast(s, a) ? cli_failed() : CLI_DONE;
}

static int work(const struct leadseq_sweep *s, const struct arguments *a)
{
    if (a->job) return run_job(s, a);
    if (a->table) return sweep_table(s, cli_command_line()) ? cli_failed() : CLI_DONE;
    if (a->slurm) return sweep_slurm(s, &a->options) ? cli_failed() : CLI_DONE;
    return sweep_local(s, &a->options) ? cli_failed() : CLI_DONE;
}

/* --- The plan --------------------------------------------------------------------------------- */

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

static int run(void *arguments)
{
    struct arguments *a = arguments;
    struct leadseq_sweep s = {0};
    int status = leadseq_path_is_folder(a->plan)
                     ? leadseq_sweep_open(&s, a->plan, a->data) ? cli_failed() : CLI_DONE
                     : plan(&s, a);
    if (status == CLI_DONE) status = a->print || a->dry_run ? look(&s, a) : work(&s, a);
    leadseq_sweep_clear(&s);
    return status;
}

const struct cli_command cli_sweep = {
    .name = "sweep",
    .summary = "train an experiment in many settings, and compare them",
    .usage = "EXPERIMENT.yaml KEY=VALUE[,VALUE...]... --data FILE.h5 --out DIR\nDIR",
    .about =
        "Trains an experiment in every combination of the values given, each in a numbered run "
        "folder, and ends in one table with mean and spread over seeds. Values are separated "
        "by commas; 1..5, 0..0.5:0.1 and 1e-5..1e-2:log4 are ranges; [16],[16,32] are two "
        "lists. The same command, or the folder alone, continues an interrupted sweep.",
    .examples = "Examples:\n"
                "  leadseq sweep experiments/cnn-stack/experiment.yaml train.lr=1e-3,1e-4 \\\n"
                "      seed=1..5 --data stack.h5 --out sweep --jobs 2\n"
                "  leadseq sweep sweep --keep-going\n"
                "More in doc/clusters.md and doc/experiment.md.",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .check = check,
    .clear = clear,
    .run = run,
};
