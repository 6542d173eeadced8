/// A pattern over a whole label: `*` any characters, `?` one, `[a-z]` one of a set, `[!a-z]` one outside it.
///
/// Case counts, and `*` steps over `/` too. There is no escape: `[*]` is a star. A `]` right after the opening stands for itself.
struct Glob: Equatable, Sendable {
    private enum Token: Equatable, Sendable {
        case one(Unicode.Scalar)
        case any
        case run
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    let pattern: String
    private let tokens: [Token]

    /// nil for a `[` without its `]`, or a range that runs backwards.
    init?(_ pattern: String) {
        self.pattern = pattern
        var tokens: [Token] = []
        var rest = Array(pattern.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if tokens.last != .run { tokens.append(.run) }
            case "?": tokens.append(.any)
            case "[":
                guard let set = Glob.takeSet(&rest) else { return nil }
                tokens.append(set)
            default: tokens.append(.one(scalar))
            }
        }
        self.tokens = tokens
    }

    /// The inside of `[…]`, up to its end.
    private static func takeSet(_ rest: inout ArraySlice<Unicode.Scalar>) -> Token? {
        let isNegated = rest.first == "!" || rest.first == "^"
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let scalar = rest.popFirst() {
            if scalar == "]", !ranges.isEmpty { return .set(ranges, isNegated: isNegated) }
            var upper = scalar
            if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
                rest.removeFirst(2)
                upper = end
            }
            guard scalar <= upper else { return nil }
            ranges.append(scalar...upper)
        }
        return nil
    }

    /// Whether the pattern covers all of `text`. Time grows with both lengths multiplied at worst.
    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var (at, token) = (0, 0)
        // The last run, and how far it reaches so far: on a mismatch it takes one character more.
        var lastRun: (token: Int, reach: Int)?
        while at < scalars.count {
            if token < tokens.count, tokens[token] == .run {
                lastRun = (token, at)
                token += 1
            } else if token < tokens.count, Glob.isMatch(tokens[token], scalars[at]) {
                token += 1
                at += 1
            } else if let run = lastRun {
                lastRun = (run.token, run.reach + 1)
                (token, at) = (run.token + 1, run.reach + 1)
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .run }
    }

    private static func isMatch(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .one(let wanted): wanted == scalar
        case .any: true
        case .run: false
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }
}
