// Depthwise convolution: every channel by itself, vectors of channels, up to eight positions of a
// row at a time.
//
// Nothing is padded: each tap knows for which of the positions it is inside of the image. With a
// multiplier the input is first written out with every channel as often as it is used, so that
// input and output channels go side by side.
#include "network_kernels.h"

// A tap for the positions first ..< end of a tile; where its input and its weights are, in floats
// from those of the window's first tap.
typedef struct __attribute__((may_alias)) {
  int32_t x, kernel, first, end;
} ck_tap;

#define CK_BODY_FILE "depthwise_body.h"
#include "every_level.h"

static int multiplier(const ck_conv_geometry *g) { return g->out_channels / g->channels; }

static long tap_floats(const ck_conv_geometry *g) {
  return (long)g->kernel_height * g->kernel_width * (long)(sizeof(ck_tap) / sizeof(float));
}

long ck_depthwise_scratch_size(const ck_conv_geometry *g) {
  long written_out = multiplier(g) == 1 ? 0 : (long)g->height * g->width * g->out_channels;
  return tap_floats(g) + written_out;
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
      float *written_out = scratch + tap_floats(g), *out = written_out;
      for (long i = 0; i < image_size; i++)
        for (int j = 0; j < repeats; j++) *out++ = x[i];
      source = written_out;
    }
    CK_CHOOSE(depthwise_image, (g, (ck_tap *)scratch, kernel, &e, source, y));
    if (e.residual) e.residual += out_size;
  }
}
