// Plain loops that the compiler makes vectors of. Arrays do not overlap.

// The gradient as it is used: clipped, and with the pull of a coupled decay. NaN stays.
#define gradient_at CK_NAMED(gradient_at)
CK_BODY float gradient_at(const ck_update *u, float g, float w) {
  g *= u->factor;
  g = g > u->limit ? u->limit : g;
  g = g < -u->limit ? -u->limit : g;
  return g + u->pull * w;
}

static void CK_NAMED(sgd)(
    const ck_update *update, float momentum, bool nesterov, const float *restrict gradient,
    float *restrict weights, float *restrict velocity, long count) {
  const ck_update u = *update;
  if (nesterov) {
    for (long i = 0; i < count; i++) {
      const float w = weights[i], g = gradient_at(&u, gradient[i], w) * u.rate;
      velocity[i] = velocity[i] * momentum - g;
      weights[i] = w - w * u.decay + (velocity[i] * momentum - g);
    }
  } else {
    for (long i = 0; i < count; i++) {
      const float w = weights[i], g = gradient_at(&u, gradient[i], w) * u.rate;
      velocity[i] = velocity[i] * momentum - g;
      weights[i] = w - w * u.decay + velocity[i];
    }
  }
}

static void CK_NAMED(adam)(
    const ck_update *update, float rest1, float rest2, float epsilon,
    const float *restrict gradient, float *restrict weights, float *restrict first,
    float *restrict second, long count) {
  const ck_update u = *update;
  for (long i = 0; i < count; i++) {
    const float w = weights[i], g = gradient_at(&u, gradient[i], w);
    first[i] += (g - first[i]) * rest1;
    second[i] += (g * g - second[i]) * rest2;
    weights[i] = w - w * u.decay - first[i] * u.rate / (__builtin_sqrtf(second[i]) + epsilon);
  }
}

// +0 where the mask is 0.
static void CK_NAMED(keep)(const uint8_t *restrict mask, float *restrict values, long count) {
  for (long i = 0; i < count; i++) values[i] = mask[i] ? values[i] : 0;
}

#undef gradient_at
