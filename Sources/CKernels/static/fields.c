// Floats cut into a symbol and a raw field each, and joined again.
#include "static_kernels.h"
#include "words.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,bmi,bmi2")))
#define AVX512 \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi,bmi2")))
#endif

#define ALWAYS static inline __attribute__((always_inline))

int ck_raw_bits(const ck_float_cut *cut) {
  return (cut->has_signs ? 1 : 0) + cut->mantissa - cut->trailing - cut->prefix;
}

// Mantissa bits in a raw field.
static int low_bits(const ck_float_cut *cut) { return cut->mantissa - cut->trailing - cut->prefix; }

// --- cutting --------------------------------------------------------------------------------------

ALWAYS void cut_words(
    const ck_float_cut *cut, int width, int swapped, const uint8_t *words, size_t count,
    uint8_t *symbols, uint8_t *raw) {
  int trailing = cut->trailing, low = low_bits(cut), bits = ck_raw_bits(cut), signs = cut->has_signs;
  uint64_t top = (uint64_t)1 << (8 * width - 1), field_mask = ((uint64_t)1 << low) - 1;
  uint64_t waiting = 0;
  int filled = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t word = float_word(words + i * (size_t)width, width, swapped);
    uint64_t magnitude = (word & (top - 1)) >> trailing;
    symbols[i] = (uint8_t)((magnitude >> low) - cut->base);
    uint64_t field = magnitude & field_mask;
    if (signs) field |= word >> (8 * width - 1) << low;
    // Less than 8 bits wait and a field has at most 53.
    waiting |= field << filled;
    memcpy(raw, &waiting, 8);
    filled += bits;
    raw += filled >> 3;
    waiting >>= filled & ~7;
    filled &= 7;
  }
  memcpy(raw, &waiting, 8);
}

#if defined(__x86_64__)
AVX512 static void cut4_avx512(
    const ck_float_cut *cut, const uint8_t *words, size_t count, uint8_t *symbols, uint8_t *raw) {
  int low = low_bits(cut), bits = ck_raw_bits(cut);
  __m512i magnitudes = _mm512_set1_epi32(0x7FFFFFFF), fields = _mm512_set1_epi32((1 << low) - 1);
  __m512i base = _mm512_set1_epi32((int)cut->base);
  __m512i sign = _mm512_set1_epi32(cut->has_signs ? 1 << low : 0);
  __m128i by_trailing = _mm_cvtsi32_si128(cut->trailing), by_low = _mm_cvtsi32_si128(low);
  // Odd lanes move up to where the field of the even lane beside them ends.
  __m512i apart = _mm512_set1_epi64(32 - bits);
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __m512i word = _mm512_loadu_si512(words + 4 * i);
    __m512i magnitude = _mm512_srl_epi32(_mm512_and_si512(word, magnitudes), by_trailing);
    __m512i symbol = _mm512_sub_epi32(_mm512_srl_epi32(magnitude, by_low), base);
    _mm_storeu_si128((__m128i *)(symbols + i), _mm512_cvtepi32_epi8(symbol));
    __m512i field = _mm512_and_si512(magnitude, fields);
    field = _mm512_or_si512(field, _mm512_and_si512(_mm512_srai_epi32(word, 31), sign));
    __m512i even = _mm512_and_si512(field, _mm512_set1_epi64(0xFFFFFFFF));
    __m512i odd = _mm512_srlv_epi64(_mm512_andnot_si512(_mm512_set1_epi64(0xFFFFFFFF), field), apart);
    uint64_t pairs[8];
    _mm512_storeu_si512(pairs, _mm512_or_si512(even, odd));
    // Sixteen fields take whole bytes: 2 · bits of them. At most 48 bits a pair, 7 waiting.
    uint64_t waiting = 0;
    int filled = 0;
    for (int j = 0; j < 8; j++) {
      waiting |= pairs[j] << filled;
      memcpy(raw, &waiting, 8);
      filled += 2 * bits;
      raw += filled >> 3;
      waiting >>= filled & ~7;
      filled &= 7;
    }
  }
  cut_words(cut, 4, 0, words + 4 * i, count - i, symbols + i, raw);
}
#endif

void ck_cut_floats(
    ck_instructions level, const ck_float_cut *cut, const void *words, size_t count, uint8_t *symbols,
    uint8_t *raw) {
  if (cut->width == 4 && !cut->swapped) {
#if defined(__x86_64__)
    if (level == ck_avx512) {
      cut4_avx512(cut, words, count, symbols, raw);
      return;
    }
#endif
    cut_words(cut, 4, 0, words, count, symbols, raw);
  } else {
    cut_words(cut, cut->width, cut->swapped, words, count, symbols, raw);
  }
  (void)level;
}

// --- joining --------------------------------------------------------------------------------------

ALWAYS void join_words(
    const ck_float_cut *cut, int width, int swapped, const uint8_t *symbols, const uint8_t *raw,
    size_t raw_length, size_t first, size_t count, uint8_t *words) {
  int trailing = cut->trailing, low = low_bits(cut), signs = cut->has_signs;
  size_t bits = (size_t)ck_raw_bits(cut);
  uint64_t top = (uint64_t)1 << (8 * width - 1), field_mask = ((uint64_t)1 << low) - 1;
  uint64_t all = !signs && cut->negative ? top : 0;
  size_t position = first;
  for (size_t i = 0; i < count; i++, position += bits) {
    uint64_t field = 0;
    size_t byte = position >> 3;
    if (byte + 8 <= raw_length) {
      memcpy(&field, raw + byte, 8);
    } else if (byte < raw_length) {
      memcpy(&field, raw + byte, raw_length - byte);
    }
    field >>= position & 7;
    uint64_t word = (((uint64_t)symbols[i] + cut->base) << low | (field & field_mask)) << trailing;
    word |= signs ? field >> low << (8 * width - 1) : all;
    put_float_word(word, words + i * (size_t)width, width, swapped);
  }
}

#if defined(__x86_64__)
// Eight fields take `bits` bytes. Those of four lanes begin at bit 0 of one load, those of the other
// four at bit 0 or 4 of another; every field lies within four bytes of its own.
AVX2 static size_t join4_avx2(
    const ck_float_cut *cut, const uint8_t *symbols, const uint8_t *raw, size_t raw_length, size_t first,
    size_t count, uint8_t *words) {
  int low = low_bits(cut), bits = ck_raw_bits(cut), upper = 4 * bits;
  uint8_t order[32];
  uint32_t shift[8];
  for (int lane = 0; lane < 8; lane++) {
    int bit = lane < 4 ? lane * bits : (upper & 7) + (lane - 4) * bits;
    shift[lane] = (uint32_t)bit & 7;
    for (int byte = 0; byte < 4; byte++) order[lane * 4 + byte] = (uint8_t)((bit >> 3) + byte);
  }
  __m256i shuffle = _mm256_loadu_si256((const __m256i *)order);
  __m256i shifts = _mm256_loadu_si256((const __m256i *)shift);
  __m256i fields = _mm256_set1_epi32((1 << low) - 1), base = _mm256_set1_epi32((int)cut->base);
  __m128i by_low = _mm_cvtsi32_si128(low), by_trailing = _mm_cvtsi32_si128(cut->trailing);
  __m128i to_top = _mm_cvtsi32_si128(31 - low);
  __m256i top = _mm256_set1_epi32(INT32_MIN);
  __m256i keep = cut->has_signs ? top : _mm256_setzero_si256();
  __m256i set = !cut->has_signs && cut->negative ? top : _mm256_setzero_si256();
  const uint8_t *from = raw + first / 8, *end = raw + raw_length;
  size_t i = 0;
  for (; i + 8 <= count && end - from >= (upper >> 3) + 16; i += 8, from += bits) {
    __m256i loaded = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)from)),
        _mm_loadu_si128((const __m128i *)(from + (upper >> 3))), 1);
    __m256i field = _mm256_srlv_epi32(_mm256_shuffle_epi8(loaded, shuffle), shifts);
    __m256i symbol = _mm256_add_epi32(
        _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(symbols + i))), base);
    __m256i word = _mm256_or_si256(_mm256_sll_epi32(symbol, by_low), _mm256_and_si256(field, fields));
    word = _mm256_sll_epi32(word, by_trailing);
    word = _mm256_or_si256(word, _mm256_and_si256(_mm256_sll_epi32(field, to_top), keep));
    _mm256_storeu_si256((__m256i *)(words + 4 * i), _mm256_or_si256(word, set));
  }
  return i;
}

// The same for sixteen fields, 2 · bits bytes, from one load of 64.
AVX512 static size_t join4_avx512(
    const ck_float_cut *cut, const uint8_t *symbols, const uint8_t *raw, size_t raw_length, size_t first,
    size_t count, uint8_t *words) {
  int low = low_bits(cut), bits = ck_raw_bits(cut);
  uint8_t order[64];
  uint32_t shift[16];
  for (int lane = 0; lane < 16; lane++) {
    shift[lane] = (uint32_t)(lane * bits) & 7;
    for (int byte = 0; byte < 4; byte++) {
      order[lane * 4 + byte] = (uint8_t)((lane * bits >> 3) + byte);
    }
  }
  __m512i shuffle = _mm512_loadu_si512(order), shifts = _mm512_loadu_si512(shift);
  __m512i fields = _mm512_set1_epi32((1 << low) - 1), base = _mm512_set1_epi32((int)cut->base);
  __m128i by_low = _mm_cvtsi32_si128(low), by_trailing = _mm_cvtsi32_si128(cut->trailing);
  __m128i to_top = _mm_cvtsi32_si128(31 - low);
  __m512i top = _mm512_set1_epi32(INT32_MIN);
  __m512i keep = cut->has_signs ? top : _mm512_setzero_si512();
  __m512i set = !cut->has_signs && cut->negative ? top : _mm512_setzero_si512();
  const uint8_t *from = raw + first / 8, *end = raw + raw_length;
  size_t i = 0;
  for (; i + 16 <= count && end - from >= 64; i += 16, from += 2 * bits) {
    __m512i field = _mm512_permutexvar_epi8(shuffle, _mm512_loadu_si512(from));
    field = _mm512_srlv_epi32(field, shifts);
    __m512i symbol = _mm512_add_epi32(
        _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(symbols + i))), base);
    __m512i word = _mm512_or_si512(_mm512_sll_epi32(symbol, by_low), _mm512_and_si512(field, fields));
    word = _mm512_sll_epi32(word, by_trailing);
    word = _mm512_or_si512(word, _mm512_and_si512(_mm512_sll_epi32(field, to_top), keep));
    _mm512_storeu_si512(words + 4 * i, _mm512_or_si512(word, set));
  }
  return i;
}
#endif

void ck_join_floats(
    ck_instructions level, const ck_float_cut *cut, const uint8_t *symbols, const uint8_t *raw,
    size_t raw_length, size_t first, size_t count, void *words) {
  uint8_t *out = words;
  if (cut->width == 4 && !cut->swapped) {
    size_t done = 0;
#if defined(__x86_64__)
    if (level == ck_avx512) {
      done = join4_avx512(cut, symbols, raw, raw_length, first, count, out);
    } else if (level == ck_avx2) {
      done = join4_avx2(cut, symbols, raw, raw_length, first, count, out);
    }
#endif
    join_words(
        cut, 4, 0, symbols + done, raw, raw_length, first + done * (size_t)ck_raw_bits(cut),
        count - done, out + 4 * done);
  } else {
    join_words(cut, cut->width, cut->swapped, symbols, raw, raw_length, first, count, out);
  }
  (void)level;
}
