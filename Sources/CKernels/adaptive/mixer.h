// Mixing: what up to eight predictors say is weighted and added on the logistic scale, and the
// weights learn from what comes true (M. Mahoney, "Adaptive weighing of context models for lossless
// data compression", 2005). Two sets of weights, picked by different contexts, are averaged.
#ifndef CK_MIXER_H
#define CK_MIXER_H

#include "range_coder.h"

// Eight lanes, so that SSE2 and NEON handle them in two instructions. (AVX2 in one was 4 % faster in
// all, which does not pay for a twin.)
typedef int32_t ck_inputs __attribute__((vector_size(32)));

// A set of weights, 65536 for 1, and how often it learned.
typedef struct {
  int32_t weights[8];
  uint32_t count;
} ck_weights;

enum { ck_most_weight = 1 << 19 };

CK_BODY void ck_start_weights(ck_weights *sets, size_t count, int32_t weight, int inputs) {
  for (size_t set = 0; set < count; set++) {
    for (int i = 0; i < 8; i++) sets[set].weights[i] = i < inputs ? weight : 0;
    sets[set].count = 0;
  }
}

// The sum of weights times inputs. A product has 30 bits and a sign.
CK_BODY int32_t ck_mixed(const ck_weights *set, const ck_inputs *inputs) {
  ck_inputs weights;
  memcpy(&weights, set->weights, sizeof weights);
  ck_inputs products = weights * *inputs >> 4;
  int32_t sum = 0;
  for (int i = 0; i < 8; i++) sum += products[i];
  return ck_limited(sum >> 12);
}

// Moves the weights against the error, far at first: by `pace` / 16 as much again, which fades.
CK_BODY void ck_weights_learned(
    const ck_logistic *tables, ck_weights *set, const ck_inputs *inputs, int32_t mixed, int bit,
    uint32_t pace) {
  int32_t error = (bit << 16) - (int32_t)ck_squash(tables, mixed);
  int32_t rate = (int32_t)(16 + (pace * tables->share[16 + (set->count >> 4)] >> 8));
  set->count += set->count < 16000;
  int32_t step = (error * rate + 128) >> 8;
  ck_inputs weights;
  memcpy(&weights, set->weights, sizeof weights);
  weights += (*inputs * step + (1 << 13)) >> 14;
  for (int i = 0; i < 8; i++) {
    int32_t weight = weights[i];
    weight = weight < -ck_most_weight ? -ck_most_weight : weight;
    weights[i] = weight > ck_most_weight ? ck_most_weight : weight;
  }
  memcpy(set->weights, &weights, sizeof weights);
}

// Codes a bit as the two sets together predict it.
CK_BODY int ck_code_mixed(
    ck_coder *coder, const int encoding, const ck_logistic *tables, const ck_inputs *inputs,
    ck_weights *one, ck_weights *other, uint32_t pace, int bit) {
  int32_t by_one = ck_mixed(one, inputs), by_other = ck_mixed(other, inputs);
  uint32_t probability = ck_between(32, ck_squash(tables, (by_one + by_other) >> 1), 65504);
  bit = ck_code(coder, encoding, bit, probability);
  ck_weights_learned(tables, one, inputs, by_one, bit, pace);
  ck_weights_learned(tables, other, inputs, by_other, bit, pace);
  return bit;
}

#endif
