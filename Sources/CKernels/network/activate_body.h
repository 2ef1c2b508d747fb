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

static void CK_NAMED(activate)(
    ck_activation code, float p, const float *x, float *y, long count) {
#ifndef __OPTIMIZE__
  // Without optimization every case below would keep all codes, and a frame of megabytes.
  CK_EACH_VECTOR(vactivate(code, (vf)p, v))
#else
#define CASE(name) \
  case name: CK_EACH_VECTOR(vactivate(name, (vf)p, v)) break;
  switch (code) {
    CASE(CK_RELU) CASE(CK_RELU6) CASE(CK_LEAKY_RELU) CASE(CK_SIGMOID) CASE(CK_TANH)
    CASE(CK_EXPONENTIAL) CASE(CK_ERF) CASE(CK_GELU) CASE(CK_GELU_TANH) CASE(CK_SILU)
    CASE(CK_SOFTPLUS) CASE(CK_LOG_SIGMOID) CASE(CK_ELU) CASE(CK_SELU) CASE(CK_CELU)
    CASE(CK_MISH) CASE(CK_HARD_SIGMOID) CASE(CK_HARD_SIGMOID_FIFTH) CASE(CK_HARD_SILU)
    CASE(CK_HARD_TANH) CASE(CK_HARD_SHRINK) CASE(CK_SOFT_SHRINK) CASE(CK_TANH_SHRINK)
    CASE(CK_SOFTSIGN) CASE(CK_SQUAREPLUS) CASE(CK_SPARSE_PLUS) CASE(CK_SPARSE_SIGMOID)
    CASE(CK_LOG)
    default: break;
  }
#undef CASE
#endif
}

static void CK_NAMED(relu_general)(
    float slope, float maximum, float threshold, const float *x, float *y, long count) {
  CK_EACH_VECTOR(vselect(
      v < threshold, slope * (v - threshold), vselect(v >= maximum, (vf)maximum, v)))
}

#undef CK_EACH_VECTOR
