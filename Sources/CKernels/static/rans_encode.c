// Thirty-two rANS encoders side by side: one at a time in plain C, eight in AVX2, sixteen in AVX-512.
#include "rans.h"

#include <string.h>

void ck_rans_make_encoding(const uint16_t *frequencies, ck_rans_encoding *table) {
  uint32_t first = 0;
  for (int symbol = 0; symbol < 256; symbol++) {
    uint64_t frequency = frequencies[symbol];
    table->range[symbol] = (uint32_t)frequency << 16 | (first & 0xFFFF);
    // For states x below frequency << 18, x · reciprocal fits 64 bits and its upper 18 are
    // x / frequency exactly: the reciprocal is too large by e / frequency with e < 2^14, and
    // e · x < 2^46.
    table->reciprocal[symbol] =
        frequency ? (((uint64_t)1 << 46) + frequency - 1) / frequency : 0;
    first += (uint32_t)frequency;
  }
}

static inline uint8_t *put(const ck_rans_encoding *table, uint32_t *state, uint8_t symbol, uint8_t *out) {
  uint32_t x = *state, range = table->range[symbol], frequency = range >> 16;
  // Written whether it counts or not: a branch here would be guessed wrong half of the time.
  uint16_t word = (uint16_t)x;
  memcpy(out - 2, &word, 2);
  int isFull = x >> (32 - BITS) >= frequency;
  out -= 2 * isFull;
  x = isFull ? x >> 16 : x;
  uint32_t quotient = (uint32_t)((uint64_t)x * table->reciprocal[symbol] >> 46);
  *state = x + quotient * ((1u << BITS) - frequency) + (range & 0xFFFF);
  return out;
}

static uint8_t *encode_portable(
    const ck_rans_encoding *table, const uint8_t *symbols, size_t rounds, uint32_t *states, uint8_t *out) {
  for (size_t round = rounds; round-- > 0;) {
    for (int lane = LANES; lane-- > 0;) {
      out = put(table, states + lane, symbols[round * LANES + (size_t)lane], out);
    }
  }
  return out;
}

#if defined(__x86_64__)
// The low 64 bits of 32-bit numbers times reciprocals, four of each.
AVX2 static inline __m256i quotients_avx2(__m256i x, __m256i reciprocal) {
  __m256i low = _mm256_mul_epu32(x, reciprocal);
  __m256i high = _mm256_mul_epu32(x, _mm256_srli_epi64(reciprocal, 32));
  return _mm256_srli_epi64(_mm256_add_epi64(low, _mm256_slli_epi64(high, 32)), 46);
}

// Lanes that are full hand a word over; then all take their symbol in.
AVX2 static inline __m256i put8_avx2(
    const ck_rans_encoding *table, __m256i x, const uint8_t *symbols, uint8_t **out) {
  __m256i index = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)symbols));
  __m256i range = _mm256_i32gather_epi32((const int *)table->range, index, 4);
  __m256i frequency = _mm256_srli_epi32(range, 16);
  // Both are below 2^15, so signed comparison will do.
  __m256i fits = _mm256_cmpgt_epi32(frequency, _mm256_srli_epi32(x, 32 - BITS));
  unsigned full = ~(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(fits)) & 0xFF;
  unsigned count = (unsigned)__builtin_popcount(full);
  // The words that go, moved to the end of the register, and all of it stored so that they end
  // where the stream begins.
  uint64_t lanes = _pext_u64(0x0706050403020100, _pdep_u64(full, 0x0101010101010101) * 0xFF);
  lanes <<= (64 - 8 * count) & 63;
  __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes));
  __m256i words = _mm256_permutevar8x32_epi32(
      _mm256_and_si256(x, _mm256_set1_epi32(0xFFFF)), order);
  _mm_storeu_si128(
      (__m128i *)(*out - 16),
      _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
  *out -= 2 * count;
  x = _mm256_blendv_epi8(_mm256_srli_epi32(x, 16), x, fits);
  // Even lanes and odd ones apart.
  __m256i even = _mm256_i32gather_epi64(
      (const long long *)table->reciprocal,
      _mm256_castsi256_si128(
          _mm256_permutevar8x32_epi32(index, _mm256_setr_epi32(0, 2, 4, 6, 0, 0, 0, 0))),
      8);
  __m256i odd = _mm256_i32gather_epi64(
      (const long long *)table->reciprocal,
      _mm256_castsi256_si128(
          _mm256_permutevar8x32_epi32(index, _mm256_setr_epi32(1, 3, 5, 7, 0, 0, 0, 0))),
      8);
  __m256i quotient = _mm256_blend_epi32(
      quotients_avx2(x, even),
      _mm256_slli_epi64(quotients_avx2(_mm256_srli_epi64(x, 32), odd), 32), 0xAA);
  __m256i step = _mm256_mullo_epi32(
      quotient, _mm256_sub_epi32(_mm256_set1_epi32(1 << BITS), frequency));
  return _mm256_add_epi32(
      x, _mm256_add_epi32(step, _mm256_and_si256(range, _mm256_set1_epi32(0xFFFF))));
}

AVX2 static uint8_t *encode_avx2(
    const ck_rans_encoding *table, const uint8_t *symbols, size_t rounds, uint32_t *states, uint8_t *out) {
  __m256i x[4];
  for (int i = 0; i < 4; i++) x[i] = _mm256_loadu_si256((const __m256i *)states + i);
  for (size_t round = rounds; round-- > 0;) {
    for (int i = 4; i-- > 0;) x[i] = put8_avx2(table, x[i], symbols + round * LANES + i * 8, &out);
  }
  for (int i = 0; i < 4; i++) _mm256_storeu_si256((__m256i *)states + i, x[i]);
  return out;
}

AVX512 static inline __m512i put16_avx512(
    const ck_rans_encoding *table, __m512i x, const uint8_t *symbols, uint8_t **out) {
  __m128i bytes = _mm_loadu_si128((const __m128i *)symbols);
  __m512i index = _mm512_cvtepu8_epi32(bytes);
  __m512i range = _mm512_i32gather_epi32(index, table->range, 4);
  __m512i frequency = _mm512_srli_epi32(range, 16);
  __mmask16 full = _mm512_cmpge_epu32_mask(_mm512_srli_epi32(x, 32 - BITS), frequency);
  unsigned count = (unsigned)__builtin_popcount(full);
  // The words that go, moved to the end of the register, and all of it stored so that they end
  // where the stream begins.
  const __m256i lanes = _mm256_set_epi16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  __m256i words = _mm256_maskz_compress_epi16(full, _mm512_cvtepi32_epi16(x));
  words = _mm256_permutexvar_epi16(_mm256_add_epi16(lanes, _mm256_set1_epi16((short)count)), words);
  _mm256_storeu_si256((__m256i *)(*out - 32), words);
  *out -= 2 * count;
  x = _mm512_mask_srli_epi32(x, full, x, 16);
  __m512i low = _mm512_mullo_epi64(
      _mm512_cvtepu32_epi64(_mm512_castsi512_si256(x)),
      _mm512_i32gather_epi64(_mm512_castsi512_si256(index), table->reciprocal, 8));
  __m512i high = _mm512_mullo_epi64(
      _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(x, 1)),
      _mm512_i32gather_epi64(_mm512_extracti64x4_epi64(index, 1), table->reciprocal, 8));
  __m512i quotient = _mm512_inserti64x4(
      _mm512_castsi256_si512(_mm512_cvtepi64_epi32(_mm512_srli_epi64(low, 46))),
      _mm512_cvtepi64_epi32(_mm512_srli_epi64(high, 46)), 1);
  __m512i step = _mm512_mullo_epi32(
      quotient, _mm512_sub_epi32(_mm512_set1_epi32(1 << BITS), frequency));
  __m512i first = _mm512_and_si512(range, _mm512_set1_epi32(0xFFFF));
  return _mm512_add_epi32(x, _mm512_add_epi32(step, first));
}

AVX512 static uint8_t *encode_avx512(
    const ck_rans_encoding *table, const uint8_t *symbols, size_t rounds, uint32_t *states, uint8_t *out) {
  __m512i low = _mm512_loadu_si512(states), high = _mm512_loadu_si512(states + 16);
  for (size_t round = rounds; round-- > 0;) {
    high = put16_avx512(table, high, symbols + round * LANES + 16, &out);
    low = put16_avx512(table, low, symbols + round * LANES, &out);
  }
  _mm512_storeu_si512(states, low);
  _mm512_storeu_si512(states + 16, high);
  return out;
}
#endif

size_t ck_rans_encode(
    ck_instructions level, const ck_rans_encoding *table, const uint8_t *symbols, size_t count,
    uint8_t *end) {
  uint32_t states[LANES];
  for (int lane = 0; lane < LANES; lane++) states[lane] = LOWEST;
  uint8_t *out = end;
  size_t rounds = count / LANES;
  for (size_t i = count; i-- > rounds * LANES;) {
    out = put(table, states + i % LANES, symbols[i], out);
  }
#if defined(__x86_64__)
  if (level == ck_avx512) {
    out = encode_avx512(table, symbols, rounds, states, out);
  } else if (level == ck_avx2) {
    out = encode_avx2(table, symbols, rounds, states, out);
  } else
#endif
  {
    (void)level;
    out = encode_portable(table, symbols, rounds, states, out);
  }
  out -= sizeof states;
  memcpy(out, states, sizeof states);
  return (size_t)(end - out);
}
