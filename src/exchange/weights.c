/* SPDX-License-Identifier: MIT
 *
 * Weights from files and into them; see exchange.h. */
#include "exchange/exchange.h"

#include "io/store.h"
#include "safetensors.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Where tensors come from -----------------------------------------------------------------
 *
 * A safetensors file, or a checkpoint, which has parameters below "weights" and running statistics
 * below "state". */

struct source {
    const char *path;
    struct safetensors *file; /* one of the two */
    struct leadseq_store *store;
    bool *used; /* (file->n) */
};
struct tensor { /* of a source */
    char name[128];
    size_t shape[SAFETENSORS_RANK_MOST];
    int rank;
    size_t count;
    const struct safetensor *entry;
};

static int fail_kind(const char *path)
{
    return leadseq_fail("%s: expected a safetensors file or the checkpoint of a run, found another "
                        "file; PyTorch's .pth files become one by "
                        "save_file(torch.load(FILE, weights_only=True), OUT) of the Python package "
                        "safetensors",
                        path);
}

static int open_store(struct source *s)
{
    char kind[64];
    s->store = leadseq_store_open(s->path);
    if (!s->store) return -1;
    if (!leadseq_store_get_text(s->store, "/", "kind", kind, sizeof kind) &&
        !strcmp(kind, "leadseq checkpoint"))
        return 0;
    return leadseq_fail("%s: expected the checkpoint of a run of leadseq, found another HDF5 file",
                        s->path);
}

static int open_source(struct source *s, const char *path)
{
    unsigned char head[9] = {0};
    FILE *file = fopen(path, "rb");
    *s = (struct source){.path = path};
    if (leadseq_path_is_folder(path)) {
        if (file) fclose(file);
        return leadseq_fail("%s: expected a safetensors file or the checkpoint of a run, found a "
                            "folder; a run's are RUN/checkpoints/best.h5 and last.h5",
                            path);
    }
    if (!file) return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    const size_t n = fread(head, 1, sizeof head, file);
    fclose(file);
    if (n == sizeof head && !memcmp(head, "\211HDF\r\n\032\n", 8)) return open_store(s);
    if (!leadseq_ends_with(path, ".safetensors") && // else the rule is named that it breaks
        (n < sizeof head || !safetensors_begins(head)))
        return fail_kind(path);
    s->file = safetensors_open(path);
    s->used = s->file ? leadseq_calloc(s->file->n + 1, sizeof *s->used) : NULL;
    return s->used ? 0 : -1;
}

static void close_source(struct source *s)
{
    safetensors_close(s->file);
    if (s->store) leadseq_store_close(s->store);
    free(s->used);
}

static int find_stored(const struct source *s, const char *group, const char *name,
                       struct tensor *t)
{
    struct leadseq_store_info info;
    snprintf(t->name, sizeof t->name, "%s/%s", group, name);
    if (!leadseq_store_has(s->store, t->name)) return 0;
    if (leadseq_store_describe(s->store, t->name, &info)) return -1;
    t->rank = info.rank + 1;
    t->shape[0] = t->count = info.rows;
    for (int i = 0; i < info.rank; i++) t->shape[i + 1] = info.shape[i], t->count *= info.shape[i];
    return 1;
}

/* 1: found, 0: not there, -1. */
static int find(struct source *s, const struct leadseq_model_spec *spec, const char *group,
                const char *name, struct tensor *t)
{
    char theirs[96];
    *t = (struct tensor){0};
    if (s->store) return find_stored(s, group, name, t);
    for (size_t k = 0; leadseq_model_foreign_name(spec, name, k, theirs); k++) {
        t->entry = safetensors_find(s->file, theirs);
        if (!t->entry) continue;
        snprintf(t->name, sizeof t->name, "%s", theirs);
        memcpy(t->shape, t->entry->shape, sizeof t->shape);
        t->rank = t->entry->rank;
        t->count = t->entry->count;
        s->used[t->entry - s->file->tensor] = true;
        return 1;
    }
    return 0;
}

static int read_tensor(struct source *s, const struct tensor *t, float *value)
{
    if (!s->store) return safetensors_read(s->file, t->entry, value);
    if (leadseq_store_read(s->store, t->name, LEADSEQ_STORE_FLOAT32, 0, t->count / t->shape[0], 0,
                           t->shape[0], value))
        return -1;
    for (size_t i = 0; i < t->count; i++)
        if (!isfinite(value[i]))
            return leadseq_fail("%s: %s: expected finite numbers, found %g at place %zu", s->path,
                                t->name, (double)value[i], i);
    return 0;
}

/* --- Loading ---------------------------------------------------------------------------------- */

/* What did not fit, in words: "a, b, c and 12 more". */
struct list {
    char text[320];
    size_t n;
};
struct report {
    size_t loaded;
    struct list missing, shapes, unused;
    bool summed; /* three colours into one */
};

static void add(struct list *l, const char *words)
{
    enum { SHOWN = 4 };
    const size_t at = strlen(l->text);
    if (l->n++ < SHOWN) snprintf(l->text + at, sizeof l->text - at, "%s%s", at ? ", " : "", words);
}

static const char *whole_text(struct list *l)
{
    const size_t at = strlen(l->text);
    if (l->n > 4) snprintf(l->text + at, sizeof l->text - at, " and %zu more", l->n - 4);
    return l->text;
}

static void print_shape(char text[64], const size_t *shape, int rank)
{
    size_t at = 0;
    text[0] = '\0';
    for (int i = 0; i < rank && at < 50; i++)
        at += (size_t)snprintf(text + at, 64 - at, "%s%zu", i ? " x " : "", shape[i]);
    if (!rank) snprintf(text, 64, "one number");
}

static bool same_shape(const struct tensor *t, const struct leadseq_slice *s)
{
    bool same = t->rank == s->n_dims;
    for (int i = 0; same && i < s->n_dims; i++) same = t->shape[i] == (size_t)s->dims[i];
    return same;
}

/* A kernel over three colours, where ours has one: (K, 3, k, k) and (K, 1, k, k). */
static bool is_coloured(const struct tensor *t, const struct leadseq_slice *s)
{
    return t->rank == 4 && s->n_dims == 4 && t->shape[1] == 3 && s->dims[1] == 1 &&
           t->shape[0] == (size_t)s->dims[0] && t->shape[2] == (size_t)s->dims[2] &&
           t->shape[3] == (size_t)s->dims[3];
}

static int read_summed(struct source *s, const struct tensor *t, float *value)
{
    float *all = leadseq_calloc(t->count, sizeof *all);
    if (!all) return -1;
    int status = read_tensor(s, t, all);
    const size_t taps = t->shape[2] * t->shape[3];
    for (size_t i = 0; !status && i < t->count / 3; i++) {
        const float *first = all + i / taps * 3 * taps + i % taps;
        value[i] = (float)((double)first[0] + (double)first[taps] + (double)first[2 * taps]);
    }
    free(all);
    return status;
}

/* The division of a norm by the root of a negative number would give NaN in every logit. */
static int check_variance(const struct source *s, const struct leadseq_slice *slice,
                          const float *value)
{
    const char *last = strrchr(slice->name, '.');
    if (!last || strcmp(last, ".running_var")) return 0;
    for (size_t i = 0; i < slice->count; i++)
        if (value[i] < 0)
            return leadseq_fail("%s: %s: expected variances of at least 0, found %g", s->path,
                                slice->name, (double)value[i]);
    return 0;
}

static int load_slice(struct source *s, const struct leadseq_model_spec *spec, const char *group,
                      const struct leadseq_slice *slice, float *value, struct report *r)
{
    struct tensor t;
    char words[300], theirs[64], ours[64];
    size_t dims[5];
    const int found = find(s, spec, group, slice->name, &t);
    if (found < 0) return -1;
    if (!found) {
        add(&r->missing, slice->name);
        return 0;
    }
    const bool summed = is_coloured(&t, slice);
    if (!same_shape(&t, slice) && !summed) {
        for (int i = 0; i < slice->n_dims; i++) dims[i] = (size_t)slice->dims[i];
        print_shape(theirs, t.shape, t.rank);
        print_shape(ours, dims, slice->n_dims);
        snprintf(words, sizeof words, "%s (expected %s, found %s)", t.name, ours, theirs);
        add(&r->shapes, words);
        return 0;
    }
    r->loaded++;
    r->summed = r->summed || summed;
    if (summed ? read_summed(s, &t, value) : read_tensor(s, &t, value)) return -1;
    return check_variance(s, slice, value);
}

static int load_block(struct source *s, const struct leadseq_model_spec *spec, const char *group,
                      const struct leadseq_params *p, struct report *r)
{
    for (size_t i = 0; i < p->n_slices; i++)
        if (load_slice(s, spec, group, &p->slice[i], p->value + p->slice[i].offset, r)) return -1;
    return 0;
}

/* How many batches a norm has seen plays no part in what it computes. */
static bool is_counter(const char *name)
{
    static const char counter[] = "num_batches_tracked";
    const size_t n = strlen(name), most = sizeof counter - 1;
    return n >= most && !strcmp(name + n - most, counter);
}

static void list_unused(const struct source *s, struct report *r)
{
    for (size_t i = 0; s->file && i < s->file->n; i++)
        if (!s->used[i] && !is_counter(s->file->tensor[i].name))
            add(&r->unused, s->file->tensor[i].name);
}

static int judge(const struct source *s, struct report *r, bool strict)
{
    const struct {
        struct list *list;
        const char *words;
    } part[] = {{&r->missing, "are not in the file"},
                {&r->shapes, "have another shape"},
                {&r->unused, "are in the file but not in the model"}};
    if (!r->loaded)
        return leadseq_fail("model.weights: %s has no tensor that fits the model%s%s; expected "
                            "weights of a network of the same type and depth",
                            s->path, r->shapes.n ? "; another shape: " : "",
                            whole_text(&r->shapes));
    for (size_t i = 0; i < LEADSEQ_COUNT(part); i++) {
        if (!part[i].list->n) continue;
        const char *text = whole_text(part[i].list);
        if (strict)
            return leadseq_fail("model.weights: %s: tensors that %s: %zu, %s; "
                                "model.weights_strict: false loads what fits",
                                s->path, part[i].words, part[i].list->n, text);
        leadseq_warn("%s: tensors that %s%s: %zu, %s", s->path, part[i].words,
                     i < 2 ? " and stay as drawn" : "", part[i].list->n, text);
    }
    if (r->summed)
        leadseq_info("%s: the first convolution's kernels are summed over three colours, as images "
                     "have one",
                     s->path);
    leadseq_info("%s: %s loaded", s->path, leadseq_count(r->loaded, "tensor"));
    return 0;
}

int leadseq_weights_load(struct leadseq_model *model, const char *path, bool strict)
{
    struct source s;
    struct report r = {0};
    const struct leadseq_model_spec *spec = leadseq_model_spec(model);
    int status = open_source(&s, path);
    if (!status) status = load_block(&s, spec, "weights", leadseq_model_params(model), &r);
    if (!status) status = load_block(&s, spec, "state", leadseq_model_state(model), &r);
    if (!status) list_unused(&s, &r);
    if (!status) status = judge(&s, &r, strict);
    close_source(&s);
    return status;
}

/* --- Writing ---------------------------------------------------------------------------------- */

struct named {
    char name[96];
    size_t shape[5];
};

static size_t list_parts(const struct leadseq_model_spec *spec, const struct leadseq_params *p,
                         struct safetensors_part *part, struct named *named)
{
    for (size_t i = 0; i < p->n_slices; i++) {
        const struct leadseq_slice *s = &p->slice[i];
        (void)leadseq_model_foreign_name(spec, s->name, 0, named[i].name);
        for (int d = 0; d < s->n_dims; d++) named[i].shape[d] = (size_t)s->dims[d];
        part[i] = (struct safetensors_part){named[i].name, named[i].shape, s->n_dims,
                                            p->value + s->offset};
    }
    return p->n_slices;
}

int leadseq_weights_write(struct leadseq_model *model, FILE *out)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(model);
    const struct leadseq_params *p = leadseq_model_params(model), *s = leadseq_model_state(model);
    const size_t n = p->n_slices + s->n_slices;
    struct safetensors_part *part = leadseq_calloc(n, sizeof *part);
    struct named *named = leadseq_calloc(n, sizeof *named);
    int status = part && named ? 0 : -1;
    if (!status) {
        const size_t first = list_parts(spec, p, part, named);
        list_parts(spec, s, part + first, named + first);
        status = safetensors_write(out, part, n);
    }
    free(part);
    free(named);
    return status;
}
