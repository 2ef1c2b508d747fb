// The tiles of product.h for one instruction set.
//
// Every output is one chain of multiply-adds in the order of the taps, whatever the tile it falls
// into, and so has the same bits in all of them.

#include "finish_body.h"

#define tile CK_NAMED(tile)
#define locate CK_NAMED(locate)
#define advance CK_NAMED(advance)
#define tiles1 CK_NAMED(tiles1)
#define tiles2 CK_NAMED(tiles2)
#define wide CK_NAMED(wide)
#define cursor CK_NAMED(cursor)

// Positions in a full tile of one and of two vectors.
#define TILE1 12
#define TILE2 (CK_REGISTERS == 32 ? 12 : 6)

typedef struct {
  const float *x;
  long column, row;
} cursor;

// On to the next position.
CK_BODY void advance(const ck_walk *walk, cursor *at) {
  at->x += walk->column_step;
  if (++at->column < walk->columns) return;
  at->column = 0;
  at->x += walk->row_step - walk->columns * walk->column_step;
  if (++at->row < walk->rows) return;
  at->row = 0;
  at->x += walk->image_step - walk->rows * walk->row_step;
}

// The inputs of the next P positions; of the last one again where there are only `count`. Tiles
// inside of a row, which most are, do without a walk from each position to the next.
CK_BODY void locate(const ck_walk *walk, cursor *at, const int P, long count, const float **x) {
  if (count == P && at->column + P < walk->columns) {
    const float *first = at->x;
    const long step = walk->column_step;
    CK_UNROLL for (int p = 0; p < P; p++) x[p] = first + p * step;
    at->x = first + P * step;
    at->column += P;
    return;
  }
  cursor here = *at;
  CK_UNROLL for (int p = 0; p < P; p++) {
    x[p] = p < count ? here.x : x[p - 1];
    if (p < count) advance(walk, &here);
  }
  *at = here;
}

// `count` positions (1 to P) from `at` on times N vectors of a panel.
CK_BODY void tile(
    const int P, const int N, const ck_product *product, cursor *at, const float *weights,
    long panel, long count, long channel, long position) {
  const float *x[12];
  locate(&product->walk, at, P, count, x);
  vf sum[24];
  CK_UNROLL for (int i = 0; i < P * N; i++) sum[i] = (vf)0.0f;
  const ck_taps *taps = &product->taps;
  for (long row = 0; row < taps->rows; row++)
    for (long column = 0; column < taps->columns; column++) {
      long first = row * taps->row_step + column * taps->column_step;
      for (long k = first; k < first + taps->run; k++, weights += panel) {
        vf w[2];
        CK_UNROLL for (int n = 0; n < N; n++) w[n] = vload(weights + n * CK_LANES);
        CK_UNROLL for (int p = 0; p < P; p++) {
          vf value = x[p][k];
          CK_UNROLL for (int n = 0; n < N; n++)
            sum[p * N + n] = vfma(value, w[n], sum[p * N + n]);
        }
      }
    }
  const ck_epilogue *e = &product->epilogue;
  float *y = product->y + position * product->y_stride + channel;
  const float *residual =
      e->residual ? e->residual + position * product->y_stride + channel : NULL;
  long last = product->channels - channel - (N - 1) * CK_LANES;
  if (last >= CK_LANES)
    finish(P, N, 1, sum, count, e, channel, last, y, residual, product->y_stride);
  else
    finish(P, N, 0, sum, count, e, channel, last, y, residual, product->y_stride);
}

// All positions, in tiles of the most that fit and a smaller one for the rest.
#define TILES(name, N, most)                                                               \
  static void name(                                                                        \
      const ck_product *product, const float *weights, long panel, long channel) {         \
    cursor at = {product->x, 0, 0};                                                        \
    long position = 0, left = product->positions;                                          \
    for (; left >= most; left -= most, position += most)                                   \
      tile(most, N, product, &at, weights, panel, most, channel, position);                \
    if (left > 8 && most > 8) tile(most, N, product, &at, weights, panel, left, channel, position); \
    else if (left > 6 && most > 6) tile(8, N, product, &at, weights, panel, left, channel, position); \
    else if (left > 4) tile(6, N, product, &at, weights, panel, left, channel, position);  \
    else if (left > 2) tile(4, N, product, &at, weights, panel, left, channel, position);  \
    else if (left > 1) tile(2, N, product, &at, weights, panel, 2, channel, position);     \
    else if (left > 0) tile(1, N, product, &at, weights, panel, 1, channel, position);     \
  }
TILES(tiles1, 1, TILE1)
TILES(tiles2, 2, TILE2)
#undef TILES

// One position by itself has too few sums of one panel to hide the time a multiply-add takes: several
// panels at once, all of them full.
CK_BODY void wide(
    const int panels, const ck_product *product, const float *weights, long count, long channel) {
  enum { EACH = CK_PANEL / CK_LANES };
  const ck_taps *taps = &product->taps;
  const long panel_size = count * CK_PANEL;
  vf sum[8];
  CK_UNROLL for (int i = 0; i < panels * EACH; i++) sum[i] = (vf)0.0f;
  for (long row = 0; row < taps->rows; row++)
    for (long column = 0; column < taps->columns; column++) {
      const float *x = product->x + row * taps->row_step + column * taps->column_step;
      for (long k = 0; k < taps->run; k++, weights += CK_PANEL) {
        const vf value = x[k];
        CK_UNROLL for (int i = 0; i < panels * EACH; i++)
          sum[i] = vfma(
              value, vload(weights + i / EACH * panel_size + i % EACH * CK_LANES), sum[i]);
      }
    }
  const ck_epilogue *e = &product->epilogue;
  finish(
      1, panels * EACH, 1, sum, 1, e, channel, CK_LANES, product->y + channel,
      e->residual ? e->residual + channel : NULL, product->y_stride);
}

// The channels that passes of `wide` have done, from the first on. A baseline vector is so short that
// one panel has sums enough.
static int CK_NAMED(run_wide)(const ck_product *product, long count) {
  int channel = 0;
#if CK_LANES > 4
  for (const float *weights = product->weights;;) {
    int panels = (product->channels - channel) / CK_PANEL;
    if (panels < 2) break;
    if (panels > CK_LANES / 4) panels = CK_LANES / 4;
    if (panels == 2) wide(2, product, weights, count, channel);
#if CK_LANES == 16
    else if (panels == 3) wide(3, product, weights, count, channel);
    else wide(4, product, weights, count, channel);
#endif
    channel += panels * CK_PANEL;
    weights += panels * CK_PANEL * count;
  }
#else
  (void)product, (void)count;
#endif
  return channel;
}

static void CK_NAMED(run_product)(const ck_product *product) {
  const ck_taps *taps = &product->taps;
  long count = taps->rows * taps->columns * taps->run;
  int first = product->positions == 1 ? CK_NAMED(run_wide)(product, count) : 0;
  const float *weights = product->weights + first * count;
  for (; first < product->channels; first += CK_PANEL) {
    int panel = ck_panel_width(first, product->channels);
    int end = first + panel < product->channels ? first + panel : product->channels;
    for (int channel = first; channel < end;) {
      const float *lanes = weights + (channel - first);
      if (end - channel > CK_LANES) {
        tiles2(product, lanes, panel, channel);
        channel += 2 * CK_LANES;
      } else {
        tiles1(product, lanes, panel, channel);
        channel += CK_LANES;
      }
    }
    weights += count * panel;
  }
}

#undef TILE1
#undef TILE2
