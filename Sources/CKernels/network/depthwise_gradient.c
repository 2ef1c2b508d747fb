// Gradients of depthwise convolutions, a vector of channels at a time.
//
// As in the forward pass, with a multiplier the input is first written out with every channel as
// often as it is used. The input's gradient then has as many channels as dy, and those of a channel
// are added up at the end.
#include "network_training.h"

#include <string.h>

#define CK_BODY_FILE "depthwise_gradient_body.h"
#include "every_level.h"

long ck_depthwise_gradient_scratch_size(const ck_conv_geometry *g) {
  return g->channels == g->out_channels ? 0 : (long)g->height * g->width * g->out_channels;
}

void ck_depthwise_input_gradient(
    const ck_conv_geometry *g, const float *kernel, long images, const float *dy, float *dx,
    float *scratch) {
  const int repeats = g->out_channels / g->channels;
  const long size = (long)g->height * g->width * g->channels;
  const long out_size = (long)g->out_height * g->out_width * g->out_channels;
  for (long image = 0; image < images; image++, dy += out_size, dx += size) {
    float *wide = repeats == 1 ? dx : scratch;
    memset(wide, 0, (size_t)(size * repeats) * sizeof(float));
    CK_CHOOSE(depthwise_input_gradient, (g, kernel, dy, wide));
    if (repeats == 1) continue;
    for (long i = 0; i < size; i++) {
      dx[i] = wide[i * repeats];
      for (int j = 1; j < repeats; j++) dx[i] += wide[i * repeats + j];
    }
  }
}

void ck_depthwise_kernel_gradient(
    const ck_conv_geometry *g, long images, const float *x, const float *dy, float *dkernel,
    float *scratch) {
  const int repeats = g->out_channels / g->channels;
  const long size = (long)g->height * g->width * g->channels;
  const long out_size = (long)g->out_height * g->out_width * g->out_channels;
  for (long image = 0; image < images; image++, x += size, dy += out_size) {
    const float *source = x;
    if (repeats > 1) {
      float *out = scratch;
      for (long i = 0; i < size; i++)
        for (int j = 0; j < repeats; j++) *out++ = x[i];
      source = scratch;
    }
    CK_CHOOSE(depthwise_kernel_gradient, (g, source, dy, dkernel));
  }
}
