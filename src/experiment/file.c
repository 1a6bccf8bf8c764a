/* SPDX-License-Identifier: MIT
 *
 * Experiment files: YAML, read event by event, to dotted keys and texts that
 * train's option table judges. What a key may be is known there, not here;
 * where in the file it is, and which files it includes, is known here, not
 * there. */
#include "experiment/experiment.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    FILE_MAX_BYTES = 1 << 18,
    LINE_MAX_BYTES = 4096,
    DEPTH_MAX = 4,
    KEY_MAX = 128,
    KEYS_MAX = 256,
    VALUE_MAX = 1024,
    FILES_MAX = 64
};

struct reader {
    const char *path;
    const struct reader *includer; /* NULL: the file itself */
    int *files;                    /* read so far, included ones too */
    struct fy_parser *parser;
    struct fy_diag *diag;
    const struct leadseq_keys *keys;
    char *key[KEYS_MAX]; /* set so far */
    size_t n_keys;
};

struct place {
    int line, column; /* from 1 */
};

static struct place place_of(struct fy_token *token)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    return mark ? (struct place){mark->line + 1, mark->column + 1} : (struct place){1, 1};
}

static struct leadseq_place origin(const struct reader *r, struct place at)
{
    return (struct leadseq_place){r->path, at.line, at.column};
}

static struct fy_token *token_of(const struct fy_event *event)
{
    switch (event->type) {
    case FYET_SCALAR:
        return event->scalar.value;
    case FYET_ALIAS:
        return event->alias.anchor;
    case FYET_SEQUENCE_START:
        return event->sequence_start.sequence_start;
    case FYET_MAPPING_START:
        return event->mapping_start.mapping_start;
    default:
        return NULL;
    }
}

static int fail_at(const struct reader *r, struct place at)
{
    return leadseq_fail_in("%s:%d:%d", r->path, at.line, at.column);
}

/* The parser's own complaint. */
static int fail_syntax(const struct reader *r)
{
    void *iterator = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(r->diag, &iterator);
    if (!error) return leadseq_fail("%s: is not valid YAML", r->path);
    int column = error->column > 0 ? error->column : 1;
    return leadseq_fail("%s:%d:%d: is not valid YAML: %s", r->path, error->line, column,
                        error->msg);
}

/* The next event, which the caller frees; NULL and a message at a syntax error. */
static struct fy_event *next_event(struct reader *r)
{
    struct fy_event *event = fy_parser_parse(r->parser);
    if (!event) fail_syntax(r);
    return event;
}

static int copy_text(const struct reader *r, struct fy_token *token, char *text, size_t size)
{
    size_t n = 0;
    const char *s = fy_token_get_text(token, &n);
    leadseq_error_clear();
    if (!s || n >= size || memchr(s, '\0', n)) {
        leadseq_fail("expected a text of at most %zu bytes, found %zu", size - 1, n);
        return fail_at(r, place_of(token));
    }
    memcpy(text, s, n);
    text[n] = '\0';
    return 0;
}

static int remember_key(struct reader *r, const char *key, struct place at)
{
    for (size_t i = 0; i < r->n_keys; i++)
        if (!strcmp(r->key[i], key)) {
            leadseq_fail("%s: the key appears twice; remove one", key);
            return fail_at(r, at);
        }
    if (r->n_keys == KEYS_MAX) {
        leadseq_fail("expected at most %d keys", KEYS_MAX);
        return fail_at(r, at);
    }
    r->key[r->n_keys] = leadseq_format("%s", key);
    return r->key[r->n_keys++] ? 0 : -1;
}

static int set_value(struct reader *r, const char *key, const char *value, struct place at)
{
    struct leadseq_place place = origin(r, at);
    int status = *value ? r->keys->set(r->keys->user, key, value, &place)
                        : leadseq_fail("%s: expected a value, found nothing", key);
    return status ? fail_at(r, at) : 0;
}

/* What comes next, its place, and the text of a scalar, "" of anything else. */
static int read_event(struct reader *r, enum fy_event_type *type, struct place *at,
                      char text[VALUE_MAX])
{
    struct fy_event *event = next_event(r);
    *text = '\0';
    if (!event) return -1;
    *type = event->type;
    *at = place_of(token_of(event));
    int status = *type == FYET_SCALAR ? copy_text(r, event->scalar.value, text, VALUE_MAX) : 0;
    fy_parser_event_free(r->parser, event);
    return status;
}

/* "[1, 2, 3]" of a sequence whose start was read already. */
static int read_list(struct reader *r, char *value)
{
    size_t n = 0;
    value[n++] = '[';
    for (;;) {
        enum fy_event_type type;
        struct place at;
        char item[VALUE_MAX];
        if (read_event(r, &type, &at, item)) return -1;
        if (type == FYET_SEQUENCE_END) break;
        if (type != FYET_SCALAR || n + strlen(item) + 4 > VALUE_MAX) {
            leadseq_fail("expected a short list of plain values");
            return fail_at(r, at);
        }
        n += (size_t)snprintf(value + n, VALUE_MAX - n, "%s%s", n > 1 ? ", " : "", item);
    }
    strcpy(value + n, "]");
    return 0;
}

static int read_mapping(struct reader *r, const char *prefix, int depth);

/* The value after a key: a scalar, a list, or a mapping of longer keys. */
static int read_value(struct reader *r, const char *key, struct place at, int depth)
{
    struct fy_event *event = next_event(r);
    if (!event) return -1;
    enum fy_event_type type = event->type;
    char value[VALUE_MAX] = "";
    int status = type == FYET_SCALAR ? copy_text(r, event->scalar.value, value, sizeof value) : 0;
    fy_parser_event_free(r->parser, event);
    if (status) return -1;
    switch (type) {
    case FYET_SCALAR:
        return set_value(r, key, value, at);
    case FYET_SEQUENCE_START:
        return read_list(r, value) ? -1 : set_value(r, key, value, at);
    case FYET_MAPPING_START:
        return read_mapping(r, key, depth + 1);
    default:
        leadseq_fail("%s: expected a value, found an alias; write the value itself", key);
        return fail_at(r, at);
    }
}

/* --- Included files ---------------------------------------------------------------------- */

static int read_file(const struct reader *includer, const char *path, int *files,
                     const struct leadseq_keys *keys);

/* A file's name as one finds it from the folder of the file that names it. */
static char *beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    if (*name == '/' || !slash) return leadseq_format("%s", name);
    return leadseq_format("%.*s/%s", (int)(slash - path), path, name);
}

static bool same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return !stat(a, &of_a) && !stat(b, &of_b) && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

static int check_cycle(const struct reader *r, const char *path)
{
    for (const struct reader *up = r; up; up = up->includer)
        if (same_file(up->path, path))
            return leadseq_fail("include: %s: would include itself%s%s; take one of the two out",
                                path, up == r ? "" : " by way of ", up == r ? "" : r->path);
    if (*r->files < FILES_MAX) return 0;
    return leadseq_fail("include: %s: expected at most %d files in all", path, FILES_MAX - 1);
}

static int include_file(struct reader *r, const char *name, struct place at)
{
    struct leadseq_place place = origin(r, at);
    int depth = 1;
    for (const struct reader *up = r->includer; up; up = up->includer) depth++;
    char *path = beside(r->path, name);
    if (!path) return -1;
    int status = *name ? check_cycle(r, path) : leadseq_fail("include: expected a file's name");
    if (!status && r->keys->included)
        status = r->keys->included(r->keys->user, path, depth, &place);
    if (!status) status = read_file(r, path, r->files, r->keys);
    free(path);
    return status ? fail_at(r, at) : 0;
}

/* One name, or a list of them; 1 at the list's end. */
static int read_include(struct reader *r, bool in_list)
{
    enum fy_event_type type;
    struct place at;
    char name[VALUE_MAX];
    if (read_event(r, &type, &at, name)) return -1;
    if (type == FYET_SCALAR) return include_file(r, name, at);
    if (type == FYET_SEQUENCE_END) return 1;
    if (type == FYET_SEQUENCE_START && !in_list) {
        int status;
        do status = read_include(r, true);
        while (!status);
        return status > 0 ? 0 : -1;
    }
    leadseq_fail("include: expected a file's name or a list of names");
    return fail_at(r, at);
}

/* One key and its value; 1 at the mapping's end. */
static int read_pair(struct reader *r, const char *prefix, int depth)
{
    struct fy_event *event = next_event(r);
    if (!event) return -1;
    enum fy_event_type type = event->type;
    struct place at = place_of(token_of(event));
    char name[KEY_MAX] = "", key[2 * KEY_MAX];
    int status = type == FYET_SCALAR ? copy_text(r, event->scalar.value, name, sizeof name) : 0;
    fy_parser_event_free(r->parser, event);
    if (status || type == FYET_MAPPING_END) return status ? -1 : 1;
    if (type != FYET_SCALAR) {
        leadseq_fail("expected a key, found something else");
        return fail_at(r, at);
    }
    int n = snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", name);
    if (n >= KEY_MAX) {
        leadseq_fail("expected a key of at most %d bytes", KEY_MAX - 1);
        return fail_at(r, at);
    }
    if (remember_key(r, key, at)) return -1;
    if (!strcmp(key, "include")) {
        if (r->n_keys == 1) return read_include(r, false);
        leadseq_fail("include: expected before all other keys, since what comes later wins");
        return fail_at(r, at);
    }
    return read_value(r, key, at, depth);
}

static int read_mapping(struct reader *r, const char *prefix, int depth)
{
    if (depth > DEPTH_MAX) return leadseq_fail("%s: %s: is nested too deeply", r->path, prefix);
    int status;
    do status = read_pair(r, prefix, depth);
    while (!status);
    return status > 0 ? 0 : -1;
}

/* Skips to the next event of the wanted type among the stream's and document's own. */
static int expect_event(struct reader *r, enum fy_event_type wanted, const char *expected)
{
    for (;;) {
        struct fy_event *event = next_event(r);
        if (!event) return -1;
        enum fy_event_type type = event->type;
        struct place at = place_of(token_of(event));
        fy_parser_event_free(r->parser, event);
        if (type == wanted) return 0;
        if (type == FYET_STREAM_START || type == FYET_DOCUMENT_END) continue;
        if (type == FYET_DOCUMENT_START && wanted == FYET_MAPPING_START) continue;
        leadseq_fail("expected %s", expected);
        return fail_at(r, at);
    }
}

static int read_stream(struct reader *r)
{
    if (expect_event(r, FYET_MAPPING_START, "keys and values (name: …), found none")) return -1;
    if (read_mapping(r, "", 0)) return -1;
    return expect_event(r, FYET_STREAM_END, "one document, found a second");
}

/* What libfyaml (0.7.12) is not given: it waits forever on a directive with bytes that are no
 * UTF-8, takes a zero byte for the end, and needs time that grows with the square of a long line.
 */
static int check_text(const struct reader *r, const char *text, size_t size)
{
    size_t line = 1, start = 0;
    if (leadseq_text_check(text, size, r->path)) return -1;
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        bool begins = !i || text[i - 1] == '\n' || text[i - 1] == '\r';
        if (c == 0x7f || (c < ' ' && (!c || !strchr("\t\n\r", c))))
            return leadseq_fail("%s:%zu: expected text, found the control character 0x%02x",
                                r->path, line, c);
        if (begins && c == '%' && strncmp(text + i, "%YAML 1.", 8))
            return leadseq_fail("%s:%zu: expected keys and values, found a directive of YAML; "
                                "take it out",
                                r->path, line);
        if (begins) start = i;
        if (i - start >= LINE_MAX_BYTES)
            return leadseq_fail("%s:%zu: expected at most %d bytes on a line, found more", r->path,
                                line, LINE_MAX_BYTES);
        line += c == '\n';
    }
    return 0;
}

/* A copy whose tabs are blanks, but for those that indent, which YAML refuses: after "? key:" the
 * library reads through NULL where a tab follows. */
static char *copy_blank(const char *text, size_t size)
{
    char *copy = leadseq_calloc(size + 1, 1);
    bool indents = true;
    for (size_t i = 0; copy && i < size; i++) {
        indents =
            text[i] == '\n' || text[i] == '\r' || (indents && (text[i] == ' ' || text[i] == '\t'));
        copy[i] = text[i] == '\t' && !indents ? ' ' : text[i];
    }
    return copy;
}

static int parse_text(struct reader *r, const char *text, size_t size)
{
    if (check_text(r, text, size)) return -1;
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    int status = -1;
    char *copy = copy_blank(text, size);
    r->diag = copy ? fy_diag_create(&quiet) : NULL;
    if (!r->diag) goto end;
    fy_diag_set_collect_errors(r->diag, true);
    struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE,
        .diag = r->diag,
    };
    r->parser = fy_parser_create(&config);
    if (!r->parser || fy_parser_set_string(r->parser, copy, size)) goto end;
    status = read_stream(r);
end:
    if (!r->diag || !r->parser) leadseq_fail_memory(0);
    for (size_t i = 0; i < r->n_keys; i++) free(r->key[i]);
    if (r->parser) fy_parser_destroy(r->parser);
    if (r->diag) fy_diag_destroy(r->diag);
    free(copy);
    return status;
}

static int read_file(const struct reader *includer, const char *path, int *files,
                     const struct leadseq_keys *keys)
{
    size_t size;
    char *text = leadseq_text_read(path, FILE_MAX_BYTES, &size);
    if (!text) return -1;
    ++*files;
    struct reader r = {.path = path, .includer = includer, .files = files, .keys = keys};
    int status = parse_text(&r, text, size);
    free(text);
    return status;
}

int leadseq_keys_parse(const char *path, const char *text, size_t size,
                       const struct leadseq_keys *keys)
{
    int files = 1;
    struct reader r = {.path = path, .files = &files, .keys = keys};
    return parse_text(&r, text, size);
}

int leadseq_keys_read(const char *path, const struct leadseq_keys *keys)
{
    int files = 0;
    return read_file(NULL, path, &files, keys);
}
