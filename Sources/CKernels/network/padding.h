// An image with the zeros around it that windows see.
#ifndef CK_PADDING_H
#define CK_PADDING_H

#include "network_kernels.h"

#include <string.h>

static inline long ck_smaller(long a, long b) { return a < b ? a : b; }
static inline long ck_larger(long a, long b) { return a > b ? a : b; }

// Rows and columns of the input that the windows of `rows` output rows span.
static inline long ck_spanned_rows(const ck_conv_geometry *g, long rows) {
  return (rows - 1) * g->stride_height + (long)(g->kernel_height - 1) * g->dilation_height + 1;
}
static inline long ck_spanned_columns(const ck_conv_geometry *g) {
  return (long)(g->out_width - 1) * g->stride_width +
         (long)(g->kernel_width - 1) * g->dilation_width + 1;
}

// Whether a window leaves the image anywhere.
static inline bool ck_leaves_image(const ck_conv_geometry *g) {
  return g->pad_top > 0 || g->pad_left > 0 || ck_spanned_rows(g, g->out_height) > g->height ||
         ck_spanned_columns(g) > g->width;
}

// The rows first_row ..< first_row + rows and columns first_column ..< first_column + columns of an
// image [height][width][channels], with zeros where it has none.
static inline void ck_copy_padded(
    const float *image, long height, long width, long channels, long first_row, long rows,
    long first_column, long columns, float *out) {
  const size_t number = sizeof(float);
  const long left = ck_smaller(ck_larger(-first_column, 0), columns);
  const long end = ck_larger(ck_smaller(width - first_column, columns), left);
  const long skipped = ck_larger(first_column, 0);
  for (long row = first_row; row < first_row + rows; row++, out += columns * channels) {
    if (row < 0 || row >= height) {
      memset(out, 0, (size_t)(columns * channels) * number);
      continue;
    }
    memset(out, 0, (size_t)(left * channels) * number);
    if (end > left)
      memcpy(out + left * channels, image + (row * width + skipped) * channels,
             (size_t)((end - left) * channels) * number);
    memset(out + end * channels, 0, (size_t)((columns - end) * channels) * number);
  }
}

#endif
