/* SPDX-License-Identifier: MIT
 *
 * Values of a swept key: commas between them, but not those within [ ]; ranges of
 * numbers as FROM..TO, FROM..TO:STEP and FROM..TO:logN. */
#include "sweep_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct range {
    double from, to, step;
    int logarithmic; /* number of values, each the same multiple of the previous; 0: by steps */
};

static int fail_range(const char *text, const char *what)
{
    return leadseq_fail("%s: %s; a range is FROM..TO, FROM..TO:STEP or FROM..TO:logN, as 1..5, "
                        "0..0.5:0.1, 1e-5..1e-2:log4",
                        text, what);
}

/* A number up to a colon or the end, which is returned. Larger ones would lose digits. */
static const char *scan(const char *text, double *value)
{
    return leadseq_scan_number(&text, ":", -1e15, 1e15, value) ? text : NULL;
}

/* "1" of "1..5": a scan would take "1." and leave ".5". */
static int scan_from(const char *text, const char *dots, double *from)
{
    char number[64];
    if ((size_t)(dots - text) >= sizeof number) return -1;
    snprintf(number, sizeof number, "%.*s", (int)(dots - text), text);
    const char *end = scan(number, from);
    return end && !*end ? 0 : -1;
}

/* What follows FROM..TO. */
static int read_step(struct range *r, const char *text, const char *step)
{
    if (!*step) {
        r->step = 1;
        if (r->from == floor(r->from) && r->to == floor(r->to)) return 0;
        return fail_range(text, "a range of fractions needs a step");
    }
    if (!strncmp(step, ":log", 4)) {
        if (!leadseq_parse_int(step + 4, 2, LEADSEQ_SWEEP_JOBS_MOST, &r->logarithmic))
            return fail_range(text, "expected the number of values, two or more, after log");
        return r->from > 0 ? 0 : fail_range(text, "a logarithmic range begins above 0");
    }
    const char *rest = *step == ':' ? scan(step + 1, &r->step) : NULL;
    if (!rest || *rest || r->step <= 0) return fail_range(text, "expected a step above 0");
    return 0;
}

static int read_range(struct range *r, const char *text)
{
    const char *dots = strstr(text, "..");
    *r = (struct range){0};
    if (scan_from(text, dots, &r->from)) return fail_range(text, "expected a number before ..");
    const char *rest = scan(dots + 2, &r->to);
    if (!rest) return fail_range(text, "expected a number after ..");
    if (r->to < r->from) return fail_range(text, "is empty: it ends below its beginning");
    return read_step(r, text, rest);
}

/* --- Values ------------------------------------------------------------------------------- */

static bool is_known(const struct sweep_axis *axis, const char *value)
{
    for (size_t i = 0; i < axis->n; i++)
        if (!strcmp(axis->value[i], value)) return true;
    return false;
}

/* As the resolved file would have it, so that 1e-3 and 0.001 are seen to be one value. */
static int add_value(struct sweep_axis *axis, const char *text)
{
    char *value = leadseq_option_normal(axis->option, text);
    if (!value) return -1;
    if (axis->n == LEADSEQ_SWEEP_JOBS_MOST) {
        free(value);
        return leadseq_fail("%s: expected at most %d values", axis->option->key,
                            LEADSEQ_SWEEP_JOBS_MOST);
    }
    if (is_known(axis, value)) {
        leadseq_fail("%s: the value %s appears twice (as %s); remove one", axis->option->key, value,
                     text);
        free(value);
        return -1;
    }
    char **longer = leadseq_realloc(axis->value, axis->n + 1, sizeof *longer);
    if (!longer) {
        free(value);
        return -1;
    }
    axis->value = longer;
    axis->value[axis->n++] = value;
    return 0;
}

/* 15 digits leave out what sums of steps are wrong by: 0.3, not 0.30000000000000004; six are enough
 * between the ends of a logarithmic range. */
static void print_member(const struct range *r, int i, char number[32])
{
    if (!r->logarithmic || i == 0)
        snprintf(number, 32, "%.15g", r->from + i * r->step);
    else if (i + 1 == r->logarithmic)
        snprintf(number, 32, "%.15g", r->to);
    else
        snprintf(number, 32, "%.6g", r->from * pow(r->to / r->from, i / (r->logarithmic - 1.0)));
}

static int add_range(struct sweep_axis *axis, const char *text)
{
    struct range r;
    if (read_range(&r, text)) return -1;
    double count = r.logarithmic ? r.logarithmic : floor((r.to - r.from) / r.step + 1e-9) + 1;
    if (count > LEADSEQ_SWEEP_JOBS_MOST)
        return leadseq_fail("%s: expected at most %d values, found %.0f", text,
                            LEADSEQ_SWEEP_JOBS_MOST, count);
    for (int i = 0; i < (int)count; i++) {
        char number[32];
        print_member(&r, i, number);
        if (add_value(axis, number)) return leadseq_fail_in("%s", text);
    }
    return 0;
}

/* Whether a bare word among several may be an item of one list as well: 1,2 for [1, 2]. */
static bool is_ambiguous(const struct leadseq_option *o, const char *item)
{
    if (!o->kind->list || *item == '[') return false;
    char *listed = leadseq_format("[%s]", item);
    bool both = listed && leadseq_option_accepts(o, listed);
    free(listed);
    return both;
}

static int add_item(struct sweep_axis *axis, const char *item, bool alone)
{
    const struct leadseq_option *o = axis->option;
    item += strspn(item, " ");
    if (!*item) return leadseq_fail("%s: expected a value, found nothing", o->key);
    if (o->kind->number && strstr(item, "..")) return add_range(axis, item);
    if (!alone && o->kind->list && is_ambiguous(o, item))
        return leadseq_fail("%s: %s: one list or several values? write [a,b] for one list, "
                            "[a],[b] for two",
                            o->key, item);
    return add_value(axis, item);
}

/* The end of an item: the next comma outside brackets, or the text's end; NULL for brackets that
 * do not match. */
static char *item_end(char *text)
{
    int depth = 0;
    for (; *text && (depth || *text != ','); text++) {
        depth += (*text == '[') - (*text == ']');
        if (depth < 0 || depth > 1) return NULL;
    }
    return depth ? NULL : text;
}

static int add_items(struct sweep_axis *axis, char *text)
{
    bool alone = true;
    for (;;) {
        char *end = item_end(text);
        if (!end) return leadseq_fail("%s: %s: [ and ] do not match", axis->option->key, text);
        bool last = *end == '\0';
        alone = alone && last;
        *end = '\0';
        if (add_item(axis, text, alone)) return -1;
        if (last) return 0;
        text = end + 1;
    }
}

int sweep_axis_init(struct sweep_axis *axis, const struct leadseq_option *o, const char *text)
{
    *axis = (struct sweep_axis){.option = o};
    char *copy = leadseq_format("%s", text);
    int status = copy ? add_items(axis, copy) : -1;
    free(copy);
    if (status) sweep_axis_clear(axis);
    return status;
}

void sweep_axis_clear(struct sweep_axis *axis)
{
    for (size_t i = 0; i < axis->n; i++) free(axis->value[i]);
    free(axis->value);
    *axis = (struct sweep_axis){0};
}
