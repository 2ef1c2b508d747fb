// Elements taken apart: a sign, a class (how large the number is, by powers of two) and a mantissa
// (where in its class it lies).
//
// The class of a float is its exponent field, that of an integer the bits of its magnitude; the
// mantissa is the bits below. So an integer is treated as the float that it is.
#ifndef CK_NUMBER_H
#define CK_NUMBER_H

#include "logistic.h"

#include <string.h>

typedef struct {
  int sign;
  uint32_t class;
  uint64_t mantissa;
} ck_value;

// The element at `index` as a word in this machine's byte order.
CK_BODY uint64_t ck_load(const ck_number *number, const void *elements, size_t index) {
  switch (number->width) {
  case 1: return ((const uint8_t *)elements)[index];
  case 2: {
    uint16_t word;
    memcpy(&word, (const uint8_t *)elements + 2 * index, 2);
    return number->swapped ? __builtin_bswap16(word) : word;
  }
  case 4: {
    uint32_t word;
    memcpy(&word, (const uint8_t *)elements + 4 * index, 4);
    return number->swapped ? __builtin_bswap32(word) : word;
  }
  default: {
    uint64_t word;
    memcpy(&word, (const uint8_t *)elements + 8 * index, 8);
    return number->swapped ? __builtin_bswap64(word) : word;
  }
  }
}

CK_BODY void ck_store(const ck_number *number, void *elements, size_t index, uint64_t word) {
  switch (number->width) {
  case 1: ((uint8_t *)elements)[index] = (uint8_t)word; break;
  case 2: {
    uint16_t half = (uint16_t)word;
    if (number->swapped) half = __builtin_bswap16(half);
    memcpy((uint8_t *)elements + 2 * index, &half, 2);
    break;
  }
  case 4: {
    uint32_t single = (uint32_t)word;
    if (number->swapped) single = __builtin_bswap32(single);
    memcpy((uint8_t *)elements + 4 * index, &single, 4);
    break;
  }
  default:
    if (number->swapped) word = __builtin_bswap64(word);
    memcpy((uint8_t *)elements + 8 * index, &word, 8);
  }
}

// All bits of a word but the sign of a float: what is zero when the number is.
CK_BODY uint64_t ck_magnitude_mask(const ck_number *number) {
  return ~(uint64_t)0 >> (64 - 8 * number->width + (number->mantissa > 0));
}

CK_BODY ck_value ck_taken_apart(const ck_number *number, uint64_t word) {
  ck_value value;
  unsigned bits = 8 * (unsigned)number->width;
  if (number->mantissa > 0) {
    value.sign = (int)(word >> (bits - 1));
    word &= ck_magnitude_mask(number);
    value.class = (uint32_t)(word >> number->mantissa);
    value.mantissa = word & (((uint64_t)1 << number->mantissa) - 1);
  } else {
    value.sign = number->is_signed ? (int)(word >> (bits - 1)) : 0;
    if (value.sign) word = ((uint64_t)1 << bits) - word;
    value.class = word == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(word);
    value.mantissa = word == 0 ? 0 : word - ((uint64_t)1 << (value.class - 1));
  }
  return value;
}

CK_BODY uint64_t ck_put_together(const ck_number *number, ck_value value) {
  unsigned bits = 8 * (unsigned)number->width;
  if (number->mantissa > 0) {
    return (uint64_t)value.sign << (bits - 1) | (uint64_t)value.class << number->mantissa | value.mantissa;
  }
  uint64_t word = value.class == 0 ? 0 : value.mantissa + ((uint64_t)1 << (value.class - 1));
  return value.sign ? 0 - word : word;
}

// Largest class that an element can have.
CK_BODY uint32_t ck_greatest_class(const ck_number *number) {
  unsigned bits = 8 * (unsigned)number->width;
  return number->mantissa > 0 ? (1u << (bits - 1 - (unsigned)number->mantissa)) - 1 : bits;
}

// Bits of the mantissa in a class, the lowest `trailing` ones, which are zero, left out.
CK_BODY unsigned ck_mantissa_bits(const ck_number *number, unsigned trailing, uint32_t class) {
  return number->mantissa > 0 ? (unsigned)number->mantissa - trailing : class > 0 ? class - 1 : 0;
}

#endif
