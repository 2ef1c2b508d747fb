// The inner loops of the packed format: checksums, counts, bit masks, compressed sparse rows.
//
// Words are 1, 2, 4 or 8 bytes wide and need not be aligned. A word is "zero" when all of its bits
// are clear, whatever its byte order.
#ifndef CSRM_KERNELS_H
#define CSRM_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Which instructions a kernel may use. Every kernel gives the same bytes at every level, so tests
// run each of them at all levels that the machine has.
typedef int ck_instructions;
enum { ck_portable = 0, ck_avx2 = 1, ck_avx512 = 2 };

// The best level of this machine. `ck_avx512` includes VBMI and VBMI2, for moving bytes and compressing them.
ck_instructions ck_best_level(void);

// CRC-32C (Castagnoli, RFC 3720 appendix B.4), continued from `crc`; 0 begins. At `ck_portable` by
// tables, otherwise by the processor's instruction where it has one.
uint32_t ck_crc32c(ck_instructions level, uint32_t crc, const void *bytes, size_t count);

// The CRC-32C of A followed by B, from the two and the length of B in bytes.
uint32_t ck_crc32c_combine(uint32_t a, uint32_t b, uint64_t length_of_b);

// How many of `count` words equal `pattern`.
size_t ck_count_equal(ck_instructions level, int width, const void *words, size_t count, uint64_t pattern);

// How many of `count` elements of `width` (any number of) bytes have no bit set.
size_t ck_count_clear(size_t width, const uint8_t *elements, size_t count);

// Whether two runs of `count` bytes, which may overlap, are the same.
int ck_equal(const void *a, const void *b, size_t count);

// Copies `count` words; those that equal `pattern` become zero.
void ck_clear_equal(int width, const void *words, size_t count, uint64_t pattern, void *out);

// How often the bits from `shift` up take each value, over the non-zero words; adds to
// `bins`, which has 2^(8·width − shift) counts. `swapped` words are big-endian.
// Returns the number of zero words.
size_t ck_top_histogram(int width, int swapped, int shift, const void *words, size_t count, uint64_t *bins);

// Set bits in `count` bytes.
size_t ck_popcount(const uint8_t *bytes, size_t count);

// One bit a word (first word lowest, set where the word is not zero) into `mask`, (count + 7) / 8
// bytes, and the non-zero words one after another into `values`, which has room for 64 bytes more
// than they take. `mask` may be NULL. Returns the number of non-zero words.
size_t ck_pack_nonzero(
    ck_instructions level, int width, const void *words, size_t count, uint8_t *mask, uint8_t *values);

// The reverse: writes `count` words to `out`. Reads as many values as `mask` has bits set among its
// first `count`; the caller has made sure that there are so many.
void ck_unpack_nonzero(
    ck_instructions level, int width, const uint8_t *mask, size_t count, const uint8_t *values, void *out);

// The column of every non-zero word of `rows` rows of `columns` words, as integers of
// `index_width` (1, 2 or 4) bytes; `out` has room for 64 bytes more than they take. Returns their
// number.
size_t ck_csr_columns(
    ck_instructions level, int width, const void *words, size_t rows, size_t columns, int index_width,
    uint8_t *out);

// What ck_csr_expand found wrong.
enum {
  ck_csr_good = 0,
  ck_csr_first_pointer,   // the first pointer is not `first`
  ck_csr_pointer_order,   // a pointer is smaller than the one before it, or larger than `end`
  ck_csr_column_order,    // a column does not come after the one before it in its row
  ck_csr_column_range     // a column is not smaller than `columns`
};

// Writes `rows` rows of `columns` words to `out`. Row r has the values from pointers[r] up to
// pointers[r + 1], the last one up to `end`, counted from `first`; pointers are integers of
// `pointer_width` (4 or 8) bytes. `indices` and `values` hold end − first elements. Checks
// everything before it is used.
int ck_csr_expand(
    int width, int index_width, int pointer_width, const uint8_t *pointers, size_t rows,
    size_t columns, uint64_t first, uint64_t end, const uint8_t *indices, const uint8_t *values,
    void *out);

// All first bytes of `count` elements of `width` (any number of) bytes, then all second ones, ….
void ck_split_planes(size_t width, const uint8_t *elements, size_t count, uint8_t *out);
void ck_join_planes(size_t width, const uint8_t *planes, size_t count, uint8_t *out);

#endif
