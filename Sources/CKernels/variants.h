// One kernel body, compiled once for each instruction set and chosen when it is called.
//
// A body is written with clang's vector types, so the same lines become AVX-512, AVX2 or SSE2 (NEON
// on other machines) and give the same bits everywhere: no contraction into fused operations, no
// order of additions that depends on the width. `CK_KERNEL` makes the variants and the function that
// the header declares.
#ifndef CK_VARIANTS_H
#define CK_VARIANTS_H

#include "ckernels.h"

#define CK_BODY static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define CK_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define CK_TARGET_AVX512 \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2,lzcnt,popcnt")))

// Defines `result ck_NAME parameters` and its variants from `NAME_body`.
#define CK_KERNEL(result, name, parameters, arguments)                                  \
  static result name##_portable parameters { return name##_body arguments; }            \
  CK_TARGET_AVX2 static result name##_avx2 parameters { return name##_body arguments; } \
  CK_TARGET_AVX512 static result name##_avx512 parameters {                             \
    return name##_body arguments;                                                       \
  }                                                                                     \
  result ck_##name parameters {                                                         \
    switch (ck_level()) {                                                               \
      case 2: return name##_avx512 arguments;                                           \
      case 1: return name##_avx2 arguments;                                             \
      default: return name##_portable arguments;                                        \
    }                                                                                   \
  }

// The same without an AVX-512 variant, for bodies that it makes slower (masked loads on Zen 5).
#define CK_KERNEL_UP_TO_AVX2(result, name, parameters, arguments)                       \
  static result name##_portable parameters { return name##_body arguments; }            \
  CK_TARGET_AVX2 static result name##_avx2 parameters { return name##_body arguments; } \
  result ck_##name parameters {                                                         \
    return ck_level() >= 1 ? name##_avx2 arguments : name##_portable arguments;         \
  }
#else
#define CK_KERNEL(result, name, parameters, arguments) \
  result ck_##name parameters { return name##_body arguments; }
#define CK_KERNEL_UP_TO_AVX2 CK_KERNEL
#endif

typedef uint8_t ck_16u8 __attribute__((vector_size(16)));
typedef uint16_t ck_16u16 __attribute__((vector_size(32)));
typedef uint32_t ck_16u32 __attribute__((vector_size(64)));
typedef int32_t ck_16i32 __attribute__((vector_size(64)));
typedef float ck_16f32 __attribute__((vector_size(64)));
typedef uint32_t ck_8u32 __attribute__((vector_size(32)));
typedef float ck_8f32 __attribute__((vector_size(32)));
typedef uint64_t ck_8u64 __attribute__((vector_size(64)));
typedef int64_t ck_8i64 __attribute__((vector_size(64)));
typedef double ck_8f64 __attribute__((vector_size(64)));
typedef _Bool ck_16bits __attribute__((ext_vector_type(16)));
typedef _Bool ck_8bits __attribute__((ext_vector_type(8)));

// The lanes of a comparison as bits, lane 0 lowest.
#define CK_BITS16(comparison)                                                      \
  ({                                                                               \
    ck_16bits lanes_ = __builtin_convertvector((ck_16i32)(comparison), ck_16bits); \
    uint16_t bits_;                                                                \
    __builtin_memcpy(&bits_, &lanes_, 2);                                          \
    bits_;                                                                         \
  })
#define CK_BITS8(comparison)                                                    \
  ({                                                                            \
    ck_8bits lanes_ = __builtin_convertvector((ck_8i64)(comparison), ck_8bits); \
    uint8_t bits_;                                                              \
    __builtin_memcpy(&bits_, &lanes_, 1);                                       \
    bits_;                                                                      \
  })

#endif
