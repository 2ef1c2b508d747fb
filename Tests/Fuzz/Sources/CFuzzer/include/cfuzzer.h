#ifndef CFUZZER_H
#define CFUZZER_H
#include <stddef.h>
#include <stdint.h>

// libFuzzer's driver (LLVM, compiler-rt/lib/fuzzer/FuzzerDriver.cpp), which -sanitize=fuzzer links in.
// Called with the command line that libFuzzer documents; does not return while it fuzzes.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *data, size_t size));

#endif
