/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct leadseq_model_spec sound(enum leadseq_model_type type)
{
    struct leadseq_model_spec spec;
    leadseq_model_spec_default(&spec, type);
    spec.leads = 12, spec.channels = 1, spec.height = spec.width = 32;
    return spec;
}

static const struct leadseq_model_spec *changed(int row, struct leadseq_model_spec *s)
{
    switch (row) {
    case 0:
        s->n_layers = 0;
        break;
    case 1:
        s->n_layers = LEADSEQ_LAYERS_MAX + 1;
        break;
    case 2:
        s->hidden[0] = 0;
        break;
    case 3:
        s->kernel = 4;
        break;
    case 4:
        s->kernel = -3;
        break;
    case 5:
        s->leads = 0;
        break;
    case 6:
        s->channels = 0;
        break;
    case 7:
        s->height = 0;
        break;
    case 8:
        s->width = 1 << 20;
        break;
    case 9:
        s->dropout = 1;
        break;
    case 10:
        s->dropout = NAN;
        break;
    case 11:
        s->forget_bias = INFINITY;
        break;
    case 12:
        s->stem = LEADSEQ_STEM_CONV, s->stem_channels[1] = 0;
        break;
    case 13:
        s->head = (enum leadseq_head)9;
        break;
    case 14:
        s->stem = LEADSEQ_STEM_PATCH, s->patch = 33;
        break;
    case 15:
        s->recurrent_init = (enum leadseq_recurrent_init)2;
        break;
    }
    return s;
}

Test(spec, each_value_out_of_range_is_refused_by_its_name)
{
    static const char *const said[] = {"number of layers",
                                       "number of layers",
                                       "layer 0",
                                       "odd",
                                       "kernel",
                                       "leads",
                                       "image channels",
                                       "height",
                                       "width",
                                       "dropout",
                                       "dropout",
                                       "forget_bias",
                                       "stem",
                                       "head",
                                       "patch",
                                       "recurrent_init"};
    for (int type = 0; type <= LEADSEQ_MODEL_CNN; type++)
        for (size_t i = 0; i < LEADSEQ_COUNT(said); i++) {
            struct leadseq_model_spec s = sound(type);
            cr_assert_eq(leadseq_model_spec_check(changed((int)i, &s)), -1, "row %zu", i);
            cr_assert(strstr(leadseq_error(), said[i]), "row %zu: %s", i, leadseq_error());
        }
}

Test(spec, an_image_too_small_for_its_stages_says_what_to_do)
{
    struct leadseq_model_spec s = sound(LEADSEQ_MODEL_CNN);
    s.width = 16, s.height = 16;
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    s.height = 15;
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    cr_assert(strstr(leadseq_error(), "16 x 15") && strstr(leadseq_error(), "fewer stages"));
    s.height = 61, s.width = 64, s.stem = LEADSEQ_STEM_CONV;
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    s.height = 60;
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    cr_assert(strstr(leadseq_error(), "behind the stem"));
}

Test(spec, knobs_without_a_meaning_for_the_type_are_refused)
{
    struct leadseq_model_spec s = sound(LEADSEQ_MODEL_CNN);
    s.pool_time = true;
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    s = sound(LEADSEQ_MODEL_CNN);
    s.forget_bias = 1;
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    s = sound(LEADSEQ_MODEL_CNN);
    s.recurrent_init = LEADSEQ_INIT_ORTHOGONAL;
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    s = sound(LEADSEQ_MODEL_CONVLSTM);
    s.forget_bias = 1;
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    s.bias = false;
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
}

Test(spec, the_default_is_the_papers_network)
{
    struct leadseq_model_spec s = sound(LEADSEQ_MODEL_CONVLSTM);
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    cr_assert(s.n_layers == 1 && s.hidden[0] == 10 && s.kernel == 3 && s.bias &&
              s.forget_bias == 0 && s.head == LEADSEQ_HEAD_FLATTEN && !s.pool_time &&
              s.stem == LEADSEQ_STEM_NONE && s.dropout == 0);
}
