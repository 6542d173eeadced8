// far_memory MB...: nanoseconds a read at random places of so much memory, each read needing the one before, and eight side by side.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LINE = 64, READS = 4000000, LANES = 8 };

static uint64_t state = 88172645463325252ull;

static uint64_t number(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

// One line of the cache, which says where to go next.
typedef struct {
    uint64_t next;
    char rest[LINE - 8];
} Line;

int main(int count, char **words) {
    for (int word = 1; word < count; word++) {
        const size_t lines = (size_t)strtoul(words[word], NULL, 10) * 1048576 / LINE;
        Line *memory = aligned_alloc(4096, lines * LINE);
        if (lines == 0 || !memory) return 1;
        // One ring through all lines (Sattolo).
        for (size_t line = 0; line < lines; line++) memory[line].next = line;
        for (size_t line = lines - 1; line > 0; line--) {
            const size_t other = number() % line;
            const uint64_t kept = memory[line].next;
            memory[line].next = memory[other].next;
            memory[other].next = kept;
        }
        uint64_t place = 0;
        for (size_t read = 0; read < lines; read++) place = memory[place].next;
        double began = now();
        for (int read = 0; read < READS; read++) place = memory[place].next;
        const double alone = (now() - began) / READS;
        uint64_t places[LANES];
        for (int lane = 0; lane < LANES; lane++) places[lane] = number() % lines;
        began = now();
        for (int read = 0; read < READS / LANES; read++)
            for (int lane = 0; lane < LANES; lane++) places[lane] = memory[places[lane]].next;
        const double beside = (now() - began) / READS;
        for (int lane = 0; lane < LANES; lane++) place += places[lane];
        // `place` keeps the reads from being left out.
        printf("%s %.1f %.1f%s", words[word], alone, beside, place == 1 ? " \n" : "\n");
        free(memory);
    }
    return 0;
}
