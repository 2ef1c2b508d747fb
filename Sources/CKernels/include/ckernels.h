// Inner loops that need instructions beyond the baseline, each chosen at run time and each with a
// portable twin beside it.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// The instruction set the kernels use on this machine: "avx512", "avx2" or "baseline".
const char *ck_instruction_set(void);

// The cores that this process is allowed to run on.
int ck_available_cores(void);

// --- digests -----------------------------------------------------------------------------------

// Runs SHA-256's compression function over `blocks` blocks of 64 bytes; `portable` asks for the twin
// without special instructions.
void ck_sha256_compress(uint32_t state[8], const uint8_t *bytes, size_t blocks, int portable);

// The CRC-32 of zip and gzip over `count` more bytes, from the one so far (0 at the start).
uint32_t ck_crc32(uint32_t crc, const uint8_t *bytes, size_t count, int portable);

#endif
