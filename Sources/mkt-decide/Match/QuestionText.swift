/// The lexemes of a question, those that a reader has understood marked as used.
struct QuestionText {
    private(set) var lexemes: [Lexeme]
    private(set) var isUsed: [Bool]

    init(_ text: String) {
        lexemes = Lexer.lexemes(text)
        isUsed = Array(repeating: false, count: lexemes.count)
    }

    var count: Int { lexemes.count }

    mutating func use(_ range: Range<Int>) {
        for index in range { isUsed[index] = true }
    }

    /// The lexeme at a place; nil beyond either end, and where it is used.
    subscript(index: Int) -> Lexeme? {
        lexemes.indices.contains(index) && !isUsed[index] ? lexemes[index] : nil
    }

    func word(_ index: Int) -> String? { self[index].flatMap { $0.isWord ? $0.text : nil } }

    func isMark(_ index: Int, _ mark: String) -> Bool { self[index].map { $0.kind == .mark && $0.text == mark } ?? false }

    /// Replaces a word by a number that it spells.
    mutating func setNumber(_ value: Int64, at index: Int, using range: Range<Int>) {
        use(range)
        lexemes[index] = Lexeme(kind: .number(value), text: lexemes[index].text, isGlued: lexemes[index].isGlued)
        isUsed[index] = false
    }
}
