/* SPDX-License-Identifier: MIT
 *
 * safetensors files: what is accepted has tensors that lie one after the other and fill the file,
 * each as large as its shape says, all of which can be read or are refused for a number. */
#include "fuzz.h"

#include "exchange/safetensors.h"

static void check_tensor(struct safetensors *s, const struct safetensor *t, size_t *at)
{
    size_t count = 1;
    for (int i = 0; i < t->rank; i++) count *= t->shape[i];
    fuzz_require(count == t->count && t->begin == *at && t->end >= t->begin, "%s", t->name);
    fuzz_require(t->end - t->begin <= 8 * count && t->end - t->begin >= count, "%s", t->name);
    *at = t->end;
    float *value = calloc(count + 1, sizeof *value);
    fuzz_require(value != NULL, "memory");
    if (safetensors_read(s, t, value)) fuzz_refused();
    free(value);
}

static void run(const uint8_t *data, size_t size)
{
    size_t at = 0;
    struct safetensors *s = safetensors_open(fuzz_put("r.safetensors", data, size));
    if (!s) {
        fuzz_refused();
        return;
    }
    for (size_t i = 0; i < s->n; i++) check_tensor(s, &s->tensor[i], &at);
    fuzz_require(s->header + at == size, "%zu of %zu bytes", s->header + at, size);
    safetensors_close(s);
}

static void seed_text(const char *header, size_t n)
{
    uint8_t file[512] = {0};
    const size_t length = strlen(header);
    file[0] = (uint8_t)length, file[1] = (uint8_t)(length >> 8);
    memcpy(file + 8, header, length);
    fuzz_seed(file, 8 + length + n);
}

static void seeds(void)
{
    seed_text("{}", 0);
    seed_text("{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],"
              "\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":"
              "[8,16]}}",
              16);
    seed_text("{\"a\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[0,6]},\"c\":{\"dtype\":"
              "\"BOOL\",\"shape\":[0],\"data_offsets\":[6,6]}}",
              6);
    seed_text(
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,2]}}", 2);
}

const struct fuzz_harness fuzz_safetensors = {"safetensors", "safetensors files", run, seeds};
