// The inner loops of the engine that runs networks.
//
// Values are 32-bit floats, channels last (NHWC), packed rows. They need not be aligned, but what
// begins at a multiple of 64 bytes is read up to twice as fast. No function
// allocates, keeps state, or reads outside of what its comment names; each may be called from any
// number of threads. Sizes are positive unless said, and the caller has checked that their products
// fit a long.
//
// Unlike the other kernels of this target these may fuse a product and a sum, and so differ in the
// last bits from one instruction set to another. On one instruction set a result depends on nothing
// but its own inputs: a row (an image, a sample) gives the same bits alone and among others.
#ifndef NETWORK_KERNELS_H
#define NETWORK_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// --- the machine (network/level.c) --------------------------------------------------------------

// The instruction set of the functions here: 2 is AVX-512, 1 is AVX2 with FMA, 0 the baseline.
int ck_network_level(void);

// Keeps calls from this thread at `level` or below, so that tests can go through all of them.
void ck_limit_network_level(int level);

// --- activations (network/activation.c) ---------------------------------------------------------

// `p` is the parameter that goes with the code; where none is named it is ignored. Formulas are
// those of Keras 3 (keras/src/activations).
typedef int ck_activation;
enum {
  CK_LINEAR = 0,
  CK_RELU,
  CK_RELU6,
  CK_LEAKY_RELU,        // x < 0 ? p·x : x
  // The codes up to here can stand in an epilogue.
  CK_SIGMOID,
  CK_TANH,
  CK_EXPONENTIAL,
  CK_ERF,
  CK_GELU,              // x·(1 + erf(x/√2))/2
  CK_GELU_TANH,         // the approximation by tanh
  CK_SILU,
  CK_SOFTPLUS,
  CK_LOG_SIGMOID,
  CK_ELU,               // x < 0 ? p·(eˣ − 1) : x
  CK_SELU,
  CK_CELU,              // x < 0 ? p·(e^(x/p) − 1) : x
  CK_MISH,
  CK_HARD_SIGMOID,      // x/6 + 0.5 in 0…1 (Keras 3)
  CK_HARD_SIGMOID_FIFTH,  // 0.2·x + 0.5 in 0…1 (Keras 1 and 2)
  CK_HARD_SILU,         // x·(x/6 + 0.5 in 0…1)
  CK_HARD_TANH,
  CK_HARD_SHRINK,       // |x| > p ? x : 0
  CK_SOFT_SHRINK,       // sign(x)·max(|x| − p, 0)
  CK_TANH_SHRINK,
  CK_SOFTSIGN,
  CK_SQUAREPLUS,        // (x + √(x² + p))/2
  CK_SPARSE_PLUS,
  CK_SPARSE_SIGMOID,
  CK_LOG,
  CK_ACTIVATIONS        // how many there are
};

// y[i] = the activation of x[i]; y may be x. NaN stays NaN. The relative error is under 4e-7; near a
// zero that is not at 0 (log, the hard sigmoids), for tanh_shrink, and for gelu_tanh far below 0, it
// is 4e-7 of max(|x|, 1). Numbers under 1e-36 may come out as 0, and less exact.
void ck_activate(ck_activation code, float p, const float *x, float *y, long count);

// The parameter that Keras takes where a code that has one is given by name.
float ck_default_parameter(ck_activation code);

// --- what follows a product ---------------------------------------------------------------------

// y = activation((product [+ y]) · scale[channel] + shift[channel] + residual). Any pointer may be
// NULL; `residual` is laid out as y and may be y. `activation` is one of the first four codes,
// `slope` the parameter of CK_LEAKY_RELU.
typedef struct {
  const float *scale, *shift, *residual;
  ck_activation activation;
  float slope;
  bool accumulate;
} ck_epilogue;

// --- convolution (network/conv2d.c) -------------------------------------------------------------

// Output (i, j) sees the input rows i·stride − pad + k·dilation; what lies outside of the image is
// zero, on every side as far as the output needs it. A one-dimensional convolution has a height
// and kernel_height of 1. `channels` and `out_channels` are multiples of `groups`.
typedef struct {
  int height, width, channels;
  int out_height, out_width, out_channels;
  int kernel_height, kernel_width;
  int stride_height, stride_width;
  int dilation_height, dilation_width;
  int pad_top, pad_left;
  int groups;
} ck_conv_geometry;

// The floats that a packed kernel takes: output channels are padded to a multiple of 16.
long ck_conv2d_packed_size(const ck_conv_geometry *geometry);

// A Keras kernel [kernel_height][kernel_width][channels/groups][out_channels], packed. The packed
// form is the same on every instruction set.
void ck_conv2d_pack(const ck_conv_geometry *geometry, const float *kernel, float *packed);

// The floats of scratch that a call needs, however many images it has; may be 0.
long ck_conv2d_scratch_size(const ck_conv_geometry *geometry);

// images × [height][width][channels] to images × [out_height][out_width][out_channels]. y is not x.
void ck_conv2d(
    const ck_conv_geometry *geometry, const float *packed, const ck_epilogue *epilogue, long images,
    const float *x, float *y, float *scratch);

// --- dense layers (network/dense.c) -------------------------------------------------------------

// A kernel [inputs][outputs], packed; and y[row] = epilogue(x[row] · kernel). Rows of x and y (and
// of the residual) are x_stride and y_stride floats apart. y is not x.
long ck_dense_packed_size(int inputs, int outputs);
void ck_dense_pack(int inputs, int outputs, const float *kernel, float *packed);
void ck_dense(
    int inputs, int outputs, const float *packed, const ck_epilogue *epilogue, long rows,
    const float *x, long x_stride, float *y, long y_stride);

// --- depthwise convolution (network/depthwise.c) ------------------------------------------------

// `groups` is ignored. out_channels = channels · m; output channel c·m + j is input channel c under
// kernel[·][·][c][j], so that Keras's kernel [kernel_height][kernel_width][channels][m] is used as
// it is.
long ck_depthwise_scratch_size(const ck_conv_geometry *geometry);
void ck_depthwise(
    const ck_conv_geometry *geometry, const float *kernel, const ck_epilogue *epilogue, long images,
    const float *x, float *y, float *scratch);

// --- pooling (network/pooling.c) ----------------------------------------------------------------

// Over the windows of the geometry (out_channels = channels; groups is ignored), what is padding
// counts for nothing: the largest real element (NaN if there is one), or the sum of the real
// elements by their number. A window without any gives -infinity or NaN.
void ck_pool_max(const ck_conv_geometry *geometry, long images, const float *x, float *y);
void ck_pool_average(const ck_conv_geometry *geometry, long images, const float *x, float *y);

// images × [positions][channels] to images × [channels].
void ck_global_max(long images, long positions, int channels, const float *x, float *y);
void ck_global_average(long images, long positions, int channels, const float *x, float *y);

// --- rows (network/rows.c) ----------------------------------------------------------------------
// y may be x in all of these.

void ck_softmax_rows(const float *x, float *y, long rows, long width);
void ck_log_softmax_rows(const float *x, float *y, long rows, long width);

// y = activation(x · scale[channel] + shift[channel]), one of the codes of an epilogue. NULL for
// scale or shift leaves it out.
void ck_affine_rows(
    const float *x, const float *scale, const float *shift, float *y, long rows, int channels,
    ck_activation activation, float slope);

// (x − mean) / √(variance + epsilon) · gamma + beta over each row, in two passes; gamma and beta
// may be NULL. The other without a mean: x / √(mean of squares + epsilon) · gamma.
void ck_layer_norm_rows(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, long rows,
    long width);
void ck_rms_norm_rows(
    const float *x, const float *gamma, float epsilon, float *y, long rows, long width);

// --- arithmetic (network/arithmetic.c) ----------------------------------------------------------

typedef int ck_operation;
enum { CK_ADD = 0, CK_SUBTRACT, CK_MULTIPLY, CK_DIVIDE, CK_MAXIMUM, CK_MINIMUM, CK_OPERATIONS };

// y[i] = a[i] ∘ b[i]; y may be a or b. A NaN on either side gives NaN.
void ck_combine(ck_operation operation, const float *a, const float *b, float *y, long count);

// y[r][i] = a[r][i] ∘ row[i], or with `reversed` row[i] ∘ a[r][i]; y may be a.
void ck_combine_row(
    ck_operation operation, bool reversed, const float *a, const float *row, float *y, long rows,
    long width);

// y[r][i] = a[r][i] ∘ b[r]: a number for each row.
void ck_combine_column(
    ck_operation operation, bool reversed, const float *a, const float *b, float *y, long rows,
    long width);

// y[i] = x[i] · scale + shift; y may be x.
void ck_affine(const float *x, float scale, float shift, float *y, long count);

// --- recurrent cells (network/recurrent.c) ------------------------------------------------------

// One step of an LSTM. z is [rows][4·units], x·W + h·U + b in Keras's order i, f, c, o; c and h are
// [rows][units]. c is read and written, h is written:
// c = σ(f)·c + σ(i)·a(z_c), h = σ(o)·a(c), with σ the recurrent activation. z is overwritten.
void ck_lstm_step(
    float *z, float *c, float *h, long rows, int units, ck_activation recurrent,
    ck_activation activation);

// One step of a GRU with reset_after. x and r are [rows][3·units] in the order z, r, h: x·W + input
// bias and h·U + recurrent bias. h is read and written; x is overwritten:
// h = σ(z)·h + (1 − σ(z))·a(x_h + σ(r)·r_h).
void ck_gru_step(
    float *x, const float *r, float *h, long rows, int units, ck_activation recurrent,
    ck_activation activation);

// A GRU without reset_after in two halves. First, with r [rows][2·units] = h·U for z and r alone:
// x_z becomes σ(x_z + r_z) and reset [rows][units] = σ(x_r + r_r)·h, which the caller multiplies
// with U_h and adds to x_h. Then h = x_z·h + (1 − x_z)·a(x_h).
void ck_gru_reset(
    float *x, const float *r, const float *h, float *reset, long rows, int units,
    ck_activation recurrent);
void ck_gru_blend(float *x, float *h, long rows, int units, ck_activation activation);

#endif
