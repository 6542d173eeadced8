#include <stddef.h>
#include <stdint.h>

// libFuzzer's own entry (FuzzerInterface.h of the toolchain's compiler-rt), for programs that keep their main.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*subject)(const uint8_t *bytes, size_t count));
