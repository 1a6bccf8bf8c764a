/* SPDX-License-Identifier: MIT
 *
 * JSON files: what is read is written, and reads back to the same text. */
#include "fuzz.h"

#include "page/page.h"

static void count_leaf(const char *path, const char *value, void *state)
{
    fuzz_require(path && value, "a leaf without a path or value");
    ++*(size_t *)state;
}

static char *written(const struct leadseq_json *json)
{
    FILE *out = fuzz_print();
    int status = leadseq_json_write(json, out);
    char *text = fuzz_printed(NULL);
    fuzz_require(!status, "written");
    return text;
}

static void run(const uint8_t *data, size_t size)
{
    struct leadseq_json *json = leadseq_json_read(fuzz_put("r.json", data, size)), *again;
    if (!json) {
        fuzz_refused();
        return;
    }
    size_t leaves = 0;
    leadseq_json_leaves(json, count_leaf, &leaves);
    fuzz_require(leaves <= size, "%zu leaves of %zu bytes", leaves, size);
    double number = leadseq_json_number(json, "train.positives");
    fuzz_require(isnan(number) || isfinite(number), "%g", number);
    leadseq_json_text(json, "parts.test.threshold_origin");
    char *text = written(json);
    again = leadseq_json_read(fuzz_put_text("again.json", text));
    fuzz_require(again, "read back: %s", text);
    char *second = written(again);
    fuzz_require(!strcmp(text, second), "%s\nread back:\n%s", text, second);
    free(second);
    free(text);
    leadseq_json_free(again);
    leadseq_json_free(json);
}

static void seeds(void)
{
    fuzz_seed_text(
        "{\"train\": {\"positives\": 12, \"n\": [1, 2.5, -3e-7]}, \"name\": \"\\u00e9\"}");
    fuzz_seed_text("{\"parts\": {\"test\": {\"auc\": null, \"threshold_origin\": \"valid\"}}}");
    fuzz_seed_text("[[[[true, false]]]]");
    fuzz_seed_text("{\"a\": 1e400}");
    fuzz_seed_text("{\"a\": 9223372036854775807, \"b\": -0.0, \"c\": 1E5}");
    fuzz_seed_text("{\"a\": 1, \"a\": 2}");
    fuzz_seed_text("{\"\": \"\\ud83d\\ude00\\n\"}");
}

const struct fuzz_harness fuzz_json = {"json", "JSON of runs and reports", run, seeds};
