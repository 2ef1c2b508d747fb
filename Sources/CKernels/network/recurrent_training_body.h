// Cells of sigmoid and tanh on both ways of training, for one instruction set.
#include "math_body.h"

#define lstm_train_vector CK_NAMED(lstm_train_vector)
#define lstm_back_vector CK_NAMED(lstm_back_vector)
#define gru_train_vector CK_NAMED(gru_train_vector)
#define gru_back_vector CK_NAMED(gru_back_vector)

#define LOAD(p) (whole ? vload(p) : vload_part(p, left))
#define STORE(p, v)                    \
  if (whole) vstore(p, v);             \
  else vstore_part(p, v, left)

// Calls `vector` for all units of a row: a whole vector each, and what is left.
#define EACH_VECTOR(vector, ...)                                        \
  {                                                                     \
    long i = 0, left = CK_LANES;                                        \
    for (; i + CK_LANES <= u; i += CK_LANES) vector(1, __VA_ARGS__);    \
    left = u - i;                                                       \
    if (left > 0) vector(0, __VA_ARGS__);                               \
  }

CK_BODY void lstm_train_vector(
    const int whole, float *z, const float *before, float *after, float *shown, float *h, long u,
    long left) {
  vf input = vsigmoid(LOAD(z)), forget = vsigmoid(LOAD(z + u));
  vf candidate = vtanh(LOAD(z + 2 * u)), output = vsigmoid(LOAD(z + 3 * u));
  vf cell = vfma(forget, LOAD(before), input * candidate), bent = vtanh(cell);
  STORE(z, input);
  STORE(z + u, forget);
  STORE(z + 2 * u, candidate);
  STORE(z + 3 * u, output);
  STORE(after, cell);
  STORE(shown, bent);
  STORE(h, output * bent);
}

static void CK_NAMED(lstm_train)(
    float *z, const float *before, float *after, float *shown, float *h, long rows, long u) {
  for (long row = 0; row < rows;
       row++, z += 4 * u, before += u, after += u, shown += u, h += u)
    EACH_VECTOR(lstm_train_vector, z + i, before + i, after + i, shown + i, h + i, u, left)
}

CK_BODY void lstm_back_vector(
    const int whole, float *z, const float *before, const float *shown, const float *dh, float *dc,
    long u, long left) {
  vf input = LOAD(z), forget = LOAD(z + u), candidate = LOAD(z + 2 * u), output = LOAD(z + 3 * u);
  vf bent = LOAD(shown), state = LOAD(dh);
  vf cell = vfma(state * output, 1.0f - bent * bent, LOAD(dc));
  STORE(z, cell * candidate * input * (1.0f - input));
  STORE(z + u, cell * LOAD(before) * forget * (1.0f - forget));
  STORE(z + 2 * u, cell * input * (1.0f - candidate * candidate));
  STORE(z + 3 * u, state * bent * output * (1.0f - output));
  STORE(dc, cell * forget);
}

static void CK_NAMED(lstm_back)(
    float *z, const float *before, const float *shown, const float *dh, float *dc, long rows,
    long u) {
  for (long row = 0; row < rows; row++, z += 4 * u, before += u, shown += u, dh += u, dc += u)
    EACH_VECTOR(lstm_back_vector, z + i, before + i, shown + i, dh + i, dc + i, u, left)
}

CK_BODY void gru_train_vector(
    const int whole, float *x, const float *r, const float *before, float *after, long u,
    long left) {
  vf update = vsigmoid(LOAD(x) + LOAD(r)), reset = vsigmoid(LOAD(x + u) + LOAD(r + u));
  vf candidate = vtanh(vfma(reset, LOAD(r + 2 * u), LOAD(x + 2 * u)));
  STORE(x, update);
  STORE(x + u, reset);
  STORE(x + 2 * u, candidate);
  STORE(after, vfma(update, LOAD(before), (1.0f - update) * candidate));
}

static void CK_NAMED(gru_train)(
    float *x, const float *r, const float *before, float *after, long rows, long u) {
  for (long row = 0; row < rows; row++, x += 3 * u, r += 3 * u, before += u, after += u)
    EACH_VECTOR(gru_train_vector, x + i, r + i, before + i, after + i, u, left)
}

CK_BODY void gru_back_vector(
    const int whole, float *x, float *r, const float *before, float *dh, long u, long left) {
  vf update = LOAD(x), reset = LOAD(x + u), candidate = LOAD(x + 2 * u), state = LOAD(dh);
  vf inner = state * (1.0f - update) * (1.0f - candidate * candidate);
  vf first = state * (LOAD(before) - candidate) * update * (1.0f - update);
  vf second = inner * LOAD(r + 2 * u) * reset * (1.0f - reset);
  STORE(x, first);
  STORE(x + u, second);
  STORE(x + 2 * u, inner);
  STORE(r, first);
  STORE(r + u, second);
  STORE(r + 2 * u, inner * reset);
  STORE(dh, state * update);
}

static void CK_NAMED(gru_back)(
    float *x, float *r, const float *before, float *dh, long rows, long u) {
  for (long row = 0; row < rows; row++, x += 3 * u, r += 3 * u, before += u, dh += u)
    EACH_VECTOR(gru_back_vector, x + i, r + i, before + i, dh + i, u, left)
}

#undef EACH_VECTOR
#undef LOAD
#undef STORE
