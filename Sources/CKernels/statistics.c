#include "variants.h"

#pragma STDC FP_CONTRACT OFF

// Eight partial sums, whatever the width of a register: value i goes to sum i % 8, the sums are
// added from lane 0 up. The result is the same for every instruction set.
static double added(const ck_8f64 *lanes) {
  double total = 0;
  for (int i = 0; i < 8; i++) total += (*lanes)[i];
  return total;
}

// Lane by lane: `one` where the comparison holds, else `other`.
#define SELECT(type, bits, comparison, one, other) \
  (type)(((bits)(one) & (bits)(comparison)) | ((bits)(other) & ~(bits)(comparison)))

static const double infinity = __builtin_inf();

CK_BODY void statistics_f32_body(
    const void *values, size_t count, double shift, ck_statistics *out) {
  ck_8f64 sum = {0}, squares = {0}, absolute = {0};
  ck_16f32 lowest = (ck_16f32){0} + __builtin_inff(), highest = -lowest;
  ck_16i32 zeros = {0}, negative_zeros = {0}, nan = {0}, infinite = {0};
  const uint8_t *from = values;
  for (size_t done = 0; done < count; done += 16) {
    ck_16u32 bits;
    ck_16i32 present = (ck_16i32){0} - 1;
    if (count - done >= 16) {
      __builtin_memcpy(&bits, from + 4 * done, 64);
    } else {
      // The last lanes are marked absent.
      bits = (ck_16u32){0};
      __builtin_memcpy(&bits, from + 4 * done, 4 * (count - done));
      for (size_t lane = count - done; lane < 16; lane++) present[lane] = 0;
    }
    ck_16u32 magnitude = bits & 0x7fffffffu;
    zeros -= (magnitude == 0) & present;
    negative_zeros -= bits == 0x80000000u;
    ck_16i32 odd = (magnitude >= 0x7f800000u) | ~present;
    if (__builtin_expect(CK_BITS16(odd) != 0, 0)) {
      nan -= magnitude > 0x7f800000u;
      infinite -= magnitude == 0x7f800000u;
      double x[16];
      for (int lane = 0; lane < 16; lane++) {
        if (odd[lane]) continue;
        float value;
        uint32_t word = bits[lane];
        __builtin_memcpy(&value, &word, 4);
        x[lane] = (double)value - shift;
        sum[lane & 7] += x[lane];
        squares[lane & 7] += x[lane] * x[lane];
        absolute[lane & 7] += value < 0 ? -(double)value : (double)value;
        if (value < lowest[lane]) lowest[lane] = value;
        if (value > highest[lane]) highest[lane] = value;
      }
      continue;
    }
    ck_16f32 x = (ck_16f32)bits, y = (ck_16f32)magnitude;
    lowest = SELECT(ck_16f32, ck_16u32, x < lowest, x, lowest);
    highest = SELECT(ck_16f32, ck_16u32, x > highest, x, highest);
    ck_8f64 low = __builtin_convertvector(
        __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7), ck_8f64) - shift;
    ck_8f64 high = __builtin_convertvector(
        __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15), ck_8f64) - shift;
    sum += low;
    sum += high;
    ck_8f64 low_squares = low * low, high_squares = high * high;
    squares += low_squares;
    squares += high_squares;
    absolute += __builtin_convertvector(
        __builtin_shufflevector(y, y, 0, 1, 2, 3, 4, 5, 6, 7), ck_8f64);
    absolute += __builtin_convertvector(
        __builtin_shufflevector(y, y, 8, 9, 10, 11, 12, 13, 14, 15), ck_8f64);
  }
  ck_statistics found = {0};
  found.lowest = infinity;
  found.highest = -infinity;
  for (int lane = 0; lane < 16; lane++) {
    found.zeros += (uint32_t)zeros[lane];
    found.negative_zeros += (uint32_t)negative_zeros[lane];
    found.nan += (uint32_t)nan[lane];
    found.infinite += (uint32_t)infinite[lane];
    if (lowest[lane] < found.lowest) found.lowest = lowest[lane];
    if (highest[lane] > found.highest) found.highest = highest[lane];
  }
  found.sum = added(&sum);
  found.squares = added(&squares);
  found.absolute = added(&absolute);
  *out = found;
}

CK_KERNEL(
    void, statistics_f32, (const void *values, size_t count, double shift, ck_statistics *out),
    (values, count, shift, out))

CK_BODY void statistics_f64_body(
    const void *values, size_t count, double shift, double scale, ck_statistics *out) {
  ck_8f64 sum = {0}, squares = {0}, absolute = {0};
  ck_8f64 lowest = (ck_8f64){0} + infinity, highest = -lowest;
  ck_8i64 zeros = {0}, negative_zeros = {0}, nan = {0}, infinite = {0};
  const uint8_t *from = values;
  double scaled_shift = shift * scale;
  for (size_t done = 0; done < count; done += 8) {
    ck_8u64 bits;
    ck_8i64 present = (ck_8i64){0} - 1;
    if (count - done >= 8) {
      __builtin_memcpy(&bits, from + 8 * done, 64);
    } else {
      bits = (ck_8u64){0};
      __builtin_memcpy(&bits, from + 8 * done, 8 * (count - done));
      for (size_t lane = count - done; lane < 8; lane++) present[lane] = 0;
    }
    ck_8u64 magnitude = bits & 0x7fffffffffffffffu;
    zeros -= (magnitude == 0) & present;
    negative_zeros -= bits == 0x8000000000000000u;
    nan -= magnitude > 0x7ff0000000000000u;
    infinite -= magnitude == 0x7ff0000000000000u;
    // What is not finite, or not there, adds nothing: its bits become those of zero.
    ck_8i64 usable = (magnitude < 0x7ff0000000000000u) & present;
    ck_8f64 x = (ck_8f64)(bits & (ck_8u64)usable), y = (ck_8f64)(magnitude & (ck_8u64)usable);
    lowest = SELECT(ck_8f64, ck_8u64, usable & (x < lowest), x, lowest);
    highest = SELECT(ck_8f64, ck_8u64, usable & (x > highest), x, highest);
    ck_8f64 moved = (ck_8f64)((ck_8u64)(x * scale - scaled_shift) & (ck_8u64)usable);
    sum += moved;
    ck_8f64 square = moved * moved;
    squares += square;
    absolute += y * scale;
  }
  ck_statistics found = {0};
  found.lowest = infinity;
  found.highest = -infinity;
  for (int lane = 0; lane < 8; lane++) {
    found.zeros += (uint64_t)zeros[lane];
    found.negative_zeros += (uint64_t)negative_zeros[lane];
    found.nan += (uint64_t)nan[lane];
    found.infinite += (uint64_t)infinite[lane];
    if (lowest[lane] < found.lowest) found.lowest = lowest[lane];
    if (highest[lane] > found.highest) found.highest = highest[lane];
  }
  found.sum = added(&sum);
  found.squares = added(&squares);
  found.absolute = added(&absolute);
  *out = found;
}

CK_KERNEL(
    void, statistics_f64,
    (const void *values, size_t count, double shift, double scale, ck_statistics *out),
    (values, count, shift, scale, out))

void ck_exponents_f32(const void *values, size_t count, uint64_t *bins) {
  const uint8_t *from = values;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    __builtin_memcpy(&bits, from + 4 * i, 4);
    bits &= 0x7fffffffu;
    uint32_t field = bits >> 23;
    if (bits == 0 || field == 0xff) continue;
    bins[field ? field + 22 : 31 - (unsigned)__builtin_clz(bits)]++;
  }
}

void ck_exponents_f64(const void *values, size_t count, uint64_t *bins) {
  const uint8_t *from = values;
  for (size_t i = 0; i < count; i++) {
    uint64_t bits;
    __builtin_memcpy(&bits, from + 8 * i, 8);
    bits &= 0x7fffffffffffffffu;
    uint64_t field = bits >> 52;
    if (bits == 0 || field == 0x7ff) continue;
    bins[field ? field + 51 : 63 - (unsigned)__builtin_clzll(bits)]++;
  }
}
