// A binary range coder, and beside it bits that are stored as they are.
//
// One piece of memory holds both: the coded number from the front, plain bits from the back, so
// that neither needs a length. Decoders read zeros behind the end, and see at the end whether the
// two met exactly.
#ifndef CK_RANGE_CODER_H
#define CK_RANGE_CODER_H

#include "logistic.h"

#include <string.h>

// An encoder or a decoder: which, is known when it is compiled.
typedef struct {
  uint64_t range;
  uint64_t value;        // decoding: the coded number less the interval's start; encoding: that start
  uint64_t plain;        // plain bits on their way; decoding: from the top down
  unsigned plain_count;
  uint8_t *start;        // encoding: the first byte,
  uint8_t *out;          // the next coded one,
  uint8_t *out_end;      // and the end of what is free: plain bytes follow
  const uint8_t *in;     // decoding: the next coded byte,
  const uint8_t *in_start;
  const uint8_t *in_end;
  const uint8_t *plain_in;  // and the end of those that are not taken as plain bits
  uint64_t words;        // decoding: words of the coded number taken so far,
  uint64_t taken;        // and plain bits
} ck_coder;

// The next four bytes of the coded number.
CK_BODY uint64_t ck_next_word(ck_coder *coder) {
  coder->words++;
  ptrdiff_t left = coder->in_end - coder->in;
  if (__builtin_expect(left >= 4, 1)) {
    uint32_t word;
    memcpy(&word, coder->in, 4);
    coder->in += 4;
    return __builtin_bswap32(word);
  }
  uint32_t word = 0;
  for (ptrdiff_t i = 0; i < 4; i++) word = word << 8 | (i < left ? coder->in[i] : 0);
  coder->in = coder->in_end;
  return word;
}

CK_BODY void ck_begin_encoding(ck_coder *coder, uint8_t *out, uint8_t *end) {
  memset(coder, 0, sizeof *coder);
  coder->range = ~(uint64_t)0;
  coder->start = coder->out = out;
  coder->out_end = end;
}

CK_BODY void ck_begin_decoding(ck_coder *coder, const uint8_t *bytes, const uint8_t *end) {
  memset(coder, 0, sizeof *coder);
  coder->range = ~(uint64_t)0;
  coder->in = coder->in_start = bytes;
  coder->in_end = coder->plain_in = end;
  coder->value = ck_next_word(coder) << 32;
  coder->value |= ck_next_word(coder);
}

// Whether the most that one element takes (under 128 bytes) still fits.
CK_BODY int ck_has_room(const ck_coder *coder) { return coder->out_end - coder->out >= 128; }

// Whether more was read than there is: then it is no use to go on.
CK_BODY int ck_is_beyond(const ck_coder *coder) {
  uint64_t length = (uint64_t)(coder->in_end - coder->in_start);
  return coder->words * 4 > length + 16 || coder->taken > length * 8;
}

// Adds one to the number written so far, behind which a sum overflowed.
CK_BODY void ck_carry(ck_coder *coder) {
  uint8_t *byte = coder->out;
  while (++*--byte == 0) {}
}

// Codes a bit that is one with a probability of `probability` / 65536, at least 32 from 0 and 65536.
CK_BODY int ck_code(ck_coder *coder, const int encoding, int bit, uint32_t probability) {
  uint64_t bound = (coder->range >> 16) * probability;
  if (encoding) {
    if (!bit) {
      coder->value += bound;
      if (coder->value < bound) ck_carry(coder);
    }
    coder->range = bit ? bound : coder->range - bound;
    if (coder->range >> 32 == 0) {
      uint32_t word = __builtin_bswap32((uint32_t)(coder->value >> 32));
      memcpy(coder->out, &word, 4);
      coder->out += 4;
      coder->value <<= 32;
      coder->range <<= 32;
    }
  } else {
    bit = coder->value < bound;
    coder->value -= bit ? 0 : bound;
    coder->range = bit ? bound : coder->range - bound;
    if (__builtin_expect(coder->range >> 32 == 0, 0)) {
      coder->range <<= 32;
      coder->value = coder->value << 32 | ck_next_word(coder);
    }
  }
  return bit;
}

// A bit by the probability that a slot has learned, which it teaches.
CK_BODY int ck_code_slot(
    ck_coder *coder, const int encoding, const ck_logistic *tables, ck_slot *slot, int bit,
    uint32_t limit) {
  ck_slot before = *slot;
  bit = ck_code(coder, encoding, bit, ck_between(32, before >> 16, 65504));
  *slot = ck_learned(tables, before, bit, limit);
  return bit;
}

// `count` plain bits, at most 56.
CK_BODY uint64_t ck_plain(ck_coder *coder, const int encoding, uint64_t bits, unsigned count) {
  if (encoding) {
    coder->plain = coder->plain << count | bits;
    coder->plain_count += count;
    while (coder->plain_count >= 8) {
      coder->plain_count -= 8;
      *--coder->out_end = (uint8_t)(coder->plain >> coder->plain_count);
    }
    return bits;
  }
  if (coder->plain_count < count) {
    if (__builtin_expect(coder->plain_in - coder->in_start >= 8, 1)) {
      uint64_t word;
      memcpy(&word, coder->plain_in - 8, 8);
      unsigned bytes = (63 - coder->plain_count) >> 3;
      // What lies below these bytes comes again later, in the same place.
      coder->plain |= word >> coder->plain_count;
      coder->plain_in -= bytes;
      coder->plain_count += bytes * 8;
    } else {
      while (coder->plain_count <= 56) {
        uint64_t byte = coder->plain_in > coder->in_start ? *--coder->plain_in : 0;
        coder->plain |= byte << (56 - coder->plain_count);
        coder->plain_count += 8;
      }
    }
  }
  bits = count ? coder->plain >> (64 - count) : 0;
  coder->plain = count ? coder->plain << count : coder->plain;
  coder->plain_count -= count;
  coder->taken += count;
  return bits;
}

// How many bytes it takes to say a number that lies in an interval of this length, whatever comes
// behind them.
CK_BODY unsigned ck_last_bytes(uint64_t range) { return ((unsigned)__builtin_clzll(range) + 1) / 8 + 1; }

// Ends both, one behind the other; returns how many bytes they are.
CK_BODY size_t ck_end_encoding(ck_coder *coder, uint8_t *end) {
  unsigned last = ck_last_bytes(coder->range);
  uint64_t step = (uint64_t)1 << (64 - 8 * last);
  uint64_t number = coder->value + (step - 1);
  if (number < coder->value) ck_carry(coder);
  for (unsigned i = 0; i < last; i++) *coder->out++ = (uint8_t)(number >> (56 - 8 * i));
  if (coder->plain_count > 0) *--coder->out_end = (uint8_t)(coder->plain << (8 - coder->plain_count));
  size_t plain = (size_t)(end - coder->out_end);
  memmove(coder->out, coder->out_end, plain);
  return (size_t)(coder->out - coder->start) + plain;
}

// Whether all was read, and no more; the bits that fill the last plain byte are zero.
CK_BODY int ck_end_decoding(const ck_coder *coder) {
  uint64_t coded = coder->words * 4 - 8 + ck_last_bytes(coder->range);
  uint64_t plain = (coder->taken + 7) / 8, length = (uint64_t)(coder->in_end - coder->in_start);
  if (coded + plain != length) return 0;
  unsigned filling = (unsigned)(plain * 8 - coder->taken);
  return filling == 0 || (coder->in_end[-(ptrdiff_t)plain] & ((1u << filling) - 1)) == 0;
}

#endif
