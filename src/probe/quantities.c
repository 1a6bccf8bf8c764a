/* SPDX-License-Identifier: MIT
 *
 * The one table of quantities: name, axes, unit, formula. The writer makes the
 * data sets of diagnostics.h5 from it; doc/diagnostics.md explains its rows. */
#include "probe/probe.h"

const char *const leadseq_axis_name[LEADSEQ_AXES] = {"",        "record", "layer",    "lead",
                                                     "channel", "tensor", "gate",     "signal",
                                                     "decade",  "bin",    "exponent", "point"};

#define RECORD   LEADSEQ_AXIS_RECORD
#define LAYER    LEADSEQ_AXIS_LAYER
#define LEAD     LEADSEQ_AXIS_LEAD
#define CHANNEL  LEADSEQ_AXIS_CHANNEL
#define TENSOR   LEADSEQ_AXIS_TENSOR
#define GATE     LEADSEQ_AXIS_GATE
#define SIGNAL   LEADSEQ_AXIS_SIGNAL
#define DECADE   LEADSEQ_AXIS_DECADE
#define BIN      LEADSEQ_AXIS_BIN
#define EXPONENT LEADSEQ_AXIS_EXPONENT
#define POINT    LEADSEQ_AXIS_POINT

// clang-format off
const struct leadseq_quantity leadseq_quantities[] = {
    {"output/epoch", {0}, "1", "epoch of the step, from 1"},
    {"output/records", {0}, "records", "N, records of the batch"},
    {"output/cost", {0}, "1", "mean cost of the batch, before the step"},
    {"output/target_mean", {0}, "1", "share of records of class 1"},
    {"output/logit_mean", {0}, "1", "mean z over the batch"},
    {"output/logit_sd", {0}, "1", "standard deviation of z over the batch (divisor N)"},
    {"output/logit_min", {0}, "1", "smallest z"},
    {"output/logit_max", {0}, "1", "largest z"},
    {"output/logit_positive", {0}, "1", "mean z of records of class 1, NaN without one"},
    {"output/logit_negative", {0}, "1", "mean z of records of class 0, NaN without one"},
    {"output/spread", {0}, "1", "logit_sd / |logit_mean|"},
    {"output/saturated", {0}, "1", "share of records whose float32 sigmoid is exactly 0 or 1"},
    {"output/dead", {0}, "1", "share of records whose dz is exactly 0"},
    {"output/on_lattice", {0}, "1", "1 where cost is exactly 100 k / N for a whole k, else 0"},
    {"output/lattice", {0}, "1", "share of records whose own cost is exactly 0 or 100"},
    {"output/nonfinite", {0}, "1", "share of logits that are not finite"},
    {"output/nonfinite_layer", {0}, "index", "first layer (attribute chain) whose output was not finite in this step's forward pass; -1: none; -2: the images themselves; NaN: not looked for"},

    {"head/lr", {0}, "1", "learning rate of the step"},
    {"head/predicted", {RECORD}, "1", "sum_j dw_j phi_nj + db: the coming update (optimiser in use) times the features before it"},
    {"head/sign", {RECORD}, "1", "-lr sum_j sign(g_j) phi_nj: Adam's first step"},
    {"head/bound", {RECORD}, "1", "lr sum_j |phi_nj|"},
    {"head/reach", {RECORD}, "1", "sum_j |dw_j| |phi_nj|"},
    {"head/measured", {RECORD}, "1", "z_n after the step - z_n before it, same batch, same mode; NaN where no second forward pass was made"},
    {"head/dw_h", {RECORD}, "1", "sum_j dw_j phi_nj (w and phi in double)"},
    {"head/w_dh", {RECORD}, "1", "sum_j w_j dphi_nj, dphi the features after the step minus before"},
    {"head/dw_dh", {RECORD}, "1", "sum_j dw_j dphi_nj"},
    {"head/db", {0}, "1", "change of the head's bias"},
    {"head/split_error", {0}, "1", "max_n |dw_h + w_dh + dw_dh + db - measured| / max_n |measured|"},
    {"head/predicted_max", {0}, "1", "max_n |predicted| over the whole batch"},
    {"head/bound_max", {0}, "1", "max_n bound over the whole batch"},
    {"head/measured_max", {0}, "1", "max_n |measured| over the whole batch"},
    {"head/feature_sum", {0}, "1", "mean over n of sum_j |phi_nj|"},
    {"head/feature_variation", {0}, "1", "sd over records of phi, root mean square over j, divided by the root mean square of phi"},
    {"head/update_max", {0}, "1", "max_j |dw_j|"},
    {"head/lr_one", {0}, "1", "largest learning rate with max_n |predicted| <= 1: lr / predicted_max"},
    {"head/lr_one_bound", {0}, "1", "largest learning rate with max_n bound <= 1: lr / bound_max"},

    {"flow/norm", {LAYER, SIGNAL, LEAD}, "1", "Frobenius norms over the batch of dL/dh_t, dL/dc_t and dL/d(gates' sums)_t"},
    {"flow/factor", {LAYER, SIGNAL}, "1", "factor per lead towards the first: exp(-b), b the slope of the regression of log norm_t on t"},
    {"flow/factor_se", {LAYER, SIGNAL}, "1", "its standard error, factor times that of b"},
    {"flow/mean_factor", {LAYER, SIGNAL}, "1", "(norm_0 / norm_{T-1})^(1/(T-1)), the geometric mean"},
    {"flow/first_share", {LAYER, SIGNAL}, "1", "norm_0 / norm_{T-1}: the share that reaches the first lead"},
    {"flow/first_part", {LAYER, SIGNAL}, "1", "norm_0^2 / sum_t norm_t^2"},

    {"parameters/grad_norm", {TENSOR}, "1", "||g|| of the tensor, after clipping"},
    {"parameters/grad_max", {TENSOR}, "1", "max |g|"},
    {"parameters/grad_zeros", {TENSOR}, "1", "share of g that is exactly 0"},
    {"parameters/grad_nonfinite", {TENSOR}, "1", "share of g that is not finite"},
    {"parameters/weight_norm", {TENSOR}, "1", "||theta|| before the step"},
    {"parameters/weight_max", {TENSOR}, "1", "max |theta| before the step"},
    {"parameters/update_norm", {TENSOR}, "1", "||Delta||, the step taken"},
    {"parameters/update_ratio", {TENSOR}, "1", "||Delta|| / ||theta||"},
    {"parameters/distance", {TENSOR}, "1", "||theta - theta_0|| before the step, theta_0 the initial values"},
    {"parameters/total_grad_norm", {0}, "1", "||g|| over all tensors, before clipping"},
    {"parameters/total_zeros", {0}, "1", "share of all g that is exactly 0"},
    {"parameters/total_update_ratio", {0}, "1", "||Delta|| / ||theta|| over all tensors"},

    {"histograms/gradient", {TENSOR, DECADE}, "values", "counts of log10|g| in bins of half a decade from 1e-20 to 1e4, the first bin also everything below but 0, the last everything above"},
    {"histograms/gradient_zero", {TENSOR}, "values", "count of g exactly 0"},
    {"histograms/weight", {TENSOR, BIN}, "values", "counts of theta in 40 equal bins from -weight_range to weight_range"},
    {"histograms/weight_range", {TENSOR}, "1", "max |theta|"},

    {"gates/mean", {LAYER, LEAD, GATE, CHANNEL}, "1", "mean of i, f, o, g, tanh(c) over records and pixels"},
    {"gates/low", {LAYER, LEAD, GATE, CHANNEL}, "1", "share below 0.1 (i f o), below -0.9 (g, tanh c)"},
    {"gates/high", {LAYER, LEAD, GATE, CHANNEL}, "1", "share above 0.9"},
    {"gates/saturated", {LAYER, GATE}, "1", "low + high over all leads and channels (f from the second lead on)"},
    {"gates/h_mean", {LAYER, LEAD, CHANNEL}, "1", "mean of h_t over records and pixels"},
    {"gates/h_sd", {LAYER, LEAD, CHANNEL}, "1", "its standard deviation over records and pixels"},
    {"gates/h_max", {LAYER, LEAD, CHANNEL}, "1", "max |h_t|"},
    {"gates/memory", {LAYER, CHANNEL}, "leads", "1 / (1 - mean f) over the leads from the second on"},
    {"gates/dead", {LAYER, CHANNEL}, "1", "1 where h_sd <= 1e-6 at every lead: the channel says the same everywhere"},
    {"gates/duplicate", {LAYER, CHANNEL}, "index", "the first earlier channel whose h at the last lead has |correlation| > 0.999 with this one's, -1: none"},

    {"recurrence/singular", {LAYER, LEAD}, "1", "largest singular value of J_t = d(h_t, c_t)/d(h_{t-1}, c_{t-1}), orthogonalised power iteration on J'J; NaN at leads not looked at and at the first"},
    {"recurrence/singular_residual", {LAYER, LEAD}, "1", "||J'J v - sigma^2 v|| / sigma^2 of its Ritz pair"},
    {"recurrence/radius", {LAYER, LEAD}, "1", "spectral radius of J_t, Arnoldi iteration"},
    {"recurrence/radius_residual", {LAYER, LEAD}, "1", "||J v - lambda v|| / |lambda| of its Ritz pair"},
    {"recurrence/lyapunov", {LAYER, EXPONENT}, "1/lead", "leading finite-time Lyapunov exponents: mean over the leads of log |R_kk| of the QR of J_t Q"},
    {"recurrence/field", {LAYER}, "px", "receptive field of h of the last lead in the images: 1 + what kernels and strides add over all leads"},
    {"recurrence/field_effective", {LAYER}, "px", "side of the smallest centred square holding 95 % of sum |d h_{T-1} / d h_0(centre)|, in image pixels"},
    {"recurrence/beat", {0}, "px", "one beat at 75 a minute (0.8 s) in the images"},

    {"step/line_cost", {POINT}, "1", "cost of the same batch at theta + alpha Delta, alpha: attribute points of /step"},
    {"step/best", {0}, "1", "alpha of the smallest of them: above 1 the step is too short, below too long"},
    {"step/first_order", {0}, "1", "<g, Delta>: the change of cost the gradient promises"},
    {"step/change", {0}, "1", "line_cost at alpha = 1 minus at 0"},
    {"step/grad_square", {0}, "1", "estimate of |G|^2 (McCandlish et al. 2018, A.1)"},
    {"step/grad_variance", {0}, "1", "estimate of tr(Sigma), the variance of a record's gradient"},
    {"step/noise_scale", {0}, "records", "grad_variance / grad_square of this step alone; the verdict averages both over steps first"},
    {"step/batch_suggested", {0}, "records", "sums of grad_variance / sums of grad_square over the steps of this file so far"},
    {"step/agreement", {0}, "1", "cosine between the gradients of the batch's two halves; NaN for a batch of one"},

    {"input/pixel_mean", {0}, "1", "mean of the values fed"},
    {"input/pixel_sd", {0}, "1", "their standard deviation"},
    {"input/gradient_norm", {LEAD}, "1", "mean over records of ||dz/dx_t||"},
    {"input/gradient_input", {LEAD}, "1", "mean over records of |sum over pixels of (x_t - paper) dz/dx_t|"},
    {"input/records", {0}, "records", "validation records behind the AUCs of this row; 0: none were predicted"},
    {"input/auc", {0}, "1", "AUC of those records"},
    {"input/cost", {0}, "1", "their mean cost"},
    {"input/occluded_auc", {LEAD}, "1", "AUC with the lead blank paper"},
    {"input/occluded_shift", {LEAD}, "1", "root mean square change of z with the lead blank, divided by the standard deviation of z"},
    {"input/reversed_auc", {0}, "1", "AUC with the leads in reverse order"},
    {"input/reversed_shift", {0}, "1", "root mean square change of z then, divided by the standard deviation of z"},
    {"input/permuted_auc", {0}, "1", "AUC with the leads in a random order, mean over draws"},
    {"input/permuted_shift", {0}, "1", "root mean square change of z then, divided by the standard deviation of z"},
};
// clang-format on
const size_t leadseq_n_quantities = LEADSEQ_COUNT(leadseq_quantities);
