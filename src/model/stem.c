/* SPDX-License-Identifier: MIT
 *
 * A stem makes large images small before the layers of a model's type:
 *
 *   conv   3 x 3 convolutions of stride 2, each halves rows and columns (rounded up)
 *   patch  one convolution whose kernel and stride are the patch: patches do not overlap, and
 *          what is left over at the right and at the bottom is not seen
 *
 * each with batch norm and ReLU. */
#include "build.h"

static const char *const kinds[] = {"none", "conv", "patch", NULL};

// clang-format off
const struct leadseq_option model_stem_rows[MODEL_STEM_ROWS] = {
    {"model.stem", &leadseq_option_choice, LEADSEQ_FIELD(struct model_stem, kind), .standard = "none",
     .choices = kinds,
     .help = "layers before the first one, with batch norm and ReLU; conv: 3 x 3 convolutions of stride 2; "
             "patch: one convolution of patches that do not overlap"},
    {"model.stem_channels", &leadseq_option_integers, LEADSEQ_FIELD(struct model_stem, channels),
     .unit = "channels", .standard = "[16, 16]", .least = 1, .most = 4096,
     .expected = "1 to 8 channel counts from 1 to 4096, as [16, 16]",
     .help = "channels of each convolution of the stem; each halves rows and columns (patch: only the first)"},
    {"model.patch", &leadseq_option_integer, LEADSEQ_FIELD(struct model_stem, patch), .unit = "pixels",
     .standard = "8", .least = 2, .most = 1024, .help = "side of the patches (stem: patch)"},
};
// clang-format on

int model_stem_check(const struct model_stem *stem, const struct leadseq_model_spec *spec)
{
    int side = spec->height < spec->width ? spec->height : spec->width;
    if (stem->kind != MODEL_STEM_PATCH || stem->patch <= side) return 0;
    return leadseq_fail("model.patch: expected 2 to %d, the image's shorter side, found %d", side,
                        stem->patch);
}

void model_stem_size(const struct model_stem *stem, int *height, int *width)
{
    for (int i = 0; i < stem->channels.n && stem->kind == MODEL_STEM_CONV; i++)
        *height = (*height + 1) / 2, *width = (*width + 1) / 2;
    if (stem->kind == MODEL_STEM_PATCH) *height /= stem->patch, *width /= stem->patch;
}

int model_add_stem(struct model_builder *b, const struct model_stem *stem)
{
    for (int i = 0; i < stem->channels.n && stem->kind == MODEL_STEM_CONV; i++) {
        struct nn_conv_options o = {
            .channels = stem->channels.value[i], .kernel = 3, .stride = 2, .pad = -1};
        if (model_add_conv_norm(b, "stem", i, &o)) return -1;
    }
    if (stem->kind != MODEL_STEM_PATCH) return 0;
    struct nn_conv_options o = {
        .channels = stem->channels.value[0], .kernel = stem->patch, .stride = stem->patch};
    return model_add_conv_norm(b, "stem", 0, &o);
}
