import OpenSSL
import WebSocket
import WebSocketClient

extension SocketTrouble {
    /// The longest wait that a server may ask for: beyond it we would rather be refused once more.
    private static let retryAfterMicrosMax: Int64 = 3_600_000_000

    /// What the end of a socket means to the session.
    ///
    /// - Parameter dateMicros: the server's time, for a Retry-After that is a date.
    init(_ end: WebSocketEnd, dateMicros: Int64) {
        let words = end.description
        switch end {
        case .closed(let code, _):
            self.init(.lost, words, code: Int64(code ?? 1005))
        case .refused(let refusal, _):
            self.init(
                SocketTrouble.kind(status: refusal.status), words,
                retryAfterMicros: refusal.retryAfter.map { SocketTrouble.wait($0, dateMicros) })
        case .unresolved, .unreachable, .timedOut:
            self.init(.network, words)
        case .proxy, .handshake:
            self.init(.refusal, words)
        case .tls(let error):
            self.init(SocketTrouble.kind(error), words)
        case .protocolBroken(let error):
            self.init(.lost, words, code: Int64(error.closeCode))
        case .broken:
            self.init(.lost, words)
        }
    }

    private static func kind(status: Int) -> Kind {
        switch status {
        case 401, 403: .credentials
        case 429, 503: .busy
        default: .refusal
        }
    }

    private static func kind(_ error: TLSError) -> Kind {
        switch error {
        case .expired, .notYetValid, .nameMismatch, .unknownAuthority, .selfSigned, .protocolTooOld, .weakKey, .certificate: .untrusted
        case .caFile, .hostName: .final
        case .notTLS, .refused: .refusal
        case .truncated, .socket: .lost
        }
    }

    private static func wait(_ retryAfter: HTTPRetryAfter, _ dateMicros: Int64) -> Int64 {
        let micros: Int64 =
            switch retryAfter {
            case .seconds(let seconds): seconds.multipliedReportingOverflow(by: 1_000_000).overflow ? .max : seconds * 1_000_000
            case .date(let micros): micros - dateMicros
            }
        return min(max(micros, 0), retryAfterMicrosMax)
    }
}
