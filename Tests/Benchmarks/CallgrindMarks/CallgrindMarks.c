#include "CallgrindMarks.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>

void mktpipe_count_begin(void) {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

void mktpipe_count_end(const char *name) {
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
}

int mktpipe_is_counted(void) { return RUNNING_ON_VALGRIND != 0; }
#else
void mktpipe_count_begin(void) {}
void mktpipe_count_end(const char *name) { (void)name; }
int mktpipe_is_counted(void) { return 0; }
#endif
