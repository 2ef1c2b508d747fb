// What encoder and decoder of rANS streams share.
#ifndef CK_STATIC_RANS_H
#define CK_STATIC_RANS_H

#include "static_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AVX512 \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))
#endif

#define LANES ck_rans_lanes
#define BITS ck_rans_bits
// Where states are between symbols, and where an encoder begins.
#define LOWEST (1u << 16)

#endif
