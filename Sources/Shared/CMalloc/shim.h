#include <malloc.h>

// Pieces of 256 KiB and more are the system's and go back to it. By itself the allocator raises that bound to the largest piece that was
// ever given back, up to 32 MiB, and then keeps as much for ever (mallopt(3), M_MMAP_THRESHOLD).
static inline void mkt_give_back_large_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
}
