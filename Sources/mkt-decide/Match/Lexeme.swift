/// A word, a number or a mark of a question.
struct Lexeme: Equatable {
    enum Kind: Equatable {
        case word
        /// In millionths.
        case number(Int64)
        case mark
    }

    let kind: Kind
    /// Folded: lower case, no accents.
    var text: String
    var isCapital = false
    var isAllCapital = false
    /// Nothing stands between it and what is before it.
    var isGlued = false

    var isWord: Bool { kind == .word }

    var value: Int64? {
        if case .number(let value) = kind { return value }
        return nil
    }

    /// The whole number that it is, in digits that a date or a year may have.
    var smallInteger: Int64? {
        guard let value, value % 1_000_000 == 0, value >= 0, value < 10_000 * 1_000_000 else { return nil }
        return value / 1_000_000
    }
}
