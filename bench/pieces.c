/* SPDX-License-Identifier: MIT
 *
 * How a training step is divided among threads, by counting: pieces EXPERIMENT STACK THREADS
 * [KEY=VALUE …] takes three steps with THREADS threads, which may be more than there are
 * processors, and prints of the last two
 *
 *   TYPE<TAB>PASS<TAB>REGIONS<TAB>SERIAL<TAB>SUM<TAB>BUSIEST
 *
 * for each type of layer and pass, for what no layer does ("rest"), and for all of them ("step"):
 * parallel regions of a step; milliseconds of processor time outside of regions, of all threads in
 * them, and of each region's busiest thread. With a processor for each thread a step would take
 * SERIAL + BUSIEST, if memory kept up and waiting cost nothing.
 *
 * GCC's OpenMP begins each region, oneDNN's too, with GOMP_parallel(), which is defined here. Loops
 * whose iterations threads take as they come are dealt out in turn, as though all threads came at
 * once; on fewer processors the first ones would take all. */
#include "model/model_private.h"
#include "nn/chain.h"
#include "rehearsal.h"

#include <dlfcn.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

enum { MOST_TYPES = 32, MOST_REGIONS = 4096, MOST_THREADS = 256, STEPS = 3 };
enum { FORWARD, BACKWARD, PASSES };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- Counts ---------------------------------------------------------------------------------- */

/* One type of layer in one pass, or what is outside of all. */
struct part {
    const struct nn_layer_type *real;
    struct nn_layer_type type;
    struct {
        double serial;
        int regions;
    } pass[PASSES];
};
/* The regions of a step come in the same order in every step. */
struct region {
    int part, pass;
    double busy[MOST_THREADS];
};
static struct part part[MOST_TYPES]; /* the first: rest */
static struct region region[MOST_REGIONS];
static int n_parts = 1, n_regions, in_part, in_pass;
static bool counts;
static pthread_t trains; /* another thread reads batches meanwhile */
static double since;     /* the main thread's clock when it last entered or left a region or part */

static void count_serial(void)
{
    const double now = seconds();
    if (counts) part[in_part].pass[in_pass].serial += now - since;
    since = now;
}

/* The program computes with no more threads than a few times its processors; here it has as many as
 * it asks for. */
int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set)
{
    (void)process;
    memset(set, 0xff, size);
    return 0;
}

/* --- OpenMP ---------------------------------------------------------------------------------- */

typedef void body(void *data);
struct call {
    body *run;
    void *data;
    struct region *region;
};
static void timed(void *data)
{
    const struct call *c = data;
    const double before = seconds();
    c->run(c->data);
    c->region->busy[omp_get_thread_num()] += seconds() - before;
}

void GOMP_parallel(body *run, void *data, unsigned threads, unsigned flags);
void GOMP_parallel(body *run, void *data, unsigned threads, unsigned flags)
{
    static void (*real)(body *, void *, unsigned, unsigned);
    if (!real) *(void **)(&real) = dlsym(RTLD_NEXT, "GOMP_parallel");
    if (!counts || omp_get_level() > 0 || !pthread_equal(trains, pthread_self()) ||
        n_regions == MOST_REGIONS) {
        real(run, data, threads, flags);
        return;
    }
    count_serial();
    struct call c = {run, data, &region[n_regions++]};
    c.region->part = in_part;
    c.region->pass = in_pass;
    part[in_part].pass[in_pass].regions++;
    real(timed, &c, threads, flags);
    since = seconds();
}

/* Chunk after chunk to each thread in turn; `by` is 1 in all loops of this program. */
#define DEALT(kind, integer)                                                                       \
    static _Thread_local struct {                                                                  \
        integer next, end, step, chunk;                                                            \
    } kind;                                                                                        \
    bool GOMP_##kind##_nonmonotonic_dynamic_next(integer *from, integer *to);                      \
    bool GOMP_##kind##_nonmonotonic_dynamic_next(integer *from, integer *to)                       \
    {                                                                                              \
        if (kind.next >= kind.end) return false;                                                   \
        *from = kind.next;                                                                         \
        *to = kind.end - kind.next < kind.chunk ? kind.end : kind.next + kind.chunk;               \
        kind.next += kind.step;                                                                    \
        return true;                                                                               \
    }                                                                                              \
    static bool kind##_begin(integer first, integer end, integer chunk, integer *from,             \
                             integer *to)                                                          \
    {                                                                                              \
        kind.next = first + chunk * (integer)omp_get_thread_num();                                 \
        kind.end = end;                                                                            \
        kind.step = chunk * (integer)omp_get_num_threads();                                        \
        kind.chunk = chunk;                                                                        \
        return GOMP_##kind##_nonmonotonic_dynamic_next(from, to);                                  \
    }
typedef unsigned long long ull;
DEALT(loop, long)
DEALT(loop_ull, ull)

bool GOMP_loop_nonmonotonic_dynamic_start(long first, long end, long by, long chunk, long *from,
                                          long *to);
bool GOMP_loop_nonmonotonic_dynamic_start(long first, long end, long by, long chunk, long *from,
                                          long *to)
{
    (void)by;
    return loop_begin(first, end, chunk, from, to);
}

bool GOMP_loop_ull_nonmonotonic_dynamic_start(bool up, ull first, ull end, ull by, ull chunk,
                                              ull *from, ull *to);
bool GOMP_loop_ull_nonmonotonic_dynamic_start(bool up, ull first, ull end, ull by, ull chunk,
                                              ull *from, ull *to)
{
    (void)up, (void)by;
    return loop_ull_begin(first, end, chunk, from, to);
}

void GOMP_barrier(void);
void GOMP_loop_end(void);
void GOMP_loop_end(void)
{
    GOMP_barrier();
}
void GOMP_loop_end_nowait(void);
void GOMP_loop_end_nowait(void)
{
}

/* --- Layers ---------------------------------------------------------------------------------- */

static int find(const struct nn_layer *layer)
{
    for (int i = 1; i < n_parts; i++)
        if (!strcmp(part[i].real->name, layer->type->name)) return i;
    return 0;
}

static int run(struct nn_bound *b, const struct nn_pass *pass, int which)
{
    const int i = find(b->layer), before = in_part, before_pass = in_pass;
    count_serial();
    in_part = i, in_pass = which;
    const int status =
        which == FORWARD ? part[i].real->forward(b, pass) : part[i].real->backward(b, pass);
    count_serial();
    in_part = before, in_pass = before_pass;
    return status;
}

static int forward(struct nn_bound *b, const struct nn_pass *pass)
{
    return run(b, pass, FORWARD);
}

static int backward(struct nn_bound *b, const struct nn_pass *pass)
{
    return run(b, pass, BACKWARD);
}

static int begin(void *user, const struct leadseq_training *training)
{
    const struct nn_chain *chain = &training->model->chain;
    (void)user;
    trains = pthread_self();
    for (int i = 0; i < chain->n_layers; i++) {
        if (find(chain->layer[i])) continue;
        if (n_parts == MOST_TYPES) return leadseq_fail("more than %d types", MOST_TYPES);
        struct part *p = &part[n_parts++];
        *p = (struct part){.real = chain->layer[i]->type, .type = *chain->layer[i]->type};
        p->type.forward = forward;
        p->type.backward = backward;
    }
    for (int i = 0; i < chain->n_layers; i++)
        chain->layer[i]->type = &part[find(chain->layer[i])].type;
    return 0;
}

static int before(void *user, struct leadseq_step *step)
{
    (void)user;
    n_regions = 0;
    counts = step->step > 1;
    since = seconds();
    return 0;
}

/* --- Report ---------------------------------------------------------------------------------- */

static void print(const char *name, const char *pass, const double v[4])
{
    printf("%s\t%s\t%.0f\t%.3f\t%.3f\t%.3f\n", name, pass, v[0] / (STEPS - 1),
           1e3 * v[1] / (STEPS - 1), 1e3 * v[2] / (STEPS - 1), 1e3 * v[3] / (STEPS - 1));
}

static void report(void)
{
    static const char *const names[] = {"forward", "backward"};
    double step[4] = {0};
    for (int i = 0; i < n_parts; i++)
        for (int k = 0; k < PASSES; k++) {
            double v[4] = {part[i].pass[k].regions, part[i].pass[k].serial};
            for (int r = 0; r < n_regions; r++) {
                double busiest = 0;
                if (region[r].part != i || region[r].pass != k) continue;
                for (int t = 0; t < MOST_THREADS; t++) {
                    v[2] += region[r].busy[t];
                    if (region[r].busy[t] > busiest) busiest = region[r].busy[t];
                }
                v[3] += busiest;
            }
            for (int c = 0; c < 4; c++) step[c] += v[c];
            if (i || k == FORWARD) print(i ? part[i].real->name : "rest", i ? names[k] : "both", v);
        }
    print("step", "both", step);
}

/* The optimiser has taken its step. */
static int after(void *user, struct leadseq_step *step)
{
    (void)user;
    count_serial();
    counts = false;
    if (step->step == STEPS) report();
    return 0;
}

int main(int argc, char **argv)
{
    const struct leadseq_hooks hooks = {.begin = begin, .before = before, .after = after};
    char threads[32] = "";
    if (argc > 3) snprintf(threads, sizeof threads, "train.threads=%s", argv[3]);
    return rehearse("pieces", "THREADS", argc, argv, threads, STEPS, &hooks);
}
