/// Two instruments that seem to be the same question, for a person to look at.
struct Proposal: Equatable {
    let left: Link.End
    let right: Link.End
    let relation: Link.Relation
    /// Millionths.
    let confidence: Int64
    let note: String

    /// The surest first; of equals in the order of links.
    static func precedes(_ one: Proposal, _ other: Proposal) -> Bool {
        if one.confidence != other.confidence { return one.confidence > other.confidence }
        for (mine, theirs) in zip(one.names, other.names) where mine != theirs { return mine.utf8.lexicographicallyPrecedes(theirs.utf8) }
        return false
    }

    private var names: [String] { [left.venue, left.instrument, right.venue, right.instrument] }

    static let header = (Link.columns + [Link.noteColumn]).joined(separator: ",")

    /// As a line of a links file; nobody has approved it.
    var line: String {
        let names = [left.venue, left.instrument, right.venue, right.instrument].map { CSVField.quoted($0) }
        let rest = [relation.rawValue, ExactText.millionths(confidence), Link.Status.pending.rawValue, CSVField.quoted(note, always: true)]
        return (names + rest).joined(separator: ",")
    }
}
