/// UTF-8 by the table 3-7 of the Unicode Standard, by trying: no state, no speed.
public enum SlowUTF8 {
    private static let rows: [[ClosedRange<UInt8>]] = [
        [0x00...0x7F], [0xC2...0xDF, 0x80...0xBF], [0xE0...0xE0, 0xA0...0xBF, 0x80...0xBF], [0xE1...0xEC, 0x80...0xBF, 0x80...0xBF],
        [0xED...0xED, 0x80...0x9F, 0x80...0xBF], [0xEE...0xEF, 0x80...0xBF, 0x80...0xBF],
        [0xF0...0xF0, 0x90...0xBF, 0x80...0xBF, 0x80...0xBF], [0xF1...0xF3, 0x80...0xBF, 0x80...0xBF, 0x80...0xBF],
        [0xF4...0xF4, 0x80...0x8F, 0x80...0xBF, 0x80...0xBF],
    ]

    public enum Verdict: Equatable {
        case whole
        /// Ends inside a character.
        case unfinished
        /// The first byte with which no text can go on.
        case bad(at: Int)
    }

    public static func verdict(_ bytes: [UInt8]) -> Verdict {
        var at = 0
        while at < bytes.count {
            let rest = bytes[at...]
            let matched = rows.map { row in zip(row, rest).prefix { $0.contains($1) }.count }
            if let row = rows.indices.first(where: { matched[$0] == rows[$0].count }) {
                at += rows[row].count
            } else {
                let longest = matched.max() ?? 0
                return longest == rest.count ? .unfinished : .bad(at: at + longest)
            }
        }
        return .whole
    }
}
