// The inner loops of the encodings that learn as they go (csrm(5), 4: small and 5: mixed).
//
// Everything here that decodes is safe whatever the bytes are: nothing is read outside a block or
// written outside its elements, and what no encoder makes is reported. All arithmetic is in
// integers, so that a block is the same on every machine.
#ifndef ADAPTIVE_KERNELS_H
#define ADAPTIVE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Tables that every block is coded with; they follow from a few constants.
typedef struct {
  int16_t stretch[4096];   // ln(p / (1 - p)) · 256, for p in steps of 1/4096
  uint16_t squash[4096];   // the reverse: 65536 / (1 + e^(-x / 256)), for x from -2048
  uint16_t share[1024];    // 65536 / (n + 1.6)
} ck_logistic;

void ck_make_logistic(ck_logistic *tables);

// What kind of number an element is.
typedef struct {
  int width;      // bytes: 1, 2, 4 or 8; of an integer at most 4
  int swapped;    // elements in memory are big-endian
  int mantissa;   // of a float, bits of the mantissa; 0 for an integer
  int is_signed;  // an integer has a sign (two's complement)
} ck_number;

// An encoder is given so many bytes more than a block may take.
enum { ck_adaptive_margin = 256 };

// Encodes `count` elements into the `room` bytes of `out`; returns how many it wrote, or 0 where
// they would be more than `room` less the margin.
size_t ck_small_encode(
    const ck_logistic *tables, const ck_number *number, const void *elements, size_t count,
    uint8_t *out, size_t room);

// Decodes a block into `count` elements; returns 0 where it is not what an encoder makes.
int ck_small_decode(
    const ck_logistic *tables, const ck_number *number, const uint8_t *block, size_t length,
    void *elements, size_t count);

// How the elements of a block lie beside each other.
typedef struct {
  size_t rows, columns;
  size_t first_row;  // of the tensor, the block's first one
  size_t inputs;     // of a convolution's kernel: rows in a tap; else 0
  size_t taps_wide;  // and taps in a line
} ck_mixed_shape;

// Bytes that coding such a block takes; `memory`, below, has as many, aligned for integers.
size_t ck_mixed_room(const ck_mixed_shape *shape);

// The same as above, for blocks of at most 2^31 elements.
size_t ck_mixed_encode(
    const ck_logistic *tables, const ck_number *number, const ck_mixed_shape *shape,
    const void *elements, void *memory, uint8_t *out, size_t room);
int ck_mixed_decode(
    const ck_logistic *tables, const ck_number *number, const ck_mixed_shape *shape,
    const uint8_t *block, size_t length, void *memory, void *elements);

#endif
