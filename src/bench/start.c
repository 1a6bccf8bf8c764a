/* SPDX-License-Identifier: MIT
 *
 * The entries of a measurement, and the processes that measure them: variants of
 * our network, a peer's, the stack, the ceilings. */
#include "bench_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Entries ------------------------------------------------------------------ */

static void name_entry(struct leadseq_bench_entry *entry)
{
    const enum leadseq_memory memory = entry->e.train.memory;
    snprintf(entry->name, sizeof entry->name, "%s%s%s%s", entry->is_peer ? "peer " : "",
             leadseq_precision_names[entry->e.train.precision],
             memory == LEADSEQ_MEMORY_NORMAL ? "" : ", memory ",
             memory == LEADSEQ_MEMORY_NORMAL ? "" : leadseq_memory_names[memory]);
}

/* A peer has an entry for each precision that variants have; it knows no memory: low. */
static bool peer_has(const struct leadseq_bench_options *o, enum leadseq_precision precision)
{
    for (size_t i = 0; o->peer && i < o->n; i++)
        if (o->variant[i].train.precision == precision) return true;
    return false;
}

static int make_samples(struct leadseq_bench_samples *s, int repeat)
{
    s->value = leadseq_calloc((size_t)repeat, sizeof *s->value);
    return s->value ? 0 : -1;
}

int bench_entries(struct leadseq_bench *b, const struct leadseq_bench_options *o)
{
    b->entry = leadseq_calloc(o->n + 2, sizeof *b->entry);
    if (!b->entry) return -1;
    for (size_t i = 0; i < o->n; i++) b->entry[b->n++].e = o->variant[i];
    for (enum leadseq_precision p = LEADSEQ_F32; p <= LEADSEQ_BF16; p++) {
        if (!peer_has(o, p)) continue;
        struct leadseq_bench_entry *entry = &b->entry[b->n++];
        entry->is_peer = true;
        entry->e = o->variant[0];
        entry->e.train.precision = p;
        entry->e.train.memory = LEADSEQ_MEMORY_NORMAL;
    }
    for (size_t i = 0; i < b->n; i++) {
        b->entry[i].e.train.threads = b->threads;
        name_entry(&b->entry[i]);
        for (int k = 0; k < LEADSEQ_BENCH_PARTS; k++)
            if (make_samples(&b->entry[i].part[k], o->repeat)) return -1;
    }
    return make_samples(&b->render, o->repeat) || make_samples(&b->read, o->repeat) ||
                   make_samples(&b->ceiling[0], o->repeat) ||
                   make_samples(&b->ceiling[1], o->repeat)
               ? -1
               : 0;
}

void leadseq_bench_clear(struct leadseq_bench *b)
{
    for (size_t i = 0; b->entry && i < b->n; i++)
        for (int k = 0; k < LEADSEQ_BENCH_PARTS; k++) free(b->entry[i].part[k].value);
    free(b->entry);
    free(b->render.value);
    free(b->read.value);
    for (int i = 0; i < 2; i++) free(b->ceiling[i].value);
    *b = (struct leadseq_bench){0};
}

/* --- Processes ---------------------------------------------------------------- */

static int start_role(struct bench_worker *w, const struct bench_role *role, const char *name,
                      const struct bench_job *job, char reply[BENCH_LINE])
{
    char full[96];
    snprintf(full, sizeof full, "%s of %s", role->name, name);
    if (bench_worker_fork(w, full, role, job)) return -1;
    return bench_worker_ask(w, "open", reply);
}

/* Shape, arithmetic and engine from what a network says of itself. */
static int read_about(struct bench_session *s, struct leadseq_bench_entry *entry, const char *reply)
{
    int used = 0;
    if (sscanf(reply, "%lf %lf %lf %d %d %d %d %d %n", &entry->flop_forward, &entry->flop_data,
               &entry->flop_weights, &s->b->leads, &s->b->channels, &s->b->height, &s->b->width,
               &s->b->parameters, &used) != 8)
        return leadseq_fail("%s: unexpected answer '%s'", entry->name, reply);
    snprintf(entry->about, sizeof entry->about, "%s", reply + used);
    return 0;
}

static int start_own(struct bench_session *s, struct bench_lane *l)
{
    char reply[BENCH_LINE];
    l->job = (struct bench_job){.e = &l->entry->e, .stack = s->stack};
    if (start_role(&l->training, &bench_training, l->entry->name, &l->job, reply) ||
        read_about(s, l->entry, reply))
        return -1;
    return start_role(&l->evaluation, &bench_evaluation, l->entry->name, &l->job, reply);
}

/* --- A peer ------------------------------------------------------------------------ */

/* Words of a command line, "key=value". */
enum { WORDS_MOST = LEADSEQ_OPTIONS_MOST + 24 };
struct words {
    char *word[WORDS_MOST + 1]; /* NULL-terminated */
    size_t n;
};

static void clear_words(struct words *w)
{
    for (size_t i = 0; i < w->n; i++) free(w->word[i]);
}

/* Takes `word` over. */
static int add_word(struct words *w, char *word)
{
    if (!word || w->n == WORDS_MOST) {
        free(word);
        return word ? leadseq_fail("expected at most %d words for a peer", WORDS_MOST) : -1;
    }
    w->word[w->n++] = word;
    return 0;
}

/* "name=VALUE" for an option as experiment.yaml has it. */
static int add_option(struct words *w, const struct leadseq_experiment *e, const char *name,
                      const char *key)
{
    char *value = leadseq_experiment_value(e, key);
    int status = value ? add_word(w, leadseq_format("%s=%s", name, value)) : -1;
    free(value);
    return status;
}

/* Every option of the model's type and of its head under its whole key: "model.hidden=[10, 7]". */
static int add_model(struct words *w, const struct leadseq_experiment *e)
{
    const struct leadseq_option_group *const groups[] = {
        e->model.type->options, leadseq_head_options(leadseq_model_head(&e->model))};
    for (size_t k = 0; k < LEADSEQ_COUNT(groups); k++)
        for (const struct leadseq_option_group *g = groups[k]; g && g->row; g++)
            for (size_t i = 0; i < g->n; i++)
                if (add_option(w, e, g->row[i].key, g->row[i].key)) return -1;
    return 0;
}

/* How long a stage of the peer may try what is fastest: rounds need the rest of the time. */
static double peer_seconds(const struct bench_session *s)
{
    return fmax(1, .7 * (s->o->seconds - (leadseq_seconds() - s->begun)));
}

/* What a peer needs to build, evaluate and train the same network. */
static int describe(const struct bench_session *s, const struct leadseq_experiment *e,
                    const char *stage, struct words *w)
{
    const struct {
        const char *name, *key; /* an option's key; NULL: the number */
        int number;
    } word[] = {{"threads", NULL, s->b->threads},
                {"precision", "train.precision", 0},
                {"type", "model.type", 0},
                {"leads", NULL, s->b->leads},
                {"channels", NULL, s->b->channels},
                {"height", NULL, s->b->height},
                {"width", NULL, s->b->width},
                {"outputs", NULL, e->data.task.outputs},
                {"parameters", NULL, s->b->parameters},
                {"batch", "train.batch", 0},
                {"loss", "train.loss", 0},
                {"positive_weight", "train.positive_weight", 0},
                {"optimizer", "train.optimizer", 0},
                {"lr", "train.lr", 0}};
    if (add_word(w, leadseq_format("stage=%s", stage))) return -1;
    for (size_t i = 0; i < LEADSEQ_COUNT(word); i++)
        if (word[i].key ? add_option(w, e, word[i].name, word[i].key)
                        : add_word(w, leadseq_format("%s=%d", word[i].name, word[i].number)))
            return -1;
    if (s->o->seconds > 0 && add_word(w, leadseq_format("seconds=%.3g", peer_seconds(s))))
        return -1;
    return add_model(w, e);
}

static int launch_stage(const struct bench_session *s, const struct leadseq_bench_entry *entry,
                        struct bench_worker *w, const char *stage)
{
    char name[96];
    struct words words = {0};
    snprintf(name, sizeof name, "%s of the peer, %s", stage, entry->name);
    int status = describe(s, &entry->e, stage, &words);
    if (!status) status = bench_worker_command(w, name, s->o->peer, words.word);
    clear_words(&words);
    return status;
}

static int start_peer_stage(struct bench_session *s, struct bench_lane *l, struct bench_worker *w,
                            const char *stage)
{
    char reply[BENCH_LINE];
    struct leadseq_bench_entry *entry = l->entry, *ours = &s->b->entry[0];
    size_t at = strlen(entry->about);
    entry->flop_forward = ours->flop_forward; // the same network
    entry->flop_data = ours->flop_data;
    entry->flop_weights = ours->flop_weights;
    if (launch_stage(s, entry, w, stage) || bench_worker_ask(w, "open", reply)) return -1;
    snprintf(entry->about + at, sizeof entry->about - at, "%s%s: %s", at ? "; " : "", stage, reply);
    return 0;
}

static int start_peer(struct bench_session *s, struct bench_lane *l)
{
    leadseq_info("%s: trying its variants", l->entry->name);
    if (start_peer_stage(s, l, &l->training, "step")) return -1;
    return start_peer_stage(s, l, &l->evaluation, "forward");
}

/* The yardsticks of the precisions there are. */
static int start_ceilings(struct bench_session *s)
{
    static const enum leadseq_precision precision[] = {LEADSEQ_F32, LEADSEQ_BF16};
    char reply[BENCH_LINE];
    for (int i = 0; i < (leadseq_bf16_is_native() ? 2 : 1); i++) {
        s->ceiling_e[i] = s->o->variant[0];
        s->ceiling_e[i].train.precision = precision[i];
        s->ceiling_e[i].train.threads = s->b->threads;
        s->ceiling_job[i] = (struct bench_job){.e = &s->ceiling_e[i]};
        if (start_role(&s->ceiling[i], &bench_ceiling, i ? "bf16" : "f32", &s->ceiling_job[i],
                       reply))
            return -1;
    }
    return 0;
}

static int start_data(struct bench_session *s)
{
    char reply[BENCH_LINE];
    const char *given = s->o->data;
    s->stack = given ? leadseq_format("%s", given) : leadseq_path_join(s->folder, "stack.h5");
    s->data_job = (struct bench_job){.e = &s->b->entry[0].e,
                                     .stack = s->stack,
                                     .folder = given ? NULL : s->folder,
                                     .records = s->o->records};
    if (!s->stack) return -1;
    return start_role(&s->data, &bench_data, "the stack", &s->data_job, reply);
}

/* Whether it is the first entry of its kind, ours or the peer's. The first must work; others, such
 * as bf16 on a peer that lacks it, are left out with a warning. */
static bool is_first(const struct leadseq_bench *b, size_t i)
{
    return i == 0 || b->entry[i].is_peer != b->entry[i - 1].is_peer;
}

static void leave_out(struct bench_session *s, size_t i)
{
    struct leadseq_bench *b = s->b;
    bench_worker_end(&s->lane[i].evaluation);
    bench_worker_end(&s->lane[i].training);
    for (int k = 0; k < LEADSEQ_BENCH_PARTS; k++) free(b->entry[i].part[k].value);
    memmove(&b->entry[i], &b->entry[i + 1], (b->n - i - 1) * sizeof *b->entry);
    b->n--;
}

int bench_start(struct bench_session *s)
{
    if (start_data(s)) return -1;
    for (size_t i = 0; i < s->b->n;) {
        struct bench_lane *l = &s->lane[i];
        if (l->entry->is_peer ? start_peer(s, l) : start_own(s, l)) {
            if (is_first(s->b, i) || leadseq_stop_signal()) return -1;
            leadseq_warn("%s is left out: %s", l->entry->name, leadseq_error());
            leave_out(s, i);
        } else {
            i++;
        }
    }
    return start_ceilings(s);
}
