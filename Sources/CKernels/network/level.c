#include "network_kernels.h"

static _Thread_local int limit = 2;

void ck_limit_network_level(int level) { limit = level; }

int ck_network_level(void) {
#if defined(__x86_64__)
  if (limit >= 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("bmi2"))
    return 2;
  if (limit >= 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2"))
    return 1;
#endif
  return 0;
}
