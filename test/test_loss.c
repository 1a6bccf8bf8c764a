/* SPDX-License-Identifier: MIT */
#include "gradient.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* Cost and derivative of one record. */
static float one(enum leadseq_loss loss, float weight, float z, float t, float *dz)
{
    float cost;
    float mean = leadseq_loss(loss, weight, &z, &t, 1, &cost, dz);
    cr_assert_eq(mean, cost);
    return mean;
}

static float bce(float z, float t, float *dz)
{
    return one(LEADSEQ_LOSS_BCE, 1, z, t, dz);
}

Test(loss, the_sigmoid_saturates_where_float32_does)
{
    cr_assert_eq(leadseq_sigmoid(16.7f), 1.0f);
    cr_assert_lt(leadseq_sigmoid(16.6f), 1.0f);
    cr_assert_eq(leadseq_sigmoid(-88.8f), 0.0f);
    cr_assert_gt(leadseq_sigmoid(-88.5f), 0.0f, "denormal numbers must not be flushed");
    cr_assert_eq(leadseq_sigmoid(0), 0.5f);
    cr_assert_eq(leadseq_sigmoid(INFINITY), 1.0f);
    cr_assert_eq(leadseq_sigmoid(-INFINITY), 0.0f);
}

Test(loss, clamped_bce_costs_exactly_0_or_100_where_saturated_and_its_gradient_is_dead)
{
    static const struct {
        float z, t, cost;
    } row[] = {{17, 1, 0},    {17, 0, 100}, {200, 0, 100},  {200, 1, 0},    {-89, 0, 0},
               {-89, 1, 100}, {-500, 0, 0}, {-500, 1, 100}, {1e30f, 0, 100}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        float dz;
        float cost = bce(row[i].z, row[i].t, &dz);
        cr_assert(cost == row[i].cost && !signbit(cost), "z %g t %g: %g", row[i].z, row[i].t, cost);
        cr_assert_eq(dz, 0.0f, "z %g t %g: gradient %g", row[i].z, row[i].t, dz);
    }
}

Test(loss, a_saturated_batch_of_two_costs_exactly_0_50_or_100)
{
    static const float z[3][2] = {{17, 90}, {-165.4f, 17}, {-200, 30}};
    static const float t[3][2] = {{1, 1}, {0, 0}, {1, 0}}, expected[3] = {0, 50, 100};
    for (int i = 0; i < 3; i++) {
        float dz[2];
        cr_assert_eq(leadseq_loss(LEADSEQ_LOSS_BCE, 1, z[i], t[i], 2, NULL, dz), expected[i]);
        cr_assert(dz[0] == 0 && dz[1] == 0);
    }
}

/* Costs and derivatives that PyTorch 1.13 gives on a CPU. */
Test(loss, clamped_bce_agrees_with_pytorch_between_the_saturations)
{
    static const struct {
        float z, t, cost, dz;
    } row[] = {
        {16.5f, 0, 15.9423847f, 0.999999881f},
        {16.5f, 1, 1.1920929e-07f, -1.1920929e-07f},
        {5.0f, 0, 5.00671911f, 0.993307173f},
        {5.0f, 1, 0.00671532424f, -0.00669282721f},
        {0.3f, 0, 0.854355216f, 0.574442506f},
        {0.3f, 1, 0.554355264f, -0.425557494f},
        {-1.0f, 0, 0.313261658f, 0.268941432f},
        {-1.0f, 1, 1.31326163f, -0.731058598f},
        {-20.0f, 0, 0.0f, 2.06115369e-09f},
        {-20.0f, 1, 20.0f, -1.0f},
        {-30.0f, 0, 0.0f, 8.75651226e-15f},
        {-30.0f, 1, 30.0f, -0.0935762376f},
        {-60.0f, 0, 0.0f, 7.66762494e-41f},
        {-60.0f, 1, 60.0f, -8.75651057e-15f},
        {-85.0f, 0, 0.0f, 0.0f},
        {-85.0f, 1, 85.0f, -1.21609922e-25f},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        float dz, cost = bce(row[i].z, row[i].t, &dz);
        cr_assert_leq(fabsf(cost - row[i].cost), 4e-7f * fabsf(row[i].cost), "z %g t %g: cost %.9g",
                      row[i].z, row[i].t, cost);
        cr_assert_leq(fabsf(dz - row[i].dz), 4e-7f * fabsf(row[i].dz) + 1e-44f,
                      "z %g t %g: gradient %.9g", row[i].z, row[i].t, dz);
    }
}

Test(loss, far_on_the_negative_side_a_positive_record_costs_its_logit_and_still_has_a_gradient)
{
    float dz;
    cr_assert_float_eq(bce(-60, 1, &dz), 60, 1e-5);
    cr_assert_lt(dz, 0);
    cr_assert_float_eq(one(LEADSEQ_LOSS_BCE_LOGITS, 1, -60, 1, &dz), 60, 1e-5);
    cr_assert_float_eq(dz, -1, 1e-6);
}

Test(loss, the_gradient_of_bce_on_logits_is_p_minus_t_however_far_out)
{
    for (float z = -300; z <= 300; z += 12.5f)
        for (float t = 0; t <= 1; t++) {
            float dz, cost = one(LEADSEQ_LOSS_BCE_LOGITS, 1, z, t, &dz);
            cr_assert_float_eq(dz, leadseq_sigmoid(z) - t, 1e-7);
            cr_assert(isfinite(cost) && cost >= 0);
        }
}

Test(loss, both_losses_agree_with_double_precision_where_nothing_saturates)
{
    enum { N = 7 };
    static const float t[N] = {0, 1, 1, 0, 1, 0, 0};
    float z[N], dz[N];
    check_fill_normal(z, N, 3, 1);
    for (int k = 0; k < 2; k++) {
        double want[N], *zd = ref_widen(z, N), *td = ref_widen(t, N);
        double mean = ref_loss(k, 3, zd, td, N, want);
        cr_assert_float_eq(leadseq_loss(k, 3, z, t, N, NULL, dz), mean, 1e-6 * mean);
        cr_assert_lt(ref_difference(dz, want, N), 1e-5);
        free(zd);
        free(td);
    }
}

Test(loss, a_positive_weight_multiplies_the_positive_half_only)
{
    float dz, weighted;
    float cost = one(LEADSEQ_LOSS_BCE_LOGITS, 1, 0.7f, 1, &dz);
    cr_assert_float_eq(one(LEADSEQ_LOSS_BCE_LOGITS, 3, 0.7f, 1, &weighted), 3 * cost, 1e-6);
    cr_assert_float_eq(weighted, 3 * dz, 1e-6);
    cost = one(LEADSEQ_LOSS_BCE_LOGITS, 1, 0.7f, 0, &dz);
    cr_assert_eq(one(LEADSEQ_LOSS_BCE_LOGITS, 3, 0.7f, 0, &weighted), cost);
    cr_assert_eq(weighted, dz);
}
