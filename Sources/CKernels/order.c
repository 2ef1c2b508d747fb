#include "variants.h"

#define SCORE_KEYS(name, word, least_odd, sign)                         \
  size_t name(double *scores, const void *weights, size_t count) {      \
    const uint8_t *from = weights;                                      \
    size_t bad = count;                                                 \
    for (size_t i = 0; i < count; i++) {                                \
      word weight;                                                      \
      uint64_t score;                                                   \
      __builtin_memcpy(&weight, from + sizeof(word) * i, sizeof(word)); \
      __builtin_memcpy(&score, scores + i, 8);                          \
      word magnitude = weight & ~(word)(sign);                          \
      /* -0.0 is a score of nothing too. */                             \
      if (score == (uint64_t)1 << 63) score = 0;                        \
      uint64_t key = score + 1;                                         \
      if (magnitude == 0) key = weight ? (uint64_t)1 << 63 : 0;         \
      else if (magnitude >= (least_odd)) key = ~((uint64_t)1 << 63);    \
      else if (score >= 0x7fefffffffffffffu && bad == count) bad = i;   \
      __builtin_memcpy(scores + i, &key, 8);                            \
    }                                                                   \
    return bad;                                                         \
  }

SCORE_KEYS(ck_score_keys_f32, uint32_t, 0x7f800000u, 0x80000000u)
SCORE_KEYS(ck_score_keys_f64, uint64_t, 0x7ff0000000000000u, 0x8000000000000000u)

void ck_magnitude_entries(const void *floats, size_t count, uint32_t first, uint64_t *entries) {
  const uint8_t *from = floats;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    __builtin_memcpy(&bits, from + 4 * i, 4);
    entries[i] = (uint64_t)(bits & 0x7fffffffu) << 32 | (first + (uint32_t)i);
  }
}

void ck_sort_entries(uint64_t *entries, size_t count, uint64_t *spare) {
  // Four passes of eight bits: an even number, so that the result ends where it began.
  size_t starts[4][256] = {{0}};
  for (size_t i = 0; i < count; i++)
    for (int pass = 0; pass < 4; pass++) starts[pass][entries[i] >> (32 + 8 * pass) & 255]++;
  for (int pass = 0; pass < 4; pass++) {
    size_t start = 0;
    for (int digit = 0; digit < 256; digit++) {
      size_t size = starts[pass][digit];
      starts[pass][digit] = start;
      start += size;
    }
    for (size_t i = 0; i < count; i++)
      spare[starts[pass][entries[i] >> (32 + 8 * pass) & 255]++] = entries[i];
    uint64_t *other = entries;
    entries = spare;
    spare = other;
  }
}
