// Runs of numbers through an activation, for one instruction set.
#include "activation_body.h"

// y[i] = value of x, a vector at a time; a number gets the same bits wherever it stands.
#define CK_EACH_VECTOR(value)                                       \
  {                                                                 \
    long i = 0;                                                     \
    for (; i + CK_LANES <= count; i += CK_LANES) {                  \
      vf v = vload(x + i);                                          \
      vstore(y + i, value);                                         \
    }                                                               \
    if (i < count) {                                                \
      vf v = vload_part(x + i, count - i);                          \
      vstore_part(y + i, value, count - i);                         \
    }                                                               \
  }

// A function for each code: without optimization none of them drops what the others need, and all in
// one would have a frame of megabytes.
#define CODES(CODE)                                                                             \
  CODE(CK_RELU) CODE(CK_RELU6) CODE(CK_LEAKY_RELU) CODE(CK_SIGMOID) CODE(CK_TANH)               \
  CODE(CK_EXPONENTIAL) CODE(CK_ERF) CODE(CK_GELU) CODE(CK_GELU_TANH) CODE(CK_SILU)              \
  CODE(CK_SOFTPLUS) CODE(CK_LOG_SIGMOID) CODE(CK_ELU) CODE(CK_SELU) CODE(CK_CELU) CODE(CK_MISH) \
  CODE(CK_HARD_SIGMOID) CODE(CK_HARD_SIGMOID_FIFTH) CODE(CK_HARD_SILU) CODE(CK_HARD_TANH)       \
  CODE(CK_HARD_SHRINK) CODE(CK_SOFT_SHRINK) CODE(CK_TANH_SHRINK) CODE(CK_SOFTSIGN)              \
  CODE(CK_SQUAREPLUS) CODE(CK_SPARSE_PLUS) CODE(CK_SPARSE_SIGMOID) CODE(CK_LOG)

#define FUNCTION(code)                                                                   \
  static void CK_NAMED(code##_run)(float p, const float *x, float *y, long count) {      \
    CK_EACH_VECTOR(vactivate(code, (vf)p, v))                                            \
  }
CODES(FUNCTION)
#undef FUNCTION

static void CK_NAMED(activate)(
    ck_activation code, float p, const float *x, float *y, long count) {
  switch (code) {
#define CASE(code) case code: CK_NAMED(code##_run)(p, x, y, count); break;
    CODES(CASE)
#undef CASE
    default: break;
  }
}
#undef CODES

static void CK_NAMED(relu_general)(
    float slope, float maximum, float threshold, const float *x, float *y, long count) {
  CK_EACH_VECTOR(vselect(
      v < threshold, slope * (v - threshold), vselect(v >= maximum, (vf)maximum, v)))
}

#undef CK_EACH_VECTOR
