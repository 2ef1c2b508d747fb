// The register tiles under convolutions and dense layers: many positions times one panel of packed
// weights.
//
// A panel holds the weights of 32 output channels (or of the last 16) as [tap][lane]. A tile keeps
// P positions × N vectors of channels in registers; for each tap it loads N vectors of weights,
// broadcasts one number of each position's input, and does P·N multiply-adds. Where the registers
// are 32, P·N is 24: 14 loads for 24 products, within the two of each that a core does in a cycle.
#ifndef CK_PRODUCT_H
#define CK_PRODUCT_H

#include "network_kernels.h"

enum { CK_PANEL = 32, CK_HALF_PANEL = 16 };

// The width of the panel that begins at channel `first`, and the lanes of all panels of `channels`.
static inline int ck_panel_width(int first, int channels) {
  return channels - first > CK_HALF_PANEL ? CK_PANEL : CK_HALF_PANEL;
}
static inline long ck_panel_lanes(int channels) {
  return ((long)channels + CK_HALF_PANEL - 1) / CK_HALF_PANEL * CK_HALF_PANEL;
}

// Packs [taps][row_stride] weights, `channels` of each row, as panels.
void ck_pack_panels(
    const float *weights, long taps, long row_stride, int channels, float *packed);

// Where the inputs of a position lie, from its first one: rows × columns × run floats.
typedef struct {
  long rows, row_step, columns, column_step, run;
} ck_taps;

// The positions, one after another in y: columns × rows × images, `*_step` floats apart in x.
typedef struct {
  long columns, column_step, rows, row_step, image_step;
} ck_walk;

typedef struct {
  ck_taps taps;
  ck_walk walk;
  const float *x;
  long positions;
  const float *weights;  // all panels
  int channels;          // output channels in them
  float *y;              // channel 0 of the first position
  long y_stride;         // floats between positions, of the residual too
  ck_epilogue epilogue;  // its pointers are those of channel 0 of the first position
} ck_product;

// y[position][channel] of all positions and channels. A result does not depend on the others.
void ck_run_product(const ck_product *product);

#endif
