/* SPDX-License-Identifier: MIT
 *
 * What is drawn how: defaults, limits, combinations that make no sense, sizes. */
#include "render_private.h"

#include <math.h>

enum leadseq_profile leadseq_style_profile(enum leadseq_style style)
{
    if (style == LEADSEQ_DATASET4) return LEADSEQ_PAPER_TEXT;
    return style == LEADSEQ_CLINICAL ? LEADSEQ_TRUE_SCALE : LEADSEQ_PAPER_CODE;
}

static void init_size(struct leadseq_drawing *d)
{
    bool code = d->profile == LEADSEQ_PAPER_CODE;
    switch (d->style) {
    case LEADSEQ_DATASET1:
        d->width = 2048, d->height = 1536;
        return;
    case LEADSEQ_DATASET2:
    case LEADSEQ_DATASET3:
        d->width = 640, d->height = 480;
        return;
    case LEADSEQ_CLINICAL:
        leadseq_drawing_set_dpi(d, 100);
        return;
    case LEADSEQ_DATASET4:
        break;
    }
    d->width = code ? 640 : 512;
    d->height = code ? 480 : 512;
}

void leadseq_drawing_init(struct leadseq_drawing *d, enum leadseq_style style,
                          enum leadseq_profile profile)
{
    *d =
        (struct leadseq_drawing){.style = style, .profile = profile, .range_mv = 2, .rate_hz = 100};
    if (style == LEADSEQ_CLINICAL) {
        d->speed_mm_per_s = 25;
        d->gain_mm_per_mv = 10;
        d->rhythm = 1;
        d->calibration = d->names = d->colour = true;
    }
    init_size(d);
}

void leadseq_drawing_default(struct leadseq_drawing *drawing, enum leadseq_profile profile)
{
    leadseq_drawing_init(drawing, LEADSEQ_DATASET4, profile);
}

void leadseq_drawing_set_dpi(struct leadseq_drawing *d, double dpi)
{
    d->dpi = dpi;
    if (d->style == LEADSEQ_CLINICAL) render_page_size(d, dpi, &d->width, &d->height);
}

void leadseq_drawing_set_size(struct leadseq_drawing *d, int width, int height)
{
    d->width = width;
    d->height = height;
    if (d->style == LEADSEQ_CLINICAL) d->dpi = render_page_dpi(d, width, height);
}

static int check_names(const struct leadseq_drawing *d)
{
    if ((unsigned)d->style > LEADSEQ_CLINICAL)
        return leadseq_fail("style: there is none of number %d", (int)d->style);
    if ((unsigned)d->profile > LEADSEQ_TRUE_SCALE)
        return leadseq_fail("profile: there is none of number %d", (int)d->profile);
    if (d->style == LEADSEQ_CLINICAL && d->profile != LEADSEQ_TRUE_SCALE)
        return leadseq_fail("a clinical page has a true scale by nature: expected the profile "
                            "clinical, found %s; for other scales draw dataset2",
                            leadseq_profile_name(d->profile));
    if (d->style != LEADSEQ_DATASET4 && d->profile == LEADSEQ_PAPER_TEXT)
        return leadseq_fail("the paper's text and its code say the same of %s: expected the "
                            "profile paper-code, fixed-mv or clinical, found paper-text",
                            leadseq_style_name(d->style));
    return 0;
}

static int check_size(const struct leadseq_drawing *d)
{
    if (d->width < 1 || d->width > LEADSEQ_SIDE_MAX || d->height < 1 ||
        d->height > LEADSEQ_SIDE_MAX)
        return leadseq_fail("image size: expected 1x1 to %dx%d pixels, found %dx%d",
                            LEADSEQ_SIDE_MAX, LEADSEQ_SIDE_MAX, d->width, d->height);
    if (d->style == LEADSEQ_DATASET1 && (d->width % 4 || d->height % 3))
        return leadseq_fail("image size: dataset1 has 4 × 3 tiles: expected a width that is a "
                            "multiple of 4 and a height that is one of 3, found %dx%d",
                            d->width, d->height);
    return 0;
}

static int check_between(const char *what, double value, double low, double high)
{
    if (value >= low && value <= high) return 0;
    return leadseq_fail("%s: expected %g to %g, found %g", what, low, high, value);
}

static int check_page(const struct leadseq_drawing *d)
{
    if ((unsigned)d->printout > LEADSEQ_PRINTOUT_12X1 || (unsigned)d->grid > LEADSEQ_GRID_NONE)
        return leadseq_fail("a clinical page: there is no page number %d or no grid number %d",
                            (int)d->printout, (int)d->grid);
    if (check_between("speed, mm/s", d->speed_mm_per_s, 5, 200) ||
        check_between("gain, mm/mV", d->gain_mm_per_mv, 1, 100) ||
        check_between("dpi", d->dpi, 10, 1200))
        return -1;
    if (d->rhythm < -1 || d->rhythm >= LEADSEQ_LEADS)
        return leadseq_fail("rhythm strip: expected a lead's number from 0 to 11, or -1 for none, "
                            "found %d",
                            d->rhythm);
    int width, height;
    render_page_size(d, d->dpi, &width, &height);
    if (width <= d->width && height <= d->height) return 0;
    return leadseq_fail("a clinical page of %dx%d pixels at %g dpi does not fit into %dx%d", width,
                        height, d->dpi, d->width, d->height);
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
    return d->style == LEADSEQ_CLINICAL ? check_page(d) : 0;
}

int leadseq_drawing_channels(const struct leadseq_drawing *d)
{
    switch (d->style) {
    case LEADSEQ_DATASET1:
        return 1;
    case LEADSEQ_DATASET2:
    case LEADSEQ_DATASET3:
        return 3;
    case LEADSEQ_CLINICAL:
        return d->colour ? 3 : 1;
    case LEADSEQ_DATASET4:
        break;
    }
    return d->profile == LEADSEQ_PAPER_CODE ? 3 : 1;
}

int leadseq_drawing_images(const struct leadseq_drawing *d)
{
    return d->style == LEADSEQ_DATASET4 ? LEADSEQ_LEADS : 1;
}

size_t leadseq_drawing_image_bytes(const struct leadseq_drawing *d)
{
    return (size_t)d->width * (size_t)d->height * (size_t)leadseq_drawing_channels(d);
}

size_t leadseq_drawing_bytes(const struct leadseq_drawing *d)
{
    return (size_t)leadseq_drawing_images(d) * leadseq_drawing_image_bytes(d);
}

static bool same_page(const struct leadseq_drawing *a, const struct leadseq_drawing *b)
{
    return a->printout == b->printout && a->grid == b->grid &&
           a->speed_mm_per_s == b->speed_mm_per_s && a->gain_mm_per_mv == b->gain_mm_per_mv &&
           a->dpi == b->dpi && (a->printout != LEADSEQ_PRINTOUT_3X4 || a->rhythm == b->rhythm) &&
           a->calibration == b->calibration && a->names == b->names && a->colour == b->colour;
}

bool leadseq_drawing_same(const struct leadseq_drawing *a, const struct leadseq_drawing *b)
{
    return a->style == b->style && a->profile == b->profile && a->width == b->width &&
           a->height == b->height && a->rate_hz == b->rate_hz && a->levels == b->levels &&
           leadseq_preparation_same(&a->preparation, &b->preparation) &&
           (a->profile != LEADSEQ_FIXED_MV || a->range_mv == b->range_mv) &&
           (a->style != LEADSEQ_DATASET3 || a->seed == b->seed) &&
           (a->style != LEADSEQ_CLINICAL || same_page(a, b));
}
