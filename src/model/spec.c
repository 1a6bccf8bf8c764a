/* SPDX-License-Identifier: MIT
 *
 * What a specification may say. Nothing is built here. */
#include "model/model.h"

#include <math.h>

/* Products of these stay within int where layers count channels and weights of one output. */
enum { CHANNELS_MAX = 4096, IMAGE_CHANNELS_MAX = 64, LEADS_MAX = 1024 };

void leadseq_model_spec_default(struct leadseq_model_spec *spec, enum leadseq_model_type type)
{
    if (type == LEADSEQ_MODEL_CNN)
        *spec = (struct leadseq_model_spec){
            .type = type, .hidden = {16, 32, 64, 128}, .n_layers = 4, .head = LEADSEQ_HEAD_MEAN};
    else
        *spec = (struct leadseq_model_spec){
            .type = type, .hidden = {10}, .n_layers = 1, .head = LEADSEQ_HEAD_FLATTEN};
    spec->kernel = 3;
    spec->bias = true;
    spec->stem = LEADSEQ_STEM_NONE;
    spec->stem_channels[0] = spec->stem_channels[1] = 16;
    spec->n_stem = 2;
    spec->patch = 8;
}

static int check_range(const char *name, int value, int least, int most)
{
    if (value >= least && value <= most) return 0;
    return leadseq_fail("model: %s: expected %d to %d, found %d", name, least, most, value);
}

/* At least one whole patch; what is left over at the right and below is not seen. */
static int check_patch(const struct leadseq_model_spec *spec)
{
    int side = spec->height < spec->width ? spec->height : spec->width;
    if (spec->patch >= 2 && spec->patch <= side) return 0;
    return leadseq_fail("model: patch: expected 2 to %d, the image's shorter side, found %d", side,
                        spec->patch);
}

static int check_stem(const struct leadseq_model_spec *spec)
{
    if (check_range("number of stem convolutions", spec->n_stem, 1, LEADSEQ_LAYERS_MAX)) return -1;
    for (int i = 0; i < spec->n_stem; i++)
        if (check_range("stem channels", spec->stem_channels[i], 1, CHANNELS_MAX))
            return leadseq_fail_in("stem convolution %d", i);
    return spec->stem == LEADSEQ_STEM_PATCH ? check_patch(spec) : 0;
}

static int check_layers(const struct leadseq_model_spec *spec)
{
    if (check_range("number of layers", spec->n_layers, 1, LEADSEQ_LAYERS_MAX)) return -1;
    for (int i = 0; i < spec->n_layers; i++)
        if (check_range("hidden channels", spec->hidden[i], 1, CHANNELS_MAX))
            return leadseq_fail_in("layer %d", i);
    if (check_range("kernel", spec->kernel, 1, LEADSEQ_KERNEL_MAX)) return -1;
    if (spec->kernel % 2 == 0)
        return leadseq_fail("model: kernel: expected an odd size (same padding), found %d",
                            spec->kernel);
    return spec->stem == LEADSEQ_STEM_NONE ? 0 : check_stem(spec);
}

static int check_input(const struct leadseq_model_spec *spec)
{
    if (check_range("leads", spec->leads, 1, LEADS_MAX)) return -1;
    if (check_range("image channels", spec->channels, 1, IMAGE_CHANNELS_MAX)) return -1;
    if (check_range("image height", spec->height, 1, LEADSEQ_SIDE_MAX)) return -1;
    return check_range("image width", spec->width, 1, LEADSEQ_SIDE_MAX);
}

static int check_names(const struct leadseq_model_spec *spec)
{
    if (check_range("type", (int)spec->type, LEADSEQ_MODEL_CONVLSTM, LEADSEQ_MODEL_CNN)) return -1;
    if (check_range("stem", (int)spec->stem, LEADSEQ_STEM_NONE, LEADSEQ_STEM_PATCH)) return -1;
    if (check_range("recurrent_init", (int)spec->recurrent_init, LEADSEQ_INIT_UNIFORM,
                    LEADSEQ_INIT_ORTHOGONAL))
        return -1;
    if (check_range("cell_norm", (int)spec->cell_norm, LEADSEQ_CELL_NORM_NONE,
                    LEADSEQ_CELL_NORM_LAYER))
        return -1;
    return check_range("head", (int)spec->head, LEADSEQ_HEAD_FLATTEN, LEADSEQ_HEAD_MEAN_MAX);
}

static int check_numbers(const struct leadseq_model_spec *spec)
{
    if (!(spec->dropout >= 0 && spec->dropout < 1))
        return leadseq_fail("model: dropout: expected 0 <= rate < 1, found %g", spec->dropout);
    if (!isfinite(spec->forget_bias))
        return leadseq_fail("model: forget_bias: expected a finite number, found %g",
                            spec->forget_bias);
    if (spec->forget_bias != 0 && !spec->bias && spec->cell_norm == LEADSEQ_CELL_NORM_NONE)
        return leadseq_fail("model: forget_bias: %g has no bias to be added to; set bias to true",
                            spec->forget_bias);
    return 0;
}

/* Two passes on kernels of our own, which go so far. */
static int check_convlstm(const struct leadseq_model_spec *spec)
{
    if (spec->cell_norm == LEADSEQ_CELL_NORM_NONE || spec->kernel <= LEADSEQ_NORMED_KERNEL_MAX)
        return 0;
    return leadseq_fail("model: cell_norm: layer needs a kernel of at most %d, found %d",
                        LEADSEQ_NORMED_KERNEL_MAX, spec->kernel);
}

/* Each stage of the CNN halves the image, rounded down, and must leave a pixel. */
static int check_stages(const struct leadseq_model_spec *spec)
{
    int h = spec->height, w = spec->width;
    for (int i = 0; i < spec->n_stem && spec->stem == LEADSEQ_STEM_CONV; i++)
        h = (h + 1) / 2, w = (w + 1) / 2;
    if (spec->stem == LEADSEQ_STEM_PATCH) h /= spec->patch, w /= spec->patch;
    if (h >> spec->n_layers < 1 || w >> spec->n_layers < 1)
        return leadseq_fail("model: an image of %d x %d%s is too small to be halved %d times; "
                            "expected at least %d rows and columns there: fewer stages in hidden, "
                            "or larger images",
                            spec->width, spec->height,
                            spec->stem == LEADSEQ_STEM_NONE ? "" : " behind the stem",
                            spec->n_layers, 1 << spec->n_layers);
    return 0;
}

static int check_cnn(const struct leadseq_model_spec *spec)
{
    if (spec->pool_time)
        return leadseq_fail("model: pool_time: a cnn has no time to pool over; "
                            "its leads are channels");
    if (spec->forget_bias != 0)
        return leadseq_fail("model: forget_bias: a cnn has no forget gate; found %g",
                            spec->forget_bias);
    if (spec->cell_norm != LEADSEQ_CELL_NORM_NONE)
        return leadseq_fail("model: cell_norm: a cnn has no cell; expected none");
    if (spec->recurrent_init != LEADSEQ_INIT_UNIFORM)
        return leadseq_fail("model: recurrent_init: a cnn has no recurrence; expected uniform");
    return check_stages(spec);
}

int leadseq_model_spec_check(const struct leadseq_model_spec *spec)
{
    if (check_names(spec) || check_input(spec) || check_layers(spec) || check_numbers(spec))
        return -1;
    return spec->type == LEADSEQ_MODEL_CNN ? check_cnn(spec) : check_convlstm(spec);
}
