/// How a tool ends, as the shell sees it: sysexits.h where it has a word (`docs/unix.md`).
public enum ExitStatus: Int32, CaseIterable, Sendable {
    /// End of input, limit, drained after a signal, or the reader went away.
    case done = 0
    case usage = 64
    /// Bad data under `--strict`.
    case badData = 65
    case noInput = 66
    /// The venue or the database refuses for good.
    case unavailable = 69
    case bug = 70
    case cannotCreate = 73
    case ioError = 74
    case tryLater = 75
    /// The peer breaks the protocol.
    case protocolBroken = 76
    case credentialsRefused = 77
    case configuration = 78

    /// What stands behind the number in help texts.
    public var meaning: String {
        switch self {
        case .done: "done: end of input, limit reached, drained after a signal, or the reader went away"
        case .usage: "wrong usage"
        case .badData: "bad data under --strict"
        case .noInput: "an input is missing or cannot be opened"
        case .unavailable: "venue or database refuses for good"
        case .bug: "a bug of ours"
        case .cannotCreate: "an output cannot be made"
        case .ioError: "reading or writing failed"
        case .tryLater: "try again later"
        case .protocolBroken: "the peer breaks the protocol"
        case .credentialsRefused: "credentials refused"
        case .configuration: "the configuration is wrong"
        }
    }
}

/// Why a tool ends early: one line for people, one number for scripts.
///
/// The line says what happened, to what, and what to do now.
public struct ToolFailure: Error, Equatable, Sendable {
    public let status: ExitStatus
    public let message: String

    public init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

/// Who reads our standard output has gone away: the quiet end with status 0.
public struct ReaderGone: Error, Sendable {
    public init() {}
}
