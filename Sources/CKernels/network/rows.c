// Softmax, normalisations and affine maps of rows.
#include "network_kernels.h"

#define CK_BODY_FILE "rows_body.h"
#include "every_level.h"

void ck_softmax_rows(const float *x, float *y, long rows, long width) {
  CK_CHOOSE(softmax_rows, (false, x, y, rows, width));
}

void ck_log_softmax_rows(const float *x, float *y, long rows, long width) {
  CK_CHOOSE(softmax_rows, (true, x, y, rows, width));
}

void ck_layer_norm_rows(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, long rows,
    long width) {
  CK_CHOOSE(norm_rows, (true, x, gamma, beta, epsilon, y, rows, width));
}

void ck_rms_norm_rows(
    const float *x, const float *gamma, float epsilon, float *y, long rows, long width) {
  CK_CHOOSE(norm_rows, (false, x, gamma, NULL, epsilon, y, rows, width));
}

void ck_affine_rows(
    const float *x, const float *scale, const float *shift, float *y, long rows, int channels,
    ck_activation activation, float slope) {
  CK_CHOOSE(affine_rows, (x, scale, shift, y, rows, channels, activation, slope));
}
