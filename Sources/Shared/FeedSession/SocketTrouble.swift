/// Why a socket ended, as far as the session must know to go on.
public struct SocketTrouble: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// No name, no route, nobody listening: nothing of the venue was reached.
        case network
        /// The certificate is not to be trusted.
        case untrusted
        /// 401, 403, or the venue's word that the credentials are no good.
        case credentials
        /// An HTTP status other than these.
        case refusal
        /// 429 or 503: the venue wants fewer of us.
        case busy
        /// A socket that was up is gone: closed, reset, silent, or breaking the protocol.
        case lost
        /// The venue says that it will never work.
        case final
    }

    public let kind: Kind
    /// What happened, in one line, without what to do.
    public let words: String
    /// The close code for the recording: that of the close frame, 1006 where there was none.
    public let code: Int64
    /// The least time that the server asked for.
    public let retryAfterMicros: Int64?

    public init(_ kind: Kind, _ words: String, code: Int64 = 1006, retryAfterMicros: Int64? = nil) {
        self.kind = kind
        self.words = words
        self.code = code
        self.retryAfterMicros = retryAfterMicros
    }
}
