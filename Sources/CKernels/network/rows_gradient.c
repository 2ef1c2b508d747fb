// Gradients of rows, and sums over rows.
#include "network_training.h"

#define CK_BODY_FILE "rows_gradient_body.h"
#include "every_level.h"

void ck_softmax_gradient_rows(const float *y, const float *dy, float *dx, long rows, long width) {
  CK_CHOOSE(softmax_gradient, (false, y, dy, dx, rows, width));
}

void ck_log_softmax_gradient_rows(
    const float *y, const float *dy, float *dx, long rows, long width) {
  CK_CHOOSE(softmax_gradient, (true, y, dy, dx, rows, width));
}

void ck_layer_norm_gradient_rows(
    const float *x, const float *gamma, float epsilon, const float *dy, float *dx, float *dgamma,
    float *dbeta, long rows, long width) {
  CK_CHOOSE(norm_gradient, (true, x, gamma, epsilon, dy, dx, dgamma, dbeta, rows, width));
}

void ck_rms_norm_gradient_rows(
    const float *x, const float *gamma, float epsilon, const float *dy, float *dx, float *dgamma,
    long rows, long width) {
  CK_CHOOSE(norm_gradient, (false, x, gamma, epsilon, dy, dx, dgamma, NULL, rows, width));
}

void ck_add_column_sums(const float *dy, long rows, int width, float *out) {
  CK_CHOOSE(add_column_sums, (dy, rows, width, out));
}

void ck_add_moments(const float *x, long rows, int channels, double *sums, double *squares) {
  CK_CHOOSE(add_moments, (x, rows, channels, sums, squares));
}

void ck_add_products(
    const float *x, const float *mean, const float *scale, const float *dy, long rows,
    int channels, double *sums, double *products) {
  CK_CHOOSE(add_products, (x, mean, scale, dy, rows, channels, sums, products));
}

void ck_combine_gradient_rows(
    const float *dy, const float *x, const float *a, const float *b, const float *c, float *dx,
    long rows, int channels) {
  CK_CHOOSE(combine_gradient, (dy, x, a, b, c, dx, rows, channels));
}
