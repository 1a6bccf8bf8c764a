/* SPDX-License-Identifier: MIT
 *
 * The drawing profiles by name, their defaults and their limits. */
#include "render_private.h"

#include <math.h>
#include <string.h>

enum { SIDE_MAX = 8192 };

static const struct {
    const char *name;
    int width, height, channels;
} profiles[] = {
    [LEADSEQ_PAPER_TEXT] = {"paper-text", 512, 512, 1},
    [LEADSEQ_PAPER_CODE] = {"paper-code", 640, 480, 3},
    [LEADSEQ_FIXED_MV] = {"fixed-mv", 512, 512, 1},
};

int leadseq_profile_parse(enum leadseq_profile *profile, const char *name)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(profiles); i++) {
        if (strcmp(name, profiles[i].name)) continue;
        *profile = (enum leadseq_profile)i;
        return 0;
    }
    return leadseq_fail("profile: expected paper-text, paper-code or fixed-mv, found \"%s\"", name);
}

const char *leadseq_profile_name(enum leadseq_profile profile)
{
    return profiles[profile].name;
}

void leadseq_drawing_default(struct leadseq_drawing *drawing, enum leadseq_profile profile)
{
    *drawing = (struct leadseq_drawing){
        .profile = profile,
        .width = profiles[profile].width,
        .height = profiles[profile].height,
        .range_mv = 2,
        .rate_hz = 100,
    };
}

int leadseq_drawing_check(const struct leadseq_drawing *d)
{
    if ((size_t)d->profile >= LEADSEQ_COUNT(profiles))
        return leadseq_fail("profile: there is none of number %d", (int)d->profile);
    if (d->width < 1 || d->width > SIDE_MAX || d->height < 1 || d->height > SIDE_MAX)
        return leadseq_fail("image size: expected 1x1 to %dx%d pixels, found %dx%d", SIDE_MAX,
                            SIDE_MAX, d->width, d->height);
    if (d->profile == LEADSEQ_FIXED_MV && !(d->range_mv >= 1e-3 && d->range_mv <= 1e3))
        return leadseq_fail("range: expected 0.001 to 1000 mV, found %g mV", d->range_mv);
    if (!(d->rate_hz > 0 && isfinite(d->rate_hz)))
        return leadseq_fail("rate: expected a positive number of Hz, found %g", d->rate_hz);
    return 0;
}

int leadseq_drawing_channels(const struct leadseq_drawing *drawing)
{
    return profiles[drawing->profile].channels;
}
