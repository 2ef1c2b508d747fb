#include "product.h"

#include <string.h>

void ck_pack_panels(
    const float *weights, long taps, long row_stride, int channels, float *packed) {
  for (int first = 0; first < channels; first += CK_PANEL) {
    int width = ck_panel_width(first, channels);
    int lanes = channels - first < width ? channels - first : width;
    for (long tap = 0; tap < taps; tap++, packed += width) {
      memcpy(packed, weights + tap * row_stride + first, (size_t)lanes * sizeof(float));
      memset(packed + lanes, 0, (size_t)(width - lanes) * sizeof(float));
    }
  }
}

#define CK_BODY_FILE "product_body.h"
#include "every_level.h"

void ck_run_product(const ck_product *product) { CK_CHOOSE(run_product, (product)); }
