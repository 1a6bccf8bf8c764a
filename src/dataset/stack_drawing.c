/* SPDX-License-Identifier: MIT
 *
 * A drawing as attributes of a stack's root. The attributes that every stack has come
 * first; the parameters of a style are stored in the stacks of that style alone. */
#include "dataset_private.h"

#include <math.h>

enum { WORD_BYTES = 64 };

static int write_parameter(struct leadseq_store *s, const struct leadseq_parameter *p)
{
    if (p->optional && p->count == 0) return 0;
    if (p->kind == LEADSEQ_PARAMETER_WORD) return leadseq_store_set_text(s, "/", p->name, p->word);
    if (p->kind == LEADSEQ_PARAMETER_REAL) return leadseq_store_set_real(s, "/", p->name, p->real);
    return leadseq_store_set_int(s, "/", p->name, (int64_t)p->count);
}

/* What the pictures show, not what the option says: a style or profile may have a range of its
 * own (written instead), or one that follows the record (none is written). */
static int write_range(struct leadseq_store *s, const struct leadseq_drawing *d)
{
    double range = leadseq_drawing_range_mv(d);
    return range > 0 ? leadseq_store_set_real(s, "/", "range_mv", range) : 0;
}

static int read_range(struct leadseq_store *s, struct leadseq_drawing *d)
{
    if (!leadseq_store_has_attribute(s, "/", "range_mv")) return 0;
    return leadseq_store_get_real(s, "/", "range_mv", &d->range_mv);
}

int dataset_drawing_write(struct leadseq_store *s, const struct leadseq_drawing *d)
{
    struct leadseq_parameter p[LEADSEQ_PARAMETERS];
    if (leadseq_store_set_text(s, "/", "style", leadseq_style_name(d->style)) ||
        leadseq_store_set_text(s, "/", "profile", leadseq_profile_name(d->profile)) ||
        leadseq_store_set_int(s, "/", "width", d->width) ||
        leadseq_store_set_int(s, "/", "height", d->height) ||
        leadseq_store_set_int(s, "/", "channels", leadseq_drawing_channels(d)) ||
        write_range(s, d) || leadseq_store_set_real(s, "/", "rate_hz", d->rate_hz) ||
        dataset_preparation_write(s, &d->preparation))
        return -1;
    size_t n = leadseq_drawing_parameters(d, p);
    for (size_t i = 0; i < n; i++)
        if (write_parameter(s, &p[i])) return -1;
    return 0;
}

static int read_pixels_of(struct leadseq_store *store, const char *name, int *value)
{
    int64_t number;
    if (leadseq_store_get_int(store, "/", name, &number)) return -1;
    *value = (int)number;
    if (number >= 1 && number <= LEADSEQ_SIDE_MAX) return 0;
    return leadseq_fail("%s: expected 1 to %d pixels, found %lld", name, LEADSEQ_SIDE_MAX,
                        (long long)number);
}

static int read_parameter(struct leadseq_store *s, struct leadseq_drawing *d,
                          const struct leadseq_parameter *expected)
{
    struct leadseq_parameter p = *expected;
    char word[WORD_BYTES];
    int64_t count;
    if (p.optional && !leadseq_store_has_attribute(s, "/", p.name)) return 0;
    if (p.kind == LEADSEQ_PARAMETER_WORD) {
        if (leadseq_store_get_text(s, "/", p.name, word, sizeof word)) return -1;
        p.word = word;
    } else if (p.kind == LEADSEQ_PARAMETER_REAL) {
        if (leadseq_store_get_real(s, "/", p.name, &p.real)) return -1;
    } else {
        if (leadseq_store_get_int(s, "/", p.name, &count)) return -1;
        p.count = (uint64_t)count;
    }
    return leadseq_drawing_put(d, &p);
}

int dataset_drawing_read(struct leadseq_store *s, const char *style_name, const char *profile_name,
                         struct leadseq_drawing *d)
{
    enum leadseq_style style;
    enum leadseq_profile profile;
    struct leadseq_parameter p[LEADSEQ_PARAMETERS];
    if (leadseq_style_parse(&style, style_name)) return leadseq_fail_in("style");
    if (leadseq_profile_parse(&profile, profile_name)) return leadseq_fail_in("profile");
    leadseq_drawing_init(d, style, profile);
    if (read_pixels_of(s, "width", &d->width) || read_pixels_of(s, "height", &d->height) ||
        read_range(s, d) || leadseq_store_get_real(s, "/", "rate_hz", &d->rate_hz) ||
        dataset_preparation_read(s, &d->preparation))
        return -1;
    size_t n = leadseq_drawing_parameters(d, p);
    for (size_t i = 0; i < n; i++)
        if (read_parameter(s, d, &p[i])) return -1;
    return leadseq_drawing_check(d);
}

int dataset_rate_write(struct leadseq_store *s, const struct leadseq_drawing *d)
{
    if (leadseq_store_set_real(s, "/", "rate_hz", d->rate_hz)) return -1;
    return dataset_preparation_write(s, &d->preparation);
}

int dataset_rate_read(struct leadseq_store *s, struct leadseq_drawing *d)
{
    *d = (struct leadseq_drawing){0};
    if (leadseq_store_get_real(s, "/", "rate_hz", &d->rate_hz) ||
        dataset_preparation_read(s, &d->preparation))
        return -1;
    if (!(d->rate_hz > 0 && isfinite(d->rate_hz)))
        return leadseq_fail("rate_hz: expected a positive number of Hz, found %g", d->rate_hz);
    return leadseq_preparation_check(&d->preparation);
}

size_t leadseq_drawing_samples(const struct leadseq_drawing *d)
{
    return (size_t)llround(leadseq_preparation_seconds(&d->preparation) * d->rate_hz);
}

int dataset_images_shape(const struct leadseq_drawing *d, size_t *shape, const char **axis)
{
    int rank = 0;
    if (leadseq_drawing_images(d) > 1) axis[rank] = "lead", shape[rank++] = LEADSEQ_LEADS;
    axis[rank] = "row", shape[rank++] = (size_t)d->height;
    axis[rank] = "column", shape[rank++] = (size_t)d->width;
    if (leadseq_drawing_channels(d) == 3) axis[rank] = "rgb", shape[rank++] = 3;
    return rank;
}
