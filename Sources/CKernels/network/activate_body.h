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
#include "activation_codes.h"

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

#undef CK_EACH_VECTOR
