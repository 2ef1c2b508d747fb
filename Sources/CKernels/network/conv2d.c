// Direct convolution, channels last.
//
// The image is walked in blocks of a few output rows (or of several small images) that stay in a
// core's second-level cache while every panel of weights passes over them. Where a block's windows
// leave the image, its input is copied once with the zeros around it, so that the tiles of product.h
// run without a condition. Where a kernel row's taps lie together in memory (no dilation, one group)
// they are one run.
#include "padding.h"
#include "product.h"

// What one pass of the weights goes over: whole images, or some rows of one.
typedef struct {
  long images, rows;
} block_size;

// Bytes of input in a block, and positions from which on more images bring nothing.
enum { BLOCK_BYTES = 256 << 10, BLOCK_POSITIONS = 96 };

static block_size choose_block(const ck_conv_geometry *g) {
  long row_bytes = ck_spanned_columns(g) * g->channels * (long)sizeof(float);
  long image_bytes = ck_spanned_rows(g, g->out_height) * row_bytes;
  long positions = (long)g->out_height * g->out_width;
  if (image_bytes <= BLOCK_BYTES) {
    long images = ck_smaller(BLOCK_BYTES / image_bytes, (BLOCK_POSITIONS + positions - 1) / positions);
    return (block_size){ck_larger(images, 1), g->out_height};
  }
  long rows = (BLOCK_BYTES / row_bytes - ck_spanned_rows(g, 1)) / g->stride_height + 1;
  return (block_size){1, ck_smaller(ck_larger(rows, 1), g->out_height)};
}

long ck_conv2d_packed_size(const ck_conv_geometry *g) {
  long taps = (long)g->kernel_height * g->kernel_width * (g->channels / g->groups);
  return taps * ck_panel_lanes(g->out_channels / g->groups) * g->groups;
}

void ck_conv2d_pack(const ck_conv_geometry *g, const float *kernel, float *packed) {
  long taps = (long)g->kernel_height * g->kernel_width * (g->channels / g->groups);
  int channels = g->out_channels / g->groups;
  for (int group = 0; group < g->groups; group++) {
    ck_pack_panels(kernel + (long)group * channels, taps, g->out_channels, channels, packed);
    packed += taps * ck_panel_lanes(channels);
  }
}

long ck_conv2d_scratch_size(const ck_conv_geometry *g) {
  if (!ck_leaves_image(g)) return 0;
  block_size block = choose_block(g);
  return block.images * ck_spanned_rows(g, block.rows) * ck_spanned_columns(g) * g->channels;
}

// The pointers of an epilogue, `positions` and `channel` further on.
static ck_epilogue advanced(const ck_epilogue *e, long offset, long channel) {
  ck_epilogue at = *e;
  if (at.scale) at.scale += channel;
  if (at.shift) at.shift += channel;
  if (at.residual) at.residual += offset + channel;
  return at;
}

void ck_conv2d(
    const ck_conv_geometry *g, const float *packed, const ck_epilogue *epilogue, long images,
    const float *x, float *y, float *scratch) {
  const bool padded = ck_leaves_image(g);
  const block_size block = choose_block(g);
  const int in_channels = g->channels / g->groups, out_channels = g->out_channels / g->groups;
  const long width = padded ? ck_spanned_columns(g) : g->width, row_size = width * g->channels;
  const long image_size = (long)g->height * g->width * g->channels;
  const long out_row = (long)g->out_width * g->out_channels;
  const bool together = g->groups == 1 && g->dilation_width == 1;

  ck_product product = {
    .taps = {
      .rows = g->kernel_height, .row_step = g->dilation_height * row_size,
      .columns = together ? 1 : g->kernel_width,
      .column_step = (long)g->dilation_width * g->channels,
      .run = together ? (long)g->kernel_width * in_channels : in_channels},
    .walk = {
      .columns = g->out_width, .column_step = (long)g->stride_width * g->channels,
      .row_step = g->stride_height * row_size},
    .channels = out_channels,
    .y_stride = g->out_channels};
  const long packed_group =
      product.taps.rows * product.taps.columns * product.taps.run * ck_panel_lanes(out_channels);

  for (long image = 0; image < images; image += block.images)
    for (long row = 0; row < g->out_height; row += block.rows) {
      const long count = ck_smaller(block.images, images - image);
      const long rows = ck_smaller(block.rows, g->out_height - row);
      const long first = row * g->stride_height - g->pad_top, spanned = ck_spanned_rows(g, rows);
      const float *source = x + image * image_size;
      if (padded) {
        for (long i = 0; i < count; i++)
          ck_copy_padded(
              source + i * image_size, g->height, g->width, g->channels, first, spanned,
              -g->pad_left, width, scratch + i * spanned * row_size);
        source = scratch;
      } else {
        source += first * row_size;
      }
      product.walk.rows = rows;
      product.walk.image_step = padded ? spanned * row_size : image_size;
      product.positions = count * rows * g->out_width;
      const long offset = (image * g->out_height + row) * out_row;
      for (int group = 0; group < g->groups; group++) {
        const long channel = (long)group * out_channels;
        product.x = source + (long)group * in_channels;
        product.weights = packed + group * packed_group;
        product.y = y + offset + channel;
        product.epilogue = advanced(epilogue, offset, channel);
        ck_run_product(&product);
      }
    }
}
