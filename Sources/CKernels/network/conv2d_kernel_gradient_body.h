// The tiles of conv2d_kernel_gradient.c for one instruction set.

#define kernel_sums CK_NAMED(kernel_sums)
#define kernel_tile CK_NAMED(kernel_tile)
#define kernel_runs CK_NAMED(kernel_runs)

// R runs from `run` on × P inputs from `first` on × N vectors of channels from `channel` on, of
// which the last has `last` that count.
CK_BODY void kernel_sums(
    const int R, const int P, const int N, const int whole, const ck_kernel_sums *k, long run,
    long first, long channel, long last) {
  const float *x[5], *dy = k->dy + channel;
  CK_UNROLL for (int r = 0; r < R; r++)
    x[r] = k->x + (run + r) / k->runs_in_row * k->row_step +
           (run + r) % k->runs_in_row * k->run_step + first;
  vf sum[27];
  CK_UNROLL for (int i = 0; i < R * P * N; i++) sum[i] = (vf)0.0f;
  const ck_walk *walk = &k->walk;
  for (long image = 0; image < k->images; image++)
    for (long row = 0; row < walk->rows; row++) {
      long at = image * walk->image_step + row * walk->row_step;
      for (long column = 0; column < walk->columns;
           column++, at += walk->column_step, dy += k->dy_stride) {
        vf d[2];
        CK_UNROLL for (int n = 0; n < N; n++)
          d[n] = whole || n < N - 1 ? vload(dy + n * CK_LANES)
                                    : vload_part(dy + n * CK_LANES, last);
        CK_UNROLL for (int r = 0; r < R; r++)
          CK_UNROLL for (int p = 0; p < P; p++) {
            const vf value = x[r][at + p];
            CK_UNROLL for (int n = 0; n < N; n++)
              sum[(r * P + p) * N + n] = vfma(value, d[n], sum[(r * P + p) * N + n]);
          }
      }
    }
  CK_UNROLL for (int r = 0; r < R; r++)
    CK_UNROLL for (int p = 0; p < P; p++) {
      float *out = k->dkernel + ((run + r) * k->run + first + p) * k->dy_stride + channel;
      CK_UNROLL for (int n = 0; n < N; n++, out += CK_LANES) {
        if (whole || n < N - 1) vstore(out, vload(out) + sum[(r * P + p) * N + n]);
        else vstore_part(out, vload_part(out, last) + sum[(r * P + p) * N + n], last);
      }
    }
}

// The tiles that there are: runs, inputs, vectors. Several runs at once make up for short ones.
#if CK_REGISTERS == 32
#define SHAPES(SHAPE)                                                                         \
  SHAPE(1, 24, 1) SHAPE(1, 16, 1) SHAPE(1, 12, 1) SHAPE(1, 9, 1) SHAPE(1, 8, 1) SHAPE(1, 6, 1)  \
  SHAPE(1, 5, 1) SHAPE(1, 4, 1) SHAPE(1, 3, 1) SHAPE(1, 2, 1) SHAPE(1, 1, 1)                     \
  SHAPE(3, 9, 1) SHAPE(3, 8, 1) SHAPE(3, 6, 1) SHAPE(3, 4, 1) SHAPE(3, 3, 1) SHAPE(3, 2, 1)      \
  SHAPE(3, 1, 1) SHAPE(5, 5, 1) SHAPE(5, 4, 1) SHAPE(5, 3, 1) SHAPE(5, 2, 1) SHAPE(5, 1, 1)      \
  SHAPE(1, 12, 2) SHAPE(1, 9, 2) SHAPE(1, 8, 2) SHAPE(1, 6, 2) SHAPE(1, 5, 2) SHAPE(1, 4, 2)     \
  SHAPE(1, 3, 2) SHAPE(1, 2, 2) SHAPE(1, 1, 2) SHAPE(3, 4, 2) SHAPE(3, 3, 2) SHAPE(3, 2, 2)      \
  SHAPE(3, 1, 2) SHAPE(5, 2, 2) SHAPE(5, 1, 2)
#else
#define SHAPES(SHAPE)                                                                         \
  SHAPE(1, 12, 1) SHAPE(1, 9, 1) SHAPE(1, 8, 1) SHAPE(1, 6, 1) SHAPE(1, 5, 1) SHAPE(1, 4, 1)     \
  SHAPE(1, 3, 1) SHAPE(1, 2, 1) SHAPE(1, 1, 1) SHAPE(3, 4, 1) SHAPE(3, 3, 1) SHAPE(3, 2, 1)      \
  SHAPE(3, 1, 1) SHAPE(5, 2, 1) SHAPE(5, 1, 1)                                                   \
  SHAPE(1, 6, 2) SHAPE(1, 5, 2) SHAPE(1, 4, 2) SHAPE(1, 3, 2) SHAPE(1, 2, 2) SHAPE(1, 1, 2)      \
  SHAPE(3, 2, 2) SHAPE(3, 1, 2)
#endif

#define KEY(R, P, N) ((R) * 1024 + (P) * 4 + (N))
#define TILE(R, P, N) CK_NAMED(kernel_tile_##R##_##P##_##N)

#define FUNCTION(R, P, N)                                                                    \
  static void TILE(R, P, N)(                                                                 \
      const ck_kernel_sums *k, long run, long first, long channel, long last) {              \
    if (last >= CK_LANES) kernel_sums(R, P, N, 1, k, run, first, channel, CK_LANES);         \
    else kernel_sums(R, P, N, 0, k, run, first, channel, last);                              \
  }
SHAPES(FUNCTION)
#undef FUNCTION

// Whether there is such a tile; it runs where k is not NULL.
static bool kernel_tile(
    long R, long P, long N, const ck_kernel_sums *k, long run, long first, long channel,
    long last) {
  switch (KEY(R, P, N)) {
#define CASE(R, P, N) \
  case KEY(R, P, N): if (k) TILE(R, P, N)(k, run, first, channel, last); return true;
    SHAPES(CASE)
#undef CASE
    default: return false;
  }
}

// R runs in full: the most inputs that a tile takes, then what is left.
static void kernel_runs(
    const ck_kernel_sums *k, long R, long run, long N, long channel, long last) {
  for (long first = 0; first < k->run;) {
    long P = k->run - first < 24 ? k->run - first : 24;
    while (!kernel_tile(R, P, N, NULL, 0, 0, 0, 0)) P--;
    kernel_tile(R, P, N, k, run, first, channel, last);
    first += P;
  }
}

static void CK_NAMED(kernel_gradient)(const ck_kernel_sums *k) {
  for (long channel = 0; channel < k->channels;) {
    const long left = k->channels - channel, N = left > CK_LANES ? 2 : 1;
    const long last = left - (N - 1) * CK_LANES;
    for (long run = 0; run < k->runs;) {
      long R = 1;
      if (k->runs - run >= 5 && kernel_tile(5, k->run, N, NULL, 0, 0, 0, 0)) R = 5;
      else if (k->runs - run >= 3 && kernel_tile(3, k->run, N, NULL, 0, 0, 0, 0)) R = 3;
      kernel_runs(k, R, run, N, channel, last);
      run += R;
    }
    channel += N * CK_LANES;
  }
}
#undef SHAPES
#undef KEY
#undef TILE
