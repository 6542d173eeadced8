import JSON
import MarketModel

/// How large a decision is: by its profit, then its cost, then its size; what it does not tell is least.
struct DecisionRank: Comparable {
    private let profit: Int128
    private let cost: Int128
    private let size: Int128

    init(_ decision: ReportLine.Decision) {
        profit = decision.profit ?? .min
        cost = decision.cost ?? .min
        size = decision.size ?? .min
    }

    static func < (one: DecisionRank, other: DecisionRank) -> Bool {
        (one.profit, one.cost, one.size) < (other.profit, other.cost, other.size)
    }
}

/// A decision in the table of the largest.
struct ListedDecision {
    let time: Timestamp
    let rule: String
    let action: String
    /// The labels of its legs, or their instruments where they have none.
    let legs: [String]
    let size: Int128?
    let cost: Int128?
    let edge: Int128?
    let profit: Int128?
    let note: String

    init(_ decision: ReportLine.Decision, _ rule: String, _ decoder: borrowing EventDecoder) {
        time = decoder.received
        self.rule = rule
        action = (try? decoder.text(.action)).map(CutText.make) ?? ""
        legs = (try? decoder.container(.legs)).map(ListedDecision.legs) ?? []
        (size, cost, edge, profit) = (decision.size, decision.cost, decision.edge, decision.profit)
        note = (try? decoder.text(.note)).map(CutText.make) ?? ""
    }

    private static let legsMax = 4

    /// Names for people; the numbers of the decision do not depend on them, so a leg that cannot be read has none.
    private static func legs(_ text: JSONText) -> [String] {
        var scanner = JSONScanner(text)
        var names: [String] = []
        do {
            try scanner.beginArray()
            while try scanner.nextElement() {
                let name = try leg(&scanner)
                if names.count < legsMax { names.append(name) } else if names.count == legsMax { names.append("…") }
            }
        } catch {
            return names
        }
        return names
    }

    private static func leg(_ scanner: inout JSONScanner) throws(JSONError) -> String {
        try scanner.beginObject()
        var parts: [String: String] = [:]
        while let key = try scanner.nextKey() {
            let name = key.string
            if ["side", "label", "instrument"].contains(name), try scanner.peekKind() == .string {
                parts[name] = CutText.make(try scanner.string())
            } else {
                try scanner.skipValue()
            }
        }
        return [parts["side"], parts["label"] ?? parts["instrument"]].compactMap { $0 }.joined(separator: " ")
    }
}

/// An order in the table of those that were filled least.
struct ListedOrder {
    let time: Timestamp
    let rule: String
    let instrument: String
    let side: String
    let price: Int128?
    let size: Int128
    let filled: Int128
    let reason: String

    init(_ order: ReportLine.Order, _ rule: String, _ decoder: borrowing EventDecoder) {
        func text(_ field: EventField) -> String? { (try? decoder.text(field)).map(CutText.make) }
        time = decoder.received
        self.rule = rule
        instrument = text(.label) ?? text(.instrument) ?? ""
        side = text(.side) ?? ""
        price = ((try? decoder.millionths(.price)) ?? nil).map { Int128($0) }
        (size, filled) = (order.size, order.filled)
        reason = text(.reason) ?? ""
    }
}
