/// What an identifier tells beside the question: tickers hold dates, strikes and who is meant (`KXNFLGAME-26SEP27KCBAL-KC`), slugs dates.
///
/// It is no text to compare. It fills in what the question leaves out, and never speaks against the question.
struct IdentifierEvidence: Equatable {
    private(set) var date: CivilDate?
    /// `T83999.99`: a strike, in millionths.
    private(set) var strike: Int64?
    /// The last part, in lower case, where it has letters: who is meant.
    private(set) var suffix = ""
    private(set) var league: String?

    /// - Parameter texts: The instrument, its event, its slug; those that there are.
    init(instrument: String, event: String?, slug: String?) {
        for text in [instrument, event ?? "", slug ?? ""] where text.utf8.count <= 300 {
            league = league ?? IdentifierEvidence.league(text.lowercased())
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count >= 2, date == nil else { continue }
            if text == instrument { readTicker(parts) }
            if date == nil { readISO(parts) }
        }
    }

    // MARK: Tickers

    private mutating func readTicker(_ parts: [Substring]) {
        guard parts[0].utf8.first.map({ $0 >= 65 && $0 <= 90 }) ?? false else { return }
        for part in parts.dropFirst() where date == nil { readDate(part) }
        guard parts.count >= 3 || date == nil, let last = parts.last, let letter = last.first else { return }
        let rest = last.dropFirst()
        if letter == "T", let value = IdentifierEvidence.millionths(rest) {
            strike = value
        } else if last.allSatisfy(\.isLetter) {
            suffix = last.lowercased()
        }
    }

    /// `26SEP25`, `26SEP2516`, `26SEP251515`, `26SEP`, `27`, `2026`; teams may follow.
    private mutating func readDate(_ part: Substring) {
        let bytes = Array(part.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            return bytes[range].reduce(Int64?(0)) { value, byte in
                guard let value, byte >= 48, byte <= 57 else { return nil }
                return value * 10 + Int64(byte - 48)
            }
        }
        if bytes.count == 2, let year = number(0..<2), (20...45).contains(year) { return date = CivilDate(year: 2000 + year) }
        if bytes.count == 4, let year = number(0..<4), (2020...2045).contains(year) { return date = CivilDate(year: year) }
        guard bytes.count >= 5, let year = number(0..<2), (20...45).contains(year),
            let month = CivilDate.month(String(decoding: bytes[2..<5], as: UTF8.self).lowercased())
        else { return }
        var found = CivilDate(year: 2000 + year, month: month)
        if let day = number(5..<7), (1...31).contains(day) { found.day = day }
        date = found
    }

    private static func millionths(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.count <= 18, text.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }) else { return nil }
        return Lexer.lexemes(String(text)).first?.value
    }

    // MARK: Slugs

    /// `…-2026-09-27…`.
    private mutating func readISO(_ parts: [Substring]) {
        guard parts.count >= 3 else { return }
        for index in 0..<parts.count - 2 where parts[index].utf8.count == 4 && parts[index + 1].utf8.count == 2 {
            guard let year = Int64(parts[index]), (2000...2099).contains(year), let month = Int64(parts[index + 1]),
                (1...12).contains(month),
                let day = Int64(parts[index + 2]), (1...31).contains(day)
            else { continue }
            return date = CivilDate(year: year, month: month, day: day)
        }
    }

    /// Which game is played; nil where that is not told.
    private static func league(_ text: String) -> String? {
        let first = text.prefix { $0 != "-" }
        let names = ["wnba", "ncaaf", "ncaab", "nfl", "nba", "mlb", "nhl", "ufc", "epl", "mls", "laliga"]
        return names.first { first == $0 || first.hasPrefix("kx\($0)") || first.hasPrefix("\($0)game") }
    }
}
