// CRC-32C: the reflected polynomial 0x82F63B78, by instruction and by table.
#include "csrm_kernels.h"

#include <pthread.h>
#include <string.h>

#define POLYNOMIAL 0x82F63B78u
// Bytes in each of the three chains that run side by side. The instruction has a latency of three
// cycles and can start every cycle.
#define CHAIN 4096

static uint32_t slices[8][256];      // slicing by eight: the table twin
static uint32_t powers[67];          // x^(2^i) modulo the polynomial
static uint32_t chain_shift[4][256]; // what CHAIN zero bytes do to a state, a byte of it at a time
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

// a(x)·b(x) modulo the polynomial; bit 31 is x^0, as in reflected CRCs.
static uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? b >> 1 ^ POLYNOMIAL : b >> 1;
  }
  return product;
}

// x^(8·bytes) modulo the polynomial.
static uint32_t power_of_bytes(uint64_t bytes) {
  uint32_t product = 1u << 31;
  for (int i = 3; bytes != 0; bytes >>= 1, i++) {
    if (bytes & 1) product = multiply(powers[i], product);
  }
  return product;
}

static void make_tables(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t crc = n;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
    slices[0][n] = crc;
  }
  for (int k = 1; k < 8; k++) {
    for (int n = 0; n < 256; n++) {
      slices[k][n] = slices[k - 1][n] >> 8 ^ slices[0][slices[k - 1][n] & 255];
    }
  }
  powers[0] = 1u << 30;
  for (int i = 1; i < 67; i++) powers[i] = multiply(powers[i - 1], powers[i - 1]);
  uint32_t shift = power_of_bytes(CHAIN);
  for (int k = 0; k < 4; k++) {
    for (uint32_t n = 0; n < 256; n++) chain_shift[k][n] = multiply(shift, n << 8 * k);
  }
}

static uint32_t by_table(uint32_t state, const uint8_t *p, size_t count) {
  for (; count >= 8; p += 8, count -= 8) {
    state ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    state = slices[7][state & 255] ^ slices[6][state >> 8 & 255] ^ slices[5][state >> 16 & 255]
        ^ slices[4][state >> 24] ^ slices[3][p[4]] ^ slices[2][p[5]] ^ slices[1][p[6]] ^ slices[0][p[7]];
  }
  for (; count > 0; p++, count--) state = state >> 8 ^ slices[0][(state ^ *p) & 255];
  return state;
}

#if defined(__x86_64__)
#include <nmmintrin.h>
#define CRC_TARGET __attribute__((target("sse4.2")))
#define CRC_STEP8(state, word) ((uint32_t)_mm_crc32_u64(state, word))
#define CRC_STEP1(state, byte) _mm_crc32_u8(state, byte)
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define CRC_TARGET
#define CRC_STEP8(state, word) __crc32cd(state, word)
#define CRC_STEP1(state, byte) __crc32cb(state, byte)
static int has_instruction(void) { return 1; }
#endif

#if defined(CRC_TARGET)
static uint32_t shifted_by_chain(uint32_t state) {
  return chain_shift[0][state & 255] ^ chain_shift[1][state >> 8 & 255]
      ^ chain_shift[2][state >> 16 & 255] ^ chain_shift[3][state >> 24];
}

CRC_TARGET static uint32_t by_instruction(uint32_t state, const uint8_t *p, size_t count) {
  for (; count >= 3 * CHAIN; p += 3 * CHAIN, count -= 3 * CHAIN) {
    uint32_t second = 0, third = 0;
    for (size_t i = 0; i < CHAIN; i += 8) {
      uint64_t a, b, c;
      memcpy(&a, p + i, 8);
      memcpy(&b, p + CHAIN + i, 8);
      memcpy(&c, p + 2 * CHAIN + i, 8);
      state = CRC_STEP8(state, a);
      second = CRC_STEP8(second, b);
      third = CRC_STEP8(third, c);
    }
    state = shifted_by_chain(shifted_by_chain(state) ^ second) ^ third;
  }
  for (; count >= 8; p += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    state = CRC_STEP8(state, word);
  }
  for (; count > 0; p++, count--) state = CRC_STEP1(state, *p);
  return state;
}
#endif

uint32_t ck_crc32c(ck_instructions level, uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&tables_once, make_tables);
#if defined(CRC_TARGET)
  if (level > ck_portable && has_instruction()) return ~by_instruction(~crc, bytes, count);
#endif
  (void)level;
  return ~by_table(~crc, bytes, count);
}

uint32_t ck_crc32c_combine(uint32_t a, uint32_t b, uint64_t length_of_b) {
  pthread_once(&tables_once, make_tables);
  return multiply(power_of_bytes(length_of_b), a) ^ b;
}
