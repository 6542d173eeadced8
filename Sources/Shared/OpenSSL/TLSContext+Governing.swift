import COpenSSL

extension TLSContext {
    /// Lays this context's trust and rules on a context that another library made over the same libssl (libcurl's, for REST).
    ///
    /// - Parameter other: an `SSL_CTX *` before its first connection. Checking the host's name stays the other library's.
    public func govern(_ other: UnsafeMutableRawPointer) {
        let other = OpaquePointer(other)
        // One store for all: read once, and nobody is trusted for REST who is not trusted for the feed.
        SSL_CTX_set1_cert_store(other, SSL_CTX_get_cert_store(context))
        guard mktpipe_set_minimum_tls12(other) == 1 else { fatalError("libssl has no TLS 1.2") }
        SSL_CTX_set_security_level(other, max(SSL_CTX_get_security_level(context), SSL_CTX_get_security_level(other)))
        SSL_CTX_set_verify(other, SSL_VERIFY_PEER, nil)
        mktpipe_clear_ignore_eof(other)
        mktpipe_set_no_sessions(other)
    }
}
