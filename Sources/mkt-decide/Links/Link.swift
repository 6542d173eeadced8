import JSON
import UnixTool

/// Two instruments that are the same question, as a person has approved it.
struct Link: Equatable, Sendable {
    enum Relation: String, CaseIterable, Sendable {
        /// The outcomes come true together.
        case same
        /// One comes true exactly when the other does not.
        case inverse
    }

    enum Status: String, CaseIterable, Sendable {
        case approved, pending, rejected
    }

    struct End: Hashable, Sendable {
        let venue: String
        let instrument: String
    }

    static let columns = [
        "left_venue", "left_instrument", "right_venue", "right_instrument", "relation", "confidence", "status",
    ]

    /// A column that may be there for people; nothing depends on it.
    static let noteColumn = "note"

    let left: End
    let right: End
    let relation: Relation
    /// Millionths, 0 to 1; for people.
    let confidence: Int64
    let status: Status

    var ends: [End] { [left, right] }

    /// - Parameter row: The value of every column.
    init(_ row: LinkRow) throws(ToolFailure) {
        left = End(venue: try row.text("left_venue"), instrument: try row.text("left_instrument"))
        right = End(venue: try row.text("right_venue"), instrument: try row.text("right_instrument"))
        guard left != right else { throw row.failure("links an instrument to itself; take the line out") }
        relation = try row.word("relation")
        status = try row.word("status")
        confidence = try row.confidence()
    }

    /// `polymarket 7486 same as kalshi KX`.
    var summary: String {
        let relation = relation == .same ? "same as" : "inverse of"
        return "\(left.venue) \(left.instrument) \(relation) \(right.venue) \(right.instrument)"
    }

    /// One spelling of what it links.
    var canonicalText: String {
        RuleValue.object([
            "left_venue": .text(left.venue), "left_instrument": .text(left.instrument), "right_venue": .text(right.venue),
            "right_instrument": .text(right.instrument), "relation": .text(relation.rawValue),
        ])
    }

    /// By left venue, left instrument, right venue, right instrument, in rising byte order.
    static func precedes(_ one: Link, _ other: Link) -> Bool {
        for (mine, theirs) in zip(one.texts, other.texts) where mine != theirs {
            return mine.utf8.lexicographicallyPrecedes(theirs.utf8)
        }
        return false
    }

    private var texts: [String] { [left.venue, left.instrument, right.venue, right.instrument] }
}
