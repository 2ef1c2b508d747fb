// Gradients of pooling. Windows may overlap, so dx is cleared and each window adds to it.
#include "network_training.h"

#include <string.h>

#define CK_BODY_FILE "pooling_gradient_body.h"
#include "every_level.h"

static void clear(const ck_conv_geometry *g, long images, float *dx) {
  memset(dx, 0, (size_t)(images * g->height * g->width * g->channels) * sizeof(float));
}

void ck_pool_max_gradient(
    const ck_conv_geometry *g, long images, const float *x, const float *y, const float *dy,
    float *dx) {
  clear(g, images, dx);
  CK_CHOOSE(pool_gradient, (true, g, images, x, y, dy, dx));
}

void ck_pool_average_gradient(
    const ck_conv_geometry *g, long images, const float *dy, float *dx) {
  clear(g, images, dx);
  CK_CHOOSE(pool_gradient, (false, g, images, dx, dy, dy, dx));
}

void ck_global_max_gradient(
    long images, long positions, int channels, const float *x, const float *y, const float *dy,
    float *dx) {
  CK_CHOOSE(global_gradient, (true, images, positions, channels, x, y, dy, dx));
}

void ck_global_average_gradient(
    long images, long positions, int channels, const float *dy, float *dx) {
  CK_CHOOSE(global_gradient, (false, images, positions, channels, dx, dy, dy, dx));
}
