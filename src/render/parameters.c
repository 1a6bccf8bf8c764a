/* SPDX-License-Identifier: MIT
 *
 * What a drawing has beyond style, profile, size, range, rate and preparation, by name:
 * for whoever keeps a drawing in a file, or says how it differs from another. */
#include "render_private.h"

#include <string.h>

enum { BOTH, SHADED, PRINTED }; /* which drawings have it */

static bool concerns(const struct leadseq_drawing *d, int which)
{
    if (which == SHADED) return d->style == LEADSEQ_DATASET3;
    return which == BOTH || d->style == LEADSEQ_CLINICAL;
}

static const char *rhythm_name(const struct leadseq_drawing *d)
{
    return d->rhythm < 0 ? "none" : leadseq_lead_name[d->rhythm];
}

size_t leadseq_drawing_parameters(const struct leadseq_drawing *d,
                                  struct leadseq_parameter list[LEADSEQ_PARAMETERS])
{
    const struct {
        int which;
        struct leadseq_parameter parameter;
    } all[LEADSEQ_PARAMETERS] = {
        {BOTH, {"levels", LEADSEQ_PARAMETER_COUNT, true, .count = (uint64_t)d->levels}},
        {SHADED, {"seed", LEADSEQ_PARAMETER_COUNT, .count = d->seed}},
        {PRINTED, {"printout", LEADSEQ_PARAMETER_WORD, .word = leadseq_printout_name(d->printout)}},
        {PRINTED, {"rhythm", LEADSEQ_PARAMETER_WORD, .word = rhythm_name(d)}},
        {PRINTED, {"grid", LEADSEQ_PARAMETER_WORD, .word = leadseq_grid_name(d->grid)}},
        {PRINTED, {"speed_mm_per_s", LEADSEQ_PARAMETER_REAL, .real = d->speed_mm_per_s}},
        {PRINTED, {"gain_mm_per_mv", LEADSEQ_PARAMETER_REAL, .real = d->gain_mm_per_mv}},
        {PRINTED, {"dpi", LEADSEQ_PARAMETER_REAL, .real = d->dpi}},
        {PRINTED, {"calibration", LEADSEQ_PARAMETER_COUNT, .count = d->calibration}},
        {PRINTED, {"names", LEADSEQ_PARAMETER_COUNT, .count = d->names}},
        {PRINTED, {"colour", LEADSEQ_PARAMETER_COUNT, .count = d->colour}},
    };
    size_t n = 0;
    for (size_t i = 0; i < LEADSEQ_PARAMETERS; i++)
        if (concerns(d, all[i].which)) list[n++] = all[i].parameter;
    return n;
}

int leadseq_rhythm_parse(int *rhythm, const char *name)
{
    *rhythm = leadseq_lead_index(name);
    if (*rhythm >= 0 || !strcmp(name, "none")) return 0;
    return leadseq_fail("rhythm: expected a lead's name or none, found \"%s\"", name);
}

static int put_word(struct leadseq_drawing *d, const char *name, const char *word)
{
    if (!strcmp(name, "printout")) return leadseq_printout_parse(&d->printout, word);
    if (!strcmp(name, "grid")) return leadseq_grid_parse(&d->grid, word);
    return leadseq_rhythm_parse(&d->rhythm, word);
}

static void put_real(struct leadseq_drawing *d, const char *name, double value)
{
    if (!strcmp(name, "speed_mm_per_s"))
        d->speed_mm_per_s = value;
    else if (!strcmp(name, "gain_mm_per_mv"))
        d->gain_mm_per_mv = value;
    else
        d->dpi = value;
}

static int put_count(struct leadseq_drawing *d, const char *name, uint64_t value)
{
    if (!strcmp(name, "seed")) {
        d->seed = value;
        return 0;
    }
    if (!strcmp(name, "levels")) {
        d->levels = value > 255 ? 256 : (int)value; // check() refuses it
        return 0;
    }
    if (value > 1) return leadseq_fail("%s: expected 0 or 1, found %ju", name, (uintmax_t)value);
    bool *flag = !strcmp(name, "calibration") ? &d->calibration
                 : !strcmp(name, "names")     ? &d->names
                                              : &d->colour;
    *flag = value;
    return 0;
}

int leadseq_drawing_put(struct leadseq_drawing *d, const struct leadseq_parameter *p)
{
    if (p->kind == LEADSEQ_PARAMETER_WORD) return put_word(d, p->name, p->word);
    if (p->kind == LEADSEQ_PARAMETER_COUNT) return put_count(d, p->name, p->count);
    put_real(d, p->name, p->real);
    return 0;
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
