#define _GNU_SOURCE
#include "ckernels.h"

static int limit = 2;

void ck_limit_level(int level) { __atomic_store_n(&limit, level, __ATOMIC_RELAXED); }

int ck_level(void) {
#if defined(__x86_64__)
  int most = __atomic_load_n(&limit, __ATOMIC_RELAXED);
  if (most >= 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("bmi2"))
    return 2;
  if (most >= 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return 1;
#endif
  return 0;
}

#if defined(__linux__)
#include <sched.h>

int ck_available_cores(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}
#else
#include <unistd.h>

int ck_available_cores(void) { return (int)sysconf(_SC_NPROCESSORS_ONLN); }
#endif
