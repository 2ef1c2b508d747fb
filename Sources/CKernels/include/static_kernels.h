// The inner loops of the encoding `static` (csrm(5), 3: static): rANS over bytes, and floats taken
// apart into symbols and raw bits.
//
// Everything here that decodes is safe whatever the bytes are: nothing is read behind a stream or
// written behind its output, and what no encoder makes is reported.
#ifndef STATIC_KERNELS_H
#define STATIC_KERNELS_H

#include "csrm_kernels.h"

// --- rANS (rans_encode.c, rans_decode.c) -----------------------------------------------------------
// Thirty-two coders side by side, symbol i in lane i % 32, as in F. Giesen, "Interleaved entropy
// coders", arXiv:1402.3392 (2014). States have 32 bits and are at least 2^16 between symbols, words
// have 16 bits, frequencies add up to 2^14. A stream is the 32 states that decoding begins with,
// then the words in the order in which it takes them, all little-endian.

enum { ck_rans_lanes = 32, ck_rans_bits = 14 };

// Which symbol each of the 2^14 places belongs to, and every symbol's frequency << 16 | first place.
typedef struct {
  uint8_t symbol[1 << ck_rans_bits];
  uint32_t range[256];
} ck_rans_decoding;

// Every symbol's 2^46 / frequency, rounded up, and its range as above.
typedef struct {
  uint64_t reciprocal[256];
  uint32_t range[256];
} ck_rans_encoding;

// Fill the tables; the 256 frequencies add up to 2^14.
void ck_rans_make_decoding(const uint16_t *frequencies, ck_rans_decoding *table);
void ck_rans_make_encoding(const uint16_t *frequencies, ck_rans_encoding *table);

// Encodes `count` symbols, none of frequency 0, into the bytes before `end`; returns how many bytes
// it wrote: at most 128 and two a symbol. There is room for 64 more in front of them.
size_t ck_rans_encode(
    ck_instructions level, const ck_rans_encoding *table, const uint8_t *symbols, size_t count,
    uint8_t *end);

// A stream that is being decoded.
typedef struct {
  uint32_t states[ck_rans_lanes];
  const uint8_t *next;
  const uint8_t *end;
} ck_rans_reader;

// Begins a stream of `length` bytes; returns 0 where it is too short or of odd length.
int ck_rans_begin(ck_rans_reader *reader, const uint8_t *stream, size_t length);

// Decodes the next `count` symbols, a multiple of 32 unless they are the last; returns 0 where the
// stream ends before them.
int ck_rans_decode(
    ck_instructions level, ck_rans_reader *reader, const ck_rans_decoding *table, uint8_t *symbols,
    size_t count);

// Whether the stream is used up and every state back where the encoder began.
int ck_rans_is_finished(const ck_rans_reader *reader);

// --- gaps (gaps.c) --------------------------------------------------------------------------------
// The places of set bits as bytes: for each set bit the number of clear ones before it, counted from
// the last set bit. 255 stands for 255 clear bits with no set one behind them.

// Writes the gaps of the first `count` bits; there are at most as many as set bits and count / 255
// together. Returns their number.
size_t ck_mask_to_gaps(const uint8_t *mask, size_t count, uint8_t *gaps);

// Sets the bits that the gaps tell in `mask`, (count + 7) / 8 bytes. Returns the number of bits set,
// or count + 1 where they would lie behind the last one.
size_t ck_gaps_to_mask(const uint8_t *gaps, size_t gap_count, uint8_t *mask, size_t count);

// --- floats (fields.c) ----------------------------------------------------------------------------
// A float of `width` bytes (2, 4 or 8) is, in this machine's byte order, a sign, an exponent and
// `mantissa` bits, of which the `trailing` lowest are zero. What is left of exponent and mantissa is
// cut in two: the upper part less `base`, with `prefix` bits of the mantissa, is the symbol; the
// rest, below the sign, is the raw field.

typedef struct {
  int width;
  int swapped;      // elements in memory are big-endian
  int mantissa;
  int trailing;
  int prefix;
  int has_signs;    // raw fields have the sign on top; where not, all are as `negative` says
  int negative;
  uint64_t base;
} ck_float_cut;

// Bits of a raw field: 0 to 53.
int ck_raw_bits(const ck_float_cut *cut);

// Cuts `count` words, none of them with a symbol over 255, into symbols and raw fields. The fields
// are packed from the lowest bit of the first byte upwards. `raw` has room for 16 bytes more than
// they take.
void ck_cut_floats(
    ck_instructions level, const ck_float_cut *cut, const void *words, size_t count, uint8_t *symbols,
    uint8_t *raw);

// The reverse, for fields that begin at bit `first` (a multiple of 8 × their bits) of `raw`, which
// has `raw_length` bytes and all of the fields. Words are written in memory order.
void ck_join_floats(
    ck_instructions level, const ck_float_cut *cut, const uint8_t *symbols, const uint8_t *raw,
    size_t raw_length, size_t first, size_t count, void *words);

// --- a whole block (block.c) ----------------------------------------------------------------------

// Room that ck_static_values takes, in bytes.
enum { ck_static_room = (8192 + 128) * 9 };

// Room that ck_cut_block takes, in bytes.
enum { ck_cut_room = (8192 + 16) * 8 + 64 };

// The reverse of ck_static_values, up to the streams: writes the bits of `count` words to `mask`,
// (count + 7) / 8 bytes, and cuts those that are not zero into symbols and raw fields. There is
// room for all symbols, and for 16 bytes more than the fields take. Returns the number of non-zero
// words.
size_t ck_cut_block(
    ck_instructions level, const ck_float_cut *cut, const void *words, size_t count, void *room,
    uint8_t *mask, uint8_t *symbols, uint8_t *raw);

// Decodes the values of a block: writes `count` words, those whose bit is set in `mask` (all, where
// it is NULL) from the streams, the others zero. `values` bits are set, and `raw` has exactly the
// bytes that as many fields take. Returns 0 where the symbols are not what an encoder makes.
int ck_static_values(
    ck_instructions level, const ck_float_cut *cut, const ck_rans_decoding *table,
    const uint8_t *symbols, size_t symbols_length, const uint8_t *raw, size_t raw_length,
    const uint8_t *mask, size_t count, size_t values, void *room, void *words);

// --- statistics (census.c) ------------------------------------------------------------------------

// What one pass over floats counts; everything is added to what is there.
typedef struct {
  uint64_t nonzeros;
  uint64_t negatives;      // among them
  uint64_t combined;       // their bits, or-ed
  uint64_t mask_bytes[256];
  uint64_t gaps[256];      // see above
  uint64_t run;            // elements since the last non-zero one, or since the pass began
  uint64_t gaps_left_out;  // elements in stretches so dense that their gaps were not counted
  uint32_t *tops;          // by exponent and upper 6 bits of the mantissa, sign aside
} ck_float_census;

// Counts `count` elements of a `cut`, of which only width, swapped and mantissa matter. `tops` has
// 2^(8·width - 1 - mantissa + 6) counts.
void ck_count_floats(
    ck_instructions level, const ck_float_cut *cut, const void *words, size_t count,
    ck_float_census *census);

#endif
