// Gradients through activations, for one instruction set. v is the output where the code's
// derivative is taken from that, else the input.
#include "math_body.h"

#define vderivative CK_NAMED(vderivative)
#define vslope CK_NAMED(vslope)

// dy times the derivative, which is a choice: a product with 0 would keep an infinite dy.
CK_BODY vf vslope(vi condition, vf yes, vf no) { return vselect(condition, yes, no); }

CK_BODY vf vderivative(const ck_activation code, vf p, vf v, vf dy) {
  const vf zero = 0.0f, one = 1.0f;
  switch (code) {
    case CK_RELU: return vslope(v > zero, dy, zero);
    case CK_RELU6: return vslope((v > zero) & (v < 6.0f), dy, zero);
    case CK_LEAKY_RELU: return vslope(v > zero, dy, dy * p);
    case CK_SIGMOID: return dy * (v * (one - v));
    case CK_TANH: return dy * ((one - v) * (one + v));
    case CK_EXPONENTIAL: return dy * v;
    case CK_ERF: return dy * 1.12837917f * vexp(-v * v);
    case CK_GELU: {
      vf c = 0.5f * verfc_positive(vabs(v), 0.5f);
      return dy * vfma(v * 0.398942280f, vexp(-0.5f * v * v), vselect(v > zero, one - c, c));
    }
    case CK_GELU_TANH: {
      // x·s(u) with s the sigmoid and u twice the argument of tanh: s + x·s·(1 − s)·u'.
      vf z = v * v;
      vf s = vsigmoid(v * vfma(z, (vf)0.0713548162726f, (vf)1.59576912161f));
      vf slope = vfma(z, (vf)0.214064448818f, (vf)1.59576912161f);
      vf tail = s * (one - s) * v * slope;
      // Far out the factors are 0 and infinite.
      return dy * (s + vselect(vabs(v) > 20.0f, zero, tail));
    }
    case CK_SILU: {
      vf s = vsigmoid(v);
      return dy * (s * vfma(v, one - s, one));
    }
    case CK_SOFTPLUS: return dy * vsigmoid(v);
    case CK_LOG_SIGMOID: return dy * vsigmoid(-v);
    case CK_ELU: return vslope(v > zero, dy, dy * (v + p));
    case CK_SELU: return dy * vselect(v < zero, v + 1.75809935f, (vf)1.05070099f);
    case CK_CELU: return vslope(v < zero, dy * (v / p + one), dy);
    case CK_MISH: {
      vf e = vexp(vselect(v > 20.0f, (vf)20.0f, v)), n = e * (e + 2.0f), t = n / (n + 2.0f);
      // 1 − t² in the terms of e, which keeps its digits.
      vf rest = 4.0f * (n + one) / ((n + 2.0f) * (n + 2.0f));
      return vslope(v > 20.0f, dy, dy * (t + v * rest * (e / (one + e))));
    }
    case CK_HARD_SIGMOID: return vslope((v > zero) & (v < one), dy * (1.0f / 6.0f), zero);
    case CK_HARD_SIGMOID_FIFTH: {
      vf u = vfma(v, (vf)0.2f, (vf)0.5f);
      return vslope((u >= zero) & (u <= one), dy * 0.2f, zero);
    }
    case CK_HARD_SILU:
      return vslope(
          v <= -3.0f, zero, vslope(v < 3.0f, dy * vfma(v, (vf)(1.0f / 3.0f), (vf)0.5f), dy));
    case CK_HARD_TANH: return vslope((v >= -one) & (v <= one), dy, zero);
    case CK_HARD_SHRINK: case CK_SOFT_SHRINK: return vslope(vabs(v) > p, dy, zero);
    case CK_TANH_SHRINK: {
      vf t = vtanh(v);
      return dy * (t * t);
    }
    case CK_SOFTSIGN: {
      vf a = one + vabs(v);
      return dy / (a * a);
    }
    case CK_SQUAREPLUS: return dy * (0.5f * (one + v / vsqrt(vfma(v, v, p))));
    case CK_SPARSE_PLUS:
      return vslope(v <= -one, zero, vslope(v < one, dy * 0.5f * (v + one), dy));
    case CK_SPARSE_SIGMOID: return vslope((v > zero) & (v < one), dy * 0.5f, zero);
    case CK_LOG: return dy / v;
    default: return dy;
  }
}

#define CK_EACH_VECTOR(value)                                                        \
  {                                                                                  \
    long i = 0;                                                                      \
    for (; i + CK_LANES <= count; i += CK_LANES) {                                   \
      vf v = vload(from + i), slope = vload(dy + i);                                 \
      vstore(dx + i, value);                                                         \
    }                                                                                \
    if (i < count) {                                                                 \
      vf v = vload_part(from + i, count - i), slope = vload_part(dy + i, count - i); \
      vstore_part(dx + i, value, count - i);                                         \
    }                                                                                \
  }

// A function for each code, for the reason given in activate_body.h.
#include "activation_codes.h"

#define FUNCTION(code)                                                     \
  static void CK_NAMED(code##_gradient)(                                   \
      float p, const float *from, const float *dy, float *dx, long count) { \
    CK_EACH_VECTOR(vderivative(code, (vf)p, v, slope))                     \
  }
CODES(FUNCTION)
#undef FUNCTION

static void CK_NAMED(activate_gradient)(
    ck_activation code, float p, const float *from, const float *dy, float *dx, long count) {
  switch (code) {
#define CASE(code) case code: CK_NAMED(code##_gradient)(p, from, dy, dx, count); break;
    CODES(CASE)
#undef CASE
    default: break;
  }
}

// At the threshold Keras multiplies with x > threshold; a plain leaky relu takes the slope there. At
// the maximum it clips, which lets the gradient pass; what is a relu6 does not.
static void CK_NAMED(relu_general_gradient)(
    float leak, float maximum, float threshold, const float *from, const float *dy, float *dx,
    long count) {
  const vf at_threshold = threshold == 0 && maximum == INFINITY ? leak : 0.0f;
  const vf at_maximum = maximum == 6 && threshold == 0 && leak == 0 ? 0.0f : 1.0f;
  CK_EACH_VECTOR(vslope(
      v < threshold, slope * leak,
      vslope(
          v > threshold,
          vslope(v < maximum, slope, vslope(v > maximum, (vf)0.0f, slope * at_maximum)),
          slope * at_threshold)))
}

#undef CK_EACH_VECTOR
