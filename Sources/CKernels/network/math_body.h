// Exponential, logarithm and their relations on vectors, for one instruction set. No guard: every
// body that needs them includes this.
//
// The polynomials are least-maximum fits of relative error (Lawson's iteration on Chebyshev points);
// the fit of each is noted, in units of 2⁻²⁴ under 0.3. NaN stays NaN everywhere: a bound is put on
// x by x > bound ? bound : x, which a NaN passes.

#define vpolynomial4 CK_NAMED(vpolynomial4)
#define vreduce CK_NAMED(vreduce)
#define vexp_near0 CK_NAMED(vexp_near0)
#define vexp_of CK_NAMED(vexp_of)
#define vexp CK_NAMED(vexp)
#define vexpm1 CK_NAMED(vexpm1)
#define vatanh_ratio CK_NAMED(vatanh_ratio)
#define vlog1p_unit CK_NAMED(vlog1p_unit)
#define vlog CK_NAMED(vlog)
#define vtanh CK_NAMED(vtanh)
#define vsigmoid CK_NAMED(vsigmoid)
#define verfc_positive CK_NAMED(verfc_positive)
#define verf CK_NAMED(verf)
#define vsoftplus CK_NAMED(vsoftplus)
#define vcopysign CK_NAMED(vcopysign)

CK_BODY vf vcopysign(vf magnitude, vf sign) {
  return (vf)((vi)magnitude | ((vi)sign & (int32_t)0x80000000));
}

CK_BODY vf vpolynomial4(vf x, float c4, float c3, float c2, float c1, float c0) {
  return vfma(vfma(vfma(vfma((vf)c4, x, (vf)c3), x, (vf)c2), x, (vf)c1), x, (vf)c0);
}

// x = n·ln 2 + r, |r| ≤ 0.35; n as a number and as an integer. ln 2 in two parts, of which the
// first has so few bits that n times it is exact.
CK_BODY vf vreduce(vf x, vf *n, vi *integer) {
  const float rounding = 12582912.0f;  // 1.5·2²³: adding it rounds to the nearest integer
  vf shifted = vfma(x, (vf)1.44269504f, (vf)rounding);
  *integer = (vi)shifted - (vi)(vf)rounding;
  *n = shifted - rounding;
  return vfma(*n, (vf)2.12194440e-4f, vfma(*n, (vf)-0.693359375f, x));
}

// e^r − 1 for |r| ≤ 0.35.
CK_BODY vf vexp_near0(vf r) {
  vf p = vpolynomial4(
      r, 0.00138116601f, 0.00837013503f, 0.0416685283f, 0.166665087f, 0.499999926f);
  return vfma(r * r, p, r);
}

// e^(x + low), `low` small. Over 88.73 infinity; under −87.34 subnormal numbers, then zero.
CK_BODY vf vexp_of(vf x, vf low) {
  x = vselect(x > 89.0f, (vf)89.0f, x);
  x = vselect(x < -104.0f, (vf)-104.0f, x);
  vf n;
  vi integer;
  vf value = 1.0f + vexp_near0(vreduce(x, &n, &integer) + low);
#if CK_LANES == 16
  return _mm512_scalef_ps(value, n);
#else
  // 2ⁿ in two factors: n can lie outside of the exponents that there are.
  vi half = integer >> 1, rest = integer - half;
  return value * (vf)((half + 127) << 23) * (vf)((rest + 127) << 23);
#endif
}
CK_BODY vf vexp(vf x) { return vexp_of(x, (vf)0.0f); }

// e^x − 1 for x ≤ 88, relatively accurate at 0.
CK_BODY vf vexpm1(vf x) {
  x = vselect(x < -30.0f, (vf)-30.0f, x);
  vf n;
  vi integer;
  vf near = vexp_near0(vreduce(x, &n, &integer));
  vf power = (vf)((integer + 127) << 23);
  return vfma(power, near, power - 1.0f);
}

// atanh(s)/s, from z = s² ≤ 1/9.
CK_BODY vf vatanh_ratio(vf z) {
  return vpolynomial4(z, 0.140926626f, 0.13979621f, 0.200124957f, 0.333331566f, 1.0f);
}

// log(1 + u) for u in 0…1, relatively accurate at 0: 2·atanh(u/(2 + u)).
CK_BODY vf vlog1p_unit(vf u) {
  vf s = u / (u + 2.0f);
  return (s + s) * vatanh_ratio(s * s);
}

// x = 2ᵏ·m with m in √½…√2, then k·ln 2 + 2·atanh((m − 1)/(m + 1)).
CK_BODY vf vlog(vf x) {
  vi tiny = x < 1.17549435e-38f;
  vf scaled = vselect(tiny, x * 8388608.0f, x);
  vi bits = (vi)scaled - 0x3f3504f3;  // √½
  vi k = (bits >> 23) - (tiny & 23);
  vf m = (vf)((bits & 0x7fffff) + 0x3f3504f3);
  vf s = (m - 1.0f) / (m + 1.0f);
  vf n = __builtin_convertvector(k, vf);
  vf log = vfma(n, (vf)0.693359375f,
                vfma(n, (vf)-2.12194440e-4f, (s + s) * vatanh_ratio(s * s)));
  log = vselect(x == 0.0f, (vf)-INFINITY, log);
  log = vselect(x < 0.0f, (vf)NAN, log);
  return vselect(x == INFINITY, x, vselect(x != x, x, log));
}

// E/(E + 2) with E = e^(2|x|) − 1; from 10 on that is 1.
CK_BODY vf vtanh(vf x) {
  vf a = vabs(x);
  a = vselect(a > 10.0f, (vf)10.0f, a);
  vf e = vexpm1(a + a);
  return vcopysign(e / (e + 2.0f), x);
}

CK_BODY vf vsigmoid(vf x) { return 1.0f / (1.0f + vexp(-x)); }

// erfc(√half·a) for a ≥ 0 and half 1 or ½: e^(−half·a²)·erfcx(z) with z = √half·a, and
// (1 + 2z)·erfcx(z) is a polynomial of (z − 2)/(z + 2) (after Shepherd and Laframboise, Math. Comp.
// 36, 1981; fitted up to z = 10.2, where the result is 0). Any error of the exponent would be one of
// the result, times the exponent: a² is the square of a's upper half, which is exact, and a rest.
CK_BODY vf verfc_positive(vf a, const float half) {
  const float bound = half == 1.0f ? 10.2f : 14.42f;
  a = vselect(a > bound, (vf)bound, a);
  vf z = half == 1.0f ? a : a * 0.707106781f;
  vf t = (z - 2.0f) / (z + 2.0f);
  vf p = vpolynomial4(
      t, -0.000399449596f, -0.00122800234f, 0.00131330993f, 0.00863009756f, -0.008060143f);
  p = vfma(vfma(p, t, (vf)-0.054203884f), t, (vf)0.164055426f);
  p = vfma(vfma(p, t, (vf)-0.166031461f), t, (vf)-0.092763985f);
  p = vfma(p, t, (vf)1.27697839f);
  vf upper = (vf)((vi)a & (int32_t)0xfffff000);
  vf decay = vexp_of(-half * upper * upper, -half * (a - upper) * (a + upper));
  return decay * p / vfma(z, (vf)2.0f, (vf)1.0f);
}

// Under 1 an odd polynomial.
CK_BODY vf verf(vf x) {
  vf a = vabs(x), z = x * x;
  z = vselect(z > 1.0f, (vf)1.0f, z);
  vf p = vpolynomial4(
      z, 7.85385767e-5f, -0.000801019251f, 0.00518832756f, -0.0268538119f, 0.112835851f);
  p = vfma(vfma(p, z, (vf)-0.376126258f), z, (vf)1.12837917f);
  return vselect(a < 1.0f, x * p, vcopysign(1.0f - verfc_positive(a, 1.0f), x));
}

// log(1 + e^x) = max(x, 0) + log(1 + e^−|x|).
CK_BODY vf vsoftplus(vf x) { return vmax(x, (vf)0.0f) + vlog1p_unit(vexp(-vabs(x))); }
