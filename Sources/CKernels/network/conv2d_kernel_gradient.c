// The gradient of a convolution's kernel: for each tap and input channel the sum over all positions
// of an input times the vector of dy's channels.
//
// A tile keeps R runs × P inputs × N vectors of output channels in registers while it goes over the
// positions of a block: N loads of dy and R·P broadcasts for R·P·N multiply-adds. A run is what lies
// together in memory: a kernel row's taps and channels (no dilation, one group), or one tap's
// channels. A block's sums begin at zero and are added when it is done, so that rounding does not
// grow with the batch.
#include "padding.h"
#include "product.h"

// The sums of `runs` runs of `run` inputs, over positions as a walk has them.
typedef struct {
  ck_walk walk;
  long images;
  const float *x;  // the first run at the first position
  long runs, run, runs_in_row, run_step, row_step;
  const float *dy;  // channel 0 of the first position; positions follow one another
  int channels;     // those of dy that count
  long dy_stride;   // floats between positions, and between the rows of the gradient
  float *dkernel;
} ck_kernel_sums;

#define CK_BODY_FILE "conv2d_kernel_gradient_body.h"
#include "every_level.h"

typedef struct {
  long images, rows;
} block_size;

enum { GRADIENT_BLOCK_BYTES = 96 << 10 };

static block_size choose_block(const ck_conv_geometry *g) {
  const long number = sizeof(float), in_row = ck_spanned_columns(g) * g->channels * number;
  const long out_row = (long)g->out_width * g->out_channels * number;
  const long image = ck_spanned_rows(g, g->out_height) * in_row + g->out_height * out_row;
  if (image <= GRADIENT_BLOCK_BYTES)
    return (block_size){ck_larger(GRADIENT_BLOCK_BYTES / image, 1), g->out_height};
  const long rows = (GRADIENT_BLOCK_BYTES - ck_spanned_rows(g, 1) * in_row) /
                    (g->stride_height * in_row + out_row);
  return (block_size){1, ck_smaller(ck_larger(rows, 1), g->out_height)};
}

long ck_conv2d_kernel_gradient_scratch_size(const ck_conv_geometry *g) {
  if (!ck_leaves_image(g)) return 0;
  const block_size block = choose_block(g);
  return block.images * ck_spanned_rows(g, block.rows) * ck_spanned_columns(g) * g->channels;
}

void ck_conv2d_kernel_gradient(
    const ck_conv_geometry *g, long images, const float *x, const float *dy, float *dkernel,
    float *scratch) {
  const bool padded = ck_leaves_image(g);
  const block_size block = choose_block(g);
  const int in = g->channels / g->groups, out = g->out_channels / g->groups;
  const long width = padded ? ck_spanned_columns(g) : g->width, row_size = width * g->channels;
  const long image_size = (long)g->height * g->width * g->channels;
  const long out_row = (long)g->out_width * g->out_channels;
  const bool together = g->groups == 1 && g->dilation_width == 1;
  ck_kernel_sums sums = {
    .walk = {
      .columns = g->out_width, .column_step = (long)g->stride_width * g->channels,
      .row_step = g->stride_height * row_size},
    .runs = (long)g->kernel_height * (together ? 1 : g->kernel_width),
    .run = together ? (long)g->kernel_width * in : in,
    .runs_in_row = together ? 1 : g->kernel_width,
    .run_step = (long)g->dilation_width * g->channels,
    .row_step = g->dilation_height * row_size,
    .channels = out,
    .dy_stride = g->out_channels};
  for (long image = 0; image < images; image += block.images)
    for (long row = 0; row < g->out_height; row += block.rows) {
      const long rows = ck_smaller(block.rows, g->out_height - row);
      const long first = row * g->stride_height - g->pad_top, spanned = ck_spanned_rows(g, rows);
      const float *source = x + image * image_size;
      sums.images = ck_smaller(block.images, images - image);
      if (padded) {
        for (long i = 0; i < sums.images; i++)
          ck_copy_padded(
              source + i * image_size, g->height, g->width, g->channels, first, spanned,
              -g->pad_left, width, scratch + i * spanned * row_size);
        source = scratch;
      } else {
        source += first * row_size;
      }
      sums.walk.rows = rows;
      sums.walk.image_step = padded ? spanned * row_size : image_size;
      for (int group = 0; group < g->groups; group++) {
        sums.x = source + (long)group * in;
        sums.dy = dy + (image * g->out_height + row) * out_row + (long)group * out;
        sums.dkernel = dkernel + (long)group * out;
        CK_CHOOSE(kernel_gradient, (&sums));
      }
    }
}
