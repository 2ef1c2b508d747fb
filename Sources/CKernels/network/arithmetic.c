// Sums, products and the like of values and of rows.
#include "network_kernels.h"

#define CK_BODY_FILE "arithmetic_body.h"
#include "every_level.h"

void ck_combine(ck_operation operation, const float *a, const float *b, float *y, long count) {
  CK_CHOOSE(combine, (operation, a, b, y, count));
}

void ck_combine_row(
    ck_operation operation, bool reversed, const float *a, const float *row, float *y, long rows,
    long width) {
  for (long r = 0; r < rows; r++, a += width, y += width)
    CK_CHOOSE(combine, (operation, reversed ? row : a, reversed ? a : row, y, width));
}

void ck_combine_column(
    ck_operation operation, bool reversed, const float *a, const float *b, float *y, long rows,
    long width) {
  for (long r = 0; r < rows; r++, a += width, y += width)
    CK_CHOOSE(combine_number, (operation, reversed, a, b[r], y, width));
}

void ck_affine(const float *x, float scale, float shift, float *y, long count) {
  CK_CHOOSE(affine, (x, scale, shift, y, count));
}
