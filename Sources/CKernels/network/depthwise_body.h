// Depthwise convolution of one image for one instruction set. Input channels are as many as output
// channels here.
#include "window.h"

#define depthwise_tile CK_NAMED(depthwise_tile)
#define depthwise_positions CK_NAMED(depthwise_positions)
#define depthwise_finish CK_NAMED(depthwise_finish)

// Positions in a tile: their sums are chains of additions, of which enough must run side by side.
#define TILE 8

typedef struct {
  const float *kernel;  // the first tap inside
  ck_window rows, columns;
  long kernel_row, row_step, column_step, position_step, channels;
} CK_NAMED(depthwise_taps);

CK_BODY vf depthwise_finish(
    const int whole, vf v, const ck_epilogue *e, long c, long left, const float *y,
    const float *residual) {
#define LOAD(p) (whole ? vload(p) : vload_part(p, left))
  if (e->accumulate) v += LOAD(y);
  if (e->scale) v = vfma(v, LOAD(e->scale + c), e->shift ? LOAD(e->shift + c) : (vf)0.0f);
  else if (e->shift) v += LOAD(e->shift + c);
  if (residual) v += LOAD(residual);
#undef LOAD
  switch (e->activation) {
    case CK_RELU: return vselect(v < 0.0f, (vf)0.0f, v);
    case CK_RELU6:
      v = vselect(v < 0.0f, (vf)0.0f, v);
      return vselect(v > 6.0f, (vf)6.0f, v);
    case CK_LEAKY_RELU: return vselect(v < 0.0f, v * e->slope, v);
    default: return v;
  }
}

// P positions of a row, all with the same taps inside; x is the first tap of the first one.
CK_BODY void depthwise_tile(
    const int P, const int whole, const CK_NAMED(depthwise_taps) *t, const float *x, long c,
    long left, const ck_epilogue *e, float *y, const float *residual) {
  vf sum[TILE];
  CK_UNROLL for (int p = 0; p < P; p++) sum[p] = (vf)0.0f;
  const float *weights = t->kernel + c;
  x += c;
  for (long row = t->rows.first; row < t->rows.end; row++, weights += t->kernel_row, x += t->row_step) {
    const float *w = weights, *from = x;
    for (long column = t->columns.first; column < t->columns.end; column++) {
      const vf weight = whole ? vload(w) : vload_part(w, left);
      CK_UNROLL for (int p = 0; p < P; p++) {
        const float *at = from + p * t->position_step;
        sum[p] = vfma(whole ? vload(at) : vload_part(at, left), weight, sum[p]);
      }
      w += t->channels;
      from += t->column_step;
    }
  }
  CK_UNROLL for (int p = 0; p < P; p++) {
    const long at = p * t->channels + c;
    vf v = depthwise_finish(
        whole, sum[p], e, c, left, y + at, residual ? residual + at : NULL);
    if (whole) vstore(y + at, v);
    else vstore_part(y + at, v, left);
  }
}

#define CHANNELS(P)                                                             \
  {                                                                             \
    long c = 0;                                                                 \
    for (; c + CK_LANES <= t->channels; c += CK_LANES)                          \
      depthwise_tile(P, 1, t, x, c, CK_LANES, e, y, residual);                  \
    if (c < t->channels) depthwise_tile(P, 0, t, x, c, t->channels - c, e, y, residual); \
  }

static void CK_NAMED(depthwise_image)(
    const ck_conv_geometry *g, const float *kernel, const ck_epilogue *e, const float *x0,
    float *y0) {
  const long channels = g->out_channels, row_size = g->width * channels;
  CK_NAMED(depthwise_taps) taps = {
    .kernel_row = g->kernel_width * channels, .row_step = g->dilation_height * row_size,
    .column_step = g->dilation_width * channels, .position_step = g->stride_width * channels,
    .channels = channels};
  const CK_NAMED(depthwise_taps) *t = &taps;
  for (long i = 0; i < g->out_height; i++) {
    const long top = i * g->stride_height - g->pad_top;
    taps.rows = ck_inside(top, g->kernel_height, g->dilation_height, g->height);
    for (long j = 0; j < g->out_width;) {
      const long left = j * g->stride_width - g->pad_left;
      taps.columns = ck_inside(left, g->kernel_width, g->dilation_width, g->width);
      taps.kernel = kernel + taps.rows.first * taps.kernel_row + taps.columns.first * channels;
      const float *x = x0 + (top + taps.rows.first * g->dilation_height) * row_size +
                       (left + taps.columns.first * g->dilation_width) * channels;
      const long position = (i * g->out_width + j) * channels;
      float *y = y0 + position;
      const float *residual = e->residual ? e->residual + position : NULL;
      // A tile where its first and its last window are wholly inside.
      const long last = left + (TILE - 1) * g->stride_width;
      const ck_window there = ck_inside(last, g->kernel_width, g->dilation_width, g->width);
      if (j + TILE <= g->out_width && taps.columns.first == 0 && there.end == g->kernel_width) {
        CHANNELS(TILE)
        j += TILE;
      } else {
        CHANNELS(1)
        j += 1;
      }
    }
  }
}

#undef CHANNELS
#undef TILE
