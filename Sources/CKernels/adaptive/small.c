#include "head.h"
#include "range_coder.h"

enum {
  unary = 24,       // classes told one by one; what is further below the greatest follows plain
  gap_classes = 40  // no gap has so many bits
};

// All that it learns.
typedef struct {
  ck_slot gap_class[2][gap_classes];  // by whether the last gap was long
  ck_slot gap_bits[gap_classes][3];
  ck_slot class[4][unary];            // by the last class
  ck_slot mantissa[unary + 1][64];
  ck_slot sign, zero_sign;
} ck_small_state;

static void start(ck_small_state *state) {
  ck_slot *slots = (ck_slot *)state;
  for (size_t i = 0; i < sizeof *state / sizeof *slots; i++) slots[i] = ck_slot_of(32768, 2);
}

// Low, so that it follows what changes from row to row.
enum { limit = 40 };

// Elements that are zero before the next value.
CK_BODY uint64_t gap(
    ck_coder *coder, const int encoding, const ck_logistic *tables, ck_small_state *state,
    int last_was_long, uint64_t gap, unsigned *class) {
  unsigned bits = encoding ? 63 - (unsigned)__builtin_clzll(gap + 1) : 0, k = 0;
  while (k < gap_classes - 1
      && ck_code_slot(coder, encoding, tables, &state->gap_class[last_was_long][k], bits > k, limit)) k++;
  *class = k;
  uint64_t number = 1;
  unsigned left = k, node = 0;
  for (; left > 0 && k - left < 2; left--) {
    int bit = encoding ? (int)((gap + 1) >> (left - 1) & 1) : 0;
    bit = ck_code_slot(coder, encoding, tables, &state->gap_bits[k][node], bit, limit);
    node = 1 + (unsigned)bit;
    number = number * 2 + (unsigned)bit;
  }
  if (left > 0) {
    uint64_t low = ck_plain(coder, encoding, (gap + 1) & (((uint64_t)1 << left) - 1), left);
    number = number << left | low;
  }
  return number - 1;
}

// Steps from the greatest class down to the value's; more than `span` in a stream that nobody wrote.
CK_BODY uint32_t steps(
    ck_coder *coder, const int encoding, const ck_logistic *tables, ck_slot *slots, uint32_t span,
    uint32_t steps) {
  uint32_t k = 0;
  while (k < span && k < unary && ck_code_slot(coder, encoding, tables, slots + k, steps > k, limit)) k++;
  if (k == unary && span > unary) {
    k += (uint32_t)ck_plain(coder, encoding, steps - unary, 32 - (unsigned)__builtin_clz(span - unary));
  }
  return k;
}

CK_BODY uint64_t mantissa(
    ck_coder *coder, const int encoding, const ck_logistic *tables, ck_slot *slots, unsigned bits,
    unsigned learned, uint64_t mantissa) {
  if (learned > bits) learned = bits;
  uint64_t node = 1;
  for (unsigned i = 1; i <= learned; i++) {
    int bit = encoding ? (int)(mantissa >> (bits - i) & 1) : 0;
    node = node * 2 + (unsigned)ck_code_slot(coder, encoding, tables, slots + node, bit, limit);
  }
  unsigned rest = bits - learned;
  uint64_t low = ck_plain(coder, encoding, mantissa & (((uint64_t)1 << rest) - 1), rest);
  return (node - ((uint64_t)1 << learned)) << rest | low;
}

// Codes the signs of zeros, and stores those that are set.
CK_BODY int zeros(
    ck_coder *coder, const int encoding, const ck_logistic *tables, const ck_number *number,
    ck_small_state *state, void *elements, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) {
    if (encoding ? !ck_has_room(coder) : ck_is_beyond(coder)) return 0;
    int bit = encoding ? ck_load(number, elements, i) != 0 : 0;
    bit = ck_code_slot(coder, encoding, tables, &state->zero_sign, bit, limit);
    if (!encoding && bit) ck_store(number, elements, i, (uint64_t)1 << (8 * number->width - 1));
  }
  return 1;
}

// Codes all elements; decoding, they are zero before. Returns 0 where encoding finds no room, or
// decoding what no encoder makes.
CK_BODY int body(
    ck_coder *coder, const int encoding, const ck_logistic *tables, const ck_number *number,
    const ck_head *head, void *elements, size_t count) {
  ck_small_state state;
  start(&state);
  const int has_gaps = head->values < count;
  const int has_zero_signs = (head->form & ck_head_negative_zeros) != 0;
  const uint64_t mask = ck_magnitude_mask(number);
  const unsigned deep = number->mantissa > 0 ? 5 : 6, shallow = number->mantissa > 0 ? 3 : 6;
  unsigned last_gap = 0;
  uint32_t last_steps = 1;
  size_t place = 0;
  for (uint64_t done = 0; done < head->values; done++) {
    if (encoding ? !ck_has_room(coder) : ck_is_beyond(coder)) return 0;
    if (has_gaps) {
      size_t next = place;
      if (encoding) while ((ck_load(number, elements, next) & mask) == 0) next++;
      uint64_t zero = gap(coder, encoding, tables, &state, last_gap > 2, next - place, &last_gap);
      if (zero >= count - place) return 0;
      if (has_zero_signs && !zeros(coder, encoding, tables, number, &state, elements, place, place + zero))
        return 0;
      place += zero;
    }
    ck_value value = {0};
    if (encoding) value = ck_taken_apart(number, ck_load(number, elements, place));
    uint32_t down = steps(
        coder, encoding, tables, state.class[last_steps < 3 ? last_steps : 3], head->span,
        head->greatest - value.class);
    if (!encoding && down > head->span) return 0;
    last_steps = down;
    value.class = head->greatest - down;
    if (number->mantissa > 0 || number->is_signed)
      value.sign = ck_code_slot(coder, encoding, tables, &state.sign, value.sign, limit);
    value.mantissa = mantissa(
        coder, encoding, tables, state.mantissa[down < unary ? down : unary],
        ck_mantissa_bits(number, head->trailing, value.class),
        down == head->span && down > 0 ? deep : shallow, value.mantissa >> head->trailing)
        << head->trailing;
    if (!encoding) {
      uint64_t word = ck_put_together(number, value);
      if ((word & mask) == 0) return 0;
      ck_store(number, elements, place, word);
    }
    place++;
    if (place == count && done + 1 < head->values) return 0;
  }
  return !has_zero_signs || zeros(coder, encoding, tables, number, &state, elements, place, count);
}

size_t ck_small_encode(
    const ck_logistic *tables, const ck_number *number, const void *elements, size_t count,
    uint8_t *out, size_t room) {
  ck_head head = ck_survey_block(number, elements, count);
  if (room < ck_adaptive_margin) return 0;
  size_t length = ck_put_head(out, &head);
  if (ck_is_all_zero(&head)) return length;
  ck_coder coder;
  ck_begin_encoding(&coder, out + length, out + room);
  void *words = (void *)(uintptr_t)elements;  // an encoder does not write to them
  int fits = number->width == 4 && !number->swapped && number->mantissa == 23
      ? body(&coder, 1, tables, &(const ck_number){4, 0, 23, 0}, &head, words, count)
      : body(&coder, 1, tables, number, &head, words, count);
  if (!fits) return 0;
  length += ck_end_encoding(&coder, out + room);
  return length <= room - ck_adaptive_margin ? length : 0;
}

int ck_small_decode(
    const ck_logistic *tables, const ck_number *number, const uint8_t *block, size_t length,
    void *elements, size_t count) {
  ck_head head;
  const int forms = ck_head_coded | ck_head_negative_zeros | ck_head_trailing;
  const uint8_t *end = block + length;
  const uint8_t *in = ck_get_head(number, block, end, count, forms, &head);
  if (!in) return 0;
  memset(elements, 0, count * (size_t)number->width);
  if (ck_is_all_zero(&head)) return in == end;
  ck_coder coder;
  ck_begin_decoding(&coder, in, end);
  int good = number->width == 4 && !number->swapped && number->mantissa == 23
      ? body(&coder, 0, tables, &(const ck_number){4, 0, 23, 0}, &head, elements, count)
      : body(&coder, 0, tables, number, &head, elements, count);
  return good && ck_end_decoding(&coder);
}
