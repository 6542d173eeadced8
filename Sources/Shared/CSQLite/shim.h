#include <sqlite3.h>

// Without a count of all memory no allocation takes a lock. Swift does not import functions with "...".
static inline int mkt_sqlite_forget_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
