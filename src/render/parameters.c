/* SPDX-License-Identifier: MIT
 *
 * What a drawing has beyond style, profile, size, range, rate and preparation, by name:
 * for files that keep a drawing, for options, and for messages. The rows are those of the
 * drawing's style, after `levels`, which all styles have. */
#include "words.h"

#include <string.h>
#include <strings.h>

static const struct leadseq_style_parameter *rows_of(const struct leadseq_drawing *d)
{
    static const struct leadseq_style_parameter none[] = {{0}};
    const struct leadseq_style_type *type = leadseq_style_type(d->style);
    return type && type->parameter ? type->parameter : none;
}

static void *field_of(struct leadseq_drawing *d, const struct leadseq_style_parameter *p)
{
    return (char *)d + p->field;
}

static const void *value_of(const struct leadseq_drawing *d,
                            const struct leadseq_style_parameter *p)
{
    return (const char *)d + p->field;
}

static struct leadseq_parameter parameter_of(const struct leadseq_drawing *d,
                                             const struct leadseq_style_parameter *p)
{
    const void *value = value_of(d, p);
    switch (p->type) {
    case LEADSEQ_FIELD_REAL:
        return (struct leadseq_parameter){p->name, LEADSEQ_PARAMETER_REAL,
                                          .real = *(const double *)value};
    case LEADSEQ_FIELD_WORD:
        return (struct leadseq_parameter){p->name, LEADSEQ_PARAMETER_WORD,
                                          .word = p->words[*(const int *)value - p->first]};
    case LEADSEQ_FIELD_SEED:
        return (struct leadseq_parameter){p->name, LEADSEQ_PARAMETER_COUNT,
                                          .count = *(const uint64_t *)value};
    default:
        return (struct leadseq_parameter){p->name, LEADSEQ_PARAMETER_COUNT,
                                          .count = *(const bool *)value};
    }
}

size_t leadseq_drawing_parameters(const struct leadseq_drawing *d,
                                  struct leadseq_parameter list[LEADSEQ_PARAMETERS])
{
    size_t n = 0;
    list[n++] = (struct leadseq_parameter){"levels", LEADSEQ_PARAMETER_COUNT, true,
                                           .count = (uint64_t)d->levels};
    for (const struct leadseq_style_parameter *p = rows_of(d); p->name && n < LEADSEQ_PARAMETERS;
         p++)
        list[n++] = parameter_of(d, p);
    return n;
}

static int set_word(struct leadseq_drawing *d, const struct leadseq_style_parameter *p,
                    const char *word)
{
    for (int i = 0; p->words[i]; i++)
        if (!strcasecmp(p->words[i], word)) {
            *(int *)field_of(d, p) = i + p->first;
            return 0;
        }
    return render_word_refuse(p->words, word);
}

static int put(struct leadseq_drawing *d, const struct leadseq_style_parameter *p,
               const struct leadseq_parameter *from)
{
    if (p->type == LEADSEQ_FIELD_WORD)
        return set_word(d, p, from->word) ? leadseq_fail_in("%s", p->name) : 0;
    if (p->type == LEADSEQ_FIELD_REAL)
        *(double *)field_of(d, p) = from->real;
    else if (p->type == LEADSEQ_FIELD_SEED)
        *(uint64_t *)field_of(d, p) = from->count;
    else if (from->count > 1)
        return leadseq_fail("%s: expected 0 or 1, found %ju", p->name, (uintmax_t)from->count);
    else
        *(bool *)field_of(d, p) = from->count;
    return 0;
}

int leadseq_drawing_put(struct leadseq_drawing *d, const struct leadseq_parameter *from)
{
    if (!strcmp(from->name, "levels")) {
        d->levels = from->count > 255 ? 256 : (int)from->count; // check() refuses it
        return 0;
    }
    for (const struct leadseq_style_parameter *p = rows_of(d); p->name; p++)
        if (!strcmp(p->name, from->name)) return put(d, p, from);
    return leadseq_fail("%s: the style %s has no such parameter", from->name,
                        leadseq_style_name(d->style));
}

int leadseq_style_parameter_set(struct leadseq_drawing *d, const struct leadseq_style_parameter *p,
                                const char *text)
{
    switch (p->type) {
    case LEADSEQ_FIELD_REAL:
        if (leadseq_parse_number(text, p->least, p->most, field_of(d, p))) return 0;
        return leadseq_fail("expected a number from %g to %g, found '%s'", p->least, p->most, text);
    case LEADSEQ_FIELD_WORD:
        return set_word(d, p, text);
    case LEADSEQ_FIELD_SEED:
        if (leadseq_parse_seed(text, field_of(d, p))) return 0;
        return leadseq_fail("expected a whole number from 0 to 2^64 - 1, found '%s'", text);
    default:
        *(bool *)field_of(d, p) = p->type == LEADSEQ_FIELD_ON;
        return 0;
    }
}

const char *leadseq_drawing_text(const struct leadseq_drawing *d, char text[256])
{
    struct leadseq_parameter p[LEADSEQ_PARAMETERS];
    size_t n = leadseq_drawing_parameters(d, p), used = 0;
    text[0] = 0;
    for (size_t i = 0; i < n && used < 256; i++) {
        char *end = text + used;
        size_t room = 256 - used;
        if (p[i].optional && p[i].count == 0) continue;
        if (p[i].kind == LEADSEQ_PARAMETER_WORD)
            used += (size_t)snprintf(end, room, ", %s %s", p[i].name, p[i].word);
        else if (p[i].kind == LEADSEQ_PARAMETER_REAL)
            used += (size_t)snprintf(end, room, ", %s %.10g", p[i].name, p[i].real);
        else
            used += (size_t)snprintf(end, room, ", %s %ju", p[i].name, (uintmax_t)p[i].count);
    }
    return text;
}
