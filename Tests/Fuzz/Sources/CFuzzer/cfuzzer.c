#include "cfuzzer.h"

// libFuzzer's own main, which -sanitize=fuzzer links in and ours stands in front of, asks for it.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  (void)data;
  (void)size;
  return 0;
}
