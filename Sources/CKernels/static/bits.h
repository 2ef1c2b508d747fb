// Sixty-four bits of a mask at a time.
#ifndef CK_STATIC_BITS_H
#define CK_STATIC_BITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The bits from `start`, a multiple of 8, as far as there are `count` in all; the rest clear.
static inline uint64_t mask_bits(const uint8_t *mask, size_t start, size_t count) {
  uint64_t bits = 0;
  if (count - start >= 64) {
    memcpy(&bits, mask + start / 8, 8);
    return bits;
  }
  memcpy(&bits, mask + start / 8, (count - start + 7) / 8);
  return bits & (((uint64_t)1 << (count - start)) - 1);
}

#endif
