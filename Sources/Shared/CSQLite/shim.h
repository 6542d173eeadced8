#include <sqlite3.h>

// SQLite's own macro is a cast, which Swift does not import.
static inline void (*mkt_sqlite_transient(void))(void *) { return SQLITE_TRANSIENT; }
