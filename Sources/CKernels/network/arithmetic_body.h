// Arithmetic on runs of numbers, for one instruction set.

#define voperate CK_NAMED(voperate)
#define combine_as CK_NAMED(combine_as)
#define combine_number_as CK_NAMED(combine_number_as)

CK_BODY vf voperate(const ck_operation operation, vf a, vf b) {
  switch (operation) {
    case CK_ADD: return a + b;
    case CK_SUBTRACT: return a - b;
    case CK_MULTIPLY: return a * b;
    case CK_DIVIDE: return a / b;
    case CK_MAXIMUM: return vmax(a, b);
    default: return vmin(a, b);
  }
}

CK_BODY void combine_as(
    const ck_operation operation, const float *a, const float *b, float *y, long count) {
  long i = 0;
  for (; i + CK_LANES <= count; i += CK_LANES)
    vstore(y + i, voperate(operation, vload(a + i), vload(b + i)));
  if (i < count) {
    const long left = count - i;
    vstore_part(y + i, voperate(operation, vload_part(a + i, left), vload_part(b + i, left)), left);
  }
}

CK_BODY void combine_number_as(
    const ck_operation operation, bool reversed, const float *a, vf b, float *y, long count) {
  for (long i = 0; i < count; i += CK_LANES) {
    const long left = count - i;
    vf v = left >= CK_LANES ? vload(a + i) : vload_part(a + i, left);
    v = reversed ? voperate(operation, b, v) : voperate(operation, v, b);
    if (left >= CK_LANES) vstore(y + i, v);
    else vstore_part(y + i, v, left);
  }
}

#define EVERY_OPERATION                \
  switch (operation) {                 \
    CASE(CK_ADD)                       \
    CASE(CK_SUBTRACT)                  \
    CASE(CK_MULTIPLY)                  \
    CASE(CK_DIVIDE)                    \
    CASE(CK_MAXIMUM)                   \
    CASE(CK_MINIMUM)                   \
    default: break;                    \
  }

static void CK_NAMED(combine)(
    ck_operation operation, const float *a, const float *b, float *y, long count) {
#define CASE(name) \
  case name: combine_as(name, a, b, y, count); break;
  EVERY_OPERATION
#undef CASE
}

static void CK_NAMED(combine_number)(
    ck_operation operation, bool reversed, const float *a, float b, float *y, long count) {
#define CASE(name) \
  case name: combine_number_as(name, reversed, a, (vf)b, y, count); break;
  EVERY_OPERATION
#undef CASE
}
#undef EVERY_OPERATION

static void CK_NAMED(affine)(const float *x, float scale, float shift, float *y, long count) {
  for (long i = 0; i < count; i += CK_LANES) {
    const long left = count - i;
    if (left >= CK_LANES) vstore(y + i, vfma(vload(x + i), (vf)scale, (vf)shift));
    else vstore_part(y + i, vfma(vload_part(x + i, left), (vf)scale, (vf)shift), left);
  }
}
