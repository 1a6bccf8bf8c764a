/* SPDX-License-Identifier: MIT
 *
 * leadseq bench for a program: JSON (seconds, bytes, floating-point operations)
 * and a table of every quantity with its spread. */
#include "bench/bench.h"
#include "page/page.h"

#include <config.h>
#include <math.h>
#include <stdlib.h>

/* Names in JSON and in tables; the median of NAME is NAME. */
static const struct {
    const char *name;
    enum leadseq_bench_part part;
} times[] = {
    {"train_step_s", LEADSEQ_BENCH_STEP},    {"train_forward_s", LEADSEQ_BENCH_FORWARD},
    {"backward_s", LEADSEQ_BENCH_BACKWARD},  {"optimizer_s", LEADSEQ_BENCH_UPDATE},
    {"loop_step_s", LEADSEQ_BENCH_LOOP},     {"wait_s", LEADSEQ_BENCH_WAIT},
    {"forward_s", LEADSEQ_BENCH_EVALUATION},
};

/* --- JSON ------------------------------------------------------------------------------ */

static struct leadseq_json *spread_json(struct leadseq_bench_spread s, size_t n)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "median", s.median);
    leadseq_json_set_number(json, "low", s.low);
    leadseq_json_set_number(json, "high", s.high);
    leadseq_json_set_number(json, "least", s.least);
    leadseq_json_set_number(json, "most", s.most);
    leadseq_json_set_count(json, "n", n);
    return json;
}

static void set_entry(struct leadseq_json *json, const struct leadseq_bench_entry *entry)
{
    struct bench_figures f = bench_figures(entry);
    leadseq_json_set_text(json, "precision", leadseq_precision_names[entry->e.train.precision]);
    leadseq_json_set_text(json, "memory", leadseq_memory_names[entry->e.train.memory]);
    leadseq_json_set_text(json, "engine", entry->about);
    for (size_t i = 0; i < LEADSEQ_COUNT(times); i++)
        leadseq_json_set_number(json, times[i].name,
                                leadseq_bench_spread(&entry->part[times[i].part]).median);
    leadseq_json_set_number(json, "wait_share", f.wait_share);
    leadseq_json_set_count(json, "peak_bytes", entry->step_peak_bytes);
    leadseq_json_set_count(json, "forward_peak_bytes", entry->evaluation_peak_bytes);
    leadseq_json_set_number(json, "useful_flop_per_step", f.flop_step);
    leadseq_json_set_number(json, "useful_flop_per_forward", entry->flop_forward);
    leadseq_json_set_number(json, "train_step_flop_per_s", f.step_flop_per_s);
    leadseq_json_set_number(json, "backward_flop_per_s", f.backward_flop_per_s);
    leadseq_json_set_number(json, "backward_share_of_ceiling", f.backward_share);
    leadseq_json_set_number(json, "forward_flop_per_s", f.forward_flop_per_s);
    leadseq_json_set_number(json, "ceiling_flop_per_s", f.ceiling_flop_per_s);
    leadseq_json_set_number(json, "train_step_share_of_ceiling", f.step_share);
    leadseq_json_set_number(json, "forward_share_of_ceiling", f.forward_share);
}

static struct leadseq_json *spreads_json(const struct leadseq_bench_entry *entry)
{
    struct leadseq_json *json = leadseq_json_object();
    for (size_t i = 0; i < LEADSEQ_COUNT(times); i++) {
        const struct leadseq_bench_samples *s = &entry->part[times[i].part];
        leadseq_json_set(json, times[i].name, spread_json(leadseq_bench_spread(s), s->n));
    }
    return json;
}

static struct leadseq_json *entries_json(const struct leadseq_bench *b)
{
    struct leadseq_json *entries = leadseq_json_array();
    for (size_t i = 0; i < b->n; i++) {
        struct leadseq_json *json = leadseq_json_object();
        leadseq_json_set_text(json, "name", b->entry[i].name);
        leadseq_json_set_bool(json, "is_peer", b->entry[i].is_peer);
        set_entry(json, &b->entry[i]);
        leadseq_json_set(json, "spread", spreads_json(&b->entry[i]));
        leadseq_json_append(entries, json);
    }
    return entries;
}

static struct leadseq_json *ratio_json(const struct leadseq_bench_entry *ours,
                                       const struct leadseq_bench_entry *other)
{
    const struct leadseq_bench_samples *a = ours->part, *b = other->part;
    struct leadseq_json *json = leadseq_json_object();
    size_t n = a[LEADSEQ_BENCH_STEP].n;
    leadseq_json_set_text(json, "of", ours->name);
    leadseq_json_set_text(json, "against", other->name);
    leadseq_json_set(
        json, "train_step_speedup",
        spread_json(leadseq_bench_ratio(&b[LEADSEQ_BENCH_STEP], &a[LEADSEQ_BENCH_STEP]), n));
    leadseq_json_set(
        json, "forward_speedup",
        spread_json(leadseq_bench_ratio(&b[LEADSEQ_BENCH_EVALUATION], &a[LEADSEQ_BENCH_EVALUATION]),
                    n));
    leadseq_json_set_number(json, "peak_bytes_ratio",
                            (double)ours->step_peak_bytes / (double)other->step_peak_bytes);
    leadseq_json_set_number(json, "forward_peak_bytes_ratio",
                            (double)ours->evaluation_peak_bytes /
                                (double)other->evaluation_peak_bytes);
    return json;
}

static struct leadseq_json *ratios_json(const struct leadseq_bench *b)
{
    struct leadseq_json *ratios = leadseq_json_array();
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (bench_is_compared(b, i, k))
                leadseq_json_append(ratios, ratio_json(&b->entry[i], &b->entry[k]));
    return ratios;
}

struct leadseq_json *bench_json(const struct leadseq_bench *b, const char *command)
{
    char now[32];
    struct leadseq_json *json = leadseq_json_object();
    leadseq_timestamp(now);
    leadseq_json_set_text(json, "shape", b->entry[0].e.name);
    leadseq_json_set_count(json, "leads", (size_t)b->leads);
    leadseq_json_set_count(json, "channels", (size_t)b->channels);
    leadseq_json_set_count(json, "height", (size_t)b->height);
    leadseq_json_set_count(json, "width", (size_t)b->width);
    leadseq_json_set_count(json, "batch", (size_t)b->entry[0].e.train.batch);
    leadseq_json_set_count(json, "threads", (size_t)b->threads);
    set_entry(json, &b->entry[0]);
    leadseq_json_set_number(json, "render_s", leadseq_bench_spread(&b->render).median);
    leadseq_json_set_number(json, "stack_read_s", leadseq_bench_spread(&b->read).median);
    leadseq_json_set(json, "entries", entries_json(b));
    leadseq_json_set(json, "ratios", ratios_json(b));
    leadseq_json_set_text(json, "cpu", b->cpu);
    leadseq_json_set_text(json, "program", PACKAGE_STRING);
    leadseq_json_set_text(json, "command", command);
    leadseq_json_set_text(json, "finished", now);
    return json;
}

/* --- A table of everything ---------------------------------------------------------------- */

static void put(struct leadseq_table *t, const char *entry, const char *quantity,
                struct leadseq_bench_spread s, size_t n)
{
    double value[] = {(double)n, s.median, s.low, s.high, s.least, s.most};
    if (isnan(s.median)) return;
    leadseq_table_cell(t, "%s", entry);
    leadseq_table_cell(t, "%s", quantity);
    for (size_t i = 0; i < LEADSEQ_COUNT(value); i++) leadseq_table_exact(t, value[i]);
}

static void put_samples(struct leadseq_table *t, const char *entry, const char *quantity,
                        const struct leadseq_bench_samples *s)
{
    put(t, entry, quantity, leadseq_bench_spread(s), s->n);
}

static void put_one(struct leadseq_table *t, const char *entry, const char *quantity, double value)
{
    put(t, entry, quantity, (struct leadseq_bench_spread){value, value, value, value, value}, 1);
}

static void put_entry(struct leadseq_table *t, const struct leadseq_bench_entry *e)
{
    struct bench_figures f = bench_figures(e);
    const struct leadseq_bench_samples *step = &e->part[LEADSEQ_BENCH_STEP];
    const struct leadseq_bench_samples *forward = &e->part[LEADSEQ_BENCH_EVALUATION];
    const struct leadseq_bench_samples *ceiling = &e->part[LEADSEQ_BENCH_CEILING];
    for (size_t i = 0; i < LEADSEQ_COUNT(times); i++)
        put_samples(t, e->name, times[i].name, &e->part[times[i].part]);
    put_one(t, e->name, "wait_share", f.wait_share);
    put_one(t, e->name, "peak_bytes", (double)e->step_peak_bytes);
    put_one(t, e->name, "forward_peak_bytes", (double)e->evaluation_peak_bytes);
    put(t, e->name, "train_step_share_of_ceiling", leadseq_bench_rate(f.flop_step, step, ceiling),
        step->n);
    put(t, e->name, "forward_share_of_ceiling",
        leadseq_bench_rate(e->flop_forward, forward, ceiling), forward->n);
}

static void put_ratios(struct leadseq_table *t, const struct leadseq_bench_entry *ours,
                       const struct leadseq_bench_entry *other)
{
    const struct leadseq_bench_samples *a = ours->part, *b = other->part;
    size_t n = a[LEADSEQ_BENCH_STEP].n;
    char name[160];
    snprintf(name, sizeof name, "%s against %s", ours->name, other->name);
    put(t, name, "train_step_speedup",
        leadseq_bench_ratio(&b[LEADSEQ_BENCH_STEP], &a[LEADSEQ_BENCH_STEP]), n);
    put(t, name, "forward_speedup",
        leadseq_bench_ratio(&b[LEADSEQ_BENCH_EVALUATION], &a[LEADSEQ_BENCH_EVALUATION]), n);
    put_one(t, name, "peak_bytes_ratio",
            (double)ours->step_peak_bytes / (double)other->step_peak_bytes);
    put_one(t, name, "forward_peak_bytes_ratio",
            (double)ours->evaluation_peak_bytes / (double)other->evaluation_peak_bytes);
}

static int save_tsv(const struct leadseq_bench *b, const char *path)
{
    static const char *const title[] = {"entry", "quantity", "n",     "median",
                                        "low",   "high",     "least", "most"};
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return -1;
    for (size_t i = 0; i < LEADSEQ_COUNT(title); i++)
        leadseq_table_column(t, LEADSEQ_LEFT, title[i]);
    for (size_t i = 0; i < b->n; i++) put_entry(t, &b->entry[i]);
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (bench_is_compared(b, i, k)) put_ratios(t, &b->entry[i], &b->entry[k]);
    put_samples(t, "machine", "render_s", &b->render);
    put_samples(t, "machine", "stack_read_s", &b->read);
    put_samples(t, "machine f32", "ceiling_flop_per_s", &b->ceiling[0]);
    put_samples(t, "machine bf16", "ceiling_flop_per_s", &b->ceiling[1]);
    int status = leadseq_table_save_tsv(t, path);
    leadseq_table_free(t);
    return status;
}

static int save_json(const struct leadseq_bench *b, const char *command, const char *path)
{
    struct leadseq_json *json = bench_json(b, command);
    int status = json ? leadseq_json_save(json, path) : -1;
    leadseq_json_free(json);
    return status;
}

static int save_text(const struct leadseq_bench *b, const char *path)
{
    struct leadseq_file *f = leadseq_file_create(path);
    if (!f) return -1;
    if (!bench_print(b, leadseq_file_stream(f))) return leadseq_file_commit(f);
    leadseq_file_discard(f);
    return -1;
}

int bench_save(const struct leadseq_bench *b, const char *command, const char *folder)
{
    char *tsv = leadseq_path_join(folder, "bench.tsv");
    char *json = leadseq_path_join(folder, "bench.json");
    char *text = leadseq_path_join(folder, "bench.txt");
    int status = tsv && json && text ? 0 : -1;
    if (!status) status = save_tsv(b, tsv);
    if (!status) status = save_json(b, command, json);
    if (!status) status = save_text(b, text);
    free(tsv);
    free(json);
    free(text);
    return status;
}
