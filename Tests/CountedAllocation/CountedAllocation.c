#define _GNU_SOURCE
#include "CountedAllocation.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

// A program's own malloc comes before glibc's, whose real one has a second name (malloc(3), "Replacing malloc").

void *__libc_malloc(size_t count);
void *__libc_calloc(size_t items, size_t count);
void *__libc_realloc(void *memory, size_t count);
void *__libc_memalign(size_t alignment, size_t count);

static unsigned long allocations;

// Where the code of libcrypto lies.
static uintptr_t libcrypto_start, libcrypto_end;

static int note_end(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size, (void)unused;
    if (object->dlpi_addr != libcrypto_start) return 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        uintptr_t end = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr + object->dlpi_phdr[i].p_memsz;
        if (object->dlpi_phdr[i].p_type == PT_LOAD && end > libcrypto_end) libcrypto_end = end;
    }
    return 1;
}

__attribute__((constructor)) static void find_libcrypto(void) {
    Dl_info info;
    void *symbol = dlsym(RTLD_DEFAULT, "CRYPTO_malloc");
    if (symbol == NULL || dladdr(symbol, &info) == 0) return;
    libcrypto_start = (uintptr_t)info.dli_fbase;
    dl_iterate_phdr(note_end, NULL);
}

static void count_one(const void *caller) {
    if ((uintptr_t)caller >= libcrypto_start && (uintptr_t)caller < libcrypto_end) return;
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
}

unsigned long mktpipe_allocation_count(void) { return __atomic_load_n(&allocations, __ATOMIC_RELAXED); }

void *malloc(size_t count) {
    count_one(__builtin_return_address(0));
    return __libc_malloc(count);
}

void *calloc(size_t items, size_t count) {
    count_one(__builtin_return_address(0));
    return __libc_calloc(items, count);
}

void *realloc(void *memory, size_t count) {
    count_one(__builtin_return_address(0));
    return __libc_realloc(memory, count);
}

void *aligned_alloc(size_t alignment, size_t count) {
    count_one(__builtin_return_address(0));
    return __libc_memalign(alignment, count);
}

int posix_memalign(void **memory, size_t alignment, size_t count) {
    count_one(__builtin_return_address(0));
    *memory = __libc_memalign(alignment, count);
    return *memory == NULL ? ENOMEM : 0;
}
