#include <sqlite3.h>

// Without a count of all memory no allocation takes a lock. Swift does not import functions with "...".
static inline int mkt_sqlite_forget_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// SQLite's own macro is a cast, which Swift does not import.
static inline void (*mkt_sqlite_transient(void))(void *) { return SQLITE_TRANSIENT; }
