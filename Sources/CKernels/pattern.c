#include "variants.h"

static inline uint32_t key32(const uint8_t *from, size_t i) {
  uint32_t key;
  __builtin_memcpy(&key, from + 4 * i, 4);
  return key & 0x7fffffffu;
}

static inline uint64_t key64(const uint8_t *from, size_t i) {
  uint64_t key;
  __builtin_memcpy(&key, from + 8 * i, 8);
  return key & 0x7fffffffffffffffu;
}

// The rank of a key in its column is the number of keys below it: fewer than 256, so it fits a lane
// as wide as the key, and the loops over columns become vectors.
#define NM_ROW(width)                                                                         \
  CK_BODY void nm_row##width##_body(                                                          \
      const void *group, size_t rows, size_t stride, size_t self, unsigned pruned,            \
      size_t columns, uint8_t *keep) {                                                        \
    const uint8_t *from = group;                                                              \
    for (size_t start = 0; start < columns; start += 64) {                                    \
      size_t here = columns - start < 64 ? columns - start : 64;                              \
      uint##width##_t own[64], rank[64] = {0};                                                \
      for (size_t j = 0; j < here; j++) own[j] = key##width(from, self * stride + start + j); \
      for (size_t row = 0; row < rows; row++) {                                               \
        const uint8_t *other = from + (width / 8) * (row * stride + start);                   \
        /* An earlier row goes first among equals: key <= own is key < own + 1. */            \
        uint##width##_t earlier = row < self;                                                 \
        for (size_t j = 0; j < here; j++) rank[j] += key##width(other, j) < own[j] + earlier; \
      }                                                                                       \
      for (size_t j = 0; j < here; j++)                                                       \
        keep[start + j] = (own[j] != 0) & (rank[j] >= pruned);                                \
    }                                                                                         \
  }                                                                                           \
  CK_KERNEL_UP_TO_AVX2(                                                                       \
      void, nm_row##width,                                                                    \
      (const void *group, size_t rows, size_t stride, size_t self, unsigned pruned,           \
       size_t columns, uint8_t *keep),                                                        \
      (group, rows, stride, self, pruned, columns, keep))

NM_ROW(32)
NM_ROW(64)
