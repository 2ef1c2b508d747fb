// The tiles of product.h for one instruction set.
//
// Every output is one chain of multiply-adds in the order of the taps, whatever the tile it falls
// into, and so has the same bits in all of them.

#define tile CK_NAMED(tile)
#define finish CK_NAMED(finish)
#define locate CK_NAMED(locate)
#define activate_tile CK_NAMED(activate_tile)
#define tiles1 CK_NAMED(tiles1)
#define tiles2 CK_NAMED(tiles2)
#define wide_row CK_NAMED(wide_row)
#define cursor CK_NAMED(cursor)

// Positions in a full tile of one and of two vectors.
#define TILE1 12
#define TILE2 (CK_REGISTERS == 32 ? 12 : 6)

typedef struct {
  const float *x;
  long column, row;
} cursor;

// The next P positions' inputs; positions past `count` are the last one again.
CK_BODY void locate(const ck_walk *walk, cursor *at, const int P, long count, const float **x) {
  CK_UNROLL for (int p = 0; p < P; p++) {
    x[p] = at->x;
    if (p < count - 1) {
      at->x += walk->column_step;
      if (++at->column == walk->columns) {
        at->column = 0;
        at->x += walk->row_step - walk->columns * walk->column_step;
        if (++at->row == walk->rows) {
          at->row = 0;
          at->x += walk->image_step - walk->rows * walk->row_step;
        }
      }
    }
  }
}

// What the epilogue does to sums, 1 ≤ count ≤ P positions of them, and the stores. The last vector
// has `last` lanes that count.
CK_BODY void finish(
    const int P, const int N, const int whole, vf *sum, long count, const ck_epilogue *e,
    long channel, long last, float *y, const float *residual, long stride) {
#define EACH(statement)                         \
  CK_UNROLL for (int p = 0; p < P; p++)         \
    if (p < count) {                            \
      CK_UNROLL for (int n = 0; n < N; n++) {   \
        vf *v = sum + p * N + n;                \
        long at = p * stride + n * CK_LANES;    \
        (void)at;                               \
        statement;                              \
      }                                         \
    }
#define LOAD(from) (whole || n < N - 1 ? vload(from) : vload_part(from, last))
  if (e->accumulate) EACH(*v += LOAD(y + at))
  if (e->scale || e->shift) {
    vf scale[2], shift[2];
    CK_UNROLL for (int n = 0; n < N; n++) {
      scale[n] = e->scale ? LOAD(e->scale + channel + n * CK_LANES) : (vf)1.0f;
      shift[n] = e->shift ? LOAD(e->shift + channel + n * CK_LANES) : (vf)0.0f;
    }
    if (e->scale) {
      EACH(*v = vfma(*v, scale[n], shift[n]))
    } else {
      EACH(*v += shift[n])
    }
  }
  if (residual) EACH(*v += LOAD(residual + at))
  switch (e->activation) {
    case CK_RELU: EACH(*v = vselect(*v < 0.0f, (vf)0.0f, *v)) break;
    case CK_RELU6:
      EACH(*v = vselect(*v < 0.0f, (vf)0.0f, *v); *v = vselect(*v > 6.0f, (vf)6.0f, *v)) break;
    case CK_LEAKY_RELU: {
      vf slope = e->slope;
      EACH(*v = vselect(*v < 0.0f, *v * slope, *v)) break;
    }
    default: break;
  }
  EACH(if (whole || n < N - 1) vstore(y + at, *v); else vstore_part(y + at, *v, last))
#undef LOAD
#undef EACH
}

// `count` positions (1 to P) from `at` on times N vectors of a panel.
CK_BODY void tile(
    const int P, const int N, const ck_product *product, cursor *at, const float *weights,
    long panel, long count, long channel, long position) {
  const float *x[12];
  locate(&product->walk, at, P, count, x);
  if (count == P) {
    // locate stays on the last position: on to the first of the next tile.
    const float *behind[2];
    locate(&product->walk, at, 2, 2, behind);
  }
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

static void CK_NAMED(run_product)(const ck_product *product) {
  const ck_taps *taps = &product->taps;
  long count = taps->rows * taps->columns * taps->run;
  const float *weights = product->weights;
  for (int first = 0; first < product->channels; first += CK_PANEL) {
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
