// Pooling for one instruction set: vectors of channels.
#include "window.h"

#define pool_window CK_NAMED(pool_window)
#define pool_channels CK_NAMED(pool_channels)

// The largest or the sum of `left` channels (CK_LANES where `whole`) over rows × columns positions.
CK_BODY vf pool_window(
    const int largest, const int whole, const float *x, long rows, long row_step, long columns,
    long column_step, long left) {
  vf total = largest ? -INFINITY : 0.0f;
  for (long row = 0; row < rows; row++)
    for (long column = 0; column < columns; column++) {
      const float *p = x + row * row_step + column * column_step;
      vf v = whole ? vload(p) : vload_part(p, left);
      total = largest ? vmax(total, v) : total + v;
    }
  return total;
}

// All channels of one output position.
CK_BODY void pool_channels(
    const int largest, const float *x, long rows, long row_step, long columns, long column_step,
    long channels, float *y) {
  const vf number = (float)(rows * columns);
  long c = 0;
  for (; c + CK_LANES <= channels; c += CK_LANES) {
    vf v = pool_window(largest, 1, x + c, rows, row_step, columns, column_step, CK_LANES);
    vstore(y + c, largest ? v : v / number);
  }
  if (c < channels) {
    const long left = channels - c;
    vf v = pool_window(largest, 0, x + c, rows, row_step, columns, column_step, left);
    vstore_part(y + c, largest ? v : v / number, left);
  }
}

static void CK_NAMED(pool)(
    bool largest, const ck_conv_geometry *g, long images, const float *x, float *y) {
  const long channels = g->channels, row_size = g->width * channels;
  for (long image = 0; image < images; image++, x += g->height * row_size)
    for (long i = 0; i < g->out_height; i++) {
      const long top = i * g->stride_height - g->pad_top;
      const ck_window rows = ck_inside(top, g->kernel_height, g->dilation_height, g->height);
      for (long j = 0; j < g->out_width; j++, y += channels) {
        const long left = j * g->stride_width - g->pad_left;
        const ck_window columns = ck_inside(left, g->kernel_width, g->dilation_width, g->width);
        const long row_count = rows.end > rows.first ? rows.end - rows.first : 0;
        const long column_count = columns.end > columns.first ? columns.end - columns.first : 0;
        const float *first = x + (top + rows.first * g->dilation_height) * row_size +
                             (left + columns.first * g->dilation_width) * channels;
        if (largest)
          pool_channels(
              1, first, row_count, g->dilation_height * row_size, column_count,
              g->dilation_width * channels, channels, y);
        else
          pool_channels(
              0, first, row_count, g->dilation_height * row_size, column_count,
              g->dilation_width * channels, channels, y);
      }
    }
}

static void CK_NAMED(global_pool)(
    bool largest, long images, long positions, int channels, const float *x, float *y) {
  for (long image = 0; image < images; image++, x += positions * channels, y += channels) {
    if (largest) pool_channels(1, x, 1, 0, positions, channels, channels, y);
    else pool_channels(0, x, 1, 0, positions, channels, channels, y);
  }
}
