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

#endif
