// Steps of cells of sigmoid and tanh that keep what the way back needs, and that way.
#include "network_training.h"

#define CK_BODY_FILE "recurrent_training_body.h"
#include "every_level.h"

void ck_lstm_step_train(
    float *z, const float *before, float *after, float *shown, float *h, long rows, int units) {
  CK_CHOOSE(lstm_train, (z, before, after, shown, h, rows, units));
}

void ck_lstm_step_back(
    float *z, const float *before, const float *shown, const float *dh, float *dc, long rows,
    int units) {
  CK_CHOOSE(lstm_back, (z, before, shown, dh, dc, rows, units));
}

void ck_gru_step_train(
    float *x, const float *r, const float *before, float *after, long rows, int units) {
  CK_CHOOSE(gru_train, (x, r, before, after, rows, units));
}

void ck_gru_step_back(
    float *x, float *r, const float *before, float *dh, long rows, int units) {
  CK_CHOOSE(gru_back, (x, r, before, dh, rows, units));
}
