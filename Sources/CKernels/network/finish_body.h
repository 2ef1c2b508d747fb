// The epilogue of a tile of P positions × N vectors of channels, for one instruction set.
#define finish CK_NAMED(finish)

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
    vf scale[8], shift[8];
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
