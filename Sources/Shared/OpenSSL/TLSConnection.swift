import COpenSSL
import Glibc

/// One TLS client connection over a connected, non-blocking socket, which stays the caller's to poll and to close.
///
/// Nothing here waits. An answer of `read` or `write` means: poll the socket for that, then call the same function again. Bytes
/// that TLS has taken from the socket wake no poll: read until `wantsRead` before polling. A socket that the peer has closed
/// raises no SIGPIPE. After an error the connection is of no further use. Not for two threads at a time.
public final class TLSConnection {
    /// What a handshake or a closing waits for.
    public enum Wants: Equatable, Sendable { case done, read, write }

    public enum ReadResult: Equatable, Sendable {
        /// So many bytes were put at the start of the buffer; at least one.
        case bytes(Int)
        case wantsRead
        case wantsWrite
        /// The peer sent close_notify: nothing is missing.
        case closed
    }

    public enum WriteResult: Equatable, Sendable {
        /// So many bytes from the start were taken; maybe not all.
        case bytes(Int)
        case wantsRead
        case wantsWrite
    }

    private let context: TLSContext
    private let connection: OpaquePointer
    private let host: String
    private var fault: CertificateFault?
    private var failure: TLSError?
    private var isWriteUnfinished = false
    private var isCloseSent = false

    /// - Parameters:
    ///   - descriptor: a connected socket; it is neither closed nor made non-blocking here, and must outlive the connection.
    ///   - hostName: the name asked for in the handshake (RFC 6066) and demanded of the certificate (RFC 9525); an IP address is
    ///     demanded only, without brackets.
    public init(_ context: TLSContext, descriptor: Int32, hostName: String) throws(TLSError) {
        let name = hostName.hasSuffix(".") ? String(hostName.dropLast()) : hostName
        // OpenSSL would take an empty name as "any", a leading dot as "any below", and a zero byte as the end.
        guard !name.isEmpty, !name.hasPrefix("."), !name.hasSuffix("."), name.utf8.count <= 253,
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "*") })
        else { throw .hostName(String(String.UnicodeScalarView(hostName.unicodeScalars.map { (" "..."~").contains($0) ? $0 : "?" }))) }
        ErrorQueue.clear()
        guard let connection = SSL_new(context.context), let socket = mktpipe_socket_bio_new(context.socketMethod, descriptor) else {
            fatalError("libssl has no memory for a connection")
        }
        self.context = context
        self.connection = connection
        host = name
        SSL_set_bio(connection, socket, socket)
        SSL_set_connect_state(connection)
        SSL_set_ex_data(connection, 0, Unmanaged.passUnretained(self).toOpaque())
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name) != 1 {
            SSL_set_hostflags(connection, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
            guard SSL_set1_host(connection, name) == 1, mktpipe_set_server_name(connection, name) == 1 else { throw .hostName(name) }
        }
        ErrorQueue.clear()
    }

    deinit { SSL_free(connection) }

    /// Goes on with the handshake; `done` once the certificate is verified and bytes may flow.
    public func handshake() throws(TLSError) -> Wants {
        try perform { SSL_do_handshake($0) } ?? .done
    }

    /// Reads what has come, at most as much as the buffer holds, which is at least one byte.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> ReadResult {
        precondition(!buffer.isEmpty, "reading into no room says nothing")
        if let failure { throw failure }
        if SSL_get_shutdown(connection) & SSL_RECEIVED_SHUTDOWN != 0 { return .closed }
        var count = 0
        switch try perform({ SSL_read_ex($0, buffer.baseAddress, buffer.count, &count) }) {
        case .read: return .wantsRead
        case .write: return .wantsWrite
        case .done: return .closed
        case nil: return .bytes(count)
        }
    }

    /// Sends bytes; after `wantsRead` or `wantsWrite` the next call must begin with the same bytes, at any address (SSL_write(3)).
    public func write(_ buffer: UnsafeRawBufferPointer) throws(TLSError) -> WriteResult {
        if let failure { throw failure }
        if buffer.isEmpty { return .bytes(0) }
        var count = 0
        let wants = try perform { SSL_write_ex($0, buffer.baseAddress, buffer.count, &count) }
        isWriteUnfinished = wants != nil
        switch wants {
        case .read: return .wantsRead
        case .write: return .wantsWrite
        case .done: throw .socket(host: host, reason: "closed by the peer")
        case nil: return .bytes(count)
        }
    }

    /// Sends close_notify, once; `done` as soon as it is on its way, without waiting for the peer's.
    ///
    /// Nothing can be said after an error, before the handshake is done, or in the middle of an unfinished `write`: `done` at once.
    public func shutdown() throws(TLSError) -> Wants {
        guard failure == nil, SSL_is_init_finished(connection) == 1, !isWriteUnfinished, !isCloseSent else { return .done }
        if let wants = try perform({ connection in SSL_shutdown(connection) >= 0 ? 1 : -1 }) { return wants }
        isCloseSent = true
        return .done
    }

    /// Nil if `call` went well, `done` if the peer has said close_notify, otherwise what to wait for.
    private func perform(_ call: (OpaquePointer) -> Int32) throws(TLSError) -> Wants? {
        if let failure { throw failure }
        ErrorQueue.clear()
        errno = 0
        let outcome = call(connection)
        let systemError = errno
        if outcome > 0 { return nil }
        let found: TLSError
        switch SSL_get_error(connection, outcome) {
        case SSL_ERROR_WANT_READ: return .read
        case SSL_ERROR_WANT_WRITE: return .write
        case SSL_ERROR_ZERO_RETURN where SSL_is_init_finished(connection) == 1: return .done
        case SSL_ERROR_ZERO_RETURN: found = .socket(host: host, reason: "closed by the peer during the handshake")
        case SSL_ERROR_SYSCALL where systemError != 0:
            found = .socket(host: host, reason: String(cString: strerror(systemError)))
        case SSL_ERROR_SYSCALL: found = .truncated(host: host)
        default: found = error(ErrorQueue.take())
        }
        ErrorQueue.clear()
        failure = found
        throw found
    }

    private func error(_ code: UInt) -> TLSError {
        if let fault { return fault.error(host: host) }
        let reason = ErrorQueue.reason(code)
        switch ERR_GET_REASON(code) {
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: return .truncated(host: host)
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_WRONG_SSL_VERSION, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            return .protocolTooOld(host: host, reason: reason)
        case SSL_R_EE_KEY_TOO_SMALL, SSL_R_CA_KEY_TOO_SMALL, SSL_R_CA_MD_TOO_WEAK, SSL_R_DH_KEY_TOO_SMALL:
            return .weakKey(host: host, reason: reason)
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_PACKET_LENGTH_TOO_LONG: return .notTLS(host: host)
        default: return .refused(host: host, reason: reason)
        }
    }

    /// Called by OpenSSL for each judgement about a certificate; notes the first refusal and changes none.
    static let noteFault: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, store in
        guard isGood != 1, let connection = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
            let owner = SSL_get_ex_data(OpaquePointer(connection), 0)
        else { return isGood }
        let this = Unmanaged<TLSConnection>.fromOpaque(owner).takeUnretainedValue()
        if this.fault == nil {
            this.fault = CertificateFault(code: X509_STORE_CTX_get_error(store), certificate: X509_STORE_CTX_get_current_cert(store))
        }
        return isGood
    }
}
