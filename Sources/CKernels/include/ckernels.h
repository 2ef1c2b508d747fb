// Inner loops that need instructions beyond the baseline, each chosen at run time and each with a
// portable twin beside it. Pointers to elements need not be aligned.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adaptive_kernels.h"
#include "csrm_kernels.h"
#include "network_kernels.h"

// --- the machine (cpu.c) ------------------------------------------------------------------------

// The instruction set that the kernels use on this machine: 2 for AVX-512, 1 for AVX2, 0 for what
// every machine has.
int ck_level(void);

// Keeps the kernels at `level` or below, so that tests can compare the twins.
void ck_limit_level(int level);

// The cores that this process is allowed to run on.
int ck_available_cores(void);

// Lets the kernel begin to write a range of a file to the disk, and does not wait for it. What a file
// system cannot do of this it leaves to fsync.
void ck_start_writeback(int descriptor, int64_t offset, int64_t count);

// --- digests -----------------------------------------------------------------------------------

// Runs SHA-256's compression function over `blocks` blocks of 64 bytes; `portable` asks for the twin
// without special instructions.
void ck_sha256_compress(uint32_t state[8], const uint8_t *bytes, size_t blocks, int portable);

// The CRC-32 of zip and gzip over `count` more bytes, from the one so far (0 at the start).
uint32_t ck_crc32(uint32_t crc, const uint8_t *bytes, size_t count, int portable);

// --- conversions (convert.c) --------------------------------------------------------------------

// The codes are those of ElementType.Kind.
enum ck_kind {
  CK_FLOAT16 = 1, CK_BFLOAT16, CK_FLOAT32, CK_FLOAT64,
  CK_INT8, CK_INT16, CK_INT32, CK_INT64,
  CK_UINT8, CK_UINT16, CK_UINT32, CK_UINT64,
  CK_BOOL
};

// `count` elements of `kind` as floats or doubles; `swap` where their bytes are in the other order.
// Exact for the float kinds as far as the result is wide enough; NaN stays NaN.
void ck_to_f32(int kind, bool swap, const void *source, size_t count, float *out);
void ck_to_f64(int kind, bool swap, const void *source, size_t count, double *out);

// --- statistics (statistics.c) ------------------------------------------------------------------

// What one pass over a block finds. The sums are of the finite values x: (x - shift) * scale, its
// square, and |x| * scale. `lowest` and `highest` are infinities where no value is finite.
typedef struct {
  uint64_t zeros, negative_zeros, nan, infinite;
  double sum, squares, absolute, lowest, highest;
} ck_statistics;

// At most 2^32 values a call. Eight partial sums (value i goes to sum i % 8), added in order.
void ck_statistics_f32(const void *values, size_t count, double shift, ck_statistics *out);
void ck_statistics_f64(
    const void *values, size_t count, double shift, double scale, ck_statistics *out);

// Values by the exponent e of their leading bit, 2^e <= |x| < 2^(e+1), subnormals by value. Adds to
// bins[e + 149] (277 bins) or bins[e + 1074] (2098 bins). Zeros and what is not finite are left out.
void ck_exponents_f32(const void *values, size_t count, uint64_t *bins);
void ck_exponents_f64(const void *values, size_t count, uint64_t *bins);

// --- ranking (select.c) -------------------------------------------------------------------------
// A key is an unsigned number whose top bit is ignored, so a float is its own key: by magnitude.

// What is in a block of keys of floats.
typedef struct {
  uint64_t zeros, negative_zeros, nonfinite;
} ck_survey;

// The first digit of a radix selection: bits 30...15 of a 32-bit key, 62...47 of a 64-bit one.
// Adds to one of two tables (65536 bins each, in `bins`) in turn.
void ck_radix_first32(const void *keys, size_t count, uint32_t *bins, ck_survey *out);
void ck_radix_first64(const void *keys, size_t count, uint32_t *bins, ck_survey *out);

// A later digit: (key >> shift) & mask, of the keys with key >> above == prefix.
void ck_radix_next32(
    const void *keys, size_t count, unsigned above, uint32_t prefix, unsigned shift, uint32_t mask,
    uint32_t *bins);
void ck_radix_next64(
    const void *keys, size_t count, unsigned above, uint64_t prefix, unsigned shift, uint64_t mask,
    uint32_t *bins);

// Adds a table of counts to another; bins of a longer table that are the same modulo `modulus` (a
// power of two) are put together.
void ck_add_counts(const uint32_t *counts, size_t count, uint64_t *totals, size_t modulus);

// The bin that holds the element of rank *rank (from 1), and in *rank its rank in that bin. `count`
// where the bins hold fewer.
size_t ck_find_rank(const uint64_t *totals, size_t count, uint64_t *rank);

// Sets bit i of `words` where key i > `cut`, clears it elsewhere (also past `count` in the last
// word). Returns how many keys equal `cut`.
size_t ck_cut32(const void *keys, size_t count, uint32_t cut, uint64_t *words);
size_t ck_cut64(const void *keys, size_t count, uint64_t cut, uint64_t *words);

// Sets the bits of the keys that equal `cut`, but for the first `skipped` of them.
void ck_keep_ties32(
    const void *keys, size_t count, uint32_t cut, size_t skipped, uint64_t *words);
void ck_keep_ties64(
    const void *keys, size_t count, uint64_t cut, size_t skipped, uint64_t *words);

// --- scores and order (order.c) -----------------------------------------------------------------

// Makes keys of scores, in place: 0 (with the weight's sign) where the weight is zero, all bits but
// the top one where it is not finite, else one more than the bits of the score, so that a score of
// nothing still ranks after a zero. Weights are floats or doubles. Returns the index of the first
// score that is negative, not finite or the largest double, or `count`.
size_t ck_score_keys_f32(double *scores, const void *weights, size_t count);
size_t ck_score_keys_f64(double *scores, const void *weights, size_t count);

// Entries (magnitude as float bits) << 32 | index, for index first, first + 1, ...
void ck_magnitude_entries(const void *floats, size_t count, uint32_t first, uint64_t *entries);

// Sorts entries by their upper half, stably. `spare` has room for as many.
void ck_sort_entries(uint64_t *entries, size_t count, uint64_t *spare);

// --- N:M (pattern.c) ----------------------------------------------------------------------------

// N:M along rows of keys, `stride` keys apart. keep[j] is 1 where the key in row `self` of column j
// is not zero and not among the `pruned` lowest of its column; of equal keys, an earlier row is
// lower. `rows` is at most 255.
void ck_nm_row32(
    const void *group, size_t rows, size_t stride, size_t self, unsigned pruned, size_t columns,
    uint8_t *keep);
void ck_nm_row64(
    const void *group, size_t rows, size_t stride, size_t self, unsigned pruned, size_t columns,
    uint8_t *keep);

// --- masks (mask.c) -----------------------------------------------------------------------------

// Elements of `size` bytes, those whose bit is clear as zero bytes. Element 0 has bit `first`.
void ck_masked_copy(
    void *out, const void *source, const uint64_t *words, size_t first, size_t count, size_t size);

// Bits as bytes 0 and 1, from bit `first` on.
void ck_bits_to_bytes(uint8_t *out, const uint64_t *words, size_t first, size_t count);

// Bytes as bits: set where the byte is not zero, cleared past `count` in the last word. Returns the
// index of the first byte over 1, or `count`.
size_t ck_bytes_to_bits(const uint8_t *bytes, size_t count, uint64_t *words);

#endif
