/// How a text looks where looks are allowed.
enum TextStyle: UInt8 {
    case plain, heading, good, bad, warning, faint

    /// The sequence that begins it; nil where nothing has to be said. All end with `reset`.
    var start: StaticString? {
        switch self {
        case .plain: nil
        case .heading: "\u{1B}[1m"
        case .good: "\u{1B}[32m"
        case .bad: "\u{1B}[31m"
        case .warning: "\u{1B}[33m"
        case .faint: "\u{1B}[2m"
        }
    }

    static let reset: StaticString = "\u{1B}[0m"
}
