// The values of a block, a few thousand at a time, so that what is on the way stays in the nearest
// caches.
#include "static_kernels.h"

#include <string.h>

#define CHUNK 8192

size_t ck_cut_block(
    ck_instructions level, const ck_float_cut *cut, const void *words, size_t count, void *room,
    uint8_t *mask, uint8_t *symbols, uint8_t *raw) {
  size_t width = (size_t)cut->width, bits = (size_t)ck_raw_bits(cut), done = 0, left = 0;
  const uint8_t *from = words;
  uint8_t *waiting = room;
  for (size_t start = 0; start < count; start += CHUNK) {
    size_t here = count - start < CHUNK ? count - start : CHUNK;
    left += ck_pack_nonzero(
        level, cut->width, from + start * width, here, mask + start / 8, waiting + left * width);
    // Eight fields end with a byte; fewer wait for the next chunk.
    size_t ready = start + here < count ? left & ~(size_t)7 : left;
    ck_cut_floats(level, cut, waiting, ready, symbols + done, raw + done * bits / 8);
    done += ready;
    left -= ready;
    memmove(waiting, waiting + ready * width, left * width);
  }
  return done;
}

int ck_static_values(
    ck_instructions level, const ck_float_cut *cut, const ck_rans_decoding *table,
    const uint8_t *symbols, size_t symbols_length, const uint8_t *raw, size_t raw_length,
    const uint8_t *mask, size_t count, size_t values, void *room, void *words) {
  size_t width = (size_t)cut->width, bits = (size_t)ck_raw_bits(cut);
  uint8_t *out = words;
  if (values == 0) {
    memset(out, 0, count * width);
    return symbols_length == 0;
  }
  ck_rans_reader reader;
  if (!ck_rans_begin(&reader, symbols, symbols_length)) return 0;
  uint8_t *waiting = room, *chunk = waiting + (CHUNK + 64) * 8;
  size_t decoded = 0, used = 0, left = 0, done = 0;
  while (done < count) {
    // A group of 64 elements takes 64 values at most.
    if (left < 64 && decoded < values) {
      size_t more = values - decoded < CHUNK ? values - decoded : CHUNK;
      if (!ck_rans_decode(level, &reader, table, chunk, more)) return 0;
      if (mask) memmove(waiting, waiting + used * width, left * width);
      ck_join_floats(
          level, cut, chunk, raw, raw_length, decoded * bits, more,
          mask ? waiting + left * width : out + decoded * width);
      decoded += more;
      left += more;
      used = 0;
    }
    if (!mask) {
      done = decoded;
      left = 0;
      continue;
    }
    size_t end = done, now = left;
    if (decoded == values) {
      end = count;
    } else {
      size_t rest = left;
      for (; end + 64 <= count; end += 64) {
        uint64_t group;
        memcpy(&group, mask + end / 8, 8);
        size_t set = (size_t)__builtin_popcountll(group);
        if (set > rest) break;
        rest -= set;
      }
      now = left - rest;
    }
    ck_unpack_nonzero(
        level, cut->width, mask + done / 8, end - done, waiting + used * width, out + done * width);
    used += now;
    left -= now;
    done = end;
  }
  return ck_rans_is_finished(&reader);
}
