/* SPDX-License-Identifier: MIT
 *
 * Reading report.json in tests. */
#ifndef TEST_REPORT_JSON_H
#define TEST_REPORT_JSON_H

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static inline json_t *model_of(json_t *json, size_t i)
{
    return json_array_get(json_object_get(json, "models"), i);
}

static inline const char *text_of(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
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
