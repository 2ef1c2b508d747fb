// Rows for one instruction set. A row is summed in CK_LANES lanes, number i in lane i % CK_LANES.
#include "activation_body.h"

#define load_some CK_NAMED(load_some)
#define store_some CK_NAMED(store_some)
#define fill_behind CK_NAMED(fill_behind)
#define affine_run CK_NAMED(affine_run)

CK_BODY vf load_some(const float *p, long count) {
  return count >= CK_LANES ? vload(p) : vload_part(p, count);
}
CK_BODY void store_some(float *p, vf v, long count) {
  if (count >= CK_LANES) vstore(p, v);
  else vstore_part(p, v, count);
}

// v with `value` in the lanes from `count` on.
CK_BODY vf fill_behind(vf v, long count, float value) {
  vi lanes;
  CK_UNROLL for (int i = 0; i < CK_LANES; i++) lanes[i] = i;
  return vselect(lanes < (vi)(int)(count < CK_LANES ? count : CK_LANES), v, (vf)value);
}

#define STEP(i) (long i = 0; i < width; i += CK_LANES)

// e^(x − m)/Σ e^(x − m), m the largest of the row; or x − m − log Σ e^(x − m).
static void CK_NAMED(softmax_rows)(
    bool logarithm, const float *x, float *y, long rows, long width) {
  for (long row = 0; row < rows; row++, x += width, y += width) {
    vf top = -INFINITY;
    for STEP(i) top = vmax(top, fill_behind(load_some(x + i, width - i), width - i, -INFINITY));
    const float largest = vtop(top);
    vf sums = 0.0f;
    for STEP(i) {
      vf v = vexp(fill_behind(load_some(x + i, width - i) - largest, width - i, -INFINITY));
      if (!logarithm) store_some(y + i, v, width - i);
      sums += v;
    }
    const float sum = vsum(sums);
    if (logarithm) {
      const vf log = vlog((vf)sum);
      for STEP(i) store_some(y + i, (load_some(x + i, width - i) - largest) - log, width - i);
    } else {
      for STEP(i) store_some(y + i, load_some(y + i, width - i) / sum, width - i);
    }
  }
}

static void CK_NAMED(norm_rows)(
    bool centred, const float *x, const float *gamma, const float *beta, float epsilon, float *y,
    long rows, long width) {
  for (long row = 0; row < rows; row++, x += width, y += width) {
    float mean = 0;
    if (centred) {
      vf sums = 0.0f;
      for STEP(i) sums += load_some(x + i, width - i);
      mean = vsum(sums) / (float)width;
    }
    vf squares = 0.0f;
    for STEP(i) {
      vf v = fill_behind(load_some(x + i, width - i) - mean, width - i, 0);
      squares = vfma(v, v, squares);
    }
    const float scale = 1.0f / vsqrt((vf)(vsum(squares) / (float)width + epsilon))[0];
    for STEP(i) {
      const long left = width - i;
      vf v = (load_some(x + i, left) - mean) * scale;
      if (gamma) v *= load_some(gamma + i, left);
      if (beta) v += load_some(beta + i, left);
      store_some(y + i, v, left);
    }
  }
}

// One run of numbers, number i with scale[i] and shift[i].
CK_BODY void affine_run(
    const ck_activation code, vf slope, const float *x, const float *scale, const float *shift,
    float *y, long count) {
  for (long i = 0; i < count; i += CK_LANES) {
    const long left = count - i;
    vf v = load_some(x + i, left);
    const vf b = shift ? load_some(shift + i, left) : (vf)0.0f;
    if (scale) v = vfma(v, load_some(scale + i, left), b);
    else if (shift) v += b;
    store_some(y + i, vactivate(code, slope, v), left);
  }
}

// Rows too short to fill vectors are taken CK_LANES at a time, as one run that whole vectors fill,
// with scales and shifts repeated to match.
enum { CK_NAMED(SHORT_ROW) = 64 };

static void CK_NAMED(affine_rows)(
    const float *x, const float *scale, const float *shift, float *y, long rows, int channels,
    ck_activation activation, float slope) {
  float scales[CK_NAMED(SHORT_ROW) * CK_LANES], shifts[CK_NAMED(SHORT_ROW) * CK_LANES];
  long width = channels;
  if (channels < CK_NAMED(SHORT_ROW) && channels % CK_LANES != 0 && rows >= CK_LANES) {
    width *= CK_LANES;
    for (long i = 0; i < width; i++) {
      if (scale) scales[i] = scale[i % channels];
      if (shift) shifts[i] = shift[i % channels];
    }
    if (scale) scale = scales;
    if (shift) shift = shifts;
  }
  const long total = rows * channels;
#define RUNS(code)                                                                          \
  for (long i = 0; i < total; i += width)                                                   \
    affine_run(                                                                             \
        code, (vf)slope, x + i, scale, shift, y + i, total - i < width ? total - i : width); \
  break
  switch (activation) {
    case CK_RELU: RUNS(CK_RELU);
    case CK_RELU6: RUNS(CK_RELU6);
    case CK_LEAKY_RELU: RUNS(CK_LEAKY_RELU);
    default: RUNS(CK_LINEAR);
  }
#undef RUNS
}

#undef STEP
