// Pooling. Windows are clipped to the image, so that padding needs neither copies nor conditions
// inside of a window.
#include "network_kernels.h"

#define CK_BODY_FILE "pooling_body.h"
#include "every_level.h"

void ck_pool_max(const ck_conv_geometry *geometry, long images, const float *x, float *y) {
  CK_CHOOSE(pool, (true, geometry, images, x, y));
}

void ck_pool_average(const ck_conv_geometry *geometry, long images, const float *x, float *y) {
  CK_CHOOSE(pool, (false, geometry, images, x, y));
}

void ck_global_max(long images, long positions, int channels, const float *x, float *y) {
  CK_CHOOSE(global_pool, (true, images, positions, channels, x, y));
}

void ck_global_average(long images, long positions, int channels, const float *x, float *y) {
  CK_CHOOSE(global_pool, (false, images, positions, channels, x, y));
}
