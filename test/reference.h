/* SPDX-License-Identifier: MIT
 *
 * Every layer once more as plain double-precision loops, to hold the fast ones
 * against. Nothing here is clever, and nothing may become so. Tensors are dense,
 * (N, C, H, W); weights (K, C, kernel, kernel). Backward adds to what it is
 * given; an output that is NULL is not computed. */
#ifndef TEST_REFERENCE_H
#define TEST_REFERENCE_H

#include "nn/nn.h"

/* Float to fresh doubles and back; both abort when memory is out. */
double *ref_widen(const float *x, size_t n);
double *ref_zeros(size_t n);
void ref_narrow(const double *x, size_t n, float *y);

/* Largest |a - b| over the larger of 1e-30 and the largest |b|. */
double ref_difference(const float *a, const double *b, size_t n);

/* (size + 2 pad - kernel) / stride + 1 */
int ref_output_size(int size, int kernel, int stride, int pad);

struct ref_conv {
    int n, c, h, w;             /* of x */
    int k, kernel, stride, pad; /* y is (N, K, ·, ·) */
    bool row;                   /* kernel (1, kernel); stride and pad along rows alone */
};
void ref_conv_forward(const struct ref_conv *s, const double *x, const double *w, const double *b,
                      double *y);
void ref_conv_backward(const struct ref_conv *s, const double *x, const double *w, const double *dy,
                       double *dx, double *dw, double *db);

struct ref_dense {
    int n, in, out; /* w is (out, in) */
};
void ref_dense_forward(const struct ref_dense *s, const double *x, const double *w, const double *b,
                       double *y);
void ref_dense_backward(const struct ref_dense *s, const double *x, const double *w,
                        const double *dy, double *dx, double *dw, double *db);

/* What is around the image is in no maximum and no mean; of equal maxima the first in row order
 * wins. With `partial` windows may reach over the right and lower end. */
struct ref_pool {
    int n, c, h, w, kernel, stride;
    bool max; /* else the mean */
    int pad;
    bool row, partial;
};
int ref_pool_size(const struct ref_pool *s, int size); /* how many windows a side has */
void ref_pool_forward(const struct ref_pool *s, const double *x, double *y);
void ref_pool_backward(const struct ref_pool *s, const double *x, const double *dy, double *dx);

/* Mean or maximum (the first of equals) of each of `planes` runs of hw values. */
void ref_global_forward(bool max, int planes, int hw, const double *x, double *y);
void ref_global_backward(bool max, int planes, int hw, const double *x, const double *dy,
                         double *dx);

/* Batch norm over (N, H, W) of each channel; biased variance in y, unbiased in
 * the running one. mean, var (C): in training they are the running averages and
 * are updated, in evaluation they are used. */
struct ref_norm {
    int n, c, hw;
    double epsilon, momentum;
    bool training;
};
void ref_norm_forward(const struct ref_norm *s, const double *x, const double *scale,
                      const double *shift, double *mean, double *var, double *y);
/* Of the training form: the statistics depend on x. */
void ref_norm_backward(const struct ref_norm *s, const double *x, const double *scale,
                       const double *dy, double *dx, double *dscale, double *dshift);

enum ref_function { REF_RELU, REF_SIGMOID, REF_TANH };
double ref_apply(enum ref_function f, double x);
double ref_slope(enum ref_function f, double x);

/* y = mask x / (1 - p); backward is the same. */
void ref_dropout(const uint8_t *mask, double p, const double *x, size_t n, double *y);

/* Mean cost; dz may be NULL. The exact mathematics, without float32's saturation. */
double ref_loss(double positive_weight, const double *z, const double *t, int n, double *dz);
/* z, t, dz (n, outputs) */
double ref_softmax_loss(const double *z, const double *t, int n, int outputs, double *dz);

/* The ConvLSTM over T steps from zero states; x (T, N, C, H, W), w (4K, C + K,
 * kernel, kernel) over [x, h], gates in the order i f o g. */
struct ref_convlstm {
    int t, n, c, h, w, k, kernel;
    const double *gain, *shift; /* (4K): layer norm of each gate's sums; NULL: none */
};
struct ref_convlstm_saved { /* what backward needs of forward */
    const double *h, *c;    /* (T, N, K, H, W) */
    const double *gates;    /* (T, N, 4K, H, W), activated */
    const double *b;        /* as forward had it; read with layer norm */
};
/* b (4K) may be NULL. */
void ref_convlstm_forward(const struct ref_convlstm *s, const double *x, const double *w,
                          const double *b, double *h, double *c, double *gates);
struct ref_convlstm_gradients {
    double *dx, *dw, *db; /* added to; dx may be NULL */
    double *dh, *dc, *da; /* (T, N, K or 4K, H, W), complete dh_t, dc_t, and of what σ, tanh see */
    double *dgain, *dshift; /* added to; of the layer norm */
};
/* dy (T, N, K, H, W) is what reaches every h from outside. */
void ref_convlstm_backward(const struct ref_convlstm *s, const double *x, const double *w,
                           const struct ref_convlstm_saved *saved, const double *dy,
                           const struct ref_convlstm_gradients *d);

/* An LSTM or GRU over t steps from zero states, PyTorch's; x (N, C, T), y (N, K, T), w (G K, C) of
 * x, v (G K, K) of h, b and d (G K) with either. */
struct ref_rnn {
    int t, n, c, k;
    bool gru;
    const double *w, *v, *b, *d;
};
struct ref_rnn_gradients { /* added to */
    double *dw, *dv, *db, *dd;
};
void ref_rnn_forward(const struct ref_rnn *s, const double *x, double *y);
void ref_rnn_backward(const struct ref_rnn *s, const double *x, const double *dy, double *dx,
                      const struct ref_rnn_gradients *d);

/* Layer norm of each of `gates` runs of k channels of hw values; ε = 1e-5. y may be a; da may be
 * dy. */
void ref_layer_norm_forward(int gates, int k, int hw, const double *a, const double *gain,
                            const double *shift, double *y);
void ref_layer_norm_backward(int gates, int k, int hw, const double *a, const double *gain,
                             const double *dy, double *da, double *dgain, double *dshift);

#endif
