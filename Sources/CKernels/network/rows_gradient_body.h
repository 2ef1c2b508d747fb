// Gradients of rows and sums over them, for one instruction set.
#include "math_body.h"

#define load_some CK_NAMED(load_some)
#define store_some CK_NAMED(store_some)
#define zero_behind CK_NAMED(zero_behind)

CK_BODY vf load_some(const float *p, long count) {
  return count >= CK_LANES ? vload(p) : vload_part(p, count);
}
CK_BODY void store_some(float *p, vf v, long count) {
  if (count >= CK_LANES) vstore(p, v);
  else vstore_part(p, v, count);
}
CK_BODY vf zero_behind(vf v, long count) {
  vi lanes;
  CK_UNROLL for (int i = 0; i < CK_LANES; i++) lanes[i] = i;
  return vselect(lanes < (vi)(int)(count < CK_LANES ? count : CK_LANES), v, (vf)0.0f);
}

#define STEP(i) (long i = 0; i < width; i += CK_LANES)

// y·(dy − Σ y·dy), or dy − e^y·Σ dy.
static void CK_NAMED(softmax_gradient)(
    bool logarithm, const float *y, const float *dy, float *dx, long rows, long width) {
  for (long row = 0; row < rows; row++, y += width, dy += width, dx += width) {
    vf sums = 0.0f;
    for STEP(i) {
      vf slope = load_some(dy + i, width - i);
      sums = logarithm ? sums + slope : vfma(load_some(y + i, width - i), slope, sums);
    }
    const float sum = vsum(sums);
    for STEP(i) {
      vf value = load_some(y + i, width - i), slope = load_some(dy + i, width - i);
      store_some(
          dx + i, logarithm ? slope - vexp(value) * sum : value * (slope - sum), width - i);
    }
  }
}

// With n the normalised row and g = dy·gamma: (g − mean of g − n · mean of g·n) · scale; without a
// mean its term is left out.
static void CK_NAMED(norm_gradient)(
    bool centred, const float *x, const float *gamma, float epsilon, const float *dy, float *dx,
    float *dgamma, float *dbeta, long rows, long width) {
  for (long row = 0; row < rows; row++, x += width, dy += width, dx += width) {
    float mean = 0;
    if (centred) {
      vf sums = 0.0f;
      for STEP(i) sums += load_some(x + i, width - i);
      mean = vsum(sums) / (float)width;
    }
    vf squares = 0.0f, sums = 0.0f, products = 0.0f;
    for STEP(i) {
      const long left = width - i;
      vf v = zero_behind(load_some(x + i, left) - mean, left), g = load_some(dy + i, left);
      if (gamma) g *= load_some(gamma + i, left);
      squares = vfma(v, v, squares);
      products = vfma(v, g, products);
      sums += g;
    }
    const float scale = 1.0f / vsqrt((vf)(vsum(squares) / (float)width + epsilon))[0];
    const float level = centred ? vsum(sums) / (float)width : 0.0f;
    const float along = vsum(products) * scale / (float)width;
    for STEP(i) {
      const long left = width - i;
      vf n = (load_some(x + i, left) - mean) * scale, slope = load_some(dy + i, left), g = slope;
      if (gamma) g *= load_some(gamma + i, left);
      if (dgamma) store_some(dgamma + i, vfma(slope, n, load_some(dgamma + i, left)), left);
      if (dbeta) store_some(dbeta + i, load_some(dbeta + i, left) + slope, left);
      store_some(dx + i, (g - level - n * along) * scale, left);
    }
  }
}
#undef STEP

// Sums over rows, CK_BLOCK_ROWS of them in floats and the blocks in what `ADD` adds to. Four rows go
// side by side, to hide the time of an addition. TERM(slot, row) adds a row to its sums.
enum { CK_NAMED(BLOCK_ROWS) = 64 };
#define EACH_BLOCK(prepare, TERM, ADD)                                                   \
  for (long row = 0; row < rows; row += CK_NAMED(BLOCK_ROWS)) {                          \
    const long end = rows - row < CK_NAMED(BLOCK_ROWS) ? rows : row + CK_NAMED(BLOCK_ROWS); \
    for (long i = 0; i < width; i += CK_LANES) {                                         \
      const long left = width - i;                                                       \
      vf first[4] = {0.0f, 0.0f, 0.0f, 0.0f}, second[4] = {0.0f, 0.0f, 0.0f, 0.0f};      \
      prepare;                                                                           \
      long r = row;                                                                      \
      for (; r + 4 <= end; r += 4) {                                                     \
        CK_UNROLL for (int s = 0; s < 4; s++) { TERM(s, r + s) }                         \
      }                                                                                  \
      for (; r < end; r++) { TERM(0, r) }                                                \
      const vf one = (first[0] + first[1]) + (first[2] + first[3]);                      \
      const vf two = (second[0] + second[1]) + (second[2] + second[3]);                  \
      ADD                                                                                \
    }                                                                                    \
  }
#define ADD_DOUBLES(a, b)                                           \
  for (long lane = 0; lane < CK_LANES && lane < left; lane++) {     \
    a[i + lane] += (double)one[lane];                               \
    b[i + lane] += (double)two[lane];                               \
  }

static void CK_NAMED(add_column_sums)(const float *dy, long rows, long width, float *out) {
#define TERM(s, r) first[s] += load_some(dy + (r) * width + i, left);
  EACH_BLOCK(, TERM, (void)two; store_some(out + i, load_some(out + i, left) + one, left);)
#undef TERM
}

static void CK_NAMED(add_moments)(
    const float *x, long rows, long width, double *sums, double *squares) {
// Distances from the block's first row, whose squares keep the digits that those of large values lose.
#define TERM(s, r)                                 \
  vf v = load_some(x + (r) * width + i, left) - m; \
  first[s] += v;                                   \
  second[s] = vfma(v, v, second[s]);
#define ADD_FROM_FIRST                                                \
  for (long lane = 0; lane < CK_LANES && lane < left; lane++) {       \
    const double base = m[lane], sum = one[lane];                     \
    sums[i + lane] += sum + (double)(end - row) * base;               \
    squares[i + lane] += (double)two[lane] + base * (2 * sum + (double)(end - row) * base); \
  }
  EACH_BLOCK(const vf m = load_some(x + row * width + i, left), TERM, ADD_FROM_FIRST)
#undef ADD_FROM_FIRST
#undef TERM
}

static void CK_NAMED(add_products)(
    const float *x, const float *mean, const float *scale, const float *dy, long rows, long width,
    double *sums, double *products) {
#define TERM(s, r)                                                         \
  vf v = load_some(dy + (r) * width + i, left);                            \
  first[s] += v;                                                           \
  second[s] = vfma(v, (load_some(x + (r) * width + i, left) - m) * f, second[s]);
  EACH_BLOCK(const vf m = load_some(mean + i, left); const vf f = load_some(scale + i, left),
             TERM, ADD_DOUBLES(sums, products))
#undef TERM
}
#undef EACH_BLOCK
#undef ADD_DOUBLES

static void CK_NAMED(combine_gradient)(
    const float *dy, const float *x, const float *a, const float *b, const float *c, float *dx,
    long rows, long width) {
  for (long i = 0; i < width; i += CK_LANES) {
    const long left = width - i;
    const vf va = load_some(a + i, left), vb = load_some(b + i, left), vc = load_some(c + i, left);
    for (long r = 0; r < rows; r++) {
      const long at = r * width + i;
      vf v = vfma(load_some(x + at, left), vb, vc);
      store_some(dx + at, vfma(load_some(dy + at, left), va, v), left);
    }
  }
}
