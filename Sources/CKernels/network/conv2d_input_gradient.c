// The gradient of a convolution's input: again convolutions, of dy.
//
// Input row s·t + r (s the stride, r its phase) is seen by output row i through tap k where
// s·t + r + pad = s·i + k·dilation. With q = s/gcd(s, dilation) that is every q-th tap, and the i of
// one after another lie dilation·q/s apart: for each phase a convolution of stride 1 over dy with
// some of the taps, the last one first. Every tap belongs to one phase, so the packed kernel has as
// many as the kernel. With a stride of 1 there is one phase and the walk goes over whole blocks;
// otherwise over one row at a time, whose positions lie s apart in dx.
#include "padding.h"
#include "product.h"

// One phase along one dimension: output rows t + origin + n·step for n in 0 ..< count, of which the
// first goes with tap `last`, the next with last − tap_step and so on.
typedef struct {
  long count, origin, step, last, tap_step;
} phase;

static long common_divisor(long a, long b) {
  while (b) {
    long rest = a % b;
    a = b, b = rest;
  }
  return a;
}

static phase choose_phase(long r, long stride, long pad, long dilation, long taps) {
  const long divisor = common_divisor(stride, dilation);
  phase p = {.step = dilation / divisor, .tap_step = stride / divisor};
  for (long k = 0; k < taps; k++) {
    const long distance = r + pad - k * dilation;
    if (distance % stride != 0) continue;
    p.count++, p.last = k, p.origin = distance / stride;
  }
  return p;
}

// What the phases along a dimension read: from t = 0 at `first` on, `span` numbers for each t.
typedef struct {
  long first, span;
} reach;

static reach choose_reach(long stride, long pad, long dilation, long taps) {
  long first = 0, end = 0;
  bool any = false;
  for (long r = 0; r < stride; r++) {
    const phase p = choose_phase(r, stride, pad, dilation, taps);
    if (p.count == 0) continue;
    const long last = p.origin + (p.count - 1) * p.step + 1;
    first = any ? ck_smaller(first, p.origin) : p.origin;
    end = any ? ck_larger(end, last) : last;
    any = true;
  }
  return (reach){first, end - first};
}

typedef struct {
  reach rows, columns;
  long turns, width;  // t along the height; columns of dy that are read
  bool padded, whole;
  long block_images, block_turns;
} layout;

enum { BLOCK_BYTES = 256 << 10, BLOCK_POSITIONS = 96 };

static layout choose_layout(const ck_conv_geometry *g) {
  layout l = {
    .rows = choose_reach(g->stride_height, g->pad_top, g->dilation_height, g->kernel_height),
    .columns = choose_reach(g->stride_width, g->pad_left, g->dilation_width, g->kernel_width),
    .turns = (g->height + g->stride_height - 1) / g->stride_height,
    .whole = g->stride_height == 1 && g->stride_width == 1};
  const long across = (g->width + g->stride_width - 1) / g->stride_width;
  l.width = across - 1 + l.columns.span;
  l.padded = l.rows.first < 0 || l.columns.first < 0 ||
             l.rows.first + l.turns - 1 + l.rows.span > g->out_height ||
             l.columns.first + l.width > g->out_width;
  const long row_bytes = l.width * g->out_channels * (long)sizeof(float);
  const long image_bytes = (l.turns - 1 + l.rows.span) * row_bytes;
  const long positions = (long)g->height * g->width;
  l.block_images = 1, l.block_turns = l.turns;
  if (image_bytes > BLOCK_BYTES)
    l.block_turns = ck_smaller(ck_larger(BLOCK_BYTES / row_bytes - l.rows.span + 1, 1), l.turns);
  else if (l.whole)
    l.block_images = ck_larger(
        ck_smaller(BLOCK_BYTES / image_bytes, (BLOCK_POSITIONS + positions - 1) / positions), 1);
  return l;
}

long ck_conv2d_transposed_size(const ck_conv_geometry *g) {
  long taps = (long)g->kernel_height * g->kernel_width * (g->out_channels / g->groups);
  return taps * ck_panel_lanes(g->channels / g->groups) * g->groups;
}

// The panels of the taps of one pair of phases and one group, as ck_pack_panels would have them of
// the transposed kernel; returns their end.
static float *pack_phase(
    const ck_conv_geometry *g, const phase *rows, const phase *columns, int group,
    const float *kernel, float *packed) {
  const int in = g->channels / g->groups, out = g->out_channels / g->groups;
  for (int first = 0; first < in; first += CK_PANEL) {
    const int width = ck_panel_width(first, in), lanes = in - first < width ? in - first : width;
    for (long m = 0; m < rows->count; m++)
      for (long n = 0; n < columns->count; n++) {
        const long tap = (rows->last - m * rows->tap_step) * g->kernel_width +
                         (columns->last - n * columns->tap_step);
        const float *from = kernel + (tap * in + first) * g->out_channels + (long)group * out;
        for (int o = 0; o < out; o++, packed += width) {
          for (int c = 0; c < lanes; c++) packed[c] = from[(long)c * g->out_channels + o];
          for (int c = lanes; c < width; c++) packed[c] = 0;
        }
      }
  }
  return packed;
}

void ck_conv2d_pack_transposed(const ck_conv_geometry *g, const float *kernel, float *packed) {
  for (int group = 0; group < g->groups; group++)
    for (int r = 0; r < g->stride_height; r++) {
      const phase rows =
          choose_phase(r, g->stride_height, g->pad_top, g->dilation_height, g->kernel_height);
      for (int s = 0; s < g->stride_width; s++) {
        const phase columns =
            choose_phase(s, g->stride_width, g->pad_left, g->dilation_width, g->kernel_width);
        packed = pack_phase(g, &rows, &columns, group, kernel, packed);
      }
    }
}

long ck_conv2d_input_gradient_scratch_size(const ck_conv_geometry *g) {
  const layout l = choose_layout(g);
  if (!l.padded) return 0;
  return l.block_images * (l.block_turns - 1 + l.rows.span) * l.width * g->out_channels;
}

// A block of dy as the phases read it: its first float is row `first_row`, column `first_column`.
typedef struct {
  const float *dy;
  long first_row, first_column, row_size, image_size;
  long images, turn, turns;
} block;

// dx of one block in one pair of phases (r, s) and one group.
static void run_phase(
    const ck_conv_geometry *g, const layout *l, const block *b, long r, long s,
    const phase *rows, const phase *columns, int group, const float *packed, float *dx) {
  const int in = g->channels / g->groups, out = g->out_channels / g->groups;
  const long across = (g->width - s + g->stride_width - 1) / g->stride_width;
  const bool together = g->groups == 1 && columns->step == 1;
  ck_product product = {
    .taps = {
      .rows = rows->count, .row_step = rows->step * b->row_size,
      .columns = together ? 1 : columns->count,
      .column_step = columns->step * g->out_channels,
      .run = together ? columns->count * out : out},
    .walk = {.columns = across, .column_step = g->out_channels, .row_step = b->row_size,
             .image_step = b->image_size},
    .weights = packed,
    .channels = in,
    .y_stride = (long)g->stride_width * g->channels};
  const float *first = b->dy + (columns->origin - b->first_column) * g->out_channels +
                       (long)group * out;
  if (l->whole) {
    product.x = first + (b->turn + rows->origin - b->first_row) * b->row_size;
    product.y = dx + b->turn * g->width * g->channels + (long)group * in;
    product.walk.rows = b->turns;
    product.positions = b->images * b->turns * across;
    ck_run_product(&product);
    return;
  }
  product.walk.rows = 1;
  product.positions = across;
  for (long t = b->turn; t < b->turn + b->turns; t++) {
    const long row = t * g->stride_height + r;
    if (row >= g->height) break;
    product.y = dx + (row * g->width + s) * g->channels + (long)group * in;
    if (rows->count * columns->count == 0) {
      for (long i = 0; i < across; i++)
        memset(product.y + i * product.y_stride, 0, (size_t)in * sizeof(float));
      continue;
    }
    product.x = first + (t + rows->origin - b->first_row) * b->row_size;
    ck_run_product(&product);
  }
}

void ck_conv2d_input_gradient(
    const ck_conv_geometry *g, const float *packed, long images, const float *dy, float *dx,
    float *scratch) {
  const layout l = choose_layout(g);
  const int in = g->channels / g->groups, out = g->out_channels / g->groups;
  const long out_size = (long)g->out_height * g->out_width * g->out_channels;
  const long size = (long)g->height * g->width * g->channels;
  block b = {
    .row_size = (l.padded ? l.width : g->out_width) * g->out_channels,
    .first_column = l.padded ? l.columns.first : 0};
  for (long image = 0; image < images; image += l.block_images)
    for (b.turn = 0; b.turn < l.turns; b.turn += l.block_turns) {
      b.images = ck_smaller(l.block_images, images - image);
      b.turns = ck_smaller(l.block_turns, l.turns - b.turn);
      b.dy = dy + image * out_size;
      b.first_row = 0;
      b.image_size = out_size;
      if (l.padded) {
        const long spanned = b.turns - 1 + l.rows.span;
        b.first_row = b.turn + l.rows.first;
        b.image_size = spanned * b.row_size;
        for (long i = 0; i < b.images; i++)
          ck_copy_padded(
              b.dy + i * out_size, g->out_height, g->out_width, g->out_channels, b.first_row,
              spanned, l.columns.first, l.width, scratch + i * b.image_size);
        b.dy = scratch;
      }
      const float *weights = packed;
      for (int group = 0; group < g->groups; group++)
        for (int r = 0; r < g->stride_height; r++) {
          const phase rows =
              choose_phase(r, g->stride_height, g->pad_top, g->dilation_height, g->kernel_height);
          for (int s = 0; s < g->stride_width; s++) {
            const phase columns =
                choose_phase(s, g->stride_width, g->pad_left, g->dilation_width, g->kernel_width);
            if (s < g->width)
              run_phase(
                  g, &l, &b, r, s, &rows, &columns, group, weights, dx + image * size);
            weights += rows.count * columns.count * out * ck_panel_lanes(in);
          }
        }
    }
}
