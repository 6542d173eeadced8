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
//
// How many lines of the processor's cache that are is not worked out from the address: with a count that the compiler knows there is no
// branch, and a wrongly guessed one would cost as much as three lines.
static inline __attribute__((always_inline)) void mkt_bring_near(const void *start, size_t count) {
    const uintptr_t first = (uintptr_t)start;
    for (size_t at = 0; at < count; at += 64) __builtin_prefetch((const void *)(first + at));
    __builtin_prefetch((const void *)(first + count - 1));
}

// The same for the line of the processor's cache that `place` is in.
static inline __attribute__((always_inline)) void mkt_bring_line(const void *place) { __builtin_prefetch(place); }

#endif
