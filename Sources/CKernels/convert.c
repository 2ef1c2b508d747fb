#include "variants.h"

// A half as a float, by moving its bits into place and letting one multiplication mend the exponent
// (exact, subnormals too). The same lines as vectors beat the library call and need no F16C.
static inline float half_value(uint16_t half) {
  uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13, infinite = 0x0f800000u, scale = 0x77800000u;
  float value, power;
  __builtin_memcpy(&value, &magnitude, 4);
  __builtin_memcpy(&power, &scale, 4);
  value *= power;
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  bits |= magnitude >= infinite ? 0x7f800000u : 0;
  bits |= (uint32_t)(half & 0x8000) << 16;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}

static inline float bfloat_value(uint16_t stored) {
  uint32_t bits = (uint32_t)stored << 16;
  float value;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}

#define SAME(x) (x)

// Reads `bits`-wide words as `type` and writes what `decode` makes of each.
#define CONVERT(bits, type, decode, result)                   \
  for (size_t i = 0; i < count; i++) {                        \
    uint##bits##_t word;                                      \
    __builtin_memcpy(&word, from + (bits / 8) * i, bits / 8); \
    if (swap) word = SWAP##bits(word);                        \
    type value;                                               \
    __builtin_memcpy(&value, &word, bits / 8);                \
    out[i] = (result)decode(value);                           \
  }                                                           \
  return

#define SWAP8(word) (word)
#define SWAP16(word) __builtin_bswap16(word)
#define SWAP32(word) __builtin_bswap32(word)
#define SWAP64(word) __builtin_bswap64(word)

#define EVERY_KIND(result)                                         \
  switch (kind) {                                                  \
    case CK_FLOAT16: CONVERT(16, uint16_t, half_value, result);    \
    case CK_BFLOAT16: CONVERT(16, uint16_t, bfloat_value, result); \
    case CK_FLOAT32: CONVERT(32, float, SAME, result);             \
    case CK_FLOAT64: CONVERT(64, double, SAME, result);            \
    case CK_BOOL:                                                  \
    case CK_INT8: CONVERT(8, int8_t, SAME, result);                \
    case CK_INT16: CONVERT(16, int16_t, SAME, result);             \
    case CK_INT32: CONVERT(32, int32_t, SAME, result);             \
    case CK_INT64: CONVERT(64, int64_t, SAME, result);             \
    case CK_UINT8: CONVERT(8, uint8_t, SAME, result);              \
    case CK_UINT16: CONVERT(16, uint16_t, SAME, result);           \
    case CK_UINT32: CONVERT(32, uint32_t, SAME, result);           \
    case CK_UINT64: CONVERT(64, uint64_t, SAME, result);           \
    default: return;                                               \
  }

CK_BODY void to_f32_body(int kind, bool swap, const void *source, size_t count, float *out) {
  const uint8_t *from = source;
  EVERY_KIND(float)
}

CK_BODY void to_f64_body(int kind, bool swap, const void *source, size_t count, double *out) {
  const uint8_t *from = source;
  EVERY_KIND(double)
}

CK_KERNEL(
    void, to_f32, (int kind, bool swap, const void *source, size_t count, float *out),
    (kind, swap, source, count, out))
CK_KERNEL(
    void, to_f64, (int kind, bool swap, const void *source, size_t count, double *out),
    (kind, swap, source, count, out))
