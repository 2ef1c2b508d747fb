// Gradients of pooling for one instruction set: vectors of channels.
#include "window.h"

#define load_channels CK_NAMED(load_channels)
#define store_channels CK_NAMED(store_channels)
#define spread CK_NAMED(spread)

CK_BODY vf load_channels(const float *p, long left) {
  return left >= CK_LANES ? vload(p) : vload_part(p, left);
}
CK_BODY void store_channels(float *p, vf v, long left) {
  if (left >= CK_LANES) vstore(p, v);
  else vstore_part(p, v, left);
}

// One window's gradient: to the first element that is the largest, or to all in equal parts.
CK_BODY void spread(
    const int largest, long rows, long row_step, long columns, long column_step, long channels,
    const float *x, const float *y, const float *dy, float *dx) {
  for (long c = 0; c < channels; c += CK_LANES) {
    const long left = channels - c;
    vf slope = load_channels(dy + c, left);
    if (!largest) slope /= (float)(rows * columns);
    const vf top = load_channels(y + c, left);
    for (long row = 0; row < rows; row++)
      for (long column = 0; column < columns; column++) {
        const long at = row * row_step + column * column_step + c;
        const vf before = load_channels(dx + at, left);
        if (largest) {
          const vi found = load_channels(x + at, left) == top;
          store_channels(dx + at, before + vselect(found, slope, (vf)0.0f), left);
          slope = vselect(found, (vf)0.0f, slope);
        } else {
          store_channels(dx + at, before + slope, left);
        }
      }
  }
}

static void CK_NAMED(pool_gradient)(
    bool largest, const ck_conv_geometry *g, long images, const float *x, const float *y,
    const float *dy, float *dx) {
  const long channels = g->channels, row_size = g->width * channels;
  const long row_step = g->dilation_height * row_size, column_step = g->dilation_width * channels;
  const long size = g->height * row_size;
  for (long image = 0; image < images; image++, x += size, dx += size)
    for (long i = 0; i < g->out_height; i++) {
      const long top = i * g->stride_height - g->pad_top;
      const ck_window rows = ck_inside(top, g->kernel_height, g->dilation_height, g->height);
      for (long j = 0; j < g->out_width; j++, y += channels, dy += channels) {
        const long left = j * g->stride_width - g->pad_left;
        const ck_window columns = ck_inside(left, g->kernel_width, g->dilation_width, g->width);
        if (rows.end <= rows.first || columns.end <= columns.first) continue;
        const long first = (top + rows.first * g->dilation_height) * row_size +
                           (left + columns.first * g->dilation_width) * channels;
        const long row_count = rows.end - rows.first, column_count = columns.end - columns.first;
        if (largest)
          spread(1, row_count, row_step, column_count, column_step, channels, x + first, y, dy,
                 dx + first);
        else
          spread(0, row_count, row_step, column_count, column_step, channels, x, y, dy,
                 dx + first);
      }
    }
}

static void CK_NAMED(global_gradient)(
    bool largest, long images, long positions, int channels, const float *x, const float *y,
    const float *dy, float *dx) {
  const long size = positions * channels;
  for (long image = 0; image < images; image++, x += size, dx += size, y += channels, dy += channels)
    for (long c = 0; c < channels; c += CK_LANES) {
      const long left = channels - c;
      const vf top = load_channels(y + c, left), slope = load_channels(dy + c, left);
      vf number = largest ? 0.0f : (float)positions;
      if (largest)
        for (long i = 0; i < size; i += channels)
          number += vselect(load_channels(x + i + c, left) == top, (vf)1.0f, (vf)0.0f);
      const vf part = slope / number;
      for (long i = 0; i < size; i += channels) {
        vf v = part;
        if (largest) v = vselect(load_channels(x + i + c, left) == top, part, (vf)0.0f);
        store_channels(dx + i + c, v, left);
      }
    }
}
