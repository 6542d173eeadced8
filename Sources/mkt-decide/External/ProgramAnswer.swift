import JSON
import MarketModel

/// What a program answered: a decision, as far as it is the program's to say.
struct ProgramAnswer {
    struct Leg {
        var venue = ""
        var market = ""
        var instrument = ""
        var label: String?
        var outcome: String?
        var side: String?
        var price: Int64?
        var averagePrice: Int64?
        var size: Int64?
        var fee: Int64?
    }

    /// A line that the decision stands on.
    struct Ground {
        var instrument: String?
        var feed = ""
        var conn: Int64?
        var seq: Int64?
        var received = Timestamp(micros: 0)
        var tradeID: String?
    }

    /// The sums that it may tell, in the order of a decision line.
    static let sums: [EventField] = [.size, .cost, .payout, .fees, .edge, .profit]

    var legs: [Leg] = []
    /// Oldest first.
    var because: [Ground] = []
    var note: String?
    /// In millionths, by the place in `sums`.
    var sums: [Int64?] = Array(repeating: nil, count: ProgramAnswer.sums.count)

    /// The latest of the lines that it stands on.
    var received: Timestamp { because[because.count - 1].received }
}

/// Why an answer is none, behind "it": `has no because`.
struct AnswerFault: Error, Equatable {
    let text: String

    init(_ text: String) { self.text = text }
}
