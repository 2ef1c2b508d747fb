// Cells of sigmoid and tanh for one instruction set.
#include "math_body.h"

#define lstm_vector CK_NAMED(lstm_vector)
#define gru_vector CK_NAMED(gru_vector)

#define LOAD(p) (whole ? vload(p) : vload_part(p, left))
#define STORE(p, v)                    \
  if (whole) vstore(p, v);             \
  else vstore_part(p, v, left)

CK_BODY void lstm_vector(
    const int whole, const float *z, float *c, float *h, long u, long left) {
  vf input = vsigmoid(LOAD(z)), forget = vsigmoid(LOAD(z + u));
  vf candidate = vtanh(LOAD(z + 2 * u)), output = vsigmoid(LOAD(z + 3 * u));
  vf cell = vfma(forget, LOAD(c), input * candidate);
  STORE(c, cell);
  STORE(h, output * vtanh(cell));
}

static void CK_NAMED(lstm_step)(const float *z, float *c, float *h, long rows, long u) {
  for (long row = 0; row < rows; row++, z += 4 * u, c += u, h += u) {
    long i = 0;
    for (; i + CK_LANES <= u; i += CK_LANES) lstm_vector(1, z + i, c + i, h + i, u, CK_LANES);
    if (i < u) lstm_vector(0, z + i, c + i, h + i, u, u - i);
  }
}

CK_BODY void gru_vector(
    const int whole, const float *x, const float *r, float *h, long u, long left) {
  vf update = vsigmoid(LOAD(x) + LOAD(r)), reset = vsigmoid(LOAD(x + u) + LOAD(r + u));
  vf candidate = vtanh(vfma(reset, LOAD(r + 2 * u), LOAD(x + 2 * u)));
  STORE(h, vfma(update, LOAD(h), (1.0f - update) * candidate));
}

static void CK_NAMED(gru_step)(const float *x, const float *r, float *h, long rows, long u) {
  for (long row = 0; row < rows; row++, x += 3 * u, r += 3 * u, h += u) {
    long i = 0;
    for (; i + CK_LANES <= u; i += CK_LANES) gru_vector(1, x + i, r + i, h + i, u, CK_LANES);
    if (i < u) gru_vector(0, x + i, r + i, h + i, u, u - i);
  }
}

#undef LOAD
#undef STORE
