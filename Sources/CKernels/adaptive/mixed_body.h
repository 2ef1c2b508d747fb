// Coding one block: element by element whether it is a value, then its class, sign and mantissa.
#ifndef CK_MIXED_BODY_H
#define CK_MIXED_BODY_H

#include "head.h"
#include "mixed_rows.h"

enum { ck_zero_limit = 255, ck_class_limit = 30, ck_sign_limit = 60, ck_mantissa_limit = 60 };

// What it takes to code one element, in this order of nearness.
typedef struct {
  const ck_logistic *tables;
  ck_coder *coder;
  ck_mixed_state *state;
  const ck_number *number;
  const ck_head *head;
  ck_grid *grid;
  ck_neighbours near;
  size_t column;
  int before;             // amplitude of the element before it in the row
  uint32_t last, last2;   // steps of the last two values
  int32_t row_mean;       // steps of the last values of the row, in parts of 256,
  int row_count;          // and how many there were
  ck_slot row, fresh, row_sign, input;
} ck_place;

#define LEARN(slot, limit) ((slot) = ck_learned(tables, (slot), bit, (limit)))

// Up to which of the first classes a mean is, in halves.
CK_BODY int ck_half_steps(int32_t mean) { return mean >> 7 < 7 ? mean >> 7 : 7; }

CK_BODY int ck_log(size_t number) {
  return number == 0 ? 0 : number == 1 ? 1 : number < 4 ? 2 : 3;
}

CK_BODY int ck_code_zero(ck_place *at, const int encoding, int row_log, int32_t above, int32_t other, int bit) {
  const ck_logistic *tables = at->tables;
  ck_grid *grid = at->grid;
  const size_t column = at->column;
  int32_t row = ck_stretch(tables, at->row), of_column = grid->stretch[column];
  int relative = ck_relative(grid, row);
  uint32_t prior = ck_squash(tables, row + of_column - grid->stretched);
  ck_slot *levels = &at->state->zero.levels[grid->levels[column] | ck_level(at->before)];
  ck_slot *densities = &at->state->zero.densities[grid->densities[column] | relative];
  ck_slot *hash = &at->state->zero.columns[grid->hashes[column]];
  ck_slot *surroundings =
      &at->state->zero.surroundings[grid->surroundings[column] | relative >> 1 << 6];
  ck_inputs inputs = {
      ck_stretch(tables, ck_known(levels, prior, 1)),
      ck_stretch(tables, ck_known(densities, prior, 1)),
      ck_stretch(tables, ck_known(hash, prior, 1)),
      ck_stretch(tables, ck_known(surroundings, prior, 1)),
      of_column, above, other, ck_stretch(tables, at->fresh)};
  int near = (at->near.left[column] != 0) | (at->near.above[column] != 0) << 1 | (at->before != 0) << 2
      | (at->near.above2[column] != 0) << 3;
  bit = ck_code_mixed(
      at->coder, encoding, tables, &inputs, &at->state->zero.place[ck_log(column) * 4 + row_log],
      &at->state->zero.near[near], 5, bit);
  LEARN(*levels, ck_zero_limit);
  LEARN(*densities, ck_zero_limit);
  LEARN(*hash, ck_zero_limit);
  LEARN(*surroundings, ck_zero_limit);
  LEARN(grid->column_zero[column], 1023);
  LEARN(at->row, 1023);
  LEARN(at->fresh, 1023);
  if (grid->inputs > 0) LEARN(at->input, 1023);
  return bit;
}

// Steps from the greatest class down; more than the span in a stream that nobody wrote.
CK_BODY uint32_t ck_code_class(ck_place *at, const int encoding, int of_row, int of_column, uint32_t steps) {
  const ck_logistic *tables = at->tables;
  const uint32_t span = at->head->span;
  const size_t column = at->column;
  const int levels = at->grid->levels[column] | ck_level(at->before);
  const int row = of_row + (at->row_count > 3) * 8;
  const int seen = of_column + (at->grid->column_count[column] > 3) * 8;
  const uint32_t last = (at->last < 7 ? at->last : 7) * 8 + (at->last2 < 7 ? at->last2 : 7);
  uint32_t k = 0;
  for (; k < span && k < ck_unary; k++) {
    ck_slot *slots[6] = {
        &at->state->class.row[k][row], &at->state->class.column[k][seen],
        &at->state->class.levels[k][levels], &at->state->class.last[k][last],
        &at->state->class.means[k][of_row * 8 + of_column],
        &at->state->class.surroundings[k][at->grid->surroundings[column] >> 3]};
    uint32_t prior = ck_inherited(ck_known(slots[3], 32768, 1));
    ck_inputs inputs = {
        ck_stretch(tables, ck_known(slots[0], prior, 2)), ck_stretch(tables, ck_known(slots[1], prior, 2)),
        ck_stretch(tables, ck_known(slots[2], prior, 2)), ck_stretch(tables, *slots[3]),
        ck_stretch(tables, ck_known(slots[4], prior, 2)), ck_stretch(tables, ck_known(slots[5], prior, 2))};
    int bit = ck_code_mixed(
        at->coder, encoding, tables, &inputs, &at->state->class.step[k],
        &at->state->class.mean[k < 7 ? k : 7][of_row], 45, steps > k);
    for (int i = 0; i < 6; i++) LEARN(*slots[i], ck_class_limit);
    if (!bit) break;
  }
  if (k == ck_unary && span > ck_unary) {
    unsigned bits = 32 - (unsigned)__builtin_clz(span - ck_unary);
    k += (uint32_t)ck_plain(at->coder, encoding, steps - ck_unary, bits);
  }
  return k;
}

// The context that the neighbours' sum makes.
CK_BODY int ck_sign_context(int sum) {
  return (sum < 0) << 4 | (sum != 0 ? 1 + 2 * ck_octave(ck_size(sum)) : 0);
}

CK_BODY int ck_code_sign(ck_place *at, const int encoding, uint32_t steps, int bit) {
  const ck_logistic *tables = at->tables;
  ck_grid *grid = at->grid;
  const size_t column = at->column;
  const int sum = grid->sum[column], context = ck_sign_context(sum);
#define SIGN(row) (((row)[column] > 0) + ((row)[column] < 0) * 2)
  int before = (at->before > 0) + (at->before < 0) * 2;
  int cross = SIGN(at->near.left) + 3 * SIGN(at->near.above), above_left = SIGN(at->near.above_left);
  ck_slot *slots[5] = {
      &at->state->sign.sum[context],
      &at->state->sign.cross[cross + 9 * before + 27 * SIGN(at->near.beside)],
      &at->state->sign.back[cross + 9 * SIGN(at->near.left2) + 27 * above_left],
      &at->state->sign.corners[cross + 9 * above_left + 27 * SIGN(at->near.above_right)],
      &at->state->sign.class[steps < 16 ? steps : 16][context]};
#undef SIGN
  uint32_t prior = ck_inherited(ck_known(slots[0], 32768, 2));
  ck_inputs inputs = {
      ck_stretch(tables, *slots[0]), ck_stretch(tables, ck_known(slots[1], prior, 1)),
      ck_stretch(tables, ck_known(slots[2], prior, 1)), ck_stretch(tables, ck_known(slots[3], prior, 1)),
      ck_stretch(tables, ck_known(slots[4], prior, 1)), ck_stretch(tables, grid->column_sign[column]),
      ck_stretch(tables, at->row_sign), -8 * (sum < -255 ? -255 : sum > 255 ? 255 : sum)};
  int in_column = grid->column_count[column] < 3 ? grid->column_count[column] : 3;
  bit = ck_code_mixed(
      at->coder, encoding, tables, &inputs,
      &at->state->sign.place[in_column * 4 + (at->row_count < 3 ? at->row_count : 3)],
      &at->state->sign.sums[context], 22, bit);
  for (int i = 0; i < 5; i++) LEARN(*slots[i], ck_sign_limit);
  LEARN(grid->column_sign[column], 255);
  LEARN(at->row_sign, 255);
  return bit;
}

// The sign of a zero, where some are negative.
CK_BODY int ck_code_sign_of_zero(ck_place *at, const int encoding, int bit) {
  ck_slot *slot = &at->state->sign.of_zero[ck_sign_context(at->grid->sum[at->column])];
  ck_known(slot, 32768, 1);
  return ck_code_slot(at->coder, encoding, at->tables, slot, bit, 255);
}

CK_BODY uint64_t ck_code_mantissa(
    ck_place *at, const int encoding, int of_column, uint32_t steps, unsigned bits, uint64_t mantissa) {
  const ck_logistic *tables = at->tables;
  const int is_float = at->number->mantissa > 0;
  // In the least class a threshold may have cut.
  unsigned learned = !is_float || (steps == at->head->span && steps > 0) ? 6 : 3;
  if (learned > bits) learned = bits;
  uint64_t node = 1;
  for (unsigned depth = 1; depth <= learned; depth++) {
    ck_slot *of_class = &at->state->mantissa.class[steps < ck_unary ? steps : ck_unary][node];
    ck_slot *in_column = &at->state->mantissa.column[steps < 7 ? steps : 7][of_column][node];
    uint32_t prior = ck_inherited(ck_known(of_class, 32768, 1));
    ck_inputs inputs = {ck_stretch(tables, *of_class), ck_stretch(tables, ck_known(in_column, prior, 4))};
    int bit = ck_code_mixed(
        at->coder, encoding, tables, &inputs, &at->state->mantissa.node[node],
        &at->state->mantissa.depth[depth], 14, (int)(mantissa >> (bits - depth) & 1));
    LEARN(*of_class, ck_mantissa_limit);
    LEARN(*in_column, ck_mantissa_limit);
    node = node * 2 + (unsigned)bit;
  }
  unsigned rest = bits - learned;
  uint64_t low = ck_plain(at->coder, encoding, mantissa & (((uint64_t)1 << rest) - 1), rest);
  return (node - ((uint64_t)1 << learned)) << rest | low;
}

#undef LEARN

// Moves a mean of the last values towards `steps`; it follows every value by an eighth at least.
CK_BODY int32_t ck_mean_of_steps(int32_t mean, int count, uint32_t steps) {
  static const int32_t shares[8] = {65536, 32768, 21845, 16384, 13107, 10922, 9362, 8192};
  int32_t value = (int32_t)(steps < 60 ? steps : 60) << 8;
  return mean + ((value - mean) * shares[count < 7 ? count : 7] >> 16);
}

CK_BODY ck_amplitude ck_amplitude_of(ck_value value, uint32_t steps, unsigned bits, uint64_t mantissa) {
  int top = (int)(bits >= 4 ? mantissa >> (bits - 4) : mantissa << (4 - bits));
  int size = (16 + top) >> (steps < 5 ? steps : 5);
  size = size < 1 ? 1 : size;
  return (ck_amplitude)(value.sign ? -size : size);
}

// Codes a value, and remembers it; decoding, `word` is not looked at. Returns 0 where no encoder
// makes it.
CK_BODY int ck_code_value(ck_place *at, const int encoding, uint64_t *word, ck_amplitude *amplitude) {
  ck_grid *grid = at->grid;
  ck_value value = {0};
  if (encoding) value = ck_taken_apart(at->number, *word);
  uint8_t *count = &grid->column_count[at->column];
  uint16_t *mean = &grid->column_mean[at->column];
  int of_row = ck_half_steps(at->row_mean), of_column = *count ? ck_half_steps(*mean) : 7;
  uint32_t steps = ck_code_class(at, encoding, of_row, of_column, at->head->greatest - value.class);
  if (!encoding && steps > at->head->span) return 0;
  value.class = at->head->greatest - steps;
  if (at->number->mantissa > 0 || at->number->is_signed)
    value.sign = ck_code_sign(at, encoding, steps, value.sign);
  unsigned trailing = at->head->trailing, bits = ck_mantissa_bits(at->number, trailing, value.class);
  uint64_t mantissa = ck_code_mantissa(at, encoding, of_column, steps, bits, value.mantissa >> trailing);
  value.mantissa = mantissa << trailing;
  if (!encoding) *word = ck_put_together(at->number, value);
  *amplitude = ck_amplitude_of(value, steps, bits, mantissa);
  at->row_mean = ck_mean_of_steps(at->row_mean, at->row_count, steps);
  at->row_count++;
  *mean = (uint16_t)ck_mean_of_steps(*mean, *count, steps);
  *count += *count < 255;
  at->last2 = at->last;
  at->last = steps;
  return 1;
}

// Codes a block whose grid was begun; decoding, its elements are zero before. Returns 0 where
// encoding finds no room, or decoding what no encoder makes.
CK_BODY int ck_mixed_body(
    ck_coder *coder, const int encoding, const ck_logistic *tables, const ck_number *number,
    const ck_head *head, ck_grid *grid, ck_mixed_state *state, void *elements) {
  const int has_zeros = head->values < grid->rows * grid->columns;
  const int has_negative_zeros = (head->form & ck_head_negative_zeros) != 0;
  const uint64_t magnitude = ck_magnitude_mask(number);
  grid->stretched = ck_stretch(tables, ck_slot_of(grid->density, 0));
  ck_place at = {
      .tables = tables, .coder = coder, .state = state, .number = number, .head = head, .grid = grid,
      .last = 2, .last2 = 2, .row_mean = 7 * 128};
  uint64_t done = 0;
  for (size_t row = 0; row < grid->rows; row++) {
    if (!encoding && ck_is_beyond(coder)) return 0;
    at.near = ck_neighbours_of(grid, row);
    ck_look_around(tables, grid, &at.near);
    const int32_t whole = grid->stretched;
    int32_t left = at.near.row_left ? ck_stretch(tables, *at.near.row_left) : whole;
    int32_t above = at.near.row_above ? ck_stretch(tables, *at.near.row_above) : whole;
    int32_t other = at.near.row_other ? ck_stretch(tables, *at.near.row_other) : whole;
    uint32_t expected = ck_squash(tables, (2 * left + above + other) >> 2);
    at.row = ck_slot_of(ck_between(30, expected, 65504), 12);
    at.fresh = ck_slot_of(grid->density, 3);
    at.row_sign = ck_slot_of(32768, 4);
    ck_slot *input = grid->inputs > 0 ? &grid->input_zero[(grid->first_row + row) % grid->inputs] : NULL;
    at.input = input ? *input : 0;
    int32_t of_input = input ? ck_stretch(tables, *input) : left;
    at.row_count = 0;
    at.before = 0;
    const int row_log = row < 2 ? 0 : row < 8 ? 1 : row < 32 ? 2 : 3;
    ck_amplitude *amplitudes = grid->amplitudes + row * grid->columns;
    for (size_t column = 0; column < grid->columns; column++) {
      if (encoding && !ck_has_room(coder)) return 0;
      at.column = column;
      const size_t index = row * grid->columns + column;
      uint64_t word = encoding ? ck_load(number, elements, index) : 0;
      int is_value = (word & magnitude) != 0;
      is_value = has_zeros ? ck_code_zero(&at, encoding, row_log, above, of_input, is_value) : 1;
      if (!is_value) {
        at.before = 0;
        if (has_negative_zeros && ck_code_sign_of_zero(&at, encoding, word != 0) && !encoding)
          ck_store(number, elements, index, (uint64_t)1 << (8 * number->width - 1));
        continue;
      }
      done++;
      if (!encoding && (done > head->values || ck_is_beyond(coder))) return 0;
      if (!ck_code_value(&at, encoding, &word, &amplitudes[column])) return 0;
      at.before = amplitudes[column];
      if (encoding) continue;
      if ((word & magnitude) == 0) return 0;
      ck_store(number, elements, index, word);
    }
    grid->row_zero[row] = at.row;
    if (input) *input = at.input;
  }
  return done == head->values;
}

#endif
