// Cell steps. Sigmoid and tanh, which nearly every model has, are one pass over the gates; other
// activations run over each gate first.
#include "network_kernels.h"

#define CK_BODY_FILE "recurrent_body.h"
#include "every_level.h"

static void activate(ck_activation code, float *values, long count) {
  ck_activate(code, ck_default_parameter(code), values, values, count);
}

void ck_lstm_step(
    float *z, float *c, float *h, long rows, int units, ck_activation recurrent,
    ck_activation activation) {
  if (recurrent == CK_SIGMOID && activation == CK_TANH) {
    CK_CHOOSE(lstm_step, (z, c, h, rows, units));
    return;
  }
  const long u = units;
  for (long row = 0; row < rows; row++, z += 4 * u, c += u, h += u) {
    activate(recurrent, z, 2 * u);
    activate(activation, z + 2 * u, u);
    activate(recurrent, z + 3 * u, u);
    for (long i = 0; i < u; i++) {
      c[i] = z[u + i] * c[i] + z[i] * z[2 * u + i];
      h[i] = c[i];
    }
    activate(activation, h, u);
    for (long i = 0; i < u; i++) h[i] *= z[3 * u + i];
  }
}

void ck_gru_step(
    float *x, const float *r, float *h, long rows, int units, ck_activation recurrent,
    ck_activation activation) {
  if (recurrent == CK_SIGMOID && activation == CK_TANH) {
    CK_CHOOSE(gru_step, (x, r, h, rows, units));
    return;
  }
  const long u = units;
  for (long row = 0; row < rows; row++, x += 3 * u, r += 3 * u, h += u) {
    for (long i = 0; i < 2 * u; i++) x[i] += r[i];
    activate(recurrent, x, 2 * u);
    for (long i = 0; i < u; i++) x[2 * u + i] += x[u + i] * r[2 * u + i];
    activate(activation, x + 2 * u, u);
    for (long i = 0; i < u; i++) h[i] = x[i] * h[i] + (1 - x[i]) * x[2 * u + i];
  }
}

void ck_gru_reset(
    float *x, const float *r, const float *h, float *reset, long rows, int units,
    ck_activation recurrent) {
  const long u = units;
  for (long row = 0; row < rows; row++, x += 3 * u, r += 2 * u, h += u, reset += u) {
    for (long i = 0; i < 2 * u; i++) x[i] += r[i];
    activate(recurrent, x, 2 * u);
    for (long i = 0; i < u; i++) reset[i] = x[u + i] * h[i];
  }
}

void ck_gru_blend(float *x, float *h, long rows, int units, ck_activation activation) {
  const long u = units;
  for (long row = 0; row < rows; row++, x += 3 * u, h += u) {
    activate(activation, x + 2 * u, u);
    for (long i = 0; i < u; i++) h[i] = x[i] * h[i] + (1 - x[i]) * x[2 * u + i];
  }
}
