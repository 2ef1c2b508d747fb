// The places of set bits as the gaps before them.
#include "bits.h"
#include "static_kernels.h"

size_t ck_mask_to_gaps(const uint8_t *mask, size_t count, uint8_t *gaps) {
  size_t found = 0, behind = 0;
  for (size_t start = 0; start < count; start += 64) {
    for (uint64_t bits = mask_bits(mask, start, count); bits != 0; bits &= bits - 1) {
      size_t place = start + (size_t)__builtin_ctzll(bits), gap = place - behind;
      for (; gap >= 255; gap -= 255) gaps[found++] = 255;
      gaps[found++] = (uint8_t)gap;
      behind = place + 1;
    }
  }
  return found;
}

size_t ck_gaps_to_mask(const uint8_t *gaps, size_t gap_count, uint8_t *mask, size_t count) {
  memset(mask, 0, (count + 7) / 8);
  size_t place = 0, set = 0;
  for (size_t i = 0; i < gap_count; i++) {
    // A step is at most 255, so the sum cannot pass the largest size.
    place += gaps[i];
    if (gaps[i] == 255) {
      if (place > count) return count + 1;
      continue;
    }
    if (place >= count) return count + 1;
    mask[place / 8] |= (uint8_t)(1u << place % 8);
    place++;
    set++;
  }
  return set;
}
