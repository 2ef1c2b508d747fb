#include "network_training.h"

#include <string.h>

#define CK_BODY_FILE "activation_gradient_body.h"
#include "every_level.h"

int ck_activation_gradient_needs(ck_activation code) {
  switch (code) {
    case CK_LINEAR: return CK_NEEDS_NOTHING;
    case CK_RELU: case CK_RELU6: case CK_SIGMOID: case CK_TANH: case CK_EXPONENTIAL: case CK_ELU:
    case CK_SELU: case CK_CELU: case CK_HARD_SIGMOID: case CK_SPARSE_SIGMOID:
      return CK_NEEDS_OUTPUT;
    default: return CK_NEEDS_INPUT;
  }
}

void ck_activate_gradient(
    ck_activation code, float p, const float *x, const float *y, const float *dy, float *dx,
    long count) {
  if (code == CK_LINEAR) {
    if (dx != dy) memmove(dx, dy, (size_t)count * sizeof(float));
    return;
  }
  const float *from = ck_activation_gradient_needs(code) == CK_NEEDS_OUTPUT ? y : x;
  CK_CHOOSE(activate_gradient, (code, p, from, dy, dx, count));
}

void ck_relu_general_gradient(
    float slope, float maximum, float threshold, const float *x, const float *dy, float *dx,
    long count) {
  CK_CHOOSE(relu_general_gradient, (slope, maximum, threshold, x, dy, dx, count));
}
