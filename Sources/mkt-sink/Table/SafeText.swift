import JSON

/// Foreign text for a terminal: nothing in it moves the cursor, hides itself, or turns what stands beside it around.
///
/// * Controls, format characters (bidi overrides, zero width), private and unassigned characters, and separators of lines become `?`.
/// * So do letters of scripts that run from right to left: terminals that know direction show numbers behind them in another order.
/// * Joiners and variation selectors, which only choose looks, are left out; so is what is beyond two marks on a letter.
/// * Every blank is a plain one.
enum SafeText {
    /// Cells that are kept of any foreign text.
    static let cellsMax = 160
    private static let marksMax = 2

    static func make(_ text: JSONText) -> String {
        // No more bytes than can become so many cells: six an escape, and the marks.
        let most = cellsMax * 24
        guard text.count > most else { return make(text.string) }
        return text.hasEscapes ? "…" : make(String(decoding: text.bytes.prefix(most), as: UTF8.self))
    }

    static func make(_ text: String) -> String {
        var made = String.UnicodeScalarView()
        var cells = 0
        var marks = 0
        for scalar in text.unicodeScalars {
            if isLook(scalar) { continue }
            let shown = shown(scalar)
            let width = CellWidth.of(shown)
            marks = width == 0 ? marks + 1 : 0
            if marks > marksMax || (width == 0 && cells == 0) { continue }
            if cells + width > cellsMax { break }
            cells += width
            made.append(shown)
        }
        return String(made)
    }

    /// Joiners and variation selectors.
    private static func isLook(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200C, 0x200D, 0xFE00...0xFE0F, 0xE0100...0xE01EF: true
        default: false
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if (0x20..<0x7F).contains(scalar.value) { return scalar }
        switch scalar.properties.generalCategory {
        case .spaceSeparator: return " "
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return "?"
        default: return isRightToLeft(scalar) ? "?" : scalar
        }
    }

    /// Blocks whose characters run from right to left (DerivedBidiClass.txt: the defaults of R and AL).
    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }

    // MARK: Into cells

    /// The text in at most so many cells: what is too long loses its middle, for names differ at both ends.
    static func cut(_ text: String, cells: Int) -> String {
        guard CellWidth.of(text) > cells else { return text }
        guard cells > 0 else { return "" }
        let tail = (cells - 1) / 2
        return prefix(text, cells: cells - 1 - tail) + "…" + suffix(text, cells: tail)
    }

    private static func prefix(_ text: String, cells: Int) -> String {
        var left = cells
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            left -= CellWidth.of(scalar)
            if left < 0 { break }
            kept.append(scalar)
        }
        return String(kept)
    }

    private static func suffix(_ text: String, cells: Int) -> String {
        var left = cells
        var kept: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars.reversed() {
            left -= CellWidth.of(scalar)
            if left < 0 { break }
            kept.append(scalar)
        }
        // A mark without its letter would stand on the character before.
        while let last = kept.last, CellWidth.of(last) == 0 { kept.removeLast() }
        return String(String.UnicodeScalarView(kept.reversed()))
    }
}
