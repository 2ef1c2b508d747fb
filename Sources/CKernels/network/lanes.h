// Vectors of CK_LANES floats and what every body does with them. Included by every_level.h.
//
// A comparison of two vf is a vi with all bits of a lane set or clear.

// A source file with several bodies has these once: the names it defines are the guard.
#if (CK_LANES == 16 && !defined(CK_HAS_LANES16)) || (CK_LANES == 8 && !defined(CK_HAS_LANES8)) || \
    (CK_LANES == 4 && !defined(CK_HAS_LANES4))
#if CK_LANES == 16
#define CK_HAS_LANES16
#elif CK_LANES == 8
#define CK_HAS_LANES8
#else
#define CK_HAS_LANES4
#endif

typedef float vf __attribute__((ext_vector_type(CK_LANES)));
typedef int32_t vi __attribute__((ext_vector_type(CK_LANES)));
typedef float CK_NAMED(floats_anywhere)
    __attribute__((ext_vector_type(CK_LANES), aligned(4), may_alias));

CK_BODY vf vload(const float *p) { return *(const CK_NAMED(floats_anywhere) *)p; }
CK_BODY void vstore(float *p, vf v) { *(CK_NAMED(floats_anywhere) *)p = v; }

// The first `count` floats, 0 to CK_LANES, and zeros; nothing behind them is read or written.
CK_BODY vf vload_part(const float *p, long count) {
#if CK_LANES == 16
  return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
#elif CK_LANES == 8
  const vi lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  return _mm256_maskload_ps(p, (__m256i)(lanes < (vi)(int)count));
#else
  vf v = 0;
  for (long i = 0; i < CK_LANES; i++)
    if (i < count) v[i] = p[i];
  return v;
#endif
}

CK_BODY void vstore_part(float *p, vf v, long count) {
#if CK_LANES == 16
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), v);
#elif CK_LANES == 8
  const vi lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  _mm256_maskstore_ps(p, (__m256i)(lanes < (vi)(int)count), v);
#else
  for (long i = 0; i < CK_LANES; i++)
    if (i < count) p[i] = v[i];
#endif
}

// a·b + c, rounded once where the instruction set can.
CK_BODY vf vfma(vf a, vf b, vf c) {
#if CK_FUSED
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

CK_BODY vf vselect(vi condition, vf yes, vf no) { return condition ? yes : no; }
CK_BODY vf vabs(vf x) { return (vf)((vi)x & 0x7fffffff); }
CK_BODY vf vsqrt(vf x) { return __builtin_elementwise_sqrt(x); }

// The larger and the smaller; NaN where either is.
CK_BODY vf vmax(vf a, vf b) { return vselect((b > a) | (b != b), b, a); }
CK_BODY vf vmin(vf a, vf b) { return vselect((b < a) | (b != b), b, a); }

// All lanes together, halves first.
CK_BODY float vsum(vf v) {
#if CK_LANES == 16
  v += __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v += __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3);
#elif CK_LANES == 8
  v += __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3);
#endif
  return (v[0] + v[2]) + (v[1] + v[3]);
}

// The largest lane, NaN if there is one.
CK_BODY float vtop(vf v) {
  float top = v[0];
  for (int i = 1; i < CK_LANES; i++) top = v[i] > top || v[i] != v[i] ? v[i] : top;
  return top;
}

#endif
