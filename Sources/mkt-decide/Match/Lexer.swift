import JSON

/// Cuts a question into lexemes.
///
/// `J.D.` is one word, `won't` is `wont`, `Fed's` is `fed`; `GPT-6` and `U-3` are words with a digit, not the number six or three.
struct Lexer {
    private let scalars: [FoldedScalars.Folded]
    private var at = 0
    private var lexemes: [Lexeme] = []

    static func lexemes(_ text: String) -> [Lexeme] {
        var lexer = Lexer(text)
        lexer.run()
        return lexer.lexemes
    }

    private init(_ text: String) { scalars = FoldedScalars(text).scalars }

    private mutating func run() {
        var isGlued = false
        while at < scalars.count {
            let scalar = scalars[at].scalar
            if Lexer.isDigit(scalar) {
                takeNumber(isGlued)
                isGlued = true
            } else if Lexer.isLetter(scalar) {
                takeWord(isGlued)
                isGlued = true
            } else {
                isGlued = takeMark(scalar, isGlued)
                at += 1
            }
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII ? ("a"..."z").contains(scalar) : scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private func scalar(_ ahead: Int) -> Unicode.Scalar {
        at + ahead < scalars.count ? scalars[at + ahead].scalar : " "
    }

    /// False where it parts what is before it from what is behind it.
    private mutating func takeMark(_ scalar: Unicode.Scalar, _ isGlued: Bool) -> Bool {
        switch scalar {
        case "$", "%", "+", "-", "<", ">", "/", ":", "\u{B0}", "=", "#", "?", ",", "(", "@":
            lexemes.append(Lexeme(kind: .mark, text: String(scalar), isGlued: isGlued))
            return scalar != "(" && scalar != "," && scalar != "?"
        default: return false
        }
    }

    // MARK: Numbers

    private mutating func takeNumber(_ isGlued: Bool) {
        var text = takeDigits()
        let isGrouped = text.utf8.count <= 3
        while isGrouped, scalar(0) == ",", (1...3).allSatisfy({ Lexer.isDigit(scalar($0)) }), !Lexer.isDigit(scalar(4)) {
            at += 1
            text += "," + takeDigits()
        }
        if scalar(0) == ".", Lexer.isDigit(scalar(1)) {
            at += 1
            text += "." + takeDigits()
        }
        if scalar(0) == "e", scalar(1) == "r", scalar(2) == "s" {
            // `49ers` are no 49.
            at += 3
            return lexemes.append(Lexeme(kind: .word, text: text + "ers", isCapital: true, isGlued: isGlued))
        }
        var digits = String(text.drop { $0 == "0" }.filter { $0 != "," })
        if digits.isEmpty || digits.hasPrefix(".") { digits = "0" + digits }
        let value = digits.withUTF8 { bytes in try? Decimal6.parse(JSONText(bytes)) }
        if joinsWord() {
            lexemes.removeLast()
            lexemes[lexemes.count - 1].text += text
        } else {
            lexemes.append(Lexeme(kind: value.map { .number($0) } ?? .word, text: text, isGlued: isGlued))
        }
    }

    private mutating func takeDigits() -> String {
        var text = ""
        while Lexer.isDigit(scalar(0)) {
            text.unicodeScalars.append(scalar(0))
            at += 1
        }
        return text
    }

    /// Whether the number belongs to the word before it: `GPT-6`, but not `74F-75F` or `3PM-4PM`.
    private func joinsWord() -> Bool {
        guard lexemes.count >= 2, let dash = lexemes.last, dash.text == "-", dash.isGlued else { return false }
        let word = lexemes[lexemes.count - 2]
        return word.isWord && !word.isGlued
    }

    // MARK: Words

    private mutating func takeWord(_ isGlued: Bool) {
        var text = ""
        var capitals = 0
        let isCapital = scalars[at].isCapital
        while at < scalars.count {
            let scalar = scalars[at].scalar
            if Lexer.isLetter(scalar) || (Lexer.isDigit(scalar) && !text.isEmpty) {
                text.unicodeScalars.append(scalar)
                if scalars[at].isCapital { capitals += 1 }
            } else if scalar == "." && isAbbreviation(text) {
                // The point of `J.D.` is left out.
            } else if scalar == "&", self.scalar(1) != " ", !text.isEmpty {
                // So is the mark of `S&P`.
            } else if scalar == "'", at + 1 < scalars.count, Lexer.isLetter(scalars[at + 1].scalar) {
                if takesGenitive() { break }
            } else {
                break
            }
            at += 1
        }
        lexemes.append(
            Lexeme(
                kind: .word, text: text, isCapital: isCapital, isAllCapital: capitals == text.unicodeScalars.count && capitals > 1,
                isGlued: isGlued))
    }

    /// Whether a point stands between single letters.
    private func isAbbreviation(_ text: String) -> Bool {
        let isSingle = at < 2 || !Lexer.isLetter(scalars[at - 2].scalar)
        return isSingle && at > 0 && Lexer.isLetter(scalars[at - 1].scalar)
            && (Lexer.isLetter(self.scalar(1)) && !Lexer.isLetter(self.scalar(2)) || text.unicodeScalars.count > 1)
    }

    /// Steps over `'s` at the end of a word.
    private mutating func takesGenitive() -> Bool {
        guard scalar(1) == "s", !Lexer.isLetter(scalar(2)) else { return false }
        at += 2
        return true
    }
}
