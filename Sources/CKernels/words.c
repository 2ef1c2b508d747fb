// Counting and clearing words, histograms, byte planes.
#include "csrm_kernels.h"
#include "width.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

ck_instructions ck_best_level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) {
    int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
    return wide ? ck_avx512 : ck_avx2;
  }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
  return ck_avx2;  // only the CRC instruction; every other kernel is portable there
#endif
  return ck_portable;
}

// The word at `index`, whatever its alignment; little-endian machines only.
#define LOAD(type, base, index) \
  ({ type word; memcpy(&word, (const uint8_t *)(base) + (index) * sizeof(type), sizeof(type)); word; })

static size_t count_equal_portable(int width, const uint8_t *p, size_t count, uint64_t pattern) {
  size_t equal = 0;
  FOR_WIDTH(width, word_t, {
    word_t wanted = (word_t)pattern;
    for (size_t i = 0; i < count; i++) equal += LOAD(word_t, p, i) == wanted;
  })
  return equal;
}

#if defined(__x86_64__)
__attribute__((target("avx2,popcnt"))) static size_t count_equal_avx2(
    int width, const uint8_t *p, size_t count, uint64_t pattern) {
  __m256i wanted = width == 1 ? _mm256_set1_epi8((char)pattern)
      : width == 2            ? _mm256_set1_epi16((short)pattern)
      : width == 4            ? _mm256_set1_epi32((int)pattern)
                              : _mm256_set1_epi64x((long long)pattern);
  size_t step = 32 / (size_t)width, done = 0, bits = 0;
#define LOOP(compare) \
  for (; done + step <= count; done += step) { \
    __m256i words = _mm256_loadu_si256((const __m256i *)(p + done * (size_t)width)); \
    bits += (size_t)__builtin_popcount((unsigned)_mm256_movemask_epi8(compare(words, wanted))); \
  }
  switch (width) {
  case 1: LOOP(_mm256_cmpeq_epi8) break;
  case 2: LOOP(_mm256_cmpeq_epi16) break;
  case 4: LOOP(_mm256_cmpeq_epi32) break;
  default: LOOP(_mm256_cmpeq_epi64) break;
  }
#undef LOOP
  return bits / (size_t)width
      + count_equal_portable(width, p + done * (size_t)width, count - done, pattern);
}

__attribute__((target("avx512f,avx512bw,popcnt"))) static size_t count_equal_avx512(
    int width, const uint8_t *p, size_t count, uint64_t pattern) {
  size_t step = 64 / (size_t)width, done = 0, equal = 0;
#define LOOP(compare, splat) { \
    __m512i wanted = splat; \
    for (; done + step <= count; done += step) { \
      equal += (size_t)__builtin_popcountll( \
          compare(_mm512_loadu_si512(p + done * (size_t)width), wanted)); \
    } \
  }
  switch (width) {
  case 1: LOOP(_mm512_cmpeq_epi8_mask, _mm512_set1_epi8((char)pattern)) break;
  case 2: LOOP(_mm512_cmpeq_epi16_mask, _mm512_set1_epi16((short)pattern)) break;
  case 4: LOOP(_mm512_cmpeq_epi32_mask, _mm512_set1_epi32((int)pattern)) break;
  default: LOOP(_mm512_cmpeq_epi64_mask, _mm512_set1_epi64((long long)pattern)) break;
  }
#undef LOOP
  return equal + count_equal_portable(width, p + done * (size_t)width, count - done, pattern);
}
#endif

size_t ck_count_equal(ck_instructions level, int width, const void *words, size_t count, uint64_t pattern) {
#if defined(__x86_64__)
  if (level == ck_avx512) return count_equal_avx512(width, words, count, pattern);
  if (level == ck_avx2) return count_equal_avx2(width, words, count, pattern);
#endif
  (void)level;
  return count_equal_portable(width, words, count, pattern);
}

size_t ck_count_clear(size_t width, const uint8_t *elements, size_t count) {
  size_t clear = 0;
  for (size_t i = 0; i < count; i++, elements += width) {
    uint8_t any = 0;
    for (size_t byte = 0; byte < width; byte++) any |= elements[byte];
    clear += any == 0;
  }
  return clear;
}

int ck_equal(const void *a, const void *b, size_t count) {
  return count == 0 || memcmp(a, b, count) == 0;
}

void ck_clear_equal(int width, const void *words, size_t count, uint64_t pattern, void *out) {
  FOR_WIDTH(width, word_t, {
    word_t unwanted = (word_t)pattern;
    for (size_t i = 0; i < count; i++) {
      word_t word = LOAD(word_t, words, i);
      word = word == unwanted ? 0 : word;
      memcpy((uint8_t *)out + i * sizeof(word_t), &word, sizeof(word_t));
    }
  })
}

static uint64_t swapped_word(int width, uint64_t word) {
  switch (width) {
  case 2: return __builtin_bswap16((uint16_t)word);
  case 4: return __builtin_bswap32((uint32_t)word);
  case 8: return __builtin_bswap64(word);
  default: return word;
  }
}

size_t ck_top_histogram(
    int width, int swapped, int shift, const void *words, size_t count, uint64_t *bins) {
  size_t zeros = 0;
  FOR_WIDTH(width, word_t, {
    for (size_t i = 0; i < count; i++) {
      word_t word = LOAD(word_t, words, i);
      if (word == 0) {
        zeros++;
        continue;
      }
      uint64_t value = swapped ? swapped_word(width, word) : word;
      bins[value >> shift]++;
    }
  })
  return zeros;
}

// Elements handled together, so that the strided side stays in the nearest cache.
#define TILE 512

void ck_split_planes(size_t width, const uint8_t *elements, size_t count, uint8_t *out) {
  for (size_t start = 0; start < count; start += TILE) {
    size_t end = start + TILE < count ? start + TILE : count;
    for (size_t plane = 0; plane < width; plane++) {
      for (size_t i = start; i < end; i++) out[plane * count + i] = elements[i * width + plane];
    }
  }
}

void ck_join_planes(size_t width, const uint8_t *planes, size_t count, uint8_t *out) {
  for (size_t start = 0; start < count; start += TILE) {
    size_t end = start + TILE < count ? start + TILE : count;
    for (size_t plane = 0; plane < width; plane++) {
      for (size_t i = start; i < end; i++) out[i * width + plane] = planes[plane * count + i];
    }
  }
}
