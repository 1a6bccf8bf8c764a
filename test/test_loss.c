/* SPDX-License-Identifier: MIT */
#include "gradient.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A loss whose positives all have the same weight. */
static struct leadseq_loss loss_of(const char *name, int outputs, float weight)
{
    struct leadseq_loss loss;
    leadseq_loss_init(&loss, leadseq_loss_find(name), outputs);
    for (int k = 0; k < outputs; k++) loss.positive_weight[k] = weight;
    return loss;
}

/* Cost and derivative of one record. */
static float one(const char *name, float weight, float z, float t, float *dz)
{
    float cost;
    const struct leadseq_loss loss = loss_of(name, 1, weight);
    float mean = leadseq_loss_mean(&loss, &z, &t, 1, &cost, dz);
    cr_assert_eq(mean, cost);
    return mean;
}

static float bce(float z, float t, float *dz)
{
    return one("bce", 1, z, t, dz);
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
        const struct leadseq_loss loss = loss_of("bce", 1, 1);
        cr_assert_eq(leadseq_loss_mean(&loss, z[i], t[i], 2, NULL, dz), expected[i]);
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
    cr_assert_float_eq(one("bce-logits", 1, -60, 1, &dz), 60, 1e-5);
    cr_assert_float_eq(dz, -1, 1e-6);
}

Test(loss, the_gradient_of_bce_on_logits_is_p_minus_t_however_far_out)
{
    for (float z = -300; z <= 300; z += 12.5f)
        for (float t = 0; t <= 1; t++) {
            float dz, cost = one("bce-logits", 1, z, t, &dz);
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
        double mean = ref_loss(k ? 3 : 1, zd, td, N, want); // bce has no weights
        const struct leadseq_loss loss = loss_of(k ? "bce-logits" : "bce", 1, 3);
        cr_assert_float_eq(leadseq_loss_mean(&loss, z, t, N, NULL, dz), mean, 1e-6 * mean);
        cr_assert_lt(ref_difference(dz, want, N), 1e-5);
        free(zd);
        free(td);
    }
}

Test(loss, a_positive_weight_multiplies_the_positive_half_only)
{
    float dz, weighted;
    float cost = one("bce-logits", 1, 0.7f, 1, &dz);
    cr_assert_float_eq(one("bce-logits", 3, 0.7f, 1, &weighted), 3 * cost, 1e-6);
    cr_assert_float_eq(weighted, 3 * dz, 1e-6);
    cost = one("bce-logits", 1, 0.7f, 0, &dz);
    cr_assert_eq(one("bce-logits", 3, 0.7f, 0, &weighted), cost);
    cr_assert_eq(weighted, dz);
}

/* --- Several outputs ------------------------------------------------------------------------- */

enum { RECORDS = 6, OUTPUTS = 4 };

/* Targets of a batch: yes or no in turn, or one class of several; some unknown where asked. */
static void fill_targets(float t[RECORDS * OUTPUTS], bool exclusive, bool unknown)
{
    for (int i = 0; i < RECORDS; i++)
        for (int k = 0; k < OUTPUTS; k++) {
            float *at = &t[i * OUTPUTS + k];
            *at = exclusive ? k == i % OUTPUTS : (i + k) % 3 == 0;
            if (unknown && (exclusive ? i == 2 : (i * k) % 5 == 1)) *at = LEADSEQ_TARGET_UNKNOWN;
        }
}

Test(loss, several_outputs_cost_the_sum_of_each_by_itself)
{
    float z[RECORDS * OUTPUTS], t[RECORDS * OUTPUTS], dz[RECORDS * OUTPUTS], cost[RECORDS];
    check_fill_normal(z, RECORDS * OUTPUTS, 3, 5);
    fill_targets(t, false, false);
    for (int l = 0; l < 2; l++) {
        const char *name = l ? "bce-logits" : "bce";
        struct leadseq_loss loss = loss_of(name, OUTPUTS, 1);
        for (int k = 0; k < OUTPUTS; k++) loss.positive_weight[k] = l ? 1 + (float)k : 1;
        double mean = leadseq_loss_mean(&loss, z, t, RECORDS, cost, dz), sum = 0;
        for (int i = 0; i < RECORDS; i++) {
            double of_record = 0;
            for (int k = 0; k < OUTPUTS; k++) {
                float slope;
                const int at = i * OUTPUTS + k;
                of_record += one(name, loss.positive_weight[k], z[at], t[at], &slope);
                cr_assert_float_eq(dz[at], slope / RECORDS, 1e-7);
            }
            cr_assert_float_eq(cost[i], of_record, 1e-5 * of_record);
            sum += of_record;
        }
        cr_assert_float_eq(mean, sum / RECORDS, 1e-5 * mean);
    }
}

/* One output of a batch whose slopes nearly cancel, in double. */
static double slope_of(const struct leadseq_loss *loss, float z, float t)
{
    const double p = 1 / (1 + exp(-(double)z)), weight = (double)loss->positive_weight[0];
    return t > 0 ? weight * (p - 1) : p;
}

/* Each rounded by itself, slopes of about 0.01 with a step of 9e-10 would sum to some of those. */
Test(loss, rounded_slopes_of_a_batch_keep_their_sum)
{
    enum { N = 333 };
    float z[N], t[N], dz[N];
    check_fill_normal(z, N, 0.2f, 6);
    for (int i = 0; i < N; i++) t[i] = i % 4 == 0;
    struct leadseq_loss loss = loss_of("bce-logits", 1, 3);
    (void)leadseq_loss_mean(&loss, z, t, N, NULL, dz);
    double sum = 0, exact = 0, largest = 0;
    for (int i = 0; i < N; i++) {
        const double one = slope_of(&loss, z[i], t[i]) / N;
        cr_assert_lt(fabs((double)dz[i] - one), 3e-7 * fabs(one), "record %d", i);
        sum += (double)dz[i], exact += one;
        largest = fmax(largest, fabs(one));
    }
    cr_assert_lt(fabs(sum - exact), 0x1p-23 * largest, "%g", (sum - exact) / largest);
    t[5] = LEADSEQ_TARGET_UNKNOWN;
    (void)leadseq_loss_mean(&loss, z, t, N, NULL, dz);
    cr_assert_eq(dz[5], 0);
}

Test(loss, softmax_agrees_with_double_precision)
{
    float z[RECORDS * OUTPUTS], t[RECORDS * OUTPUTS], dz[RECORDS * OUTPUTS];
    double want[RECORDS * OUTPUTS];
    check_fill_normal(z, RECORDS * OUTPUTS, 2, 4);
    fill_targets(t, true, false);
    double *zd = ref_widen(z, RECORDS * OUTPUTS), *td = ref_widen(t, RECORDS * OUTPUTS);
    double mean = ref_softmax_loss(zd, td, RECORDS, OUTPUTS, want);
    const struct leadseq_loss loss = loss_of("softmax", OUTPUTS, 1);
    cr_assert_float_eq(leadseq_loss_mean(&loss, z, t, RECORDS, NULL, dz), mean, 1e-6 * mean);
    cr_assert_lt(ref_difference(dz, want, RECORDS * OUTPUTS), 1e-6);
    for (int i = 0; i < RECORDS; i++) {
        float p[OUTPUTS], sum = 0;
        leadseq_loss_probability(loss.type, z + i * OUTPUTS, OUTPUTS, p);
        for (int k = 0; k < OUTPUTS; k++) sum += p[k];
        cr_assert_float_eq(sum, 1, 1e-6);
    }
    free(zd);
    free(td);
}

/* PyTorch 1.13's CrossEntropyLoss(weight=[.5, 2, 3], label_smoothing=e) of these logits, classes 2,
 * 0, 1, 1: its mean divides by the sum of the classes' weights, 7.5. */
Test(loss, softmax_with_weights_and_smoothing_is_pytorchs)
{
    static const float z[] = {.5f, -1, 2, 1.5f, .25f, -.75f, -2, 0, 1, .1f, .2f, .3f};
    static const float t[] = {0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0};
    static const struct {
        float smoothing, weight[3], mean, dz[12];
    } row[] = {
        {0,
         {.5f, 2, 3},
         0.772157431f,
         {0.0701161623f, 0.0156450309f, -0.0857611969f, -0.0187706444f, 0.0137224402f,
          0.00504820421f, 0.00936507341f, -0.197467625f, 0.188102543f, 0.0801625624f, -0.178073347f,
          0.0979107767f}},
        {.1f,
         {1, 1, 1},
         0.83073473f,
         {0.0354892649f, 0.00144480914f, -0.0369340777f, -0.0537232459f, 0.0431258157f,
          0.0105974311f, 0.000446422026f, -0.168459222f, 0.168012783f, 0.0668190643f, -0.150277093f,
          0.0834580138f}},
        {.1f,
         {.5f, 2, 3},
         0.829946816f,
         {0.0651671886f, 0.00614772085f, -0.071314916f, -0.00155392068f, 0.00849286839f,
          -0.00693894178f, 0.00706480723f, -0.1802665f, 0.17320165f, 0.0772723034f, -0.161033839f,
          0.0837614983f}},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct leadseq_loss loss = loss_of("softmax", 3, 1);
        float dz[12];
        memcpy(loss.positive_weight, row[i].weight, sizeof row[i].weight);
        loss.smoothing = row[i].smoothing;
        cr_assert_float_eq(leadseq_loss_mean(&loss, z, t, 4, NULL, dz), row[i].mean, 3e-7);
        for (int k = 0; k < 12; k++)
            cr_assert_float_eq(dz[k], row[i].dz[k], 1e-7, "row %zu, %d: %.9g", i, k, dz[k]);
    }
}

/* The weights of yes and no are 3 and 1; PyTorch's of the two logits (z, 0). */
Test(loss, one_output_of_softmax_has_the_weight_of_yes)
{
    static const float z[] = {.5f, -1, 2}, t[] = {1, 0, 0},
                       want[] = {-0.19142276f, 0.00454594381f, 0.151391283f};
    struct leadseq_loss loss = loss_of("softmax", 1, 3);
    float dz[3];
    loss.smoothing = .2f;
    cr_assert_eq(leadseq_loss_weight(&loss, t, 3), 5);
    cr_assert_float_eq(leadseq_loss_mean(&loss, z, t, 3, NULL, dz), 0.801128685, 1e-7);
    for (int k = 0; k < 3; k++) cr_assert_float_eq(dz[k], want[k], 1e-7, "%d: %.9g", k, dz[k]);
}

/* PyTorch's binary_cross_entropy_with_logits with pos_weight [3, .5] at targets .8 t + .1. */
Test(loss, outputs_of_their_own_are_smoothed_towards_one_half)
{
    static const float z[] = {.5f, -1, 2, -.75f, -3, .25f}, t[] = {1, 0, 0, 1, 1, 1},
                       want[] = {-0.319037974f,  0.0684981197f, 0.252318799f,
                                 -0.0911827683f, -0.855735898f, -0.0469343066f};
    struct leadseq_loss loss = loss_of("bce-logits", 2, 1);
    float dz[6], part[6], sum = 0;
    loss.positive_weight[0] = 3, loss.positive_weight[1] = .5f;
    loss.smoothing = .2f;
    const float mean = leadseq_loss_mean(&loss, z, t, 3, NULL, dz);
    cr_assert_float_eq(mean, 4.26847267, 1e-6);
    for (int k = 0; k < 6; k++) cr_assert_float_eq(dz[k], want[k], 1e-7, "%d: %.9g", k, dz[k]);
    leadseq_loss_parts(&loss, z, t, 3, part);
    for (int k = 0; k < 6; k++) sum += part[k];
    cr_assert_float_eq(sum, 3 * mean, 1e-5);
}

Test(loss, softmax_stays_finite_however_far_out)
{
    const float z[3] = {-1e30f, 0, 3e4f}, t[3] = {0, 1, 0};
    float dz[3], p[3];
    const struct leadseq_loss loss = loss_of("softmax", 3, 1);
    cr_assert_float_eq(leadseq_loss_mean(&loss, z, t, 1, NULL, dz), 3e4, 1);
    cr_assert(dz[0] == 0 && dz[1] == -1 && dz[2] == 1);
    leadseq_loss_probability(loss.type, z, 3, p);
    cr_assert(p[0] == 0 && p[1] == 0 && p[2] == 1);
}

Test(loss, gradients_are_the_central_differences_of_the_cost)
{
    float z[RECORDS * OUTPUTS], t[RECORDS * OUTPUTS], dz[RECORDS * OUTPUTS], cost[RECORDS];
    for (int l = 0; leadseq_loss_at((size_t)l); l++) {
        const struct leadseq_loss_type *type = leadseq_loss_at((size_t)l);
        struct leadseq_loss loss = loss_of(type->name, OUTPUTS, 1);
        for (int k = 0; type->weighted && k < OUTPUTS; k++)
            loss.positive_weight[k] = .5f + (float)k;
        loss.smoothing = .15f;
        check_fill_normal(z, RECORDS * OUTPUTS, 1.5, 6);
        fill_targets(t, type->exclusive, true);
        const double weight = leadseq_loss_weight(&loss, t, RECORDS);
        leadseq_loss_mean(&loss, z, t, RECORDS, NULL, dz);
        for (int i = 0; i < RECORDS * OUTPUTS; i++) {
            const float h = 1e-2f, at = z[i];
            double sum[2] = {0};
            for (int side = 0; side < 2; side++) {
                z[i] = side ? at + h : at - h;
                leadseq_loss_mean(&loss, z, t, RECORDS, cost, NULL);
                for (int r = 0; r < RECORDS; r++) sum[side] += cost[r];
            }
            z[i] = at;
            cr_assert_float_eq(dz[i], (sum[1] - sum[0]) / (2 * (double)h * weight), 1e-4,
                               "%s, value %d: %g", type->name, i, dz[i]);
        }
    }
}

Test(loss, an_unknown_target_adds_nothing)
{
    float z[RECORDS * OUTPUTS], t[RECORDS * OUTPUTS], dz[RECORDS * OUTPUTS];
    check_fill_normal(z, RECORDS * OUTPUTS, 2, 7);
    for (int l = 0; leadseq_loss_at((size_t)l); l++) {
        struct leadseq_loss loss = loss_of(leadseq_loss_name((size_t)l), OUTPUTS, 1);
        loss.smoothing = .1f;
        fill_targets(t, loss.type->exclusive, true);
        float cost = leadseq_loss_mean(&loss, z, t, RECORDS, NULL, dz), unknown = 0;
        for (int i = 0; i < RECORDS * OUTPUTS; i++)
            if (t[i] < 0) {
                cr_assert_eq(dz[i], 0);
                z[i] = 100; // whatever it is
                unknown++;
            }
        cr_assert_gt(unknown, 0);
        cr_assert_eq(leadseq_loss_mean(&loss, z, t, RECORDS, NULL, NULL), cost);
        check_fill_normal(z, RECORDS * OUTPUTS, 2, 7);
    }
}
