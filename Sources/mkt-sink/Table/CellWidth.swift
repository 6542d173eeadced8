/// How many cells of a terminal a character takes: 0, 1 or 2.
enum CellWidth {
    /// What East Asian Width (Unicode Standard Annex 11) calls wide and is no emoji, in blocks; rising order.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
        0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]

    /// Cells of one character of a text that `SafeText` has made.
    static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        // Medial and final letters of Hangul stand inside the cell of the one before.
        if (0x1160...0x11FF).contains(scalar.value) { return 0 }
        if wide.contains(where: { $0.contains(scalar.value) }) { return 2 }
        // Halves of flags are emoji, but each takes one cell.
        if (0x1F1E6...0x1F1FF).contains(scalar.value) { return 1 }
        return scalar.value >= 0x2300 && scalar.properties.isEmojiPresentation ? 2 : 1
    }

    /// Cells of a text.
    static func of(_ text: String) -> Int {
        var text = text
        let isPlain = text.withUTF8 { bytes in bytes.allSatisfy { $0 < 0x80 } }
        return isPlain ? text.utf8.count : text.unicodeScalars.reduce(0) { $0 + of($1) }
    }
}
