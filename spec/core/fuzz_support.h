/* fuzz_support.h - what every fuzzing target needs. libFuzzer brings main, and takes a trap for a find. */
#ifndef FUZZ_SUPPORT_H
#define FUZZ_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static inline void expect(bool condition)
{
    if (!condition)
        __builtin_trap();
}

/* A heap copy of the exact size, so that the sanitizers see a byte read too far. The caller frees it. */
static inline char *exact_copy(const uint8_t *bytes, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);

    expect(copy != NULL);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

#endif
