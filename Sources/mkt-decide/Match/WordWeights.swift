/// How much a word tells: the rarer the more, in 1,024ths; whole numbers only, so that every machine gets the same.
struct WordWeights {
    private static let one: Int64 = 1024

    private var counts: [String: Int64] = [:]
    private let total: Int64

    init(_ statements: [Statement]) {
        total = Int64(statements.count)
        for statement in statements {
            for word in statement.words { counts[word.text, default: 0] += 1 }
        }
    }

    subscript(word: WordReader.Word) -> Int64 {
        let ratio = max(total / max(counts[word.text] ?? 1, 1), 1)
        let weight = 2 * WordWeights.one + min(WordWeights.logarithm(ratio), 8 * WordWeights.one)
        if WordList.light.contains(word.text) { return weight / 4 }
        return word.isName ? weight * 5 / 4 : weight
    }

    /// Of base 2, straight between the powers of two.
    private static func logarithm(_ value: Int64) -> Int64 {
        let power = Int64(63 - value.leadingZeroBitCount)
        return power * one + ((value - 1 << power) * one >> power)
    }
}
