#include "CProcessor.h"

#if defined(__x86_64__)
#include <immintrin.h>

bool mkt_can_unescape(void) {
    return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2");
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))
mkt_unescaped mkt_unescape(const uint8_t *source, size_t count, uint8_t *target) {
    const uint64_t odd = 0xAAAAAAAAAAAAAAAA;
    const uint8_t *at = source;
    uint8_t *out = target;
    size_t left = count;
    // 1 where the first byte of the block belongs to a backslash before it, which was left out.
    uint64_t carried = 0;
    while (left > 0) {
        const uint64_t valid = left >= 64 ? ~0ULL : ~0ULL >> (64 - left);
        const __m512i block = _mm512_maskz_loadu_epi8(valid, at);
        const uint64_t backslashes = _mm512_mask_cmpeq_epi8_mask(valid, block, _mm512_set1_epi8('\\'));
        const uint64_t quotes = _mm512_mask_cmpeq_epi8_mask(valid, block, _mm512_set1_epi8('"'));
        // With a sign, bytes that are not ASCII lie below the controls.
        uint64_t bad = _mm512_mask_cmplt_epi8_mask(valid, block, _mm512_set1_epi8(0x20));
        uint64_t escapes = 0;
        uint64_t escaped = carried;
        if (backslashes != 0) {
            // In a run of backslashes each second one is escaped: a run that begins at an even place carries over the odd ones.
            const uint64_t starts = backslashes & ~carried;
            const uint64_t either = (((starts << 1) | odd) - starts) ^ odd;
            escaped = either ^ (backslashes | carried);
            escapes = either & backslashes;
        }
        const uint64_t themselves = quotes | backslashes | _mm512_mask_cmpeq_epi8_mask(valid, block, _mm512_set1_epi8('/'));
        bad |= quotes & ~escaped;
        // What is escaped and does not stand for itself is left with its backslash.
        const uint64_t others = escaped & valid & ~themselves;
        bad |= others | others >> 1;
        const size_t size = left >= 64 ? 64 : left;
        size_t good = bad == 0 ? size : (size_t)__builtin_ctzll(bad);
        if (good == 0 && carried) return (mkt_unescaped){(size_t)(at - source) - 1, (size_t)(out - target)};
        const uint64_t taken = good == 64 ? ~0ULL : (1ULL << good) - 1;
        const uint64_t kept = taken & ~escapes;
        _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, block));
        out += __builtin_popcountll(kept);
        // A backslash that is the last one taken waits for its character.
        carried = good > 0 ? escapes >> (good - 1) & 1 : carried;
        at += good;
        if (good < 64) break;
        left -= 64;
    }
    if (carried) at -= 1;
    return (mkt_unescaped){(size_t)(at - source), (size_t)(out - target)};
}

#else

bool mkt_can_unescape(void) { return false; }

mkt_unescaped mkt_unescape(const uint8_t *source, size_t count, uint8_t *target) {
    (void)source, (void)count, (void)target;
    return (mkt_unescaped){0, 0};
}

#endif
