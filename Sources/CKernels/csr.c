// Compressed sparse rows: where the non-zero words of each row stand.
#include "csrm_kernels.h"
#include "width.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The columns of one row from column `start`; returns `found` plus their number.
static inline size_t row_columns(
    int width, const uint8_t *row, size_t start, size_t columns, int index_width, uint8_t *out, size_t found) {
  FOR_WIDTH(width, word_t, FOR_WIDTH(index_width, index_t, {
    for (size_t i = start; i < columns; i++) {
      word_t word;
      memcpy(&word, row + i * sizeof(word_t), sizeof(word_t));
      index_t index = (index_t)i;
      memcpy(out + found * sizeof(index_t), &index, sizeof(index_t));
      found += word != 0;
    }
  }))
  return found;
}

#if defined(__x86_64__)
// Words of four bytes, the common case: 16 columns a round.
__attribute__((target("avx512f,avx512bw,avx512vl,bmi2,popcnt"))) static size_t columns4_avx512(
    const uint8_t *words, size_t rows, size_t columns, int index_width, uint8_t *out) {
  size_t found = 0;
  const __m512i step = _mm512_set1_epi32(16);
  const __m512i start = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *row = words + r * columns * 4;
    __m512i index = start;
    size_t i = 0;
    for (; i + 16 <= columns; i += 16) {
      __m512i word = _mm512_loadu_si512(row + i * 4);
      __mmask16 bits = _mm512_test_epi32_mask(word, word);
      __m512i kept = _mm512_maskz_compress_epi32(bits, index);
      index = _mm512_add_epi32(index, step);
      switch (index_width) {
      case 1: _mm_storeu_si128((__m128i *)(out + found), _mm512_cvtepi32_epi8(kept)); break;
      case 2: _mm256_storeu_si256((__m256i *)(out + found * 2), _mm512_cvtepi32_epi16(kept)); break;
      default: _mm512_storeu_si512(out + found * 4, kept); break;
      }
      found += (size_t)__builtin_popcount(bits);
    }
    found = row_columns(4, row, i, columns, index_width, out, found);
  }
  return found;
}
#endif

size_t ck_csr_columns(
    ck_instructions level, int width, const void *words, size_t rows, size_t columns, int index_width,
    uint8_t *out) {
#if defined(__x86_64__)
  if (level == ck_avx512 && width == 4) return columns4_avx512(words, rows, columns, index_width, out);
#endif
  (void)level;
  size_t found = 0;
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *row = (const uint8_t *)words + r * columns * (size_t)width;
    found = row_columns(width, row, 0, columns, index_width, out, found);
  }
  return found;
}

static uint64_t pointer_at(const uint8_t *pointers, int width, size_t index) {
  if (width == 4) {
    uint32_t pointer;
    memcpy(&pointer, pointers + index * 4, 4);
    return pointer;
  }
  uint64_t pointer;
  memcpy(&pointer, pointers + index * 8, 8);
  return pointer;
}

int ck_csr_expand(
    int width, int index_width, int pointer_width, const uint8_t *pointers, size_t rows,
    size_t columns, uint64_t first, uint64_t end, const uint8_t *indices, const uint8_t *values,
    void *out) {
  if (rows > 0 && pointer_at(pointers, pointer_width, 0) != first) return ck_csr_first_pointer;
  memset(out, 0, rows * columns * (size_t)width);
  uint64_t begin = first;
  for (size_t r = 0; r < rows; r++) {
    uint64_t next = r + 1 < rows ? pointer_at(pointers, pointer_width, r + 1) : end;
    if (next < begin || next > end) return ck_csr_pointer_order;
    uint8_t *row = (uint8_t *)out + r * columns * (size_t)width;
    int wrong = ck_csr_good;
    FOR_WIDTH(width, word_t, FOR_WIDTH(index_width, index_t, {
      uint64_t smallest = 0;
      for (uint64_t k = begin - first; k < next - first; k++) {
        index_t column;
        memcpy(&column, indices + k * sizeof(index_t), sizeof(index_t));
        if (column < smallest) { wrong = ck_csr_column_order; break; }
        if (column >= columns) { wrong = ck_csr_column_range; break; }
        memcpy(row + column * sizeof(word_t), values + k * sizeof(word_t), sizeof(word_t));
        smallest = (uint64_t)column + 1;
      }
    }))
    if (wrong != ck_csr_good) return wrong;
    begin = next;
  }
  return ck_csr_good;
}
