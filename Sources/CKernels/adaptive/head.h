// What stands in front of a coded block: what is in it at all.
#ifndef CK_HEAD_H
#define CK_HEAD_H

#include "number.h"

enum {
  ck_head_coded = 1,          // without it, the elements follow as they are
  ck_head_negative_zeros = 2, // some zeros have their sign set
  ck_head_trailing = 4,       // the lowest bits of all mantissas are zero
  ck_head_lag = 8             // rows that are alike are not two apart
};

enum { ck_usual_lag = 2 };

typedef struct {
  int form;           // of the above
  uint64_t values;    // elements that are not zero, nor -0.0
  uint32_t greatest;  // class,
  uint32_t span;      // and how many classes below it the least one is
  unsigned trailing;
  uint32_t lag;
} ck_head;

// Whether nothing but the head is stored.
CK_BODY int ck_is_all_zero(const ck_head *head) {
  return head->values == 0 && (head->form & ck_head_negative_zeros) == 0;
}

CK_BODY size_t ck_put_varint(uint8_t *out, uint64_t value) {
  size_t length = 0;
  for (; value > 127; value >>= 7) out[length++] = (uint8_t)(value | 128);
  out[length++] = (uint8_t)value;
  return length;
}

// Returns where the next field begins, or NULL where this one does not end before `end`, is not in
// its shortest form or has more than 63 bits.
CK_BODY const uint8_t *ck_get_varint(const uint8_t *in, const uint8_t *end, uint64_t *value) {
  *value = 0;
  for (unsigned place = 0; in && in < end && place < 63; place += 7) {
    uint8_t byte = *in++;
    *value |= (uint64_t)(byte & 127) << place;
    if (byte < 128) return byte == 0 && place > 0 ? NULL : in;
  }
  return NULL;
}

// At most 32 bytes.
CK_BODY size_t ck_put_head(uint8_t *out, const ck_head *head) {
  size_t length = 0;
  out[length++] = (uint8_t)head->form;
  length += ck_put_varint(out + length, head->values);
  if (head->values == 0) return length;
  length += ck_put_varint(out + length, head->greatest);
  length += ck_put_varint(out + length, head->span);
  if (head->form & ck_head_trailing) out[length++] = (uint8_t)head->trailing;
  if (head->form & ck_head_lag) length += ck_put_varint(out + length, head->lag);
  return length;
}

// Reads the head of a coded block of `count` elements; returns where what follows begins, or NULL.
CK_BODY const uint8_t *ck_get_head(
    const ck_number *number, const uint8_t *in, const uint8_t *end, size_t count, int forms,
    ck_head *head) {
  memset(head, 0, sizeof *head);
  if (in == end) return NULL;
  head->form = *in++;
  if ((head->form & ~forms) != 0 || (head->form & ck_head_coded) == 0) return NULL;
  in = ck_get_varint(in, end, &head->values);
  if (!in || head->values > count) return NULL;
  if ((head->form & ck_head_negative_zeros) != 0 && number->mantissa == 0) return NULL;
  head->lag = ck_usual_lag;
  if (head->values == 0)
    return (head->form & ~(ck_head_coded | ck_head_negative_zeros)) != 0 ? NULL : in;
  uint64_t greatest, span, lag = ck_usual_lag;
  in = ck_get_varint(in, end, &greatest);
  in = ck_get_varint(in, end, &span);
  if (!in || greatest > ck_greatest_class(number) || span > greatest) return NULL;
  if (head->form & ck_head_trailing) {
    if (in == end || *in == 0 || *in > number->mantissa)
      return NULL;
    head->trailing = *in++;
  }
  if (head->form & ck_head_lag) {
    in = ck_get_varint(in, end, &lag);
    if (!in || lag == 0 || lag == ck_usual_lag || lag >> 31 != 0) return NULL;
  }
  head->greatest = (uint32_t)greatest;
  head->span = (uint32_t)span;
  head->lag = (uint32_t)lag;
  return in;
}

// Looks through the elements of a block. Integers have no -0.0.
static inline ck_head ck_survey_block(const ck_number *number, const void *elements, size_t count) {
  ck_head head = {.form = ck_head_coded, .lag = ck_usual_lag};
  uint64_t mask = ck_magnitude_mask(number), bits = 0;
  uint32_t greatest = 0, least = ~(uint32_t)0;
  for (size_t i = 0; i < count; i++) {
    uint64_t word = ck_load(number, elements, i);
    if ((word & mask) == 0) {
      if (word != 0) head.form |= ck_head_negative_zeros;
      continue;
    }
    ck_value value = ck_taken_apart(number, word);
    head.values++;
    bits |= value.mantissa;
    if (value.class > greatest) greatest = value.class;
    if (value.class < least) least = value.class;
  }
  if (head.values == 0) return head;
  head.greatest = greatest;
  head.span = greatest - least;
  if (number->mantissa > 0) {
    head.trailing = bits ? (unsigned)__builtin_ctzll(bits) : (unsigned)number->mantissa;
    if (head.trailing > 0) head.form |= ck_head_trailing;
  }
  return head;
}

#endif
