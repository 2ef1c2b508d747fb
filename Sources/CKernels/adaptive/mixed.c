#include "mixed_body.h"

size_t ck_mixed_room(const ck_mixed_shape *shape) {
  size_t a_column = 2 * sizeof(ck_slot) + 5 * sizeof(uint16_t) + 3 + sizeof(ck_amplitude);
  return sizeof(ck_mixed_state) + sizeof(ck_slot) * (shape->rows + shape->inputs)
      + shape->columns * a_column + shape->rows * shape->columns * sizeof(ck_amplitude);
}

// A matrix's rows may be a picture's places: the distance, in rows, at which their numbers of values
// are most alike. `counts` has room for one of each row.
static size_t best_lag(
    const ck_number *number, const ck_mixed_shape *shape, const void *elements, int32_t *counts) {
  enum { usual = 2, most = 512, fewest_rows = 64, most_rows = 1 << 16 };
  const size_t rows = shape->rows, columns = shape->columns;
  if (rows < fewest_rows || rows > most_rows || columns < 2) return usual;
  const uint64_t magnitude = ck_magnitude_mask(number);
  int64_t total = 0;
  for (size_t row = 0; row < rows; row++) {
    counts[row] = 0;
    for (size_t column = 0; column < columns; column++)
      counts[row] += (ck_load(number, elements, row * columns + column) & magnitude) != 0;
    total += counts[row];
  }
  int32_t mean = (int32_t)((total + (int64_t)rows / 2) / (int64_t)rows);
  for (size_t row = 0; row < rows; row++) counts[row] -= mean;
  size_t best = usual;
  double highest = 0;
  for (size_t lag = usual; lag <= rows / 3 && lag <= most; lag++) {
    int64_t sum = 0;
    for (size_t row = lag; row < rows; row++) sum += (int64_t)counts[row] * counts[row - lag];
    double alike = (double)sum / (double)(rows - lag);
    if (lag == usual || alike > highest) highest = alike, best = lag;
  }
  return best;
}

size_t ck_mixed_encode(
    const ck_logistic *tables, const ck_number *number, const ck_mixed_shape *shape,
    const void *elements, void *memory, uint8_t *out, size_t room) {
  if (room < ck_adaptive_margin) return 0;
  ck_head head = ck_survey_block(number, elements, shape->rows * shape->columns);
  if (head.values > 0 && shape->inputs == 0) {
    head.lag = (uint32_t)best_lag(number, shape, elements, memory);
    if (head.lag != ck_usual_lag) head.form |= ck_head_lag;
  }
  size_t length = ck_put_head(out, &head);
  if (ck_is_all_zero(&head)) return length;
  ck_grid grid;
  ck_mixed_state *state = ck_start_grid(&grid, shape, head.values, head.lag, memory);
  ck_coder coder;
  ck_begin_encoding(&coder, out + length, out + room);
  void *words = (void *)(uintptr_t)elements;  // an encoder does not write to them
  if (!ck_mixed_body(&coder, 1, tables, number, &head, &grid, state, words)) return 0;
  length += ck_end_encoding(&coder, out + room);
  return length <= room - ck_adaptive_margin ? length : 0;
}

int ck_mixed_decode(
    const ck_logistic *tables, const ck_number *number, const ck_mixed_shape *shape,
    const uint8_t *block, size_t length, void *memory, void *elements) {
  ck_head head;
  const size_t count = shape->rows * shape->columns;
  const int forms = ck_head_coded | ck_head_negative_zeros | ck_head_trailing
      | (shape->inputs == 0 ? ck_head_lag : 0);
  const uint8_t *end = block + length, *in = ck_get_head(number, block, end, count, forms, &head);
  if (!in) return 0;
  memset(elements, 0, count * (size_t)number->width);
  if (ck_is_all_zero(&head)) return in == end;
  ck_grid grid;
  ck_mixed_state *state = ck_start_grid(&grid, shape, head.values, head.lag, memory);
  ck_coder coder;
  ck_begin_decoding(&coder, in, end);
  return ck_mixed_body(&coder, 0, tables, number, &head, &grid, state, elements)
      && ck_end_decoding(&coder);
}
