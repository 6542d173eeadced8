#include <libpq-fe.h>

// Swift does not import macros with casts and characters as numbers.
static const int mkt_pg_severity = PG_DIAG_SEVERITY;
static const int mkt_pg_sqlstate = PG_DIAG_SQLSTATE;
static const int mkt_pg_message = PG_DIAG_MESSAGE_PRIMARY;
static const int mkt_pg_position = PG_DIAG_STATEMENT_POSITION;
