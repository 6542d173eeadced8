// A word to the processor, which Swift has no spelling for: what stands there will be read soon. Any address will do; nothing happens there.
static inline __attribute__((always_inline)) void mkt_prefetch(const void *place) { __builtin_prefetch(place); }
