// Steps of optimizers over arrays of weights.
#include "network_training.h"

#define CK_BODY_FILE "update_body.h"
#include "every_level.h"

void ck_sgd_step(
    const ck_update *update, float momentum, bool nesterov, const float *gradient,
    const uint8_t *mask, float *weights, float *velocity, long count) {
  CK_CHOOSE(sgd, (update, momentum, nesterov, gradient, weights, velocity, count));
  if (!mask) return;
  CK_CHOOSE(keep, (mask, weights, count));
  CK_CHOOSE(keep, (mask, velocity, count));
}

void ck_adam_step(
    const ck_update *update, float rest1, float rest2, float epsilon, const float *gradient,
    const uint8_t *mask, float *weights, float *first, float *second, long count) {
  CK_CHOOSE(adam, (update, rest1, rest2, epsilon, gradient, weights, first, second, count));
  if (!mask) return;
  CK_CHOOSE(keep, (mask, weights, count));
  CK_CHOOSE(keep, (mask, first, count));
  CK_CHOOSE(keep, (mask, second, count));
}
