// Activations for one instruction set. The codes are constants where vactivate is used, so that only
// the chosen line is left.
#include "math_body.h"

#define vactivate CK_NAMED(vactivate)
#define vclip CK_NAMED(vclip)

CK_BODY vf vclip(vf x, float low, float high) {
  x = vselect(x < low, (vf)low, x);
  return vselect(x > high, (vf)high, x);
}

CK_BODY vf vactivate(const ck_activation code, vf p, vf x) {
  const vf zero = 0.0f, one = 1.0f;
  switch (code) {
    case CK_RELU: return vselect(x < zero, zero, x);
    case CK_RELU6: return vclip(x, 0, 6);
    case CK_LEAKY_RELU: return vselect(x < zero, x * p, x);
    case CK_SIGMOID: return vsigmoid(x);
    case CK_TANH: return vtanh(x);
    case CK_EXPONENTIAL: return vexp(x);
    case CK_ERF: return verf(x);
    case CK_GELU: {
      // 1 + erf(x/√2) is erfc(−x/√2), which keeps its digits where x is far below 0.
      vf c = verfc_positive(vabs(x), 0.5f);
      return 0.5f * x * vselect(x > zero, 2.0f - c, c);
    }
    case CK_GELU_TANH: {
      // (1 + tanh u)/2 = 1/(1 + e^(−2u)), u = √(2/π)·(x + 0.044715·x³).
      vf u = x * vfma(x * x, (vf)-0.0713548162726f, (vf)-1.59576912161f);
      return x / (one + vexp(u));
    }
    case CK_SILU: return x / (one + vexp(-x));
    case CK_SOFTPLUS: return vsoftplus(x);
    case CK_LOG_SIGMOID: return -vsoftplus(-x);
    case CK_ELU: return vselect(x < zero, p * vexpm1(vselect(x > zero, zero, x)), x);
    case CK_SELU:
      return vselect(x < zero, 1.75809935f * vexpm1(vselect(x > zero, zero, x)), 1.05070099f * x);
    case CK_CELU: return vselect(x < zero, p * vexpm1(vselect(x > zero, zero, x) / p), x);
    case CK_MISH: {
      // tanh(log(1 + e)) = n/(n + 2) with n = e·(e + 2).
      vf e = vexp(vselect(x > 20.0f, (vf)20.0f, x)), n = e * (e + 2.0f);
      return vselect(x > 20.0f, x, x * n / (n + 2.0f));
    }
    case CK_HARD_SIGMOID: return vclip(vfma(x, (vf)(1.0f / 6.0f), (vf)0.5f), 0, 1);
    case CK_HARD_SIGMOID_FIFTH: return vclip(vfma(x, (vf)0.2f, (vf)0.5f), 0, 1);
    case CK_HARD_SILU: return x * vclip(vfma(x, (vf)(1.0f / 6.0f), (vf)0.5f), 0, 1);
    case CK_HARD_TANH: return vclip(x, -1, 1);
    case CK_HARD_SHRINK: return vselect(vabs(x) <= p, zero, x);
    case CK_SOFT_SHRINK: return vselect(x > p, x - p, vselect(x < -p, x + p, x * zero));
    case CK_TANH_SHRINK: return x - vtanh(x);
    case CK_SOFTSIGN: return x / (one + vabs(x));
    case CK_SQUAREPLUS: {
      vf root = vsqrt(vfma(x, x, p));
      return vselect(x < zero, p / (2.0f * (root - x)), 0.5f * (x + root));
    }
    case CK_SPARSE_PLUS: {
      vf bent = 0.25f * (x + one) * (x + one);
      return vselect(x <= -one, zero, vselect(x < one, bent, x));
    }
    case CK_SPARSE_SIGMOID: return vclip(vfma(x, (vf)0.5f, (vf)0.5f), 0, 1);
    case CK_LOG: return vlog(x);
    default: return x;
  }
}
