// Depthwise gradients of one image for one instruction set. Input channels are as many as output
// channels here.
#include "window.h"

#define load_lanes CK_NAMED(load_lanes)
#define store_lanes CK_NAMED(store_lanes)
#define outputs_of CK_NAMED(outputs_of)

CK_BODY vf load_lanes(const float *p, long left) {
  return left >= CK_LANES ? vload(p) : vload_part(p, left);
}
CK_BODY void store_lanes(float *p, vf v, long left) {
  if (left >= CK_LANES) vstore(p, v);
  else vstore_part(p, v, left);
}

// The outputs along one dimension for which the tap at `offset` from their window lies inside.
CK_BODY ck_window outputs_of(long offset, long outputs, long stride, long size) {
  return ck_inside(offset, outputs, stride, size);
}

#define EACH_TAP(...)                                                                            \
  const long channels = g->out_channels, row_size = g->width * channels;                         \
  for (long k = 0; k < g->kernel_height; k++) {                                                  \
    const long down = k * g->dilation_height - g->pad_top;                                       \
    const ck_window rows = outputs_of(down, g->out_height, g->stride_height, g->height);         \
    for (long l = 0; l < g->kernel_width; l++) {                                                 \
      const long along = l * g->dilation_width - g->pad_left;                                    \
      const ck_window columns = outputs_of(along, g->out_width, g->stride_width, g->width);      \
      const long tap = (k * g->kernel_width + l) * channels, step = g->stride_width * channels;  \
      for (long c = 0; c < channels; c += CK_LANES) {                                            \
        const long left = channels - c;                                                          \
        __VA_ARGS__                                                                                \
      }                                                                                          \
    }                                                                                            \
  }
#define FIRST_INPUT(i) \
  (((i) * g->stride_height + down) * row_size + (columns.first * g->stride_width + along) * channels + c)
#define FIRST_OUTPUT(i) (((i) * g->out_width + columns.first) * channels + c)

// Adds each output's gradient to the inputs that it saw.
static void CK_NAMED(depthwise_input_gradient)(
    const ck_conv_geometry *g, const float *kernel, const float *dy, float *dx) {
  EACH_TAP({
    const vf weight = load_lanes(kernel + tap + c, left);
    for (long i = rows.first; i < rows.end; i++) {
      if (columns.end <= columns.first) break;
      float *to = dx + FIRST_INPUT(i);
      const float *from = dy + FIRST_OUTPUT(i);
      for (long j = columns.first; j < columns.end; j++, to += step, from += channels)
        store_lanes(to, vfma(load_lanes(from, left), weight, load_lanes(to, left)), left);
    }
  })
}

// Four positions side by side hide the time of a multiply-add.
static void CK_NAMED(depthwise_kernel_gradient)(
    const ck_conv_geometry *g, const float *x, const float *dy, float *dkernel) {
  EACH_TAP({
    vf sum[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (long i = rows.first; i < rows.end; i++) {
      if (columns.end <= columns.first) break;
      const float *in = x + FIRST_INPUT(i);
      const float *out = dy + FIRST_OUTPUT(i);
      long j = columns.first;
      for (; j + 4 <= columns.end; j += 4, in += 4 * step, out += 4 * channels)
        CK_UNROLL for (int s = 0; s < 4; s++)
          sum[s] = vfma(
              load_lanes(in + s * step, left), load_lanes(out + s * channels, left), sum[s]);
      for (; j < columns.end; j++, in += step, out += channels)
        sum[0] = vfma(load_lanes(in, left), load_lanes(out, left), sum[0]);
    }
    const vf total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    store_lanes(dkernel + tap + c, load_lanes(dkernel + tap + c, left) + total, left);
  })
}
#undef EACH_TAP
#undef FIRST_INPUT
#undef FIRST_OUTPUT
