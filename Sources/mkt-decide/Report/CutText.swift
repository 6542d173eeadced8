import JSON

/// Text of a line at a length that a page can bear.
enum CutText {
    /// Bytes that are kept; a label or a note in earnest is shorter.
    static let bytesMax = 240

    /// What the text stands for, cut at the end with `…` where it is longer.
    static func make(_ text: JSONText) -> String {
        // Escapes take up to six bytes for one.
        let isShort = text.count <= bytesMax * 6 || text.hasEscapes
        return cut(isShort ? text.string : String(decoding: text.bytes.prefix(bytesMax * 2), as: UTF8.self), bytesMax)
    }

    /// The text, or as many of its characters as fit into so many bytes and `…`.
    static func cut(_ text: String, _ bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        var kept = String.UnicodeScalarView()
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > bytesMax { break }
            kept.append(scalar)
        }
        return String(kept) + "…"
    }
}
