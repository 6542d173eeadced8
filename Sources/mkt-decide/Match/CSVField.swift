/// Text of strangers as a field of a CSV that people open in spreadsheets.
enum CSVField {
    static let noteScalarsMax = 240

    /// A name is written as it is or not at all: changed, it would be another one.
    static func isSafeName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, let last = name.last, name.utf8.count <= 1000 else { return false }
        return !isFormula(first) && !first.properties.isWhitespace && !last.isWhitespace && name.unicodeScalars.allSatisfy(isShown)
    }

    /// What a spreadsheet would take for the beginning of a formula.
    private static func isFormula(_ scalar: Unicode.Scalar) -> Bool {
        "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(scalar)
    }

    /// Letters and marks, but nothing that moves the cursor, hides or turns text around.
    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    /// Text for people: on one line, no longer than it takes, without characters that do something.
    static func shown(_ text: String) -> String {
        var shown = ""
        var count = 0
        var isBlank = true
        for scalar in text.unicodeScalars {
            let isSpace = !isShown(scalar) || scalar.properties.isWhitespace
            if isSpace && isBlank { continue }
            guard count < noteScalarsMax else { return shown + "…" }
            shown.unicodeScalars.append(isSpace ? " " : scalar)
            (isBlank, count) = (isSpace, count + 1)
        }
        return isBlank ? String(shown.dropLast()) : shown
    }

    /// RFC 4180: in quotes where it must be.
    static func quoted(_ text: String, always: Bool = false) -> String {
        let isPlain = !always && !text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x3B || $0 == 0x0A || $0 == 0x0D }
        return isPlain ? text : "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
