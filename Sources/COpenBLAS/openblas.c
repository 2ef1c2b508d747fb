#define _GNU_SOURCE
#include "openblas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__APPLE__)
static const char library_name[] = "libopenblas.dylib";
#else
static const char library_name[] = "libopenblas.so.0";
#endif

// LAPACK, column-major; the last argument is the length of the first, as Fortran passes it.
typedef void factor_function(const char *, const int *, double *, const int *, int *, size_t);
typedef void inverse_function(
    const char *, const char *, const int *, double *, const int *, int *, size_t, size_t);

static __typeof__(cblas_sgemm) *sgemm;
static __typeof__(cblas_dgemm) *dgemm;
static __typeof__(cblas_sgemv) *sgemv;
static __typeof__(cblas_dsyrk) *dsyrk;
static __typeof__(cblas_dtrsm) *dtrsm;
static factor_function *dpotrf, *dpotri;
static inverse_function *dtrtri;
static char *(*corename)(void);

static const struct {
  const char *name;
  void *function;
} symbols[] = {
  {"cblas_sgemm", &sgemm}, {"cblas_dgemm", &dgemm}, {"cblas_sgemv", &sgemv},
  {"cblas_dsyrk", &dsyrk}, {"cblas_dtrsm", &dtrsm}, {"dpotrf_", &dpotrf},
  {"dpotri_", &dpotri},    {"dtrtri_", &dtrtri},    {"openblas_get_corename", &corename},
};

static char failure[512];

static void load(void) {
  // Read by the library while it is loaded, and then it starts no threads of its own.
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
#if defined(__x86_64__)
  __builtin_cpu_init();
  // Debian's 0.3.21 takes AVX2 kernels, at half the speed, on processors that are newer than it is.
  // What the user has set stands.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
#endif
  void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(failure, sizeof failure, "%s", dlerror());
    return;
  }
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    void *function = dlsym(library, symbols[i].name);
    if (!function) {
      snprintf(failure, sizeof failure, "%s has no %s", library_name, symbols[i].name);
      return;
    }
    memcpy(symbols[i].function, &function, sizeof function);
  }
}

const char *ob_load(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}

const char *ob_core(void) { return corename(); }

static CBLAS_TRANSPOSE turned(bool transpose) { return transpose ? CblasTrans : CblasNoTrans; }
static CBLAS_UPLO triangle(bool upper) { return upper ? CblasUpper : CblasLower; }

void ob_sgemm(
    bool transpose_a, bool transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc) {
  sgemm(
      CblasRowMajor, turned(transpose_a), turned(transpose_b), m, n, k, alpha, a, lda, b, ldb, beta,
      c, ldc);
}

void ob_dgemm(
    bool transpose_a, bool transpose_b, int m, int n, int k, double alpha, const double *a, int lda,
    const double *b, int ldb, double beta, double *c, int ldc) {
  dgemm(
      CblasRowMajor, turned(transpose_a), turned(transpose_b), m, n, k, alpha, a, lda, b, ldb, beta,
      c, ldc);
}

void ob_sgemv(
    bool transpose, int rows, int columns, float alpha, const float *a, int lda, const float *x,
    float beta, float *y) {
  sgemv(CblasRowMajor, turned(transpose), rows, columns, alpha, a, lda, x, 1, beta, y, 1);
}

void ob_dsyrk(
    bool upper, bool transpose, int n, int k, double alpha, const double *a, int lda, double beta,
    double *c, int ldc) {
  dsyrk(CblasRowMajor, triangle(upper), turned(transpose), n, k, alpha, a, lda, beta, c, ldc);
}

void ob_dtrsm(
    bool right, bool upper, bool transpose, int m, int n, double alpha, const double *a, int lda,
    double *b, int ldb) {
  dtrsm(
      CblasRowMajor, right ? CblasRight : CblasLeft, triangle(upper), turned(transpose),
      CblasNonUnit, m, n, alpha, a, lda, b, ldb);
}

// The upper triangle in rows is the lower one in columns.
static const char *column_triangle(bool upper) { return upper ? "L" : "U"; }

int ob_dpotrf(bool upper, int n, double *a, int lda) {
  int result = 0;
  dpotrf(column_triangle(upper), &n, a, &lda, &result, 1);
  return result;
}

int ob_dpotri(bool upper, int n, double *a, int lda) {
  int result = 0;
  dpotri(column_triangle(upper), &n, a, &lda, &result, 1);
  return result;
}

int ob_dtrtri(bool upper, int n, double *a, int lda) {
  int result = 0;
  dtrtri(column_triangle(upper), "N", &n, a, &lda, &result, 1, 1);
  return result;
}
