#include "network_kernels.h"

#include <string.h>

#define CK_BODY_FILE "activate_body.h"
#include "every_level.h"

void ck_activate(ck_activation code, float p, const float *x, float *y, long count) {
  if (code == CK_LINEAR) {
    if (x != y) memmove(y, x, (size_t)count * sizeof(float));
    return;
  }
  CK_CHOOSE(activate, (code, p, x, y, count));
}


float ck_default_parameter(ck_activation code) {
  switch (code) {
    case CK_LEAKY_RELU: return 0.2f;
    case CK_ELU: case CK_CELU: return 1.0f;
    case CK_HARD_SHRINK: case CK_SOFT_SHRINK: return 0.5f;
    case CK_SQUAREPLUS: return 4.0f;
    default: return 0.0f;
  }
}
