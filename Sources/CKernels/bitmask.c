// A bit for every word, and the non-zero words packed together.
#include "csrm_kernels.h"
#include "width.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

size_t ck_popcount(const uint8_t *bytes, size_t count) {
  size_t set = 0, i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, 8);
    set += (size_t)__builtin_popcountll(word);
  }
  for (; i < count; i++) set += (size_t)__builtin_popcount(bytes[i]);
  return set;
}

// From word `start`, a multiple of 8, with `packed` values already out.
static size_t pack_portable(
    int width, const uint8_t *p, size_t start, size_t count, uint8_t *mask, uint8_t *values, size_t packed) {
  FOR_WIDTH(width, word_t, {
    for (size_t i = start; i < count; i += 8) {
      unsigned bits = 0;
      size_t lanes = count - i < 8 ? count - i : 8;
      for (size_t lane = 0; lane < lanes; lane++) {
        word_t word;
        memcpy(&word, p + (i + lane) * sizeof(word_t), sizeof(word_t));
        // Written whether it counts or not: a branch here would be guessed wrong half of the time.
        memcpy(values + packed * sizeof(word_t), &word, sizeof(word_t));
        unsigned isSet = word != 0;
        bits |= isSet << lane;
        packed += isSet;
      }
      if (mask) mask[i >> 3] = (uint8_t)bits;
    }
  })
  return packed;
}

// From word `start`, a multiple of 8, with `used` values already read.
static void unpack_portable(
    int width, const uint8_t *mask, size_t start, size_t count, const uint8_t *values, size_t used,
    uint8_t *out) {
  FOR_WIDTH(width, word_t, {
    size_t i = start;
    for (; i + 64 <= count; i += 64) {
      uint64_t bits;
      memcpy(&bits, mask + (i >> 3), 8);
      uint8_t *group = out + i * sizeof(word_t);
      memset(group, 0, 64 * sizeof(word_t));
      for (; bits != 0; bits &= bits - 1) {
        size_t lane = (size_t)__builtin_ctzll(bits);
        memcpy(group + lane * sizeof(word_t), values + used * sizeof(word_t), sizeof(word_t));
        used++;
      }
    }
    for (; i < count; i++) {
      word_t word = 0;
      if (mask[i >> 3] >> (i & 7) & 1) {
        memcpy(&word, values + used * sizeof(word_t), sizeof(word_t));
        used++;
      }
      memcpy(out + i * sizeof(word_t), &word, sizeof(word_t));
    }
  })
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))

// A byte of ones for every bit.
AVX2 static inline uint64_t bits_to_bytes(unsigned bits) {
  return _pdep_u64(bits, 0x0101010101010101) * 0xFF;
}

AVX2 static size_t pack4_avx2(const uint8_t *p, size_t count, uint8_t *mask, uint8_t *values) {
  size_t packed = 0, i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256i words = _mm256_loadu_si256((const __m256i *)(p + i * 4));
    __m256i zero = _mm256_cmpeq_epi32(words, _mm256_setzero_si256());
    unsigned bits = ~(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(zero)) & 0xFF;
    // The numbers of the lanes that stay, moved together, say where each word comes from.
    uint64_t lanes = _pext_u64(0x0706050403020100, bits_to_bytes(bits));
    __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes));
    _mm256_storeu_si256(
        (__m256i *)(values + packed * 4), _mm256_permutevar8x32_epi32(words, order));
    if (mask) mask[i >> 3] = (uint8_t)bits;
    packed += (size_t)__builtin_popcount(bits);
  }
  return pack_portable(4, p, i, count, mask, values, packed);
}

AVX2 static void unpack4_avx2(
    const uint8_t *mask, size_t count, const uint8_t *values, size_t total, uint8_t *out) {
  size_t used = 0, i = 0;
  // A round reads 8 values, wanted or not: the fast loop ends where fewer are left.
  for (; i + 8 <= count && used + 8 <= total; i += 8) {
    unsigned bits = mask[i >> 3];
    uint64_t chosen = bits_to_bytes(bits);
    __m256i order = _mm256_cvtepu8_epi32(
        _mm_cvtsi64_si128((long long)_pdep_u64(0x0706050403020100, chosen)));
    __m256i keep = _mm256_cvtepi8_epi32(_mm_cvtsi64_si128((long long)chosen));
    __m256i words = _mm256_loadu_si256((const __m256i *)(values + used * 4));
    words = _mm256_and_si256(_mm256_permutevar8x32_epi32(words, order), keep);
    _mm256_storeu_si256((__m256i *)(out + i * 4), words);
    used += (size_t)__builtin_popcount(bits);
  }
  unpack_portable(4, mask, i, count, values, used, out);
}

// The loops differ in lanes and intrinsics only. Compressing to a register and storing all of it
// is many times faster than compressing to memory on AMD.
#define PACK(name, lanes, test, compress) \
  AVX512 static size_t name(const uint8_t *p, size_t count, uint8_t *mask, uint8_t *values) { \
    const size_t width = 64 / lanes; \
    size_t packed = 0, i = 0; \
    for (; i + lanes <= count; i += lanes) { \
      __m512i words = _mm512_loadu_si512(p + i * width); \
      uint64_t bits = test(words, words); \
      _mm512_storeu_si512(values + packed * width, compress((bits), words)); \
      if (mask) memcpy(mask + (i >> 3), &bits, lanes / 8); \
      packed += (size_t)__builtin_popcountll(bits); \
    } \
    return pack_portable((int)width, p, i, count, mask, values, packed); \
  }
#define UNPACK(name, lanes, mask_t, expand) \
  AVX512 static void name( \
      const uint8_t *mask, size_t count, const uint8_t *values, size_t total, uint8_t *out) { \
    const size_t width = 64 / lanes; \
    size_t used = 0, i = 0; \
    for (; i + lanes <= count && used + lanes <= total; i += lanes) { \
      uint64_t bits = 0; \
      memcpy(&bits, mask + (i >> 3), lanes / 8); \
      __m512i words = _mm512_loadu_si512(values + used * width); \
      _mm512_storeu_si512(out + i * width, expand((mask_t)bits, words)); \
      used += (size_t)__builtin_popcountll(bits); \
    } \
    unpack_portable((int)width, mask, i, count, values, used, out); \
  }

PACK(pack1_avx512, 64, _mm512_test_epi8_mask, _mm512_maskz_compress_epi8)
PACK(pack2_avx512, 32, _mm512_test_epi16_mask, _mm512_maskz_compress_epi16)
PACK(pack4_avx512, 16, _mm512_test_epi32_mask, _mm512_maskz_compress_epi32)
PACK(pack8_avx512, 8, _mm512_test_epi64_mask, _mm512_maskz_compress_epi64)
UNPACK(unpack1_avx512, 64, __mmask64, _mm512_maskz_expand_epi8)
UNPACK(unpack2_avx512, 32, __mmask32, _mm512_maskz_expand_epi16)
UNPACK(unpack4_avx512, 16, __mmask16, _mm512_maskz_expand_epi32)
UNPACK(unpack8_avx512, 8, __mmask8, _mm512_maskz_expand_epi64)
#endif

size_t ck_pack_nonzero(
    ck_instructions level, int width, const void *words, size_t count, uint8_t *mask, uint8_t *values) {
#if defined(__x86_64__)
  if (level == ck_avx512) {
    switch (width) {
    case 1: return pack1_avx512(words, count, mask, values);
    case 2: return pack2_avx512(words, count, mask, values);
    case 4: return pack4_avx512(words, count, mask, values);
    default: return pack8_avx512(words, count, mask, values);
    }
  }
  if (level == ck_avx2 && width == 4) return pack4_avx2(words, count, mask, values);
#endif
  (void)level;
  return pack_portable(width, words, 0, count, mask, values, 0);
}

void ck_unpack_nonzero(
    ck_instructions level, int width, const uint8_t *mask, size_t count, const uint8_t *values, void *out) {
#if defined(__x86_64__)
  size_t total = ck_popcount(mask, count / 8);
  if (level == ck_avx512) {
    switch (width) {
    case 1: unpack1_avx512(mask, count, values, total, out); return;
    case 2: unpack2_avx512(mask, count, values, total, out); return;
    case 4: unpack4_avx512(mask, count, values, total, out); return;
    default: unpack8_avx512(mask, count, values, total, out); return;
    }
  }
  if (level == ck_avx2 && width == 4) {
    unpack4_avx2(mask, count, values, total, out);
    return;
  }
#endif
  (void)level;
  unpack_portable(width, mask, 0, count, values, 0, out);
}
