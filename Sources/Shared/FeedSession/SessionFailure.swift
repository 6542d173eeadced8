public import UnixTool

/// Why a session ends though nobody stopped it.
public enum SessionFailure: Error, Equatable, Sendable {
    /// Nothing of the venue could be reached since the start.
    case noNetwork(String)
    /// No socket ever came up, though something answered.
    case neverOpened(String)
    /// Twice in a row, with a fresh signature the second time.
    case credentialsRefused(String)
    case refused(String)

    /// How the tool ends.
    public var toolFailure: ToolFailure {
        switch self {
        case .noNetwork(let words):
            ToolFailure(.unavailable, "cannot reach the venue: \(words); check the network, or see how it works without one: make demo")
        case .neverOpened(let words):
            ToolFailure(.unavailable, "the venue does not let us in: \(words); check the address, or try again later")
        case .credentialsRefused(let words):
            ToolFailure(
                .credentialsRefused, "the venue refuses the credentials: \(words); check the key, its permissions and this machine's clock")
        case .refused(let words):
            ToolFailure(.unavailable, "the venue refuses for good: \(words); correct what was asked for")
        }
    }
}
