import JSON

/// Why a message is no use. Nothing that is missing is ever read as zero.
enum KalshiFault: Error {
    case missing(StaticString)
    /// Of the wrong kind, out of range, or with more than six decimals.
    case wrong(StaticString)
    /// A field of a form that the venue has given up: integer cents and counts.
    case retired(StaticString)
    /// Two fields that say the opposite of each other.
    case contradiction(StaticString)

    var isRetired: Bool {
        if case .retired = self { true } else { false }
    }

    var message: String {
        switch self {
        case .missing(let field): "\(field) is missing"
        case .wrong(let field): "\(field) is not what it should be"
        case .retired(let field): "\(field) is of a form that the venue has given up"
        case .contradiction(let fields): "\(fields) contradict each other"
        }
    }
}

extension JSONText {
    /// A name of the venue's for a reason of ours: foreign text of any length is cut.
    var name: String {
        let text = string
        return text.count <= 64 ? text : text.prefix(64) + "…"
    }
}
