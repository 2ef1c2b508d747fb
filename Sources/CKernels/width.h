// One body for words of every width.
#ifndef CK_WIDTH_H
#define CK_WIDTH_H

#include <stdint.h>

// Runs the body with `name` standing for the unsigned integer of `width` bytes.
#define FOR_WIDTH(width, name, body) \
  switch (width) { \
  case 1: { typedef uint8_t name; body; break; } \
  case 2: { typedef uint16_t name; body; break; } \
  case 4: { typedef uint32_t name; body; break; } \
  default: { typedef uint64_t name; body; break; } \
  }

#endif
