#define _GNU_SOURCE
#include "ckernels.h"

const char *ck_instruction_set(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw")) return "avx512";
  if (__builtin_cpu_supports("avx2")) return "avx2";
#endif
  return "baseline";
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
