// Floats of 2, 4 or 8 bytes as integers in this machine's byte order, wherever they lie.
#ifndef CK_STATIC_WORDS_H
#define CK_STATIC_WORDS_H

#include <stdint.h>
#include <string.h>

static inline __attribute__((always_inline)) uint64_t float_word(
    const uint8_t *from, int width, int swapped) {
  if (width == 2) {
    uint16_t word;
    memcpy(&word, from, 2);
    return swapped ? __builtin_bswap16(word) : word;
  }
  if (width == 4) {
    uint32_t word;
    memcpy(&word, from, 4);
    return swapped ? __builtin_bswap32(word) : word;
  }
  uint64_t word;
  memcpy(&word, from, 8);
  return swapped ? __builtin_bswap64(word) : word;
}

static inline __attribute__((always_inline)) void put_float_word(
    uint64_t value, uint8_t *to, int width, int swapped) {
  if (width == 2) {
    uint16_t word = swapped ? __builtin_bswap16((uint16_t)value) : (uint16_t)value;
    memcpy(to, &word, 2);
  } else if (width == 4) {
    uint32_t word = swapped ? __builtin_bswap32((uint32_t)value) : (uint32_t)value;
    memcpy(to, &word, 4);
  } else {
    uint64_t word = swapped ? __builtin_bswap64(value) : value;
    memcpy(to, &word, 8);
  }
}

#endif
