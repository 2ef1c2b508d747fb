// Thirty-two rANS decoders side by side: one at a time in plain C, eight in AVX2, sixteen in AVX-512.
#include "rans.h"

#include <string.h>

void ck_rans_make_decoding(const uint16_t *frequencies, ck_rans_decoding *table) {
  uint32_t first = 0;
  for (int symbol = 0; symbol < 256; symbol++) {
    uint32_t frequency = frequencies[symbol];
    table->range[symbol] = frequency << 16 | (first & 0xFFFF);
    memset(table->symbol + first, symbol, frequency);
    first += frequency;
  }
}

int ck_rans_begin(ck_rans_reader *reader, const uint8_t *stream, size_t length) {
  if (length < sizeof reader->states || length % 2 != 0) return 0;
  memcpy(reader->states, stream, sizeof reader->states);
  reader->next = stream + sizeof reader->states;
  reader->end = stream + length;
  return 1;
}

int ck_rans_is_finished(const ck_rans_reader *reader) {
  if (reader->next != reader->end) return 0;
  for (int lane = 0; lane < LANES; lane++) {
    if (reader->states[lane] != LOWEST) return 0;
  }
  return 1;
}

// The state after its symbol was taken out; frequency · (x >> 14) + place < 2^32 whatever x is.
static inline uint32_t taken(const ck_rans_decoding *table, uint32_t x, uint8_t *symbol) {
  uint32_t place = x & ((1u << BITS) - 1);
  *symbol = table->symbol[place];
  uint32_t range = table->range[*symbol];
  return (range >> 16) * (x >> BITS) + place - (range & 0xFFFF);
}

// Whole rounds, as long as all the words that one may take are there. Returns the symbols decoded.
static size_t decode_portable(
    ck_rans_reader *reader, const ck_rans_decoding *table, uint8_t *symbols, size_t count) {
  uint32_t states[LANES];
  memcpy(states, reader->states, sizeof states);
  const uint8_t *next = reader->next;
  size_t done = 0;
  for (; done + LANES <= count && (size_t)(reader->end - next) >= 2 * LANES; done += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      uint32_t x = taken(table, states[lane], symbols + done + lane);
      uint16_t word;
      memcpy(&word, next, 2);
      uint32_t isLow = x < LOWEST, longer = x << 16 | word;
      states[lane] = __builtin_unpredictable(isLow) ? longer : x;
      next += 2 * isLow;
    }
  }
  memcpy(reader->states, states, sizeof states);
  reader->next = next;
  return done;
}

#if defined(__x86_64__)
AVX2 static inline __m256i take8_avx2(
    const ck_rans_decoding *table, __m256i x, __m256i *symbols, const uint8_t **next) {
  __m256i place = _mm256_and_si256(x, _mm256_set1_epi32((1 << BITS) - 1));
  // Four bytes are gathered where one is wanted; behind the last of them lie the ranges.
  __m256i symbol = _mm256_and_si256(
      _mm256_i32gather_epi32((const int *)table->symbol, place, 1), _mm256_set1_epi32(0xFF));
  __m256i range = _mm256_i32gather_epi32((const int *)table->range, symbol, 4);
  *symbols = symbol;
  x = _mm256_mullo_epi32(_mm256_srli_epi32(range, 16), _mm256_srli_epi32(x, BITS));
  x = _mm256_add_epi32(
      x, _mm256_sub_epi32(place, _mm256_and_si256(range, _mm256_set1_epi32(0xFFFF))));
  __m256i low = _mm256_cmpeq_epi32(_mm256_srli_epi32(x, 16), _mm256_setzero_si256());
  unsigned bits = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(low));
  // The next words, spread over the lanes that take one.
  uint64_t chosen = _pdep_u64(bits, 0x0101010101010101) * 0xFF;
  __m256i order = _mm256_cvtepu8_epi32(
      _mm_cvtsi64_si128((long long)_pdep_u64(0x0706050403020100, chosen)));
  __m256i words = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)*next));
  words = _mm256_permutevar8x32_epi32(words, order);
  *next += 2 * (unsigned)__builtin_popcount(bits);
  return _mm256_blendv_epi8(x, _mm256_or_si256(_mm256_slli_epi32(x, 16), words), low);
}

AVX2 static size_t decode_avx2(
    ck_rans_reader *reader, const ck_rans_decoding *table, uint8_t *symbols, size_t count) {
  __m256i states[4], found[4];
  for (int i = 0; i < 4; i++) {
    states[i] = _mm256_loadu_si256((const __m256i *)reader->states + i);
  }
  const uint8_t *next = reader->next;
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  size_t done = 0;
  for (; done + LANES <= count && (size_t)(reader->end - next) >= 2 * LANES; done += LANES) {
    for (int i = 0; i < 4; i++) states[i] = take8_avx2(table, states[i], &found[i], &next);
    // Packing works in halves, so the fours of bytes have to be put in their order.
    __m256i bytes = _mm256_packus_epi16(
        _mm256_packus_epi32(found[0], found[1]), _mm256_packus_epi32(found[2], found[3]));
    _mm256_storeu_si256(
        (__m256i *)(symbols + done), _mm256_permutevar8x32_epi32(bytes, order));
  }
  for (int i = 0; i < 4; i++) _mm256_storeu_si256((__m256i *)reader->states + i, states[i]);
  reader->next = next;
  return done;
}

AVX512 static inline __m512i take16_avx512(
    const ck_rans_decoding *table, __m512i x, uint8_t *symbols, const uint8_t **next) {
  __m512i place = _mm512_and_si512(x, _mm512_set1_epi32((1 << BITS) - 1));
  // Four bytes are gathered where one is wanted; behind the last of them lie the ranges.
  __m512i symbol = _mm512_and_si512(
      _mm512_i32gather_epi32(place, table->symbol, 1), _mm512_set1_epi32(0xFF));
  __m512i range = _mm512_i32gather_epi32(symbol, table->range, 4);
  _mm_storeu_si128((__m128i *)symbols, _mm512_cvtepi32_epi8(symbol));
  x = _mm512_mullo_epi32(_mm512_srli_epi32(range, 16), _mm512_srli_epi32(x, BITS));
  x = _mm512_add_epi32(
      x, _mm512_sub_epi32(place, _mm512_and_si512(range, _mm512_set1_epi32(0xFFFF))));
  __mmask16 low = _mm512_cmplt_epu32_mask(x, _mm512_set1_epi32(LOWEST));
  __m512i words = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)*next));
  words = _mm512_maskz_expand_epi32(low, words);
  *next += 2 * (unsigned)__builtin_popcount(low);
  return _mm512_mask_or_epi32(x, low, _mm512_slli_epi32(x, 16), words);
}

AVX512 static size_t decode_avx512(
    ck_rans_reader *reader, const ck_rans_decoding *table, uint8_t *symbols, size_t count) {
  __m512i low = _mm512_loadu_si512(reader->states), high = _mm512_loadu_si512(reader->states + 16);
  const uint8_t *next = reader->next;
  size_t done = 0;
  for (; done + LANES <= count && (size_t)(reader->end - next) >= 2 * LANES; done += LANES) {
    low = take16_avx512(table, low, symbols + done, &next);
    high = take16_avx512(table, high, symbols + done + 16, &next);
  }
  _mm512_storeu_si512(reader->states, low);
  _mm512_storeu_si512(reader->states + 16, high);
  reader->next = next;
  return done;
}
#endif

int ck_rans_decode(
    ck_instructions level, ck_rans_reader *reader, const ck_rans_decoding *table, uint8_t *symbols,
    size_t count) {
  size_t done;
#if defined(__x86_64__)
  if (level == ck_avx512) {
    done = decode_avx512(reader, table, symbols, count);
  } else if (level == ck_avx2) {
    done = decode_avx2(reader, table, symbols, count);
  } else
#endif
  {
    (void)level;
    done = decode_portable(reader, table, symbols, count);
  }
  for (; done < count; done++) {
    uint32_t x = taken(table, reader->states[done % LANES], symbols + done);
    if (x < LOWEST) {
      if (reader->end - reader->next < 2) return 0;
      uint16_t word;
      memcpy(&word, reader->next, 2);
      reader->next += 2;
      x = x << 16 | word;
    }
    reader->states[done % LANES] = x;
  }
  return 1;
}
