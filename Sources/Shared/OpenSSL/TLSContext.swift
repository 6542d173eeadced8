import COpenSSL

/// What all TLS connections of a process share: whom they trust and what they insist on.
///
/// TLS 1.2 at least, security level 2 (112 bits: RSA of 2048 bits, no SHA-1 signatures), every certificate verified. There is no
/// way to switch any of it off. One context may serve several threads.
public final class TLSContext: @unchecked Sendable {
    let context: OpaquePointer
    let socketMethod: OpaquePointer

    /// Trusts the system's authorities, and those of the PEM file `caFile` as well.
    public init(caFile: String? = nil) throws(TLSError) {
        ErrorQueue.clear()
        guard let context = SSL_CTX_new(TLS_client_method()), let method = mktpipe_socket_method_new(),
            mktpipe_set_minimum_tls12(context) == 1
        else { fatalError("libssl has no TLS client") }
        self.context = context
        socketMethod = method
        SSL_CTX_set_security_level(context, max(2, SSL_CTX_get_security_level(context)))
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, TLSConnection.noteFault)
        mktpipe_set_write_modes(context)
        mktpipe_set_read_ahead(context, 64 << 10)
        // The system's openssl.cnf may have set it; then an end without close_notify would look like a clean one.
        mktpipe_clear_ignore_eof(context)
        // Every connection stands alone: no tickets, so no resumption that skips the certificate.
        mktpipe_set_no_sessions(context)
        guard SSL_CTX_set_default_verify_paths(context) == 1 else { fatalError("libssl cannot look for the system's authorities") }
        if let caFile, SSL_CTX_load_verify_file(context, caFile) != 1 {
            throw .caFile(path: caFile, reason: ErrorQueue.reason(ErrorQueue.take()))
        }
        ErrorQueue.clear()
    }

    deinit {
        SSL_CTX_free(context)
        BIO_meth_free(socketMethod)
    }
}
