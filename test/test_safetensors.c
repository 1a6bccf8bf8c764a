/* SPDX-License-Identifier: MIT
 *
 * safetensors files: every rule of the format, types of numbers, what is written, and what a model
 * takes of one. */
#include "exchange/exchange.h"
#include "exchange/safetensors.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(safetensors, .init = make_folder, .fini = remove_folder);

/* A file of a header and `n` bytes; `size` is what the first eight bytes say. */
static const char *write_as(uint64_t size, const char *header, const void *bytes, size_t n)
{
    const char *path = in_folder("a.safetensors");
    FILE *out = fopen(path, "wb");
    cr_assert(out);
    for (int i = 0; i < 8; i++) fputc((int)(size >> 8 * i & 255), out);
    fputs(header, out);
    if (n) fwrite(bytes, 1, n, out);
    fclose(out);
    return path;
}

static const char *write_file(const char *header, const void *bytes, size_t n)
{
    return write_as(strlen(header), header, bytes, n);
}

static const unsigned char zeros[64];

#define TENSOR(dtype, shape, offsets)                                                              \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

Test(safetensors, what_breaks_a_rule_is_refused)
{
    static const struct {
        const char *header;
        size_t bytes;
        const char *words;
    } row[] = {
        {" {}", 0, "begins with '{'"},
        {"[]", 0, "begins with '{'"},
        {"{\"", 0, "no JSON object"},
        {"{\"a\":" TENSOR("F32", "[1]", "[0,4]") ",\"a\":" TENSOR("F32", "[1]", "[4,8]") "}", 8,
         "duplicate"},
        {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "expected dtype"},
        {"{\"a\":4}", 4, "expected dtype"},
        {"{\"a\":" TENSOR("F8", "[1]", "[0,4]") "}", 4, "dtype: expected one of"},
        {"{\"a\":" TENSOR("F32", "4", "[0,4]") "}", 4, "shape: expected a list"},
        {"{\"a\":" TENSOR("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "shape: expected a list"},
        {"{\"a\":" TENSOR("F32", "[-1]", "[0,4]") "}", 4, "shape: expected whole numbers"},
        {"{\"a\":" TENSOR("F32", "[1.5]", "[0,4]") "}", 4, "shape: expected whole numbers"},
        {"{\"a\":" TENSOR("F32", "[4294967296,4294967296,4294967296]", "[0,4]") "}", 4,
         "number of values is too large"},
        {"{\"a\":" TENSOR("F32", "[4611686018427387904,2]", "[0,4]") "}", 4,
         "number of bytes is too large"},
        {"{\"a\":" TENSOR("F32", "[4611686018427387904]", "[0,0]") "}", 0,
         "number of bytes is too large"},
        {"{\"a\":" TENSOR("F32", "[1]", "[0,3]") "}", 3, "expected 4 bytes"},
        {"{\"a\":" TENSOR("F32", "[1]", "[4,0]") "}", 4, "data_offsets: expected two"},
        {"{\"a\":" TENSOR("F32", "[1]", "[0]") "}", 4, "data_offsets: expected two"},
        {"{\"a\":" TENSOR("F32", "[1]", "[-4,0]") "}", 4, "data_offsets: expected two"},
        {"{\"a\":" TENSOR("F32", "[1]", "[4,8]") "}", 8, "expected it to begin at byte 0"},
        {"{\"a\":" TENSOR("F32", "[1]", "[0,4]") ",\"b\":" TENSOR("F32", "[1]", "[8,12]") "}", 12,
         "expected it to begin at byte 4"},
        {"{\"a\":" TENSOR("F32", "[2]", "[0,8]") ",\"b\":" TENSOR("F32", "[1]", "[4,8]") "}", 8,
         "expected it to begin at byte 8"},
        {"{\"a\":" TENSOR("F32", "[1]", "[0,4]") "}", 8, "cover the 8 bytes"},
        {"{\"a\":" TENSOR("F32", "[2]", "[0,8]") "}", 4, "cover the 4 bytes"},
        {"{\"__metadata__\":{\"format\":1}}", 0, "__metadata__: expected texts"},
        {"{\"__metadata__\":3}", 0, "__metadata__: expected texts"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        const char *path = write_file(row[i].header, zeros, row[i].bytes);
        cr_assert_null(safetensors_open(path), "row %zu", i);
        cr_expect(strstr(leadseq_error(), row[i].words), "row %zu: %s", i, leadseq_error());
        cr_expect(strstr(leadseq_error(), path), "row %zu: %s", i, leadseq_error());
        leadseq_error_clear();
    }
}

Test(safetensors, a_header_larger_than_the_file_or_the_limit_is_refused)
{
    static const uint64_t size[] = {3, 100000001, UINT64_MAX, 1ull << 63};
    for (size_t i = 0; i < LEADSEQ_COUNT(size); i++) {
        cr_assert_null(safetensors_open(write_as(size[i], "{}", NULL, 0)));
        cr_expect(strstr(leadseq_error(), "size of its header"), "%s", leadseq_error());
        leadseq_error_clear();
    }
    FILE *out = fopen(in_folder("short"), "wb");
    fputs("abc", out);
    fclose(out);
    cr_assert_null(safetensors_open(in_folder("short")));
    cr_expect(strstr(leadseq_error(), "found 3 bytes"), "%s", leadseq_error());
    cr_assert_null(safetensors_open(in_folder("nowhere")));
    cr_assert_null(safetensors_open(folder));
}

Test(safetensors, every_type_of_number_is_read)
{
    static const struct {
        const char *dtype;
        unsigned char bytes[8];
        int n;
        float value;
    } row[] = {
        {"F64", {0, 0, 0, 0, 0, 0, 0xf8, 0xbf}, 8, -1.5f},
        {"F32", {0, 0, 0xc0, 0xbf}, 4, -1.5f},
        {"F16", {0x00, 0xbe}, 2, -1.5f},
        {"F16", {0x01, 0x00}, 2, 0x1p-24f},
        {"BF16", {0xc0, 0xbf}, 2, -1.5f},
        {"I64", {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 8, -2},
        {"I32", {0xfe, 0xff, 0xff, 0xff}, 4, -2},
        {"I16", {0xfe, 0xff}, 2, -2},
        {"I8", {0xfe}, 1, -2},
        {"U8", {0xfe}, 1, 254},
        {"BOOL", {1}, 1, 1},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        char header[128];
        snprintf(header, sizeof header,
                 "{\"a\":{\"dtype\":\"%s\",\"shape\":[],\"data_offsets\":[0,%d]}}", row[i].dtype,
                 row[i].n);
        struct safetensors *s =
            safetensors_open(write_file(header, row[i].bytes, (size_t)row[i].n));
        float value = 0;
        cr_assert(s, "%s", leadseq_error());
        cr_assert_eq(s->tensor[0].count, 1);
        cr_assert_eq(safetensors_read(s, &s->tensor[0], &value), 0, "%s", leadseq_error());
        cr_expect_eq(value, row[i].value, "%s: %g", row[i].dtype, (double)value);
        safetensors_close(s);
    }
}

Test(safetensors, tensors_without_values_and_files_without_tensors_are_read)
{
    struct safetensors *s = safetensors_open(write_file("{}  ", NULL, 0));
    cr_assert(s, "%s", leadseq_error());
    cr_assert_eq(s->n, 0);
    safetensors_close(s);
    s = safetensors_open(write_file(
        "{\"a\":" TENSOR("F32", "[3,0]", "[4,4]") ",\"b\":" TENSOR("F32", "[1]", "[0,4]") "}",
        zeros, 4));
    cr_assert(s, "%s", leadseq_error());
    cr_expect_eq(safetensors_find(s, "a")->count, 0);
    cr_expect_null(safetensors_find(s, "c"));
    safetensors_close(s);
}

Test(safetensors, a_number_that_is_not_finite_is_refused)
{
    static const unsigned char bytes[] = {0, 0, 0, 0, 0, 0, 0xc0, 0x7f};
    float value[2];
    struct safetensors *s =
        safetensors_open(write_file("{\"a\":" TENSOR("F32", "[2]", "[0,8]") "}", bytes, 8));
    cr_assert(s);
    cr_assert_eq(safetensors_read(s, &s->tensor[0], value), -1);
    cr_expect(strstr(leadseq_error(), "a: expected finite numbers, found nan at place 1"), "%s",
              leadseq_error());
    safetensors_close(s);
}

/* --- Models ----------------------------------------------------------------------------------- */

struct net {
    struct leadseq_engine *engine;
    struct leadseq_model *model;
};

static struct net open_net(const char *options, int channels, uint64_t seed)
{
    struct net n;
    struct leadseq_model_spec spec;
    leadseq_model_spec_default(&spec, leadseq_model_type_find("resnet"));
    cr_assert_eq(leadseq_model_spec_set_all(&spec, options), 0, "%s", leadseq_error());
    spec.leads = 1, spec.channels = channels, spec.height = spec.width = 32;
    n.engine = leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1});
    n.model = leadseq_model_new(&spec, n.engine, 1, seed);
    cr_assert(n.model, "%s", leadseq_error());
    return n;
}

static void close_net(struct net n)
{
    leadseq_model_free(n.model);
    leadseq_engine_close(n.engine);
}

static const char *export_net(struct net n, const char *name)
{
    const char *path = in_folder(name);
    FILE *out = fopen(path, "wb");
    cr_assert_eq(leadseq_weights_write(n.model, out), 0, "%s", leadseq_error());
    fclose(out);
    return path;
}

static const float *values_of(struct net n, const char *name, size_t *count)
{
    const struct leadseq_params *p = leadseq_model_params(n.model);
    for (size_t i = 0; i < p->n_slices; i++)
        if (!strcmp(p->slice[i].name, name)) {
            if (count) *count = p->slice[i].count;
            return p->value + p->slice[i].offset;
        }
    cr_assert_fail("no %s", name);
    return NULL;
}

#define SMALL "model.width=4 model.head_features=6"

Test(safetensors, what_is_exported_is_loaded_again_to_the_same_bits)
{
    struct net a = open_net(SMALL, 3, 1), b = open_net(SMALL, 3, 2);
    const struct leadseq_params *p = leadseq_model_params(a.model),
                                *q = leadseq_model_params(b.model);
    struct leadseq_params *s = leadseq_model_state(a.model), *t = leadseq_model_state(b.model);
    for (size_t i = 0; i < s->count; i++) s->value[i] = 1 + 0.01f * (float)i;
    for (size_t i = 0; i < s->n_slices; i++) { /* gaps between slices stay zero */
        const size_t end = s->slice[i].offset + s->slice[i].count;
        const size_t next = i + 1 < s->n_slices ? s->slice[i + 1].offset : s->count;
        for (size_t k = end; k < next; k++) s->value[k] = 0;
    }
    const char *path = export_net(a, "net.safetensors");
    cr_assert_eq(leadseq_weights_load(b.model, path, true), 0, "%s", leadseq_error());
    cr_expect_eq(memcmp(p->value, q->value, p->count * sizeof *p->value), 0);
    cr_expect_eq(memcmp(s->value, t->value, s->count * sizeof *s->value), 0);
    struct safetensors *f = safetensors_open(path);
    cr_assert(f, "%s", leadseq_error());
    cr_expect_eq(f->n, p->n_slices + s->n_slices);
    cr_expect_eq(f->header % 8, 0);
    const struct safetensor *conv1 = safetensors_find(f, "conv1.weight");
    cr_assert(conv1);
    cr_expect(conv1->rank == 4 && conv1->shape[1] == 3 && conv1->shape[2] == 7);
    static const char *const names[] = {"layer2.0.downsample.1.running_var", "layer4.1.bn2.weight",
                                        "fc.2.running_mean", "fc.4.weight", "fc.8.weight"};
    for (size_t i = 0; i < LEADSEQ_COUNT(names); i++)
        cr_expect(safetensors_find(f, names[i]), "%s", names[i]);
    safetensors_close(f);
    close_net(a), close_net(b);
}

Test(safetensors, three_colours_become_one_by_their_sum)
{
    struct net a = open_net(SMALL, 3, 1), b = open_net(SMALL, 1, 2);
    cr_assert_eq(leadseq_weights_load(b.model, export_net(a, "rgb.safetensors"), true), 0, "%s",
                 leadseq_error());
    const float *three = values_of(a, "conv1.weight", NULL),
                *one = values_of(b, "conv1.weight", NULL);
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < 49; i++) {
            const float *w = three + k * 147 + i;
            cr_expect_float_eq((double)one[k * 49 + i],
                               (double)w[0] + (double)w[49] + (double)w[98], 1e-6);
        }
    close_net(a), close_net(b);
}

Test(safetensors, weights_of_another_depth_or_head_load_as_far_as_they_fit_unless_strict)
{
    struct net a = open_net("model.depth=34 " SMALL, 1, 1);
    struct net b = open_net("model.width=4 model.head=linear", 1, 2);
    const char *path = export_net(a, "deep.safetensors");
    const float before = values_of(b, "head.weight", NULL)[0];
    cr_assert_eq(leadseq_weights_load(b.model, path, true), -1);
    cr_expect(strstr(leadseq_error(), "model.weights_strict"), "%s", leadseq_error());
    cr_assert_eq(leadseq_weights_load(b.model, path, false), 0, "%s", leadseq_error());
    size_t n;
    const float *mine = values_of(b, "layer4.1.conv2.weight", &n);
    cr_expect_eq(memcmp(mine, values_of(a, "layer4.1.conv2.weight", NULL), n * sizeof *mine), 0);
    cr_expect_eq(values_of(b, "head.weight", NULL)[0], before);
    close_net(a), close_net(b);
}

Test(safetensors, files_that_are_no_weights_of_the_model_are_refused)
{
    struct net n = open_net(SMALL, 1, 1);
    static const struct {
        const char *header;
        size_t bytes;
        const char *words;
    } row[] = {
        {"{\"a\":" TENSOR("F32", "[1]", "[0,4]") "}", 4, "no tensor that fits"},
        {"{\"bn1.running_var\":" TENSOR("F32", "[4]", "[0,16]") "}", 16, NULL},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        const char *path = write_file(row[i].header, zeros, row[i].bytes);
        int status = leadseq_weights_load(n.model, path, false);
        cr_expect_eq(status, row[i].words ? -1 : 0, "%s", leadseq_error());
        if (row[i].words) cr_expect(strstr(leadseq_error(), row[i].words), "%s", leadseq_error());
        leadseq_error_clear();
    }
    float minus[4] = {1, 1, -1, 1};
    const char *path = write_file(row[1].header, minus, sizeof minus);
    cr_expect_eq(leadseq_weights_load(n.model, path, false), -1);
    cr_expect(strstr(leadseq_error(), "variances of at least 0"), "%s", leadseq_error());
    cr_expect_eq(leadseq_weights_load(n.model, write_as(3, " {}", NULL, 0), false), -1);
    cr_expect(strstr(leadseq_error(), "begins with '{'"), "%s", leadseq_error());
    cr_expect_eq(leadseq_weights_load(n.model, folder, false), -1);
    cr_expect(strstr(leadseq_error(), "found a folder"), "%s", leadseq_error());
    FILE *out = fopen(in_folder("a.pth"), "wb");
    fputs("PK\3\4 a zip of a pickle", out);
    fclose(out);
    cr_expect_eq(leadseq_weights_load(n.model, in_folder("a.pth"), false), -1);
    cr_expect(strstr(leadseq_error(), "save_file(torch.load("), "%s", leadseq_error());
    close_net(n);
}

/* fastai's names, also with counters of batches. */
Test(safetensors, fastais_names_are_understood)
{
    struct net n = open_net(SMALL, 1, 1);
    const char *header = "{\"0.1.weight\":" TENSOR(
        "F32", "[4]", "[0,16]") ",\"0.1.num_batches_"
                                "tracked\":" TENSOR("I64", "[]", "[16,24]") "}";
    unsigned char bytes[24] = {0};
    const float one[4] = {2, 3, 4, 5};
    memcpy(bytes, one, sizeof one);
    cr_assert_eq(leadseq_weights_load(n.model, write_file(header, bytes, sizeof bytes), false), 0,
                 "%s", leadseq_error());
    cr_expect_eq(memcmp(values_of(n, "bn1.weight", NULL), one, sizeof one), 0);
    close_net(n);
}
