// The inner loops of the backward pass. What network_kernels.h says of its functions holds here too.
//
// A gradient is laid out as the value that it is the gradient of: dx as x, dy as y. "Writes" and
// "adds to" are meant: what adds to a parameter's gradient sums over all rows of the call, in an
// order that depends on their number alone.
#ifndef NETWORK_TRAINING_H
#define NETWORK_TRAINING_H

#include "network_kernels.h"

// --- convolution (network/conv2d_input_gradient.c, network/conv2d_kernel_gradient.c) ------------

// A Keras kernel packed for the gradient of the input.
long ck_conv2d_transposed_size(const ck_conv_geometry *geometry);
void ck_conv2d_pack_transposed(
    const ck_conv_geometry *geometry, const float *kernel, float *packed);

// Writes dx, images × [height][width][channels], from dy. The scratch may be of 0 floats.
long ck_conv2d_input_gradient_scratch_size(const ck_conv_geometry *geometry);
void ck_conv2d_input_gradient(
    const ck_conv_geometry *geometry, const float *packed_transposed, long images,
    const float *dy, float *dx, float *scratch);

// Adds to dkernel [kernel_height][kernel_width][channels/groups][out_channels].
long ck_conv2d_kernel_gradient_scratch_size(const ck_conv_geometry *geometry);
void ck_conv2d_kernel_gradient(
    const ck_conv_geometry *geometry, long images, const float *x, const float *dy,
    float *dkernel, float *scratch);

// --- depthwise convolution (network/depthwise_gradient.c) ---------------------------------------

// Writes dx; adds to dkernel [kernel_height][kernel_width][channels][multiplier].
long ck_depthwise_gradient_scratch_size(const ck_conv_geometry *geometry);
void ck_depthwise_input_gradient(
    const ck_conv_geometry *geometry, const float *kernel, long images, const float *dy,
    float *dx, float *scratch);
void ck_depthwise_kernel_gradient(
    const ck_conv_geometry *geometry, long images, const float *x, const float *dy,
    float *dkernel, float *scratch);

// --- activations (network/activation_gradient.c) ------------------------------------------------

// What the derivative of a code is computed from; the other pointer may be NULL.
enum { CK_NEEDS_NOTHING = 0, CK_NEEDS_INPUT = 1, CK_NEEDS_OUTPUT = 2 };
int ck_activation_gradient_needs(ck_activation code);

// dx[i] = dy[i] · f'(x[i]), y = f(x). dx may be dy. At a kink the derivative is TensorFlow's: 0 for
// relu at 0 and for relu6 at both ends. The parameter of elu and celu is positive.
void ck_activate_gradient(
    ck_activation code, float p, const float *x, const float *y, const float *dy, float *dx,
    long count);

// The same for Keras's relu with all of its options, from x:
// x < threshold ? slope·(x − threshold) : min(x, maximum). `maximum` may be infinite.
void ck_relu_general_gradient(
    float slope, float maximum, float threshold, const float *x, const float *dy, float *dx,
    long count);

// --- pooling (network/pooling_gradient.c) -------------------------------------------------------

// Write dx. A window's gradient goes to the first of its largest elements, or in equal parts to all
// of its real elements; that of a whole image's maximum in equal parts to all of the largest, as
// TensorFlow's reduce_max has it.
void ck_pool_max_gradient(
    const ck_conv_geometry *geometry, long images, const float *x, const float *y,
    const float *dy, float *dx);
void ck_pool_average_gradient(
    const ck_conv_geometry *geometry, long images, const float *dy, float *dx);
void ck_global_max_gradient(
    long images, long positions, int channels, const float *x, const float *y, const float *dy,
    float *dx);
void ck_global_average_gradient(
    long images, long positions, int channels, const float *dy, float *dx);

// --- rows (network/rows_gradient.c) -------------------------------------------------------------

// From the output y; dx may be dy.
void ck_softmax_gradient_rows(
    const float *y, const float *dy, float *dx, long rows, long width);
void ck_log_softmax_gradient_rows(
    const float *y, const float *dy, float *dx, long rows, long width);

// From the input x, whose moments are computed again. dx may be dy; gamma, dgamma and dbeta may be
// NULL; the last two are added to.
void ck_layer_norm_gradient_rows(
    const float *x, const float *gamma, float epsilon, const float *dy, float *dx, float *dgamma,
    float *dbeta, long rows, long width);
void ck_rms_norm_gradient_rows(
    const float *x, const float *gamma, float epsilon, const float *dy, float *dx, float *dgamma,
    long rows, long width);

// out[i] += the sum of dy[r][i] over the rows.
void ck_add_column_sums(const float *dy, long rows, int width, float *out);

// Batch normalisation. Adds to sums[channel] and squares[channel] those of x; or to sums those of dy,
// and to products those of dy · (x − mean[channel]) · scale[channel].
void ck_add_moments(const float *x, long rows, int channels, double *sums, double *squares);
void ck_add_products(
    const float *x, const float *mean, const float *scale, const float *dy, long rows,
    int channels, double *sums, double *products);

// dx = a[channel]·dy + b[channel]·x + c[channel]; dx may be dy or x.
void ck_combine_gradient_rows(
    const float *dy, const float *x, const float *a, const float *b, const float *c, float *dx,
    long rows, int channels);

// --- optimizers (network/update.c) --------------------------------------------------------------

// What is the same for all weights of an array in a step: the gradient becomes
// limit(gradient · factor) + pull · w, and w loses w · decay besides.
typedef struct {
  float rate, factor, limit, decay, pull;
} ck_update;

// v = v·momentum − g·rate, w += v (nesterov: w += v·momentum − g·rate). Where the mask, which may be
// NULL, is 0, weight and velocity become +0.
void ck_sgd_step(
    const ck_update *update, float momentum, bool nesterov, const float *gradient,
    const uint8_t *mask, float *weights, float *velocity, long count);

// m += (g − m)·rest1, v += (g² − v)·rest2, w −= m·rate ÷ (√v + epsilon), the rate being corrected
// already. The mask as above.
void ck_adam_step(
    const ck_update *update, float rest1, float rest2, float epsilon, const float *gradient,
    const uint8_t *mask, float *weights, float *first, float *second, long count);

// --- recurrent cells of sigmoid and tanh (network/recurrent_training.c) ---------------------------

// z, rows × [i, f, c, o][units] before the activations, becomes the gates. after = f·before + i·c̃,
// shown = tanh(after), h = o·shown.
void ck_lstm_step_train(
    float *z, const float *before, float *after, float *shown, float *h, long rows, int units);

// Gates become their gradients before the activations; dc, the gradient of `after`, becomes that of
// `before`.
void ck_lstm_step_back(
    float *z, const float *before, const float *shown, const float *dh, float *dc, long rows,
    int units);

// A GRU that resets after the product: x and r, rows × [z, r, h][units], are what the products of
// input and state give. x becomes the gates; after = z·before + (1 − z)·h̃.
void ck_gru_step_train(
    float *x, const float *r, const float *before, float *after, long rows, int units);

// Gates in x become their gradients, and r, still what the product of the state gave, its own; dh,
// the gradient of `after`, that of `before` but for what comes through the product.
void ck_gru_step_back(float *x, float *r, const float *before, float *dh, long rows, int units);

#endif
