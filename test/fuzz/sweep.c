/* SPDX-License-Identifier: MIT
 *
 * A sweep's folder read back: the first byte says which of its files the rest is (base.yaml,
 * jobs.tsv, sweep.json, the status of a job); the others are whole. */
#include "fuzz.h"

#include "sweep/sweep.h"

#include <sys/stat.h>

static const char *const name[] = {"base.yaml", "jobs.tsv", "sweep.json", "jobs/0001.status"};
static const char *const whole[] = {
    "name: s\ntrain:\n  epochs: 3\n", "job\ttrain.lr\tseed\n0001\t0.001\t1\n0002\t0.01\t2\n",
    "{\"planned\": \"\", \"jobs\": 2, \"stack\": \"/tmp/none.h5\", \"stack_checksum\": \"fnv:1\"}",
    "failed: no such file\n"};

static void check(const struct leadseq_sweep *s)
{
    static struct leadseq_experiment e;
    fuzz_require(s->n_jobs >= 1 && s->n_jobs <= LEADSEQ_SWEEP_JOBS_MOST, "%zu jobs", s->n_jobs);
    for (size_t job = 0; job < s->n_jobs && job < 20; job++) {
        char *why = NULL, *setting = leadseq_sweep_setting(s, job);
        fuzz_require(!leadseq_sweep_experiment(s, job, &e), "job %zu: %s", job, setting);
        for (size_t k = 0; k < s->n_keys; k++) {
            char *value = leadseq_experiment_value(&e, s->key[k]);
            fuzz_require(value, "%s", s->key[k]);
            free(value);
        }
        enum leadseq_job_state state = leadseq_sweep_state(s, job, &why);
        fuzz_require(!why || state == LEADSEQ_JOB_FAILED, "%d: %s", state, why);
        free(why);
        free(setting);
    }
}

static void run(const uint8_t *data, size_t size)
{
    static bool made;
    if (!made) mkdir(fuzz_path("jobs"), 0700);
    made = true;
    struct fuzz_bytes in = {data, size};
    unsigned which = fuzz_below(&in, LEADSEQ_COUNT(name));
    for (unsigned i = 0; i < LEADSEQ_COUNT(name); i++)
        if (i == which)
            fuzz_put(name[i], in.at, in.left);
        else
            fuzz_put_text(name[i], whole[i]);
    struct leadseq_sweep s;
    if (leadseq_sweep_open(&s, fuzz_folder, NULL)) {
        fuzz_refused();
        return;
    }
    check(&s);
    leadseq_sweep_clear(&s);
}

static void seeds(void)
{
    for (unsigned i = 0; i < LEADSEQ_COUNT(name); i++) {
        char *text = leadseq_format("%c%s", (char)('@' + i), whole[i]);
        fuzz_seed_text(text);
        free(text);
    }
    fuzz_seed_text("Ajob\n0001\n");
    fuzz_seed_text("Ajob\tmodel.hidden\n0001\t[4, 8]\n0002\t[8]\n");
    fuzz_seed_text("Ajob\ttrain.lr\ttrain.lr\n0001\t1\t2\n");
    fuzz_seed_text("Cfinished\n");
}

const struct fuzz_harness fuzz_sweep = {"sweep", "what a sweep keeps: base.yaml, jobs.tsv, …", run,
                                        seeds};
