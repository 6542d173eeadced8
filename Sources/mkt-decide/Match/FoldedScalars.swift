/// Text as plain lower-case letters: accents, case and width taken off, marks that only change how it is shown left out.
///
/// Letters are folded by their Unicode names (`LATIN SMALL LETTER E WITH ACUTE` is an e), so no table has to know them. Letters of
/// other scripts stay as they are, in lower case.
struct FoldedScalars {
    struct Folded {
        let scalar: Unicode.Scalar
        let isCapital: Bool
    }

    private(set) var scalars: [Folded] = []

    init(_ text: String) {
        scalars.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.isASCII { appendASCII(scalar) } else { append(scalar) }
        }
    }

    private mutating func appendASCII(_ scalar: Unicode.Scalar) {
        let isCapital = ("A"..."Z").contains(scalar)
        let lower = isCapital ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar
        scalars.append(Folded(scalar: lower, isCapital: isCapital))
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if let plain = FoldedScalars.marks[scalar] {
            for character in plain.unicodeScalars { appendASCII(character) }
            return
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return
        case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .privateUse, .unassigned: appendASCII(" ")
        default:
            let isCapital = properties.isUppercase
            let letters = FoldedScalars.latinLetters(properties.name) ?? properties.lowercaseMapping
            for letter in letters.unicodeScalars where letter.properties.generalCategory != .nonspacingMark {
                scalars.append(Folded(scalar: letter, isCapital: isCapital))
            }
        }
    }

    /// The letters or the digit that a character's name spells; nil where it spells none.
    private static func latinLetters(_ name: String?) -> String? {
        guard let name else { return nil }
        let words = name.split(separator: " ")
        if let place = words.firstIndex(of: "LETTER"), words.contains("LATIN"), place + 1 < words.count {
            let word = words[place + 1]
            if word.count <= 2 { return word.lowercased() }
            guard place + 2 < words.count else { return nil }
            if word == "DOTLESS" { return words[place + 2].lowercased() }
            return word == "SHARP" ? "ss" : nil
        }
        guard words.count == 3, words[0] == "FULLWIDTH", words[1] == "DIGIT" else { return nil }
        return digits[String(words[2])]
    }

    private static let digits = [
        "ZERO": "0", "ONE": "1", "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5", "SIX": "6", "SEVEN": "7", "EIGHT": "8", "NINE": "9",
    ]

    private static let marks: [Unicode.Scalar: String] = [
        "\u{2019}": "'", "\u{2018}": "'", "\u{2BC}": "'", "\u{2010}": "-", "\u{2011}": "-", "\u{2012}": "-", "\u{2013}": "-",
        "\u{2014}": " - ", "\u{2212}": "-", "\u{2265}": ">=", "\u{2264}": "<=", "\u{FF04}": "$", "\u{FF05}": "%", "\u{BA}": "\u{20}",
    ]
}
