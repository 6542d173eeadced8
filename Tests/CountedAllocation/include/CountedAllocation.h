// How often the program that this is linked into has asked for memory. What OpenSSL asks for is left out: it takes a little for each
// record of TLS 1.3, and that is not ours to change.
unsigned long mktpipe_allocation_count(void);
