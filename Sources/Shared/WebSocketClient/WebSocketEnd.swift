internal import Glibc
public import OpenSSL
public import WebSocket

/// How a connection ended; its description is one line of printable ASCII that says what happened, and leaves what to do to the caller.
///
/// Text of the other end holds printable ASCII only, everything else is `?`.
public enum WebSocketEnd: Sendable, Equatable {
    /// A close frame came, and was answered; the code is nil if the frame had none.
    case closed(code: UInt16?, reason: String)
    /// A status of HTTP other than 101, with the first 500 characters of the body.
    case refused(WebSocketRefusal, body: String)
    /// The name was not found. Temporary: nobody could be asked, or there was no answer in time.
    case unresolved(host: String, reason: String, isTemporary: Bool)
    /// Every address of the host failed; each reason is told once.
    case unreachable(String)
    /// The proxy cannot be found or reached, or makes no tunnel.
    case proxy(String)
    /// The connection would not be safe.
    case tls(TLSError)
    /// The answer to the upgrade is neither a WebSocket nor HTTP.
    case handshake(WebSocketHandshakeError)
    /// The server broke a rule; it was told so with the close code of RFC 6455 §7.4.1.
    case protocolBroken(WebSocketError)
    /// An end without a close frame: something may be missing.
    case broken(String)
    /// The server took too long, for TLS, for the upgrade, or for the answer to our close frame.
    case timedOut(String)
}

extension WebSocketEnd: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closed(nil, _): "the server closed the connection without a code"
        case .closed(let code?, let reason): "the server closed the connection with code \(code)" + WebSocketEnd.tail(reason)
        case .refused(let refusal, let body): WebSocketEnd.text(refusal) + WebSocketEnd.tail(body)
        case .unresolved(let host, let reason, _): "the name \(host) cannot be resolved: \(reason)"
        case .unreachable(let text), .proxy(let text), .broken(let text), .timedOut(let text): text
        case .tls(let error): error.description
        case .handshake(let error): "the upgrade failed: \(error)"
        case .protocolBroken(let error): "the server broke the WebSocket protocol: \(error)"
        }
    }

    private static func tail(_ text: String) -> String { text.isEmpty ? "" : ": \(text)" }

    private static func text(_ refusal: WebSocketRefusal) -> String {
        var text = "the server refused the upgrade with HTTP \(refusal.status)"
        let phrase = PrintableText.line(refusal.phrase, charactersMax: 80)
        if !phrase.isEmpty { text += " \(phrase)" }
        if let location = refusal.location { text += ", to \(PrintableText.line(location, charactersMax: 200))" }
        switch refusal.retryAfter {
        case .seconds(let seconds): text += ", retry after \(seconds) s"
        case .date(let micros): text += ", retry after \(date(micros))"
        case nil: break
        }
        return text
    }

    private static func date(_ micros: Int64) -> String {
        var (seconds, parts) = (time_t(micros / 1_000_000), tm())
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        let day = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        return "\(day) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) UTC"
    }
}
