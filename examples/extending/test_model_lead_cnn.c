/* SPDX-License-Identifier: MIT
 *
 * What is this type's own: its logits do not depend on the order of the leads, and a
 * lead's features are those of the lead alone. Gradients, precisions and the rules of the
 * table are tested for every type by the tests of the table. */
#include "model/model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { LEADS = 4, SIDE = 8, IMAGE = SIDE * SIDE };

static float logit_of(struct leadseq_model *m, const float *images)
{
    float logit;
    cr_assert_eq(leadseq_model_forward(m, LEADSEQ_EVALUATE, 0, 1, images, &logit), 0, "%s",
                 leadseq_error());
    return logit;
}

Test(lead_cnn, the_order_of_the_leads_does_not_matter_and_their_contents_do)
{
    struct leadseq_model_spec spec;
    leadseq_model_spec_default(&spec, leadseq_model_type_find("lead-cnn"));
    spec.leads = LEADS, spec.channels = 1, spec.height = spec.width = SIDE;
    struct leadseq_engine *engine =
        leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1});
    struct leadseq_model *m = leadseq_model_new(&spec, engine, 1, 7);
    cr_assert(m, "%s", leadseq_error());
    float images[LEADS * IMAGE], turned[LEADS * IMAGE];
    for (int i = 0; i < LEADS * IMAGE; i++) images[i] = sinf((float)(i * i % 97));
    for (int t = 0; t < LEADS; t++)
        memcpy(turned + t * IMAGE, images + (LEADS - 1 - t) * IMAGE, IMAGE * sizeof *images);
    float logit = logit_of(m, images);
    cr_assert_float_eq(logit_of(m, turned), logit, 1e-6);
    turned[0] += 3;
    cr_assert(fabsf(logit_of(m, turned) - logit) > 1e-5f);
    leadseq_model_free(m);
    leadseq_engine_close(engine);
}

Test(lead_cnn, an_image_too_small_for_its_stages_is_refused)
{
    struct leadseq_model_spec spec;
    leadseq_model_spec_default(&spec, leadseq_model_type_find("lead-cnn"));
    spec.leads = LEADS, spec.channels = 1, spec.height = spec.width = 3;
    cr_assert_eq(leadseq_model_spec_check(&spec), -1);
    cr_assert(strstr(leadseq_error(), "fewer stages"), "%s", leadseq_error());
}
