// Dense layers of few rows: the tiles of product.h, with rows as positions.
#include "product.h"

long ck_dense_packed_size(int inputs, int outputs) {
  return (long)inputs * ck_panel_lanes(outputs);
}

void ck_dense_pack(int inputs, int outputs, const float *kernel, float *packed) {
  ck_pack_panels(kernel, inputs, outputs, outputs, packed);
}

void ck_dense(
    int inputs, int outputs, const float *packed, const ck_epilogue *epilogue, long rows,
    const float *x, long x_stride, float *y, long y_stride) {
  // Rows whose inputs stay in a core's second-level cache while the weights pass over them.
  long block = (256 << 10) / (long)sizeof(float) / inputs / 12 * 12;
  if (block < 12) block = 12;
  for (long row = 0; row < rows; row += block) {
    long count = rows - row < block ? rows - row : block;
    ck_product product = {
      .taps = {.rows = 1, .columns = 1, .run = inputs},
      .walk = {.columns = count, .column_step = x_stride, .rows = 1},
      .x = x + row * x_stride,
      .positions = count,
      .weights = packed,
      .channels = outputs,
      .y = y + row * y_stride,
      .y_stride = y_stride,
      .epilogue = *epilogue};
    if (product.epilogue.residual) product.epilogue.residual += row * y_stride;
    ck_run_product(&product);
  }
}
