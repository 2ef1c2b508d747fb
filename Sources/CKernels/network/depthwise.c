// Depthwise convolution: every channel by itself, vectors of channels.
//
// Windows are clipped to the image as in pooling. With a multiplier the input is first written out
// with every channel as often as it is used, so that input and output channels go side by side.
#include "network_kernels.h"

#define CK_BODY_FILE "depthwise_body.h"
#include "every_level.h"

static int multiplier(const ck_conv_geometry *g) { return g->out_channels / g->channels; }

long ck_depthwise_scratch_size(const ck_conv_geometry *g) {
  return multiplier(g) == 1 ? 0 : (long)g->height * g->width * g->out_channels;
}

void ck_depthwise(
    const ck_conv_geometry *g, const float *kernel, const ck_epilogue *epilogue, long images,
    const float *x, float *y, float *scratch) {
  const long image_size = (long)g->height * g->width * g->channels;
  const long out_size = (long)g->out_height * g->out_width * g->out_channels;
  const int repeats = multiplier(g);
  ck_epilogue e = *epilogue;
  for (long image = 0; image < images; image++, x += image_size, y += out_size) {
    const float *source = x;
    if (repeats > 1) {
      float *out = scratch;
      for (long i = 0; i < image_size; i++)
        for (int j = 0; j < repeats; j++) *out++ = x[i];
      source = scratch;
    }
    CK_CHOOSE(depthwise_image, (g, kernel, &e, source, y));
    if (e.residual) e.residual += out_size;
  }
}
