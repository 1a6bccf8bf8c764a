/* SPDX-License-Identifier: MIT
 *
 * JSON by jansson. A failure while building is kept in a static flag of the
 * thread and reported where a value is saved. */
#include "page/page.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local bool failed;

static json_t *inner(const struct leadseq_json *json)
{
    return (json_t *)(uintptr_t)json; // jansson knows no const tree
}

static struct leadseq_json *outer(json_t *json)
{
    if (!json) failed = true;
    return (struct leadseq_json *)json;
}

struct leadseq_json *leadseq_json_object(void)
{
    return outer(json_object());
}

struct leadseq_json *leadseq_json_array(void)
{
    return outer(json_array());
}

/* json_string() refuses what is not UTF-8: that is shown plainly, all else stays as it is. */
static json_t *text_value(const char *text)
{
    json_t *value = json_string(text);
    return value ? value : json_string(leadseq_plain(text));
}

struct leadseq_json *leadseq_json_string(const char *text)
{
    return outer(text_value(text));
}

void leadseq_json_free(struct leadseq_json *json)
{
    json_decref(inner(json));
}

void leadseq_json_set(struct leadseq_json *object, const char *key, struct leadseq_json *child)
{
    if (json_object_set_new(inner(object), key, inner(child))) failed = true;
}

void leadseq_json_append(struct leadseq_json *array, struct leadseq_json *child)
{
    if (json_array_append_new(inner(array), inner(child))) failed = true;
}

void leadseq_json_set_number(struct leadseq_json *object, const char *key, double value)
{
    leadseq_json_set(object, key, outer(isfinite(value) ? json_real(value) : json_null()));
}

void leadseq_json_append_count(struct leadseq_json *array, size_t value)
{
    leadseq_json_append(array, outer(json_integer((json_int_t)value)));
}

void leadseq_json_append_number(struct leadseq_json *array, double value)
{
    leadseq_json_append(array, outer(isfinite(value) ? json_real(value) : json_null()));
}

void leadseq_json_append_bool(struct leadseq_json *array, bool value)
{
    leadseq_json_append(array, outer(json_boolean(value)));
}

struct leadseq_json *leadseq_json_take(struct leadseq_json *array, size_t i)
{
    json_t *value = json_incref(json_array_get(inner(array), i));
    json_decref(inner(array));
    return outer(value);
}

void leadseq_json_set_count(struct leadseq_json *object, const char *key, size_t value)
{
    leadseq_json_set(object, key, outer(json_integer((json_int_t)value)));
}

void leadseq_json_set_text(struct leadseq_json *object, const char *key, const char *text)
{
    leadseq_json_set(object, key, outer(text ? text_value(text) : json_null()));
}

void leadseq_json_set_bool(struct leadseq_json *object, const char *key, bool value)
{
    leadseq_json_set(object, key, outer(json_boolean(value)));
}

/* --- Writing ------------------------------------------------------------------------------- */

/* jansson has one number of digits for all; here each has as many as it needs. */
struct writer {
    FILE *out;
    int digits; /* of numbers, 0: as many as read back to the same bits */
    bool compact;
};

/* As jansson writes them: "0.5", "2.0", "1e-5". */
static void put_real(const struct writer *w, double value)
{
    enum { SURE = DBL_DIG }; // digits of a text that the number it is read as has
    char text[40];
    if (w->digits)
        snprintf(text, sizeof text, "%.*g", w->digits, value);
    else
        leadseq_print_shortest(text, value, SURE);
    size_t n = strcspn(text, "e");
    fprintf(w->out, "%.*s%s", (int)n, text, strpbrk(text, ".e") ? "" : ".0");
    if (text[n]) fprintf(w->out, "e%d", atoi(text + n + 1));
}

static void put_break(const struct writer *w, int depth)
{
    if (!w->compact) fprintf(w->out, "\n%*s", 2 * depth, "");
}

static int put_any(const struct writer *w, json_t *json)
{
    if (!json_is_real(json)) return json_dumpf(json, w->out, JSON_ENCODE_ANY);
    put_real(w, json_real_value(json));
    return 0;
}

static int put_key(const struct writer *w, const char *key)
{
    json_t *text = json_string(key);
    int status = text ? put_any(w, text) : -1;
    json_decref(text);
    fputs(w->compact ? ":" : ": ", w->out);
    return status;
}

static int put_value(const struct writer *w, json_t *json, int depth)
{
    const char *key;
    json_t *child;
    size_t i, left = json_is_object(json) ? json_object_size(json) : json_array_size(json);
    if (!left && (json_is_object(json) || json_is_array(json)))
        return fputs(json_is_object(json) ? "{}" : "[]", w->out) == EOF;
    if (!left) return put_any(w, json);
    putc(json_is_object(json) ? '{' : '[', w->out);
    int status = 0;
    json_object_foreach(json, key, child)
    {
        put_break(w, depth + 1);
        if (status || put_key(w, key) || put_value(w, child, depth + 1)) status = -1;
        if (--left) putc(',', w->out);
    }
    json_array_foreach(json, i, child)
    {
        put_break(w, depth + 1);
        if (status || put_value(w, child, depth + 1)) status = -1;
        if (--left) putc(',', w->out);
    }
    put_break(w, depth);
    putc(json_is_object(json) ? '}' : ']', w->out);
    return status;
}

static int write_as(const struct leadseq_json *json, const struct writer *w)
{
    bool whole = json && !failed;
    failed = false;
    if (!whole) return leadseq_fail("JSON could not be built: out of memory");
    if (put_value(w, inner(json), 0) || putc('\n', w->out) == EOF || ferror(w->out))
        return leadseq_fail("writing failed: %s", leadseq_write_reason(w->out));
    return 0;
}

int leadseq_json_write(const struct leadseq_json *json, FILE *out)
{
    return write_as(json, &(struct writer){.out = out});
}

int leadseq_json_save(const struct leadseq_json *json, const char *path)
{
    struct leadseq_file *file = leadseq_file_create(path);
    if (!file) return -1;
    if (!leadseq_json_write(json, leadseq_file_stream(file))) return leadseq_file_commit(file);
    leadseq_file_discard(file);
    return leadseq_fail_in("%s", path);
}

int leadseq_json_save_small(const struct leadseq_json *json, const char *path, int digits)
{
    struct leadseq_file *file = leadseq_file_create(path);
    if (!file) return -1;
    const struct writer w = {leadseq_file_stream(file), digits, true};
    if (!write_as(json, &w)) return leadseq_file_commit_unsynced(file);
    leadseq_file_discard(file);
    return leadseq_fail_in("%s", path);
}

/* --- Reading ------------------------------------------------------------------------------- */

struct leadseq_json *leadseq_json_read(const char *path)
{
    size_t size;
    char *text = leadseq_text_read(path, 64 << 20, &size);
    if (!text) return NULL;
    json_error_t error;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        leadseq_fail("%s: line %d, column %d: expected JSON: %s", path, error.line, error.column,
                     error.text);
    else if (!json_is_object(json)) {
        leadseq_fail("%s: expected a JSON object, { … }, found a list", path);
        json_decref(json);
        json = NULL;
    }
    free(text);
    return (struct leadseq_json *)json;
}

/* What is an object in every file of a run. */
static int check_objects(json_t *json, const char *path)
{
    static const char *const objects[] = {"parts", "stack", "versions"};
    for (size_t i = 0; i < LEADSEQ_COUNT(objects); i++) {
        const json_t *value = json_object_get(json, objects[i]);
        if (value && !json_is_object(value))
            return leadseq_fail("%s: %s: expected an object, { … }, found something else; the file "
                                "is damaged: move it away to work without it",
                                path, objects[i]);
    }
    return 0;
}

int leadseq_json_read_optional(struct leadseq_json **json, const char *folder, const char *name)
{
    *json = NULL;
    char *path = leadseq_path_join(folder, name);
    if (!path) return -1;
    bool there = leadseq_path_exists(path);
    if (there) *json = leadseq_json_read(path);
    if (*json && check_objects(inner(*json), path)) {
        leadseq_json_free(*json);
        *json = NULL;
    }
    free(path);
    return there && !*json ? -1 : 0;
}

/* A value that is no object and no list, NULL where there is none. Names of outputs may hold
 * points, which divide a path: every key that the path can begin with is looked at, the longest
 * first. */
static json_t *at(json_t *json, const char *path)
{
    char key[512];
    size_t n = strlen(path);
    if (!n) return json_is_object(json) || json_is_array(json) ? NULL : json;
    for (json_t *found; json_is_object(json) && n; n--) {
        if ((path[n] && path[n] != '.') || n >= sizeof key) continue;
        memcpy(key, path, n);
        key[n] = '\0';
        json_t *child = json_object_get(json, key);
        if (child && (found = at(child, path + n + (path[n] == '.')))) return found;
    }
    return NULL;
}

double leadseq_json_number(const struct leadseq_json *json, const char *path)
{
    json_t *value = at(inner(json), path);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *leadseq_json_text(const struct leadseq_json *json, const char *path)
{
    return json_string_value(at(inner(json), path));
}

struct walk {
    void (*each)(const char *path, const char *value, void *state);
    void *state;
};

static void walk_leaves(json_t *json, const char *path, const struct walk *w)
{
    const char *key;
    json_t *child;
    char deeper[512];
    size_t i;
    if (json_is_object(json)) {
        json_object_foreach(json, key, child)
        {
            snprintf(deeper, sizeof deeper, "%.200s%s%.200s", path, *path ? "." : "", key);
            walk_leaves(child, deeper, w);
        }
    } else if (json_is_array(json)) {
        json_array_foreach(json, i, child)
        {
            snprintf(deeper, sizeof deeper, "%.200s[%zu]", path, i);
            walk_leaves(child, deeper, w);
        }
    } else if (json_is_string(json)) {
        w->each(path, json_string_value(json), w->state);
    } else {
        char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        if (text) w->each(path, text, w->state);
        free(text);
    }
}

void leadseq_json_leaves(const struct leadseq_json *json,
                         void (*each)(const char *path, const char *value, void *state),
                         void *state)
{
    struct walk w = {each, state};
    walk_leaves(inner(json), "", &w);
}
