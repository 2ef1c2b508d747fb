// Depthwise convolution of one image for one instruction set. Input channels are as many as output
// channels here.
#include "finish_body.h"
#include "window.h"

#define depthwise_window CK_NAMED(depthwise_window)
#define depthwise_sums CK_NAMED(depthwise_sums)
#define depthwise_run CK_NAMED(depthwise_run)
#define depthwise_column CK_NAMED(depthwise_column)

// What a tile of P positions of a row reads. x is where the first position's window begins, inside
// of the image or not.
typedef struct {
  const ck_tap *taps;  // those in rows of the image, `count` of them
  long count;
  const float *kernel, *x;
  long position_step, channels;
} depthwise_window;

#define PRODUCTS(condition)                                                    \
  CK_UNROLL for (int p = 0; p < P; p++)                                        \
    if (condition) {                                                           \
      const float *at = from + p * step;                                       \
      sum[p] = vfma(whole ? vload(at) : vload_part(at, left), weight, sum[p]); \
    }

// The sums of one vector of channels, from c on. A tap is used for the positions that have it inside;
// what a kernel of three columns has at the edges is worth lines of its own.
CK_BODY void depthwise_sums(
    const int P, const int whole, const depthwise_window *in, long c, long left, vf *sum) {
  const long step = in->position_step;
  for (long tap = 0; tap < in->count; tap++) {
    const float *w = in->kernel + in->taps[tap].kernel + c, *from = in->x + in->taps[tap].x + c;
    const vf weight = whole ? vload(w) : vload_part(w, left);
    const int first = in->taps[tap].first, end = in->taps[tap].end;
    if (first == 0 && end == P) {
      PRODUCTS(true)
    } else if (first == 1 && end == P) {
      PRODUCTS(p > 0)
    } else if (first == 0 && end == P - 1) {
      PRODUCTS(p < P - 1)
    } else {
      PRODUCTS(p >= first && p < end)
    }
  }
}
#undef PRODUCTS

// P positions of a row, all channels.
CK_BODY void depthwise_run(
    const int P, const depthwise_window *in, const ck_epilogue *e, float *y,
    const float *residual) {
#define CHANNELS(whole, left)                                                              \
  vf sum[8];                                                                               \
  CK_UNROLL for (int p = 0; p < P; p++) sum[p] = (vf)0.0f;                                 \
  depthwise_sums(P, whole, in, c, left, sum);                                              \
  finish(                                                                                  \
      P, 1, whole, sum, P, e, c, left, y + c, residual ? residual + c : NULL, in->channels);
  long c = 0;
  for (; c + CK_LANES <= in->channels; c += CK_LANES) { CHANNELS(1, CK_LANES) }
  if (c < in->channels) { CHANNELS(0, in->channels - c) }
#undef CHANNELS
}

// The columns j ..< j + P of all rows.
CK_BODY void depthwise_column(
    const int P, const ck_conv_geometry *g, ck_tap *taps, long j, const float *kernel,
    const ck_epilogue *e, const float *x, float *y) {
  const long channels = g->out_channels, row_size = g->width * channels;
  const long left = j * g->stride_width - g->pad_left;
  ck_tap *tap = taps;
  for (long k = 0; k < g->kernel_height; k++)
    for (long l = 0; l < g->kernel_width; l++, tap++) {
      const long origin = left + l * g->dilation_width;
      const ck_window inside = ck_inside(origin, P, g->stride_width, g->width);
      tap->x = (int32_t)(k * g->dilation_height * row_size + l * g->dilation_width * channels);
      tap->kernel = (int32_t)((tap - taps) * channels);
      tap->first = (int32_t)(inside.first < P ? inside.first : P);
      tap->end = (int32_t)inside.end;
    }
  for (long i = 0; i < g->out_height; i++) {
    const long top = i * g->stride_height - g->pad_top;
    const ck_window rows = ck_inside(top, g->kernel_height, g->dilation_height, g->height);
    const long position = (i * g->out_width + j) * channels;
    const depthwise_window in = {
      .taps = taps + rows.first * g->kernel_width,
      .count = (rows.end - rows.first) * g->kernel_width,
      .kernel = kernel, .x = x + (top * row_size + left * channels),
      .position_step = g->stride_width * channels, .channels = channels};
    depthwise_run(P, &in, e, y + position, e->residual ? e->residual + position : NULL);
  }
}

static void CK_NAMED(depthwise_image)(
    const ck_conv_geometry *g, ck_tap *taps, const float *kernel, const ck_epilogue *e,
    const float *x, float *y) {
  for (long j = 0; j < g->out_width;) {
    const long left = g->out_width - j;
    if (left >= 8) depthwise_column(8, g, taps, j, kernel, e, x, y), j += 8;
    else if (left >= 4) depthwise_column(4, g, taps, j, kernel, e, x, y), j += 4;
    else if (left >= 2) depthwise_column(2, g, taps, j, kernel, e, x, y), j += 2;
    else depthwise_column(1, g, taps, j, kernel, e, x, y), j += 1;
  }
}
