#include <string.h>

#include "variants.h"

// Sixty-four bits from bit `first` on. Reads the second word only where bits of it are wanted.
static inline uint64_t bits_at(const uint64_t *words, size_t first, size_t wanted) {
  size_t word = first >> 6, over = first & 63;
  uint64_t bits = words[word] >> over;
  if (over && wanted > 64 - over) bits |= words[word + 1] << (64 - over);
  return wanted >= 64 ? bits : bits & (((uint64_t)1 << wanted) - 1);
}

// The elements whose bit is set in `bits`, at most 64 of them, the others as zero bytes.
CK_BODY void masked64(uint8_t *out, const uint8_t *from, uint64_t bits, size_t count, size_t size) {
  if (count == 64 && size == 4) {
    const ck_16u32 lane = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
    for (int part = 0; part < 4; part++) {
      ck_16u32 value;
      __builtin_memcpy(&value, from + 64 * part, 64);
      value &= (ck_16u32)((((uint32_t)(bits >> (16 * part)) & 0xffffu) & lane) != 0);
      __builtin_memcpy(out + 64 * part, &value, 64);
    }
  } else if (count == 64 && size == 2) {
    const ck_16u16 lane = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
    for (int part = 0; part < 4; part++) {
      ck_16u16 value;
      __builtin_memcpy(&value, from + 32 * part, 32);
      value &= (ck_16u16)(((uint16_t)(bits >> (16 * part)) & lane) != 0);
      __builtin_memcpy(out + 32 * part, &value, 32);
    }
  } else if (count == 64 && size == 8) {
    const ck_8u64 lane = {1, 2, 4, 8, 16, 32, 64, 128};
    for (int part = 0; part < 8; part++) {
      ck_8u64 value;
      __builtin_memcpy(&value, from + 64 * part, 64);
      value &= (ck_8u64)(((bits >> (8 * part)) & lane) != 0);
      __builtin_memcpy(out + 64 * part, &value, 64);
    }
  } else {
    for (size_t i = 0; i < count; i++) {
      if (bits >> i & 1) memcpy(out + i * size, from + i * size, size);
      else memset(out + i * size, 0, size);
    }
  }
}

CK_BODY void masked_copy_body(
    void *out, const void *source, const uint64_t *words, size_t first, size_t count, size_t size) {
  uint8_t *to = out;
  const uint8_t *from = source;
  for (size_t done = 0; done < count; done += 64) {
    size_t wanted = count - done < 64 ? count - done : 64;
    uint64_t bits = bits_at(words, first + done, wanted);
    if (bits == 0) memset(to + done * size, 0, wanted * size);
    else masked64(to + done * size, from + done * size, bits, wanted, size);
  }
}

CK_KERNEL_UP_TO_AVX2(
    void, masked_copy,
    (void *out, const void *source, const uint64_t *words, size_t first, size_t count, size_t size),
    (out, source, words, first, count, size))

void ck_bits_to_bytes(uint8_t *out, const uint64_t *words, size_t first, size_t count) {
  for (size_t done = 0; done < count; done += 64) {
    size_t wanted = count - done < 64 ? count - done : 64;
    uint64_t bits = bits_at(words, first + done, wanted);
    for (size_t i = 0; i < wanted; i++) out[done + i] = bits >> i & 1;
  }
}

CK_BODY size_t bytes_to_bits_body(const uint8_t *bytes, size_t count, uint64_t *words) {
  size_t odd = count;
  for (size_t done = 0; done < count; done += 64) {
    uint8_t part[64] = {0};
    size_t wanted = count - done < 64 ? count - done : 64;
    memcpy(part, bytes + done, wanted);
    uint64_t bits = 0, over = 0;
    for (int i = 0; i < 4; i++) {
      ck_16u8 lanes;
      __builtin_memcpy(&lanes, part + 16 * i, 16);
      ck_16bits set = __builtin_convertvector(lanes != 0, ck_16bits);
      ck_16bits large = __builtin_convertvector(lanes > 1, ck_16bits);
      uint16_t set_bits, large_bits;
      __builtin_memcpy(&set_bits, &set, 2);
      __builtin_memcpy(&large_bits, &large, 2);
      bits |= (uint64_t)set_bits << (16 * i);
      over |= (uint64_t)large_bits << (16 * i);
    }
    words[done >> 6] = bits;
    if (over && odd == count) odd = done + (size_t)__builtin_ctzll(over);
  }
  return odd;
}

CK_KERNEL(
    size_t, bytes_to_bits, (const uint8_t *bytes, size_t count, uint64_t *words),
    (bytes, count, words))
