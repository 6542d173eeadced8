// Words to valgrind's callgrind, which the gate (Tests/Benchmarks/gate.py) runs mkt-bench under. Outside valgrind they do nothing.

// Counts from here on.
void mktpipe_count_begin(void);
// Writes what was counted into a file of its own, under this name.
void mktpipe_count_end(const char *name);
// Whether a callgrind listens; false too where this was built without valgrind's headers.
int mktpipe_is_counted(void);
