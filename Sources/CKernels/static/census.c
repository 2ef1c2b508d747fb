// What an encoder wants to know of a tensor's floats before it encodes any.
#include "bits.h"
#include "words.h"
#include "static_kernels.h"

#define CHUNK 4096

static inline __attribute__((always_inline)) void count_values(
    const uint8_t *values, size_t count, int width, int swapped, int mantissa, ck_float_census *census) {
  uint64_t combined = 0, negatives = 0, positive = ((uint64_t)1 << (8 * width - 1)) - 1;
  int shift = mantissa - 6;
  for (size_t i = 0; i < count; i++) {
    uint64_t word = float_word(values + i * (size_t)width, width, swapped);
    combined |= word;
    negatives += word >> (8 * width - 1);
    census->tops[(word & positive) >> shift]++;
  }
  census->combined |= combined;
  census->negatives += negatives;
}

static void count_mask(const uint8_t *mask, size_t count, size_t nonzeros, ck_float_census *census) {
  size_t bytes = (count + 7) / 8, i = 0;
  // Two sets of counts, since the same byte often comes twice in a row.
  uint32_t counts[2][256];
  memset(counts, 0, sizeof counts);
  for (; i + 2 <= bytes; i += 2) {
    counts[0][mask[i]]++;
    counts[1][mask[i + 1]]++;
  }
  if (i < bytes) counts[0][mask[i]]++;
  for (int byte = 0; byte < 256; byte++) census->mask_bytes[byte] += counts[0][byte] + counts[1][byte];

  // Where more than three in eight are set, gaps are no way to store them.
  if (nonzeros > count / 8 * 3) {
    census->gaps_left_out += count;
    return;
  }
  uint64_t run = census->run;
  size_t behind = 0;
  for (size_t start = 0; start < count; start += 64) {
    for (uint64_t bits = mask_bits(mask, start, count); bits != 0; bits &= bits - 1) {
      size_t place = start + (size_t)__builtin_ctzll(bits);
      uint64_t gap = run + (place - behind);
      run = 0;
      behind = place + 1;
      if (gap >= 255) {
        census->gaps[255] += gap / 255;
        gap %= 255;
      }
      census->gaps[gap]++;
    }
  }
  census->run = run + (count - behind);
}

void ck_count_floats(
    ck_instructions level, const ck_float_cut *cut, const void *words, size_t count,
    ck_float_census *census) {
  uint8_t mask[CHUNK / 8], values[CHUNK * 8 + 64];
  const uint8_t *from = words;
  int width = cut->width, swapped = cut->swapped, mantissa = cut->mantissa;
  for (size_t start = 0; start < count; start += CHUNK) {
    size_t here = count - start < CHUNK ? count - start : CHUNK;
    size_t nonzeros =
        ck_pack_nonzero(level, width, from + start * (size_t)width, here, mask, values);
    census->nonzeros += nonzeros;
    // The usual case with its widths known, so that the loop is a short one.
    if (width == 4 && !swapped) {
      count_values(values, nonzeros, 4, 0, 23, census);
    } else {
      count_values(values, nonzeros, width, swapped, mantissa, census);
    }
    count_mask(mask, here, nonzeros, census);
  }
}
