/* SPDX-License-Identifier: MIT
 *
 * What is drawn how: defaults, limits, combinations that make no sense, sizes. What only
 * one style has comes from its type. */
#include "render/render.h"

#include <math.h>

void leadseq_drawing_init(struct leadseq_drawing *d, enum leadseq_style style,
                          enum leadseq_profile profile)
{
    *d =
        (struct leadseq_drawing){.style = style, .profile = profile, .range_mv = 2, .rate_hz = 100};
    const struct leadseq_style_type *type = leadseq_style_type(style);
    if (type) type->init(d); // check() refuses others
}

void leadseq_drawing_default(struct leadseq_drawing *drawing, enum leadseq_profile profile)
{
    leadseq_drawing_init(drawing, LEADSEQ_DATASET4, profile);
}

void leadseq_drawing_set_dpi(struct leadseq_drawing *d, double dpi)
{
    const struct leadseq_style_type *type = leadseq_style_type(d->style);
    d->dpi = dpi;
    if (type && type->fit_size) type->fit_size(d, true);
}

void leadseq_drawing_set_size(struct leadseq_drawing *d, int width, int height)
{
    const struct leadseq_style_type *type = leadseq_style_type(d->style);
    d->width = width;
    d->height = height;
    if (type && type->fit_size) type->fit_size(d, false);
}

/* "paper-code, fixed-mv or clinical", of the profiles a style has. */
static void list_profiles(const struct leadseq_style_type *type, char text[128])
{
    size_t n = 0;
    unsigned left = type->profiles;
    text[0] = '\0';
    for (unsigned i = 0; left && leadseq_profile_names[i]; i++) {
        if (!(left & 1u << i)) continue;
        left &= ~(1u << i);
        n += (size_t)snprintf(text + n, 128 - n, "%s%s",
                              !n     ? ""
                              : left ? ", "
                                     : " or ",
                              leadseq_profile_names[i]);
    }
}

static int check_names(const struct leadseq_drawing *d)
{
    char known[128];
    const struct leadseq_style_type *type = leadseq_style_type(d->style);
    if (!type) return leadseq_fail("style: no style has the number %d", (int)d->style);
    if ((unsigned)d->profile > LEADSEQ_TRUE_SCALE)
        return leadseq_fail("profile: no profile has the number %d", (int)d->profile);
    if (type->profiles & 1u << d->profile) return 0;
    list_profiles(type, known);
    return leadseq_fail("%s: expected the profile %s, found %s%s%s", type->name, known,
                        leadseq_profile_name(d->profile), type->other_profiles ? ": " : "",
                        type->other_profiles ? type->other_profiles : "");
}

static int check_size(const struct leadseq_drawing *d)
{
    if (d->width >= 1 && d->width <= LEADSEQ_SIDE_MAX && d->height >= 1 &&
        d->height <= LEADSEQ_SIDE_MAX)
        return 0;
    return leadseq_fail("image size: expected 1x1 to %dx%d pixels, found %dx%d", LEADSEQ_SIDE_MAX,
                        LEADSEQ_SIDE_MAX, d->width, d->height);
}

static int check_parameter(const struct leadseq_drawing *d, const struct leadseq_style_parameter *p)
{
    const void *value = (const char *)d + p->field;
    if (p->type == LEADSEQ_FIELD_REAL) {
        double real = *(const double *)value;
        if (real >= p->least && real <= p->most) return 0;
        return leadseq_fail("%s: expected %g to %g, found %g", p->name, p->least, p->most, real);
    }
    if (p->type != LEADSEQ_FIELD_WORD) return 0;
    int n = 0, number = *(const int *)value;
    while (p->words[n]) n++;
    if (number >= p->first && number < p->first + n) return 0;
    return leadseq_fail("%s: expected a number from %d to %d, found %d", p->name, p->first,
                        p->first + n - 1, number);
}

int leadseq_drawing_check(const struct leadseq_drawing *d)
{
    if (check_names(d) || check_size(d)) return -1;
    if (d->profile == LEADSEQ_FIXED_MV && !(d->range_mv >= 1e-3 && d->range_mv <= 1e3))
        return leadseq_fail("range: expected 0.001 to 1000 mV, found %g mV", d->range_mv);
    if (d->levels != 0 && (d->levels < 2 || d->levels > 255))
        return leadseq_fail("levels: expected 2 to 255, or 0 for all 256, found %d", d->levels);
    if (!(d->rate_hz > 0 && isfinite(d->rate_hz)))
        return leadseq_fail("rate: expected a positive number of Hz, found %g", d->rate_hz);
    if (leadseq_preparation_check(&d->preparation)) return -1;
    const struct leadseq_style_type *type = leadseq_style_type(d->style);
    for (const struct leadseq_style_parameter *p = type->parameter; p && p->name; p++)
        if (check_parameter(d, p)) return -1;
    return type->check ? type->check(d) : 0;
}

int leadseq_drawing_channels(const struct leadseq_drawing *d)
{
    return leadseq_style_types[d->style]->channels(d);
}

int leadseq_drawing_images(const struct leadseq_drawing *d)
{
    return leadseq_style_types[d->style]->page ? 1 : LEADSEQ_LEADS;
}

size_t leadseq_drawing_image_bytes(const struct leadseq_drawing *d)
{
    return (size_t)d->width * (size_t)d->height * (size_t)leadseq_drawing_channels(d);
}

size_t leadseq_drawing_bytes(const struct leadseq_drawing *d)
{
    return (size_t)leadseq_drawing_images(d) * leadseq_drawing_image_bytes(d);
}

double leadseq_drawing_range_mv(const struct leadseq_drawing *d)
{
    const struct leadseq_style_type *type = leadseq_style_types[d->style];
    if (d->profile == LEADSEQ_TRUE_SCALE) return 0;
    if (d->profile == LEADSEQ_FIXED_MV) return d->range_mv;
    return type->range_mv ? type->range_mv(d) : 0;
}

static bool same_parameter(const struct leadseq_drawing *a, const struct leadseq_drawing *b,
                           const struct leadseq_style_parameter *p)
{
    const struct leadseq_style_type *type = leadseq_style_types[a->style];
    const void *x = (const char *)a + p->field, *y = (const char *)b + p->field;
    if (type->ignores && type->ignores(a, p)) return true;
    switch (p->type) {
    case LEADSEQ_FIELD_REAL:
        return *(const double *)x == *(const double *)y;
    case LEADSEQ_FIELD_WORD:
        return *(const int *)x == *(const int *)y;
    case LEADSEQ_FIELD_SEED:
        return *(const uint64_t *)x == *(const uint64_t *)y;
    default:
        return *(const bool *)x == *(const bool *)y;
    }
}

bool leadseq_drawing_same(const struct leadseq_drawing *a, const struct leadseq_drawing *b)
{
    if (a->style != b->style || a->profile != b->profile || a->width != b->width ||
        a->height != b->height || a->rate_hz != b->rate_hz || a->levels != b->levels ||
        !leadseq_preparation_same(&a->preparation, &b->preparation) ||
        (a->profile == LEADSEQ_FIXED_MV && a->range_mv != b->range_mv))
        return false;
    const struct leadseq_style_parameter *p = leadseq_style_types[a->style]->parameter;
    for (; p && p->name; p++)
        if (!same_parameter(a, b, p)) return false;
    return true;
}
