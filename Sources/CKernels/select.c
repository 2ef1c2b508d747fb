#include "variants.h"

// The float thresholds of ck_survey, as keys.
#define INFINITE32 0x7f800000u
#define INFINITE64 0x7ff0000000000000u
#define KEY32 0x7fffffffu
#define KEY64 0x7fffffffffffffffu

static inline uint32_t key32(const uint8_t *from, size_t i) {
  uint32_t key;
  __builtin_memcpy(&key, from + 4 * i, 4);
  return key & KEY32;
}

static inline uint64_t key64(const uint8_t *from, size_t i) {
  uint64_t key;
  __builtin_memcpy(&key, from + 8 * i, 8);
  return key & KEY64;
}

CK_BODY void radix_first32_body(const void *keys, size_t count, uint32_t *bins, ck_survey *out) {
  const uint8_t *from = keys;
  // Two tables in turn, so that equal neighbours do not wait for each other's store.
  uint32_t *even = bins, *odd = bins + 65536;
  ck_16i32 zeros = {0}, negative_zeros = {0}, nonfinite = {0};
  size_t done = 0;
  for (; done + 16 <= count; done += 16) {
    ck_16u32 bits;
    __builtin_memcpy(&bits, from + 4 * done, 64);
    ck_16u32 key = bits & KEY32;
    zeros -= key == 0;
    negative_zeros -= bits == ~KEY32;
    nonfinite -= key >= INFINITE32;
    ck_16u32 digits = key >> 15;
    for (int lane = 0; lane < 16; lane += 2) {
      even[digits[lane]]++;
      odd[digits[lane + 1]]++;
    }
  }
  ck_survey found = {0};
  for (int lane = 0; lane < 16; lane++) {
    found.zeros += (uint32_t)zeros[lane];
    found.negative_zeros += (uint32_t)negative_zeros[lane];
    found.nonfinite += (uint32_t)nonfinite[lane];
  }
  for (; done < count; done++) {
    uint32_t bits, key = key32(from, done);
    __builtin_memcpy(&bits, from + 4 * done, 4);
    found.zeros += key == 0;
    found.negative_zeros += bits == ~KEY32;
    found.nonfinite += key >= INFINITE32;
    even[key >> 15]++;
  }
  *out = found;
}

CK_KERNEL(
    void, radix_first32, (const void *keys, size_t count, uint32_t *bins, ck_survey *out),
    (keys, count, bins, out))

CK_BODY void radix_first64_body(const void *keys, size_t count, uint32_t *bins, ck_survey *out) {
  const uint8_t *from = keys;
  ck_survey found = {0};
  for (size_t i = 0; i < count; i++) {
    uint64_t bits, key = key64(from, i);
    __builtin_memcpy(&bits, from + 8 * i, 8);
    found.zeros += key == 0;
    found.negative_zeros += bits == ~KEY64;
    found.nonfinite += key >= INFINITE64;
    bins[(i & 1) << 16 | key >> 47]++;
  }
  *out = found;
}

CK_KERNEL(
    void, radix_first64, (const void *keys, size_t count, uint32_t *bins, ck_survey *out),
    (keys, count, bins, out))

CK_BODY void radix_next32_body(
    const void *keys, size_t count, unsigned above, uint32_t prefix, unsigned shift, uint32_t mask,
    uint32_t *bins) {
  const uint8_t *from = keys;
  size_t done = 0;
  for (; done + 16 <= count; done += 16) {
    ck_16u32 bits;
    __builtin_memcpy(&bits, from + 4 * done, 64);
    ck_16u32 key = bits & KEY32;
    unsigned hits = CK_BITS16((key >> above) == prefix);
    while (__builtin_expect(hits != 0, 0)) {
      bins[key32(from, done + (unsigned)__builtin_ctz(hits)) >> shift & mask]++;
      hits &= hits - 1;
    }
  }
  for (; done < count; done++) {
    uint32_t key = key32(from, done);
    if (key >> above == prefix) bins[key >> shift & mask]++;
  }
}

CK_KERNEL(
    void, radix_next32,
    (const void *keys, size_t count, unsigned above, uint32_t prefix, unsigned shift, uint32_t mask,
     uint32_t *bins),
    (keys, count, above, prefix, shift, mask, bins))

CK_BODY void radix_next64_body(
    const void *keys, size_t count, unsigned above, uint64_t prefix, unsigned shift, uint64_t mask,
    uint32_t *bins) {
  const uint8_t *from = keys;
  size_t done = 0;
  for (; done + 8 <= count; done += 8) {
    ck_8u64 bits;
    __builtin_memcpy(&bits, from + 8 * done, 64);
    ck_8u64 key = bits & KEY64;
    unsigned hits = CK_BITS8((key >> above) == prefix);
    while (__builtin_expect(hits != 0, 0)) {
      bins[key64(from, done + (unsigned)__builtin_ctz(hits)) >> shift & mask]++;
      hits &= hits - 1;
    }
  }
  for (; done < count; done++) {
    uint64_t key = key64(from, done);
    if (key >> above == prefix) bins[key >> shift & mask]++;
  }
}

CK_KERNEL(
    void, radix_next64,
    (const void *keys, size_t count, unsigned above, uint64_t prefix, unsigned shift, uint64_t mask,
     uint32_t *bins),
    (keys, count, above, prefix, shift, mask, bins))

void ck_add_counts(const uint32_t *counts, size_t count, uint64_t *totals, size_t modulus) {
  for (size_t i = 0; i < count; i++) totals[i & (modulus - 1)] += counts[i];
}

size_t ck_find_rank(const uint64_t *totals, size_t count, uint64_t *rank) {
  size_t bin = 0;
  while (bin < count && *rank > totals[bin]) *rank -= totals[bin++];
  return bin;
}

CK_BODY size_t cut32_body(const void *keys, size_t count, uint32_t cut, uint64_t *words) {
  const uint8_t *from = keys;
  ck_16i32 equal = {0};
  size_t word = 0;
  for (; (word + 1) * 64 <= count; word++) {
    uint64_t kept = 0;
    for (int part = 0; part < 4; part++) {
      ck_16u32 key;
      __builtin_memcpy(&key, from + 256 * word + 64 * part, 64);
      key &= KEY32;
      equal -= key == cut;
      kept |= (uint64_t)CK_BITS16(key > cut) << (16 * part);
    }
    words[word] = kept;
  }
  size_t ties = 0;
  for (int lane = 0; lane < 16; lane++) ties += (uint32_t)equal[lane];
  if (word * 64 < count) {
    uint64_t kept = 0;
    for (size_t i = word * 64; i < count; i++) {
      uint32_t key = key32(from, i);
      ties += key == cut;
      kept |= (uint64_t)(key > cut) << (i & 63);
    }
    words[word] = kept;
  }
  return ties;
}

CK_KERNEL(
    size_t, cut32, (const void *keys, size_t count, uint32_t cut, uint64_t *words),
    (keys, count, cut, words))

CK_BODY size_t cut64_body(const void *keys, size_t count, uint64_t cut, uint64_t *words) {
  const uint8_t *from = keys;
  ck_8i64 equal = {0};
  size_t word = 0;
  for (; (word + 1) * 64 <= count; word++) {
    uint64_t kept = 0;
    for (int part = 0; part < 8; part++) {
      ck_8u64 key;
      __builtin_memcpy(&key, from + 512 * word + 64 * part, 64);
      key &= KEY64;
      equal -= key == cut;
      kept |= (uint64_t)CK_BITS8(key > cut) << (8 * part);
    }
    words[word] = kept;
  }
  size_t ties = 0;
  for (int lane = 0; lane < 8; lane++) ties += (uint64_t)equal[lane];
  if (word * 64 < count) {
    uint64_t kept = 0;
    for (size_t i = word * 64; i < count; i++) {
      uint64_t key = key64(from, i);
      ties += key == cut;
      kept |= (uint64_t)(key > cut) << (i & 63);
    }
    words[word] = kept;
  }
  return ties;
}

CK_KERNEL(
    size_t, cut64, (const void *keys, size_t count, uint64_t cut, uint64_t *words),
    (keys, count, cut, words))

void ck_keep_ties32(
    const void *keys, size_t count, uint32_t cut, size_t skipped, uint64_t *words) {
  for (size_t i = 0; i < count; i++) {
    if (key32(keys, i) != cut) continue;
    if (skipped) skipped--;
    else words[i >> 6] |= (uint64_t)1 << (i & 63);
  }
}

void ck_keep_ties64(
    const void *keys, size_t count, uint64_t cut, size_t skipped, uint64_t *words) {
  for (size_t i = 0; i < count; i++) {
    if (key64(keys, i) != cut) continue;
    if (skipped) skipped--;
    else words[i >> 6] |= (uint64_t)1 << (i & 63);
  }
}
