// What the encoding `mixed` learns, and how it begins.
#ifndef CK_MIXED_STATE_H
#define CK_MIXED_STATE_H

#include "mixer.h"

enum { ck_unary = 24 };  // steps between classes told one by one; further ones follow plain

// Slots that are 0 were not used yet: they begin with what a coarser one says.
typedef struct {
  struct {  // is an element a value or zero?
    ck_slot levels[256], densities[1024], columns[2048], surroundings[512];
    ck_weights place[16], near[16];
  } zero;
  struct {  // one more class below the greatest?
    ck_slot row[ck_unary][16], column[ck_unary][16], levels[ck_unary][256], last[ck_unary][64],
        means[ck_unary][64], surroundings[ck_unary][8];
    ck_weights step[ck_unary], mean[8][8];
  } class;
  struct {  // is a value negative?
    ck_slot sum[32], cross[81], back[81], corners[81], class[17][32], of_zero[32];
    ck_weights place[16], sums[32];
  } sign;
  struct {  // the next bit of a mantissa
    ck_slot class[ck_unary + 1][64], column[8][8][64];
    ck_weights node[64], depth[8];
  } mantissa;
} ck_mixed_state;

static inline void ck_start_state(ck_mixed_state *state) {
  memset(state, 0, sizeof *state);
  ck_start_weights(state->zero.place, 16, 7500, 8);
  ck_start_weights(state->zero.near, 16, 7500, 8);
  ck_start_weights(state->class.step, ck_unary, 9000, 6);
  ck_start_weights(state->class.mean[0], 64, 9000, 6);
  ck_start_weights(state->sign.place, 16, 7500, 7);
  ck_start_weights(state->sign.sums, 32, 7500, 7);
  ck_start_weights(state->mantissa.node, 64, 26000, 2);
  ck_start_weights(state->mantissa.depth, 8, 26000, 2);
}

// A slot, which begins with `probability` and `count` where it was not used yet.
CK_BODY ck_slot ck_known(ck_slot *slot, uint32_t probability, uint32_t count) {
  if (*slot == 0) *slot = ck_slot_of(probability, count);
  return *slot;
}

// The probability of a slot as others may begin with it.
CK_BODY uint32_t ck_inherited(ck_slot slot) { return ck_between(400, slot >> 16, 65000); }

#endif
