// OpenBLAS, loaded when it is first needed: loading takes longer than most of coppice's commands.
//
// It is held to one thread, so that results do not depend on how many there are; the engine's own
// threads call it side by side. Matrices are row-major, leading dimensions count elements.
#ifndef COPENBLAS_H
#define COPENBLAS_H

#include <stdbool.h>

// Loads the library, once. NULL, or why it could not be: a text that stays. To be called before any
// other function here, none of which may be called where this gives a text. Sets
// OPENBLAS_NUM_THREADS in the environment, and OPENBLAS_CORETYPE where the user has not and the library
// would not know the processor.
const char *ob_load(void);

// The processor that the library has chosen its kernels for, such as "SkylakeX" or "Zen".
const char *ob_core(void);

// c = alpha · a·b + beta · c, with a [m][k] and b [k][n], each stored transposed where said.
void ob_sgemm(
    bool transpose_a, bool transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc);
void ob_dgemm(
    bool transpose_a, bool transpose_b, int m, int n, int k, double alpha, const double *a, int lda,
    const double *b, int ldb, double beta, double *c, int ldc);

// y = alpha · a·x + beta · y, with a stored as [rows][columns] and used transposed where said.
void ob_sgemv(
    bool transpose, int rows, int columns, float alpha, const float *a, int lda, const float *x,
    float beta, float *y);

// One triangle of c [n][n] = alpha · a·aᵀ + beta · c with a [n][k], or aᵀ·a with a [k][n] where
// `transpose`.
void ob_dsyrk(
    bool upper, bool transpose, int n, int k, double alpha, const double *a, int lda, double beta,
    double *c, int ldc);

// b [m][n] = alpha · a⁻¹·b, or alpha · b·a⁻¹ where `right`; a is triangular, used transposed where
// said.
void ob_dtrsm(
    bool right, bool upper, bool transpose, int m, int n, double alpha, const double *a, int lda,
    double *b, int ldb);

// On one triangle of a [n][n], in place: a = uᵀ·u (upper) or l·lᵀ; the inverse of the matrix whose
// factor is given; the inverse of a triangular matrix. 0, or 1 + the row at which it cannot be done
// (not positive definite, singular).
int ob_dpotrf(bool upper, int n, double *a, int lda);
int ob_dpotri(bool upper, int n, double *a, int lda);
int ob_dtrtri(bool upper, int n, double *a, int lda);

#endif
