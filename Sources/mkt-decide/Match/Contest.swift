/// Who of two is meant: `A at B Winner?` with a ticker that ends in the one, `Will A beat B?`, `A wins by over 3.5`.
struct Contest {
    private(set) var subject: [WordReader.Word]?
    private(set) var isSubjectUnknown = false

    private static let verbs: Set<String> = ["beat", "beats", "defeat", "defeats"]
    private static let separators: Set<String> = ["vs", "v", "against", "over"]

    init(_ text: QuestionText, _ evidence: IdentifierEvidence) {
        let words = (0..<text.count).map { text.word($0) ?? "" }
        let hasWinner = words.contains("winner")
        let win = words.firstIndex { ["win", "wins"].contains($0) }
        if let verb = words.firstIndex(where: Contest.verbs.contains) {
            subject = Contest.names(text, 0..<verb, evidence)
        } else if let place = words.firstIndex(where: { Contest.separators.contains($0) || (hasWinner && $0 == "at") }) {
            if let win, win < place {
                subject = Contest.names(text, 0..<win, evidence)
            } else if hasWinner {
                chooseSide(text, place, evidence)
            }
        } else if let win, win + 1 < words.count, words[win + 1] == "by" {
            subject = Contest.names(text, 0..<win, evidence)
        }
    }

    private static func names(_ text: QuestionText, _ range: Range<Int>, _ evidence: IdentifierEvidence) -> [WordReader.Word]? {
        let names = WordReader(text, range, league: evidence.league).words.filter(\.isName)
        return names.isEmpty ? nil : names
    }

    /// The side that the end of the ticker is short for.
    private mutating func chooseSide(_ text: QuestionText, _ place: Int, _ evidence: IdentifierEvidence) {
        let sides = [0..<place, place + 1..<text.count]
        let lists = sides.map { side in side.compactMap { text.word($0) }.filter { !WordList.stop.contains($0) && $0 != "winner" } }
        for isShort in [Contest.isBeginning, Contest.isWithin] {
            let fits = lists.map { isShort(evidence.suffix, $0) }
            guard fits[0] != fits[1] else { continue }
            return subject = Contest.names(text, sides[fits[0] ? 0 : 1], evidence)
        }
        isSubjectUnknown = true
    }

    /// `kc` of Kansas City, `bal` of Baltimore.
    private static func isBeginning(_ short: String, _ words: [String]) -> Bool {
        guard !short.isEmpty, !words.isEmpty else { return false }
        return words.compactMap(\.first).map(String.init).joined() == short || words.joined().hasPrefix(short)
            || words.contains { $0.hasPrefix(short) }
    }

    /// `wsh` of Washington: its letters in their order, the first one first.
    private static func isWithin(_ short: String, _ words: [String]) -> Bool {
        guard !short.isEmpty, words.first?.first == short.first else { return false }
        var rest = short[...]
        for letter in words.joined() where letter == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }
}
