// CRC-32 as zip and gzip use it (ISO 3309, reflected polynomial 0xEDB88320).
#include "ckernels.h"

// Slicing by four: table[k] advances a byte over k more zero bytes.
static uint32_t advance_byte(uint32_t crc) {
  for (int i = 0; i < 8; i++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  return crc;
}

static uint32_t table[4][256];

__attribute__((constructor)) static void fill_table(void) {
  for (uint32_t i = 0; i < 256; i++) table[0][i] = advance_byte(i);
  for (int k = 1; k < 4; k++)
    for (int i = 0; i < 256; i++) table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 255];
}

static uint32_t crc_portable(uint32_t crc, const uint8_t *p, size_t n) {
  for (; n >= 4; n -= 4, p += 4) {
    crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
  }
  for (; n; n--) crc = crc >> 8 ^ table[0][(crc ^ *p++) & 255];
  return crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define CARRYLESS __attribute__((target("pclmul,sse4.1")))

CARRYLESS static inline __m128i load(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)p); }

// x advanced over the distance that `k` stands for, plus y.
CARRYLESS static inline __m128i fold(__m128i x, __m128i y, __m128i k) {
  __m128i low = _mm_clmulepi64_si128(x, k, 0x00), high = _mm_clmulepi64_si128(x, k, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), y);
}

// Folding by carry-less multiplication: Gopal et al., Fast CRC Computation for Generic Polynomials
// Using PCLMULQDQ Instruction (Intel 2009), with its constants for this polynomial. `n` is a
// multiple of 16 and at least 64.
CARRYLESS static uint32_t crc_carryless(uint32_t crc, const uint8_t *p, size_t n) {
  const __m128i by_64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
  const __m128i by_16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  const __m128i to_64 = _mm_set_epi64x(0, 0x163cd6124);
  const __m128i barrett = _mm_set_epi64x(0x1f7011641, 0x1db710641);
  const __m128i low_halves = _mm_set_epi32(0, -1, 0, -1);
  __m128i a = _mm_xor_si128(load(p), _mm_cvtsi32_si128((int)crc));
  __m128i b = load(p + 16), c = load(p + 32), d = load(p + 48);
  for (p += 64, n -= 64; n >= 64; p += 64, n -= 64) {
    a = fold(a, load(p), by_64), b = fold(b, load(p + 16), by_64);
    c = fold(c, load(p + 32), by_64), d = fold(d, load(p + 48), by_64);
  }
  a = fold(fold(fold(a, b, by_16), c, by_16), d, by_16);
  for (; n >= 16; p += 16, n -= 16) a = fold(a, load(p), by_16);
  // 128 bits to 64, then to 32.
  a = _mm_xor_si128(_mm_srli_si128(a, 8), _mm_clmulepi64_si128(a, by_16, 0x10));
  a = _mm_xor_si128(_mm_srli_si128(a, 4), _mm_clmulepi64_si128(_mm_and_si128(a, low_halves), to_64, 0x00));
  __m128i q = _mm_clmulepi64_si128(_mm_and_si128(a, low_halves), barrett, 0x10);
  q = _mm_clmulepi64_si128(_mm_and_si128(q, low_halves), barrett, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(a, q), 1);
}
#endif

uint32_t ck_crc32(uint32_t crc, const uint8_t *bytes, size_t count, int portable) {
  crc = ~crc;
#if defined(__x86_64__)
  if (!portable && count >= 64 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
    size_t whole = count & ~(size_t)15;
    crc = crc_carryless(crc, bytes, whole);
    bytes += whole, count -= whole;
  }
#endif
  (void)portable;
  return ~crc_portable(crc, bytes, count);
}
