/* SPDX-License-Identifier: MIT
 *
 * safetensors; see safetensors.h. A header is believed in nothing: sizes are computed with checks
 * for overflow, the ranges of tensors must cover the buffer from its first to its last byte without
 * holes or overlaps, and no name may come twice. So a tensor is always as large as its shape
 * says, lies within the file, and shares no byte with another. */
#include "safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- Types of numbers ------------------------------------------------------------------------- */

static uint64_t little(const unsigned char *p, int bytes)
{
    uint64_t v = 0;
    for (int i = bytes - 1; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

static double f64(const unsigned char *p)
{
    const uint64_t u = little(p, 8);
    double v;
    memcpy(&v, &u, sizeof v);
    return v;
}

static double float_of(uint32_t u)
{
    float v;
    memcpy(&v, &u, sizeof v);
    return (double)v;
}

static double f32(const unsigned char *p)
{
    return float_of((uint32_t)little(p, 4));
}

static double bf16(const unsigned char *p)
{
    return float_of((uint32_t)little(p, 2) << 16);
}

/* Sign, 5 bits of exponent, 10 of fraction. */
static double f16(const unsigned char *p)
{
    const unsigned u = (unsigned)little(p, 2), exponent = u >> 10 & 31, fraction = u & 1023;
    double v = exponent == 31 ? fraction ? NAN : INFINITY
               : exponent     ? ldexp(1024 + fraction, (int)exponent - 25)
                              : ldexp(fraction, -24);
    return u >> 15 ? -v : v;
}

static double i64(const unsigned char *p)
{
    return (double)(int64_t)little(p, 8);
}

static double i32(const unsigned char *p)
{
    return (double)(int32_t)(uint32_t)little(p, 4);
}

static double i16(const unsigned char *p)
{
    return (double)(int16_t)(uint16_t)little(p, 2);
}

static double i8(const unsigned char *p)
{
    return (double)(int8_t)p[0];
}

static double u8(const unsigned char *p)
{
    return (double)p[0];
}

static const struct dtype {
    const char *name;
    size_t bytes;
    double (*value)(const unsigned char *p);
} dtypes[] = {{"F64", 8, f64}, {"F32", 4, f32}, {"F16", 2, f16}, {"BF16", 2, bf16},
              {"I64", 8, i64}, {"I32", 4, i32}, {"I16", 2, i16}, {"I8", 1, i8},
              {"U8", 1, u8},   {"BOOL", 1, u8}};

static const struct dtype *dtype_of(const char *name)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(dtypes); i++)
        if (!strcmp(dtypes[i].name, name)) return &dtypes[i];
    return NULL;
}

/* --- The header ------------------------------------------------------------------------------- */

static int fail_dtype(const char *name, const char *found)
{
    return leadseq_fail("%s: dtype: expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U8 and "
                        "BOOL, found %s",
                        name, found);
}

/* A whole number from 0 that a size can be. */
static int size_of(const json_t *json, size_t *size)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0) return -1;
    *size = (size_t)json_integer_value(json);
    return 0;
}

static int read_shape(struct safetensor *t, const json_t *shape)
{
    const size_t rank = json_array_size(shape);
    if (!json_is_array(shape) || rank > SAFETENSORS_RANK_MOST)
        return leadseq_fail("%s: shape: expected a list of at most %d sizes", t->name,
                            SAFETENSORS_RANK_MOST);
    t->rank = (int)rank;
    t->count = 1;
    for (size_t i = 0; i < rank; i++) {
        if (size_of(json_array_get(shape, i), &t->shape[i]))
            return leadseq_fail("%s: shape: expected whole numbers from 0", t->name);
        if (__builtin_mul_overflow(t->count, t->shape[i], &t->count))
            return leadseq_fail("%s: shape: the number of values is too large", t->name);
    }
    return 0;
}

static int read_offsets(struct safetensor *t, const json_t *offsets, const struct dtype *type)
{
    size_t bytes;
    if (!json_is_array(offsets) || json_array_size(offsets) != 2 ||
        size_of(json_array_get(offsets, 0), &t->begin) ||
        size_of(json_array_get(offsets, 1), &t->end) || t->begin > t->end)
        return leadseq_fail("%s: data_offsets: expected two whole numbers, where it begins and "
                            "where it ends",
                            t->name);
    if (__builtin_mul_overflow(t->count, type->bytes, &bytes))
        return leadseq_fail("%s: shape: the number of bytes is too large", t->name);
    if (t->end - t->begin == bytes) return 0;
    return leadseq_fail("%s: data_offsets: expected %zu bytes, which its shape and dtype %s need, "
                        "found %zu",
                        t->name, bytes, type->name, t->end - t->begin);
}

static int read_tensor(struct safetensor *t, const char *name, const json_t *json)
{
    t->name = leadseq_format("%s", name);
    if (!t->name) return -1;
    const json_t *dtype = json_object_get(json, "dtype");
    if (!json_is_string(dtype))
        return leadseq_fail("%s: expected dtype, shape and data_offsets", name);
    const struct dtype *type = dtype_of(json_string_value(dtype));
    if (!type) return fail_dtype(name, json_string_value(dtype));
    t->dtype = type->name;
    return read_shape(t, json_object_get(json, "shape")) ||
                   read_offsets(t, json_object_get(json, "data_offsets"), type)
               ? -1
               : 0;
}

static int check_metadata(const json_t *json)
{
    const char *key;
    json_t *value;
    bool texts = json_is_object(json);
    json_object_foreach((json_t *)(uintptr_t)json, key, value) texts =
        texts && json_is_string(value);
    return texts ? 0 : leadseq_fail("__metadata__: expected texts by name");
}

static int read_tensors(struct safetensors *s, json_t *header)
{
    const char *name;
    json_t *value;
    s->tensor = leadseq_calloc(json_object_size(header) + 1, sizeof *s->tensor);
    if (!s->tensor) return -1;
    json_object_foreach(header, name, value)
    {
        if (!strcmp(name, "__metadata__")) {
            if (check_metadata(value)) return -1;
        } else if (read_tensor(&s->tensor[s->n++], name, value)) {
            return -1;
        }
    }
    return 0;
}

/* Tensors without values may share their place with others. */
static int by_place(const void *a, const void *b)
{
    const struct safetensor *p = a, *q = b;
    if (p->begin != q->begin) return p->begin < q->begin ? -1 : 1;
    return p->end < q->end ? -1 : p->end > q->end;
}

static int check_cover(const struct safetensors *s, size_t buffer)
{
    size_t at = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct safetensor *t = &s->tensor[i];
        if (t->begin != at)
            return leadseq_fail("%s: data_offsets: expected it to begin at byte %zu, where the one "
                                "before ends, found %zu",
                                t->name, at, t->begin);
        at = t->end;
    }
    if (at == buffer) return 0;
    return leadseq_fail("expected tensors that cover the %zu bytes after the header, found %zu",
                        buffer, at);
}

static json_t *parse(const char *text, size_t n)
{
    json_error_t error;
    json_t *header = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (header && json_is_object(header)) return header;
    leadseq_fail("the header is no JSON object: %s", header ? "another value" : error.text);
    if (header) json_decref(header);
    return NULL;
}

/* `size` bytes of the file. */
static int read_header(struct safetensors *s, size_t size)
{
    unsigned char head[8];
    if (size < sizeof head + 2 || fread(head, 1, sizeof head, s->file) != sizeof head)
        return leadseq_fail("expected a safetensors file, found %zu bytes", size);
    const uint64_t n = little(head, 8);
    if (n > SAFETENSORS_HEADER_MOST || n > size - sizeof head)
        return leadseq_fail("expected a safetensors file, whose first 8 bytes are the size of its "
                            "header, at most %d and within the file; found %llu",
                            SAFETENSORS_HEADER_MOST, (unsigned long long)n);
    char *text = leadseq_calloc(n + 1, 1);
    if (!text) return -1;
    json_t *header = NULL;
    if (fread(text, 1, n, s->file) != n)
        leadseq_fail("the header could not be read: %s", strerror(errno));
    else if (text[0] != '{')
        leadseq_fail("expected a safetensors file, whose header begins with '{'");
    else
        header = parse(text, n);
    free(text);
    if (!header) return -1;
    s->header = sizeof head + n;
    int status = read_tensors(s, header);
    json_decref(header);
    if (status) return -1;
    qsort(s->tensor, s->n, sizeof *s->tensor, by_place);
    return check_cover(s, size - s->header);
}

bool safetensors_begins(const unsigned char head[9])
{
    return little(head, 8) <= SAFETENSORS_HEADER_MOST && head[8] == '{';
}

/* --- Files ------------------------------------------------------------------------------------ */

struct safetensors *safetensors_open(const char *path)
{
    struct safetensors *s = leadseq_calloc(1, sizeof *s);
    struct stat info;
    if (!s) return NULL;
    s->path = leadseq_format("%s", path);
    s->file = s->path ? fopen(path, "rb") : NULL;
    if (s->path && !s->file) leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    int status = s->file ? 0 : -1;
    if (!status && (fstat(fileno(s->file), &info) || !S_ISREG(info.st_mode)))
        status = leadseq_fail("%s: expected a file", path);
    if (!status && read_header(s, (size_t)info.st_size)) status = leadseq_fail_in("%s", path);
    if (!status) return s;
    safetensors_close(s);
    return NULL;
}

void safetensors_close(struct safetensors *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n; i++) free(s->tensor[i].name);
    free(s->tensor);
    if (s->file) fclose(s->file);
    free(s->path);
    free(s);
}

const struct safetensor *safetensors_find(const struct safetensors *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (!strcmp(s->tensor[i].name, name)) return &s->tensor[i];
    return NULL;
}

static int convert(const struct safetensors *s, const struct safetensor *t, float *value)
{
    const struct dtype *type = dtype_of(t->dtype);
    unsigned char piece[8 * 1024];
    const size_t most = sizeof piece / type->bytes;
    for (size_t i = 0; i < t->count;) {
        const size_t n = t->count - i < most ? t->count - i : most;
        if (fread(piece, type->bytes, n, s->file) != n)
            return leadseq_fail("%s: %s: ends too early", s->path, t->name);
        for (size_t k = 0; k < n; k++, i++) {
            value[i] = (float)type->value(piece + k * type->bytes);
            if (isfinite(value[i])) continue;
            return leadseq_fail("%s: %s: expected finite numbers, found %g at place %zu", s->path,
                                t->name, (double)value[i], i);
        }
    }
    return 0;
}

int safetensors_read(struct safetensors *s, const struct safetensor *t, float *value)
{
    if (fseeko(s->file, (off_t)(s->header + t->begin), SEEK_SET))
        return leadseq_fail("%s: %s: cannot be read: %s", s->path, t->name, strerror(errno));
    return convert(s, t, value);
}

/* --- Writing ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct safetensors_part *)a)->name,
                  ((const struct safetensors_part *)b)->name);
}

static size_t count_of(const struct safetensors_part *p)
{
    size_t n = 1;
    for (int i = 0; i < p->rank; i++) n *= p->shape[i];
    return n;
}

/* In fresh memory, padded with blanks to whole 8 bytes. */
static char *header_text(const struct safetensors_part *part, size_t n)
{
    char *text = NULL;
    size_t size = 0, at = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return leadseq_fail_memory(0), NULL;
    fputs("{\"__metadata__\":{\"format\":\"pt\"}", out);
    for (size_t i = 0; i < n; i++) { /* names of slices need no escapes */
        const size_t end = at + count_of(&part[i]) * sizeof(float);
        fprintf(out, ",\"%s\":{\"dtype\":\"F32\",\"shape\":[", part[i].name);
        for (int d = 0; d < part[i].rank; d++)
            fprintf(out, "%s%zu", d ? "," : "", part[i].shape[d]);
        fprintf(out, "],\"data_offsets\":[%zu,%zu]}", at, end);
        at = end;
    }
    fputc('}', out);
    fflush(out);
    for (size_t left = (8 - size % 8) % 8; left; left--) fputc(' ', out);
    fclose(out);
    if (!text) leadseq_fail_memory(0);
    return text;
}

static void put_little(FILE *out, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) fputc((int)(v >> 8 * i & 255), out);
}

int safetensors_write(FILE *out, struct safetensors_part *part, size_t n)
{
    qsort(part, n, sizeof *part, by_name);
    char *header = header_text(part, n);
    if (!header) return -1;
    put_little(out, strlen(header), 8);
    fputs(header, out);
    free(header);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0, count = count_of(&part[i]); k < count; k++) {
            uint32_t u;
            memcpy(&u, &part[i].value[k], sizeof u);
            put_little(out, u, 4);
        }
    return ferror(out) ? leadseq_fail("writing failed: %s", leadseq_write_reason(out)) : 0;
}
