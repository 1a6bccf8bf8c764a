/* SPDX-License-Identifier: MIT
 *
 * Making a comparison and reading its report.json in tests. */
#ifndef TEST_REPORT_JSON_H
#define TEST_REPORT_JSON_H

#include "small_runs.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* Compares into ROOT/out, replacing an earlier report there. */
static inline json_t *compared(char *const *inputs, size_t n, const char *data)
{
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", runs_path("out"));
    cr_assert_eq(system(command), 0);
    cr_assert_eq(runs_compare(inputs, n, data), 0, "%s", leadseq_error());
    json_error_t error;
    json_t *json = json_load_file(runs_path("out/report.json"), 0, &error);
    cr_assert(json, "%s", error.text);
    return json;
}

static inline json_t *pair_of(json_t *json, size_t i)
{
    return json_array_get(json_object_get(json, "pairs"), i);
}

static inline json_t *model_of(json_t *json, size_t i)
{
    return json_array_get(json_object_get(json, "models"), i);
}

static inline const char *text_of(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static inline const char *method_of(json_t *holder, const char *metric)
{
    return text_of(json_object_get(json_object_get(holder, "metrics"), metric), "method");
}

/* NaN where it is null. */
static inline double figure(json_t *holder, const char *metric, const char *part)
{
    json_t *metrics = json_object_get(holder, "metrics");
    json_t *value = json_object_get(json_object_get(metrics, metric), part);
    cr_assert(value, "%s.%s is not there", metric, part);
    return json_is_null(value) ? NAN : json_number_value(value);
}

static inline bool notes_say(json_t *json, const char *words)
{
    size_t i;
    json_t *note;
    json_array_foreach(json_object_get(json, "notes"), i, note)
    {
        if (strstr(json_string_value(note), words)) return true;
    }
    return false;
}

#endif
