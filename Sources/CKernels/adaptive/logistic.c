#include "logistic.h"

// 65536 / (1 + e^-x) for x = -8, -7.75, ... 8, rounded.
static const uint32_t corners[65] = {
  22, 28, 36, 47, 60, 77, 98, 126, 162, 208, 267,
  342, 439, 562, 720, 922, 1179, 1506, 1921, 2446, 3108, 3938,
  4971, 6249, 7812, 9702, 11955, 14595, 17625, 21025, 24743, 28693, 32768,
  36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565, 61598,
  62428, 63090, 63615, 64030, 64357, 64614, 64816, 64974, 65097, 65194, 65269,
  65328, 65374, 65410, 65438, 65459, 65476, 65489, 65500, 65508, 65514,
};

void ck_make_logistic(ck_logistic *tables) {
  for (int i = 0; i < 4096; i++) {
    uint32_t low = corners[i >> 6], high = corners[(i >> 6) + 1], at = (uint32_t)i & 63;
    tables->squash[i] = (uint16_t)((low * (64 - at) + high * at + 32) >> 6);
  }
  // The first place whose probability is not below the middle of the step.
  int place = 0;
  for (int step = 0; step < 4096; step++) {
    while (place < 4095 && tables->squash[place] < 16 * step + 8) place++;
    tables->stretch[step] = (int16_t)(place - 2048);
  }
  for (uint32_t n = 0; n < 1024; n++) tables->share[n] = (uint16_t)(655360 / (10 * n + 16));
}
