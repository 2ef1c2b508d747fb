// Includes CK_BODY_FILE once for each instruction set. No guard: a file may have several bodies.
#include "levels.h"

// A product and a sum are fused where vfma says so and nowhere else, so that a tail, a short tile
// and a full one give the same bits.
#pragma clang fp contract(off)

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2"), \
                   min_vector_width(512))), apply_to = function)
#define CK_NAMED(name) name##_avx512
#define CK_LANES 16
#define CK_REGISTERS 32
#define CK_FUSED 1
#include "lanes.h"
#include CK_BODY_FILE
#undef CK_NAMED
#undef CK_LANES
#undef CK_REGISTERS
#undef CK_FUSED
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define CK_NAMED(name) name##_avx2
#define CK_LANES 8
#define CK_REGISTERS 16
#define CK_FUSED 1
#include "lanes.h"
#include CK_BODY_FILE
#undef CK_NAMED
#undef CK_LANES
#undef CK_REGISTERS
#undef CK_FUSED
#pragma clang attribute pop
#endif

#define CK_NAMED(name) name##_portable
#define CK_LANES 4
#if defined(__aarch64__)
#define CK_REGISTERS 32
#define CK_FUSED 1
#else
#define CK_REGISTERS 16
#define CK_FUSED 0
#endif
#include "lanes.h"
#include CK_BODY_FILE
#undef CK_NAMED
#undef CK_LANES
#undef CK_REGISTERS
#undef CK_FUSED
#undef CK_BODY_FILE
