// One body of lines for every instruction set.
//
// A source file says
//     #define CK_BODY_FILE "conv2d_body.h"
//     #include "every_level.h"
// and the body is compiled for AVX-512, for AVX2 with FMA, and for the baseline (SSE2; NEON on other
// machines). A body is written with the vectors of lanes.h and names its functions CK_NAMED(name);
// CK_CHOOSE calls the one for this machine.
#ifndef CK_LEVELS_H
#define CK_LEVELS_H

#include "../variants.h"
#include "network_kernels.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define CK_CHOOSE(name, arguments)             \
  switch (ck_network_level()) {                \
    case 2: name##_avx512 arguments; break;    \
    case 1: name##_avx2 arguments; break;      \
    default: name##_portable arguments; break; \
  }
#else
#define CK_CHOOSE(name, arguments) name##_portable arguments
#endif

#define CK_UNROLL _Pragma("clang loop unroll(full)")

// What lanes.h and the bodies define, under this level's name.
#define vf CK_NAMED(floats)
#define vi CK_NAMED(ints)
#define vload CK_NAMED(vload)
#define vstore CK_NAMED(vstore)
#define vload_part CK_NAMED(vload_part)
#define vstore_part CK_NAMED(vstore_part)
#define vfma CK_NAMED(vfma)
#define vselect CK_NAMED(vselect)
#define vabs CK_NAMED(vabs)
#define vmax CK_NAMED(vmax)
#define vmin CK_NAMED(vmin)
#define vsum CK_NAMED(vsum)
#define vtop CK_NAMED(vtop)
#define vsqrt CK_NAMED(vsqrt)

#endif
