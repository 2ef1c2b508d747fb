// What `mixed` knows of a block's rows and columns, and what the rows above say of each column.
#ifndef CK_MIXED_ROWS_H
#define CK_MIXED_ROWS_H

#include "mixed_state.h"

// An element is remembered by its sign and its size beside the greatest class: 16 to 31 in that
// class, half as much in the next, down to 1; 0 for a zero.
typedef int8_t ck_amplitude;

typedef struct {
  size_t rows, columns, first_row, inputs, taps_wide;
  size_t across, down;  // rows to the neighbours on the left and above, in the picture or kernel
  uint32_t density;     // of values, in parts of 65536
  int32_t stretched;    // and on the logistic scale
  ck_amplitude *amplitudes;     // of all elements; 0 where nothing is coded yet
  const ck_amplitude *nothing;  // a row of zeros
  ck_slot *row_zero, *column_zero, *column_sign, *input_zero;
  uint16_t *column_mean;  // steps below the greatest class, in parts of 256
  uint8_t *column_count;  // values so far, up to 255
  // For each column of the row at hand:
  int16_t *stretch;       // what the column's slot says
  int16_t *sum;           // the neighbours, weighted and added
  uint16_t *densities, *hashes;  // parts of contexts (csrm(5), 5: mixed)
  uint8_t *levels, *surroundings;
} ck_grid;

// The neighbours' rows, `nothing` where there are none.
typedef struct {
  const ck_amplitude *left, *above, *above_left, *above_right, *left2, *above2, *beside;
  const ck_slot *row_left, *row_above, *row_other;  // what their rows' slots say, or NULL
} ck_neighbours;

CK_BODY int ck_size(int amplitude) { return amplitude < 0 ? -amplitude : amplitude; }

CK_BODY int ck_level(int amplitude) {
  int size = ck_size(amplitude);
  return (size > 0) + (size > 3) + (size > 7);
}

// 0 to 7, by powers of two from 4 on.
CK_BODY int ck_octave(int size) {
  return (size >= 4) + (size >= 8) + (size >= 16) + (size >= 32) + (size >= 64) + (size >= 128)
      + (size >= 256);
}

// How far from the whole block's density, in 16 steps.
CK_BODY int ck_relative(const ck_grid *grid, int32_t stretched) {
  int32_t steps = ((stretched - grid->stretched) >> 6) + 8;
  return steps < 0 ? 0 : steps > 15 ? 15 : steps;
}

// Lays the state and a grid out in `memory`.
static inline ck_mixed_state *ck_start_grid(
    ck_grid *grid, const ck_mixed_shape *shape, uint64_t values, size_t lag, void *memory) {
  size_t columns = shape->columns, count = shape->rows * columns;
  grid->rows = shape->rows;
  grid->columns = columns;
  grid->first_row = shape->first_row;
  grid->inputs = shape->inputs;
  grid->taps_wide = shape->taps_wide;
  grid->across = shape->inputs > 0 ? shape->inputs : 1;
  grid->down = shape->inputs > 0 ? shape->inputs * shape->taps_wide : lag;
  uint8_t *next = memory;
#define TAKE(field, number) (grid->field = (void *)next, next += sizeof *grid->field * (number))
  ck_mixed_state *state = (void *)next;
  next += sizeof *state;
  TAKE(row_zero, shape->rows);
  TAKE(column_zero, columns);
  TAKE(column_sign, columns);
  TAKE(input_zero, shape->inputs);
  TAKE(column_mean, columns);
  TAKE(stretch, columns);
  TAKE(sum, columns);
  TAKE(densities, columns);
  TAKE(hashes, columns);
  TAKE(column_count, columns);
  TAKE(levels, columns);
  TAKE(surroundings, columns);
  TAKE(amplitudes, count);
  TAKE(nothing, columns);
#undef TAKE
  memset(grid->amplitudes, 0, count + columns);  // `nothing` lies behind them
  memset(grid->column_mean, 0, columns * sizeof *grid->column_mean);
  memset(grid->column_count, 0, columns);
  ck_start_state(state);
  uint64_t density = values * 65536 / count;
  grid->density = density < 30 ? 30 : density > 65500 ? 65500 : (uint32_t)density;
  ck_slot slot = ck_slot_of(grid->density, 6);
  for (size_t column = 0; column < columns; column++) {
    grid->column_zero[column] = slot;
    grid->column_sign[column] = ck_slot_of(32768, 1);
  }
  for (size_t input = 0; input < shape->inputs; input++) grid->input_zero[input] = slot;
  return state;
}

CK_BODY ck_neighbours ck_neighbours_of(const ck_grid *grid, size_t row) {
  const int is_kernel = grid->inputs > 0;
  const size_t across = grid->across, down = grid->down;
  size_t place = grid->first_row + row, tap = is_kernel ? place / grid->inputs % grid->taps_wide : 0;
  size_t input = is_kernel ? place % grid->inputs : 0;
  const ck_amplitude *now = grid->amplitudes + row * grid->columns;
  ck_neighbours found;
#define AT(condition, lag) ((condition) && row >= (lag) ? now - (lag) * grid->columns : grid->nothing)
#define SLOT(condition, lag) ((condition) && row >= (lag) ? grid->row_zero + row - (lag) : NULL)
  found.left = AT(!is_kernel || tap >= 1, across);
  found.above = AT(1, down);
  found.above_left = AT(is_kernel ? tap >= 1 : down > 1, down + across);
  found.above_right = AT(is_kernel ? tap + 1 < grid->taps_wide : down > 1, down - across);
  found.left2 = AT(is_kernel ? tap >= 2 : down != 2, 2 * across);
  found.above2 = AT(1, 2 * down);
  found.beside = is_kernel ? AT(input >= 1, 1) : found.above2;
  found.row_left = SLOT(!is_kernel || tap >= 1, across);
  found.row_above = SLOT(1, down);
  found.row_other = is_kernel ? SLOT(input >= 1, 1) : SLOT(1, 2 * down);
#undef AT
#undef SLOT
  return found;
}

// Fills in what the grid has for each column of a row.
CK_BODY void ck_look_around(const ck_logistic *tables, ck_grid *grid, const ck_neighbours *near) {
  const size_t columns = grid->columns;
  for (size_t column = 0; column < columns; column++) {
    int left = near->left[column], above = near->above[column];
    int above_left = near->above_left[column], above_right = near->above_right[column];
    int left2 = near->left2[column], above2 = near->above2[column];
    int sum = 4 * (left + above) + 2 * (above_left + above_right + left2 + above2);
    int size = 4 * (ck_size(left) + ck_size(above))
        + 2 * (ck_size(above_left) + ck_size(above_right) + ck_size(left2) + ck_size(above2));
    grid->sum[column] = (int16_t)sum;
    grid->surroundings[column] = (uint8_t)(ck_octave(size) << 3 | ck_octave(ck_size(sum)));
    grid->levels[column] =
        (uint8_t)(ck_level(left) << 2 | ck_level(above) << 4 | ck_level(near->beside[column]) << 6);
  }
  for (size_t column = 0; column < columns; column++) {
    int32_t stretched = ck_stretch(tables, grid->column_zero[column]);
    int relative = ck_relative(grid, stretched), above = near->above[column] != 0;
    grid->stretch[column] = (int16_t)stretched;
    grid->densities[column] =
        (uint16_t)(relative << 4 | (near->left[column] != 0) << 8 | above << 9);
    grid->hashes[column] = (uint16_t)((column & 63) << 5 | (size_t)relative << 1 | (size_t)above);
  }
}

#endif
