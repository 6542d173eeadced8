#ifndef MKT_PROCESSOR_H
#define MKT_PROCESSOR_H

// What a processor can do and Swift has no words for.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How far a string was taken, and what it came to.
typedef struct {
    size_t taken;
    size_t written;
} mkt_unescaped;

// Whether this processor can do `mkt_unescape`: it needs to close 64 bytes up at once (AVX-512 VBMI2).
bool mkt_can_unescape(void);

// Copies plain bytes of a JSON string (ASCII from the blank on, no quote, no backslash) and the escapes of one character that stand for
// themselves, \" \\ and \/, and stops before anything else: an end quote, another escape, a control, a byte that is not ASCII, half an
// escape at the end. Reads `count` bytes at `source` and no more; `target` has room for `count` bytes and 64 more.
mkt_unescaped mkt_unescape(const uint8_t *source, size_t count, uint8_t *target);

// Asks for `count` bytes at `start` to be brought near, without waiting for them. Any address will do: nothing is read.
static inline void mkt_bring_near(const void *start, size_t count) {
    const uintptr_t first = (uintptr_t)start & ~(uintptr_t)63;
    const uintptr_t end = (uintptr_t)start + count;
    for (uintptr_t line = first; line < end; line += 64) __builtin_prefetch((const void *)line);
}

#endif
