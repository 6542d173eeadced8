#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Swift sees functions, not macros with arguments.

// The system's openssl.cnf may ask for more than TLS 1.2; it stays so.
static inline int mktpipe_set_minimum_tls12(SSL_CTX *context) {
    if (SSL_CTX_get_min_proto_version(context) >= TLS1_2_VERSION) return 1;
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static inline void mktpipe_set_write_modes(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

static inline int mktpipe_set_server_name(SSL *connection, const char *name) {
    return (int)SSL_set_tlsext_host_name(connection, name);
}

static inline int mktpipe_names_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

static inline const GENERAL_NAME *mktpipe_names_at(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

// SHA-1 and SHA-256 in the middle of their work as plain memory, copied by assignment. libcrypto would rather have us go through EVP, where each
// copy is an allocation; the function behind it is the same.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

static inline int mktpipe_sha1_begin(SHA_CTX *state) {
    return SHA1_Init(state);
}

static inline int mktpipe_sha1_update(SHA_CTX *state, const void *bytes, size_t count) {
    return SHA1_Update(state, bytes, count);
}

static inline int mktpipe_sha1_finish(SHA_CTX *state, unsigned char *hash) {
    return SHA1_Final(hash, state);
}

static inline int mktpipe_sha256_begin(SHA256_CTX *state) {
    return SHA256_Init(state);
}

static inline int mktpipe_sha256_update(SHA256_CTX *state, const void *bytes, size_t count) {
    return SHA256_Update(state, bytes, count);
}

static inline int mktpipe_sha256_finish(SHA256_CTX *state, unsigned char *hash) {
    return SHA256_Final(hash, state);
}

#pragma clang diagnostic pop

// OpenSSL's socket BIO writes with write(2), and a socket that the peer has closed would kill the process with SIGPIPE.

static inline int mktpipe_socket_send(BIO *bio, const char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    int sent = (int)send((int)BIO_get_fd(bio, NULL), bytes, (size_t)count, MSG_NOSIGNAL);
    if (sent <= 0 && BIO_sock_should_retry(sent)) BIO_set_retry_write(bio);
    return sent;
}

static inline BIO_METHOD *mktpipe_socket_method_new(void) {
    const BIO_METHOD *socket = BIO_s_socket();
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOCKET, "socket without SIGPIPE");
    if (method == NULL) return NULL;
    if (BIO_meth_set_write(method, mktpipe_socket_send) != 1
        || BIO_meth_set_read(method, BIO_meth_get_read(socket)) != 1
        || BIO_meth_set_puts(method, BIO_meth_get_puts(socket)) != 1
        || BIO_meth_set_ctrl(method, BIO_meth_get_ctrl(socket)) != 1
        || BIO_meth_set_create(method, BIO_meth_get_create(socket)) != 1
        || BIO_meth_set_destroy(method, BIO_meth_get_destroy(socket)) != 1) {
        BIO_meth_free(method);
        return NULL;
    }
    return method;
}

static inline BIO *mktpipe_socket_bio_new(const BIO_METHOD *method, int descriptor) {
    BIO *bio = BIO_new(method);
    if (bio != NULL) BIO_set_fd(bio, descriptor, BIO_NOCLOSE);
    return bio;
}

static inline void mktpipe_clear_ignore_eof(SSL_CTX *context) {
    SSL_CTX_clear_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
}

static inline void mktpipe_set_no_sessions(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

static inline void mktpipe_free(void *memory) {
    OPENSSL_free(memory);
}

// One read of the socket brings several records, not two reads one.
static inline void mktpipe_set_read_ahead(SSL_CTX *context, size_t bytes) {
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, bytes);
}
