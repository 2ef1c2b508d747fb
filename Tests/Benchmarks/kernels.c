// GFLOP/s of the engine's kernels on one core, for each instruction set, beside OpenBLAS.
//
// Every figure is the best of many rounds of under a millisecond, so that what else the machine
// does falls out; it says what the kernel can do, not what a whole network does. Inputs are warm.
// To compile, with the clang that comes with Swift:
//   clang -O2 -ISources/CKernels/include -ISources/COpenBLAS/include Tests/Benchmarks/kernels.c \
//     Sources/CKernels/network/*.c Sources/CKernels/cpu.c Sources/COpenBLAS/openblas.c -ldl -lm -o kernels
// usage: kernels [level]
#include "network_kernels.h"
#include "openblas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 400 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Seconds that `statement` takes at best.
#define BEST(result, statement)                                       \
  double result = 1e9;                                                \
  {                                                                   \
    statement;                                                        \
    double began = now();                                             \
    statement;                                                        \
    int repeats = (int)(3e-4 / (now() - began + 1e-9)) + 1;           \
    for (int round = 0; round < ROUNDS; round++) {                    \
      began = now();                                                  \
      for (int repeat = 0; repeat < repeats; repeat++) { statement; } \
      double each = (now() - began) / repeats;                        \
      if (each < result) result = each;                               \
    }                                                                 \
  }

static float *numbers(long count) {
  float *values = aligned_alloc(64, (size_t)(count * 4 + 64) / 64 * 64 + 64);
  for (long i = 0; i < count; i++) values[i] = (float)rand() / (float)RAND_MAX - 0.5f;
  return values;
}

typedef struct {
  const char *name;
  ck_conv_geometry geometry;
  int images, relu;
} convolution;

// A square image, kernel and stride; `same` padding or none.
static convolution square(
    const char *name, int size, int in, int out, int kernel, int stride, int same) {
  int side = same ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
  int pad = same ? ((side - 1) * stride + kernel - size) / 2 : 0;
  return (convolution){
    name, {size, size, in, side, side, out, kernel, kernel, stride, stride, 1, 1,
           pad < 0 ? 0 : pad, pad < 0 ? 0 : pad, 1}, 8, 1};
}

static void convolve(convolution c, int depthwise) {
  ck_conv_geometry *g = &c.geometry;
  long inputs = (long)c.images * g->height * g->width * g->channels;
  long outputs = (long)c.images * g->out_height * g->out_width * g->out_channels;
  long taps = (long)g->kernel_height * g->kernel_width * (depthwise ? 1 : g->channels);
  float *x = numbers(inputs), *y = numbers(outputs), *kernel = numbers(taps * g->out_channels);
  float *shift = numbers(g->out_channels);
  float *packed = numbers(depthwise ? 1 : ck_conv2d_packed_size(g));
  float *scratch = numbers(1 + (depthwise ? ck_depthwise_scratch_size(g) : ck_conv2d_scratch_size(g)));
  ck_epilogue e = {.shift = shift, .activation = CK_RELU};
  double operations = 2.0 * (double)outputs * (double)taps;
  if (depthwise) {
    BEST(seconds, ck_depthwise(g, kernel, &e, c.images, x, y, scratch))
    printf(" %7.1f", operations / seconds / 1e9);
  } else {
    ck_conv2d_pack(g, kernel, packed);
    BEST(seconds, ck_conv2d(g, packed, &e, c.images, x, y, scratch))
    printf(" %7.1f", operations / seconds / 1e9);
  }
  fflush(stdout);
  free(x), free(y), free(kernel), free(shift), free(packed), free(scratch);
}

static void every_level(int most, convolution c, int depthwise) {
  printf("%-34s", c.name);
  for (int level = most; level >= 0; level--) {
    ck_limit_network_level(level);
    convolve(c, depthwise);
  }
  printf("\n");
}

static void dense(int most, int rows, int inputs, int outputs) {
  float *x = numbers((long)rows * inputs), *w = numbers((long)inputs * outputs);
  float *y = numbers((long)rows * outputs), *packed = numbers(ck_dense_packed_size(inputs, outputs));
  ck_dense_pack(inputs, outputs, w, packed);
  ck_epilogue none = {0};
  double operations = 2.0 * rows * inputs * outputs;
  printf("%4d rows, %5d to %-5d            ", rows, inputs, outputs);
  for (int level = most; level >= 0; level--) {
    ck_limit_network_level(level);
    BEST(seconds, ck_dense(inputs, outputs, packed, &none, rows, x, inputs, y, outputs))
    printf(" %7.1f", operations / seconds / 1e9);
  }
  BEST(gemm, ob_sgemm(
      false, false, rows, outputs, inputs, 1, x, inputs, w, outputs, 0, y, outputs))
  printf("    %7.1f", operations / gemm / 1e9);
  if (rows == 1) {
    BEST(gemv, ob_sgemv(true, inputs, outputs, 1, w, outputs, x, 0, y))
    printf(" %7.1f", operations / gemv / 1e9);
  }
  printf("\n");
  free(x), free(w), free(y), free(packed);
}

// Nanoseconds for each number of an array that fits the second-level cache.
static void activations(int most) {
  static const struct {
    const char *name;
    int code;
  } list[] = {
    {"relu", CK_RELU}, {"sigmoid", CK_SIGMOID}, {"tanh", CK_TANH}, {"exponential", CK_EXPONENTIAL},
    {"gelu", CK_GELU}, {"gelu (tanh)", CK_GELU_TANH}, {"silu", CK_SILU}, {"softplus", CK_SOFTPLUS},
    {"elu", CK_ELU}, {"mish", CK_MISH}, {"erf", CK_ERF}, {"log", CK_LOG}};
  enum { COUNT = 16384 };
  float *x = numbers(COUNT), *y = numbers(COUNT);
  printf("\n%-34s nanoseconds a number\n", "activation");
  for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
    printf("%-34s", list[i].name);
    for (int level = most; level >= 0; level--) {
      ck_limit_network_level(level);
      BEST(seconds, ck_activate(list[i].code, 1, x, y, COUNT))
      printf(" %7.3f", seconds * 1e9 / COUNT);
    }
    printf("\n");
  }
  free(x), free(y);
}

static void rows_and_cells(int most) {
  static const struct {
    const char *name;
    long rows, width;
  } list[] = {{"softmax, 10 wide", 256, 10}, {"softmax, 1000 wide", 32, 1000},
              {"layer norm, 128 wide", 64, 128}, {"batch norm and relu, 20 wide", 512, 20},
              {"LSTM step, 128 units", 32, 128}, {"GRU step, 128 units", 32, 128},
              {"max 2 by 2 of 32 by 32 by 16", 16, 1024}, {"mean of 8 by 8 by 64", 16, 4096}};
  float *x = numbers(1 << 18), *y = numbers(1 << 18), *z = numbers(1 << 18);
  ck_conv_geometry pool = {32, 32, 16, 16, 16, 16, 2, 2, 2, 2, 1, 1, 0, 0, 1};
  printf("\n%-34s nanoseconds a number of its input\n", "rows, cells, pooling");
  for (int i = 0; i < (int)(sizeof list / sizeof *list); i++) {
    long rows = list[i].rows, width = list[i].width, count = rows * width * (i == 4 ? 4 : i == 5 ? 3 : 1);
    printf("%-34s", list[i].name);
    for (int level = most; level >= 0; level--) {
      ck_limit_network_level(level);
      BEST(seconds, switch (i) {
        case 0: case 1: ck_softmax_rows(x, y, rows, width); break;
        case 2: ck_layer_norm_rows(x, z, z, 1e-3f, y, rows, width); break;
        case 3: ck_affine_rows(x, z, z, y, rows, (int)width, CK_RELU, 0); break;
        case 4: ck_lstm_step(x, y, y + (1 << 17), rows, (int)width, CK_SIGMOID, CK_TANH); break;
        case 5: ck_gru_step(x, z, y, rows, (int)width, CK_SIGMOID, CK_TANH); break;
        case 6: ck_pool_max(&pool, 1, x, y); break;
        default: ck_global_average(rows, 64, 64, x, y); break;
      })
      printf(" %7.3f", seconds * 1e9 / (double)(i == 6 ? 32 * 32 * 16 : count));
    }
    printf("\n");
  }
  free(x), free(y), free(z);
}

int main(int count, char **arguments) {
  if (count > 1) ck_limit_network_level(atoi(arguments[1]));
  const int most = ck_network_level();
  static const char *const names[] = {"SSE2", "AVX2", "AVX-512"};
  printf("%-34s", "GFLOP/s, one core, 8 images");
  for (int level = most; level >= 0; level--) printf(" %7s", names[level]);
  printf("\n");
  const convolution list[] = {
    square("ResNet-20 3-16, 32 by 32", 32, 3, 16, 3, 1, 1),
    square("ResNet-20 16-16, 32 by 32", 32, 16, 16, 3, 1, 1),
    square("ResNet-20 16-32/2, 32 by 32", 32, 16, 32, 3, 2, 1),
    square("ResNet-20 32-32, 16 by 16", 16, 32, 32, 3, 1, 1),
    square("ResNet-20 32-64/2, 16 by 16", 16, 32, 64, 3, 2, 1),
    square("ResNet-20 64-64, 8 by 8", 8, 64, 64, 3, 1, 1),
    square("ResNet-20 16-32/2, 1 by 1", 32, 16, 32, 1, 2, 1),
    square("LeNet-5 1-6, 5 by 5", 28, 1, 6, 5, 1, 1),
    square("LeNet-5 6-16, 5 by 5", 14, 6, 16, 5, 1, 0),
    square("LeNet-5 1-20, 5 by 5", 28, 1, 20, 5, 1, 0),
    square("LeNet-5 20-50, 5 by 5", 12, 20, 50, 5, 1, 0),
    square("pointwise 64-128, 16 by 16", 16, 64, 128, 1, 1, 1),
    square("pointwise 256-256, 8 by 8", 8, 256, 256, 1, 1, 1),
    square("VGG 256-256, 8 by 8", 8, 256, 256, 3, 1, 1),
    square("VGG 512-512, 2 by 2", 2, 512, 512, 3, 1, 1),
  };
  for (unsigned i = 0; i < sizeof list / sizeof *list; i++) every_level(most, list[i], 0);
  const convolution channelwise[] = {
    square("depthwise 32, 32 by 32", 32, 32, 32, 3, 1, 1),
    square("depthwise 64/2, 32 by 32", 32, 64, 64, 3, 2, 1),
    square("depthwise 128, 16 by 16", 16, 128, 128, 3, 1, 1),
    square("depthwise 256, 8 by 8", 8, 256, 256, 3, 1, 1),
    square("depthwise 64, 5 by 5, 14 by 14", 14, 64, 64, 5, 1, 1),
  };
  for (unsigned i = 0; i < sizeof channelwise / sizeof *channelwise; i++)
    every_level(most, channelwise[i], 1);

  const char *missing = ob_load();
  if (missing) {
    printf("%s\n", missing);
  } else {
    printf("\n%-34s %*s OpenBLAS (%s): sgemm, sgemv\n", "dense", 8 * most + 8, "", ob_core());
    const int shapes[][2] = {{784, 300}, {300, 100}, {100, 10}, {128, 512}, {1024, 1024}};
    const int rows[] = {1, 4, 8, 32, 128, 512};
    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++)
      for (unsigned j = 0; j < sizeof rows / sizeof *rows; j++)
        dense(most, rows[j], shapes[i][0], shapes[i][1]);
  }
  activations(most);
  rows_and_cells(most);
  return 0;
}
