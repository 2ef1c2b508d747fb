// Probabilities that learn, and the logistic scale, in integers alone.
#ifndef CK_LOGISTIC_H
#define CK_LOGISTIC_H

#include "adaptive_kernels.h"

#define CK_BODY static inline __attribute__((always_inline))

// A probability that learns from what it was asked about: 22 bits of the probability of a one, above
// 10 bits that count, up to a limit, how often it learned.
typedef uint32_t ck_slot;

// `probability` in parts of 65536.
CK_BODY ck_slot ck_slot_of(uint32_t probability, uint32_t count) { return probability << 16 | count; }

// Moves a slot towards `bit`, by 1 / (count + 1.6) of the way.
CK_BODY ck_slot ck_learned(const ck_logistic *tables, ck_slot slot, int bit, uint32_t limit) {
  uint32_t count = slot & 1023;
  int64_t way = (bit ? (1 << 22) - 1 : 0) - (int64_t)(slot >> 10);
  uint32_t next = (slot >> 10) + (uint32_t)(way * tables->share[count] >> 16);
  return next << 10 | (count + (count < limit));
}

CK_BODY uint32_t ck_between(uint32_t least, uint32_t value, uint32_t most) {
  return value < least ? least : value > most ? most : value;
}

CK_BODY int32_t ck_stretch(const ck_logistic *tables, ck_slot slot) { return tables->stretch[slot >> 20]; }

CK_BODY int32_t ck_limited(int32_t x) { return x < -2047 ? -2047 : x > 2047 ? 2047 : x; }

// The probability, in parts of 65536, at a place on the logistic scale.
CK_BODY uint32_t ck_squash(const ck_logistic *tables, int32_t x) {
  return tables->squash[ck_limited(x) + 2048];
}

#endif
