import MarketModel
import UnixTool

/// An external program in the place of a strategy: it gets the lines that concern the rule and answers with decisions.
struct ExternalStrategy: Strategy {
    /// What is done while the program does not keep up.
    enum OnSlow: String {
        /// Lines are lost to it.
        case drop
        /// The stream waits for it.
        case block
    }

    static let name = "exec"
    /// The types that a program may ask for: what is of the market and of feeds.
    static let kinds = EventKind.allCases.filter { $0.isMarketData || $0 == .feedStatus }
    private static let patienceMicros: Int64 = 10_000_000

    let words: [String]
    let kinds: Set<EventKind>
    /// nil: a regular file waits, anything else does not.
    let onSlow: OnSlow?
    let patienceMicros: Int64
    /// Where the program is named.
    let place: String

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        words = try reader.words("exec", expectation: "a program and its arguments, such as [\"python3\", \"my.py\"]")
        place = reader.place(of: "exec")
        kinds = try ExternalStrategy.kinds(&reader)
        let expectation = "\"drop\" or \"block\""
        onSlow = try reader.text("on_slow", expectation: expectation).map { text throws(ToolFailure) in
            guard let word = OnSlow(rawValue: text) else {
                throw reader.failure(at: "on_slow", "on_slow is '\(text)'; give \(expectation)")
            }
            return word
        }
        patienceMicros = try reader.span("patience", least: 1) ?? ExternalStrategy.patienceMicros
    }

    private static func kinds(_ reader: inout RuleReader) throws(ToolFailure) -> Set<EventKind> {
        let texts = try reader.texts("events")
        let names = kinds.map { "\($0.name)" }
        var found: Set<EventKind> = []
        for text in texts {
            guard let place = names.firstIndex(of: text) else {
                let nearest = NearestWord.of(text, among: names) ?? ""
                throw reader.failure(
                    at: "events",
                    "there are no events '\(text)' for a program; did you mean '\(nearest)'? It may have \(names.joined(separator: ", "))")
            }
            found.insert(kinds[place])
        }
        return texts.isEmpty ? Set(kinds) : found
    }

    /// What the program is and gets. How long it is waited for changes nothing of what a rule is.
    var values: [String: RuleValue] {
        ["exec": .texts(words), "events": .texts(kinds.map { "\($0.name)" }.sorted())]
    }

    var summary: String {
        let what = kinds.count == ExternalStrategy.kinds.count ? "" : " of " + kinds.map { "\($0.name)" }.sorted().joined(separator: ", ")
        return "the program \(words.joined(separator: " ")) says so\(what)"
    }
}
