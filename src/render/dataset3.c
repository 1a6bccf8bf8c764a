/* SPDX-License-Identifier: MIT
 *
 * Dataset 3: Dataset 2 with shadows cast over it (shadow.c), which the drawing's seed and
 * the record's key decide. */
#include "shadow.h"
#include "strips.h"

/* Shadows that overlap darken once: the group is made opaque first. */
static void finish_svg(const struct leadseq_drawing *d, uint64_t key, FILE *out)
{
    struct render_shadow shadow[RENDER_SHADOWS_MOST];
    int n = render_shadow_cast(shadow, d, key);
    fputs("<g opacity=\"0.5\" fill-rule=\"evenodd\">\n", out);
    for (int i = 0; i < n; i++) {
        fputs("<path d=\"", out);
        for (int k = 0; k < RENDER_SHADOW_VERTICES; k++)
            fprintf(out, "%c%g %g", k ? 'L' : 'M', shadow[i].x[k] + 0.5, shadow[i].y[k] + 0.5);
        fputs("z\"/>\n", out);
    }
    fputs("</g>\n", out);
}

static const struct leadseq_style_parameter parameters[] = {
    {.name = "seed", .type = LEADSEQ_FIELD_SEED, .field = offsetof(struct leadseq_drawing, seed)},
    {0},
};

const struct leadseq_style_type render_dataset3 = {
    .name = "dataset3",
    .help = "dataset2 in shadow",
    .profiles = RENDER_DATASET2_PROFILES,
    .profile = LEADSEQ_PAPER_CODE,
    .other_profiles = "the paper's text and its code agree here",
    .page = true,
    .parameter = parameters,
    .init = render_dataset2_init,
    .channels = render_dataset2_channels,
    .line = render_dataset2_line,
    .draw = render_dataset2_draw,
    .range_mv = render_dataset2_range_mv,
    .finish = render_shadows,
    .finish_svg = finish_svg,
    .paper = true,
};
