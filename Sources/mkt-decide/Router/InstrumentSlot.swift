import JSON

/// One instrument: what is known of it, and the rules that concern it.
struct InstrumentSlot {
    // What is asked for at a decision stands together, in front.
    /// In the order of the rules.
    var assignments: [Assignment] = []
    /// As the latest `instrument` event tells it; empty where that had none.
    var outcome: String?
    var tradeWatches: [any TradeWatch] = []
    /// In the order of the rules, and then of their groups.
    var groupWatches: [GroupWatch] = []
    /// The numbers of its books, one a feed.
    var books: [Int] = []
    let venue: String
    let market: String
    let instrument: String
    /// The label as it stood in its latest line, escapes and all; nil before the first.
    private(set) var labelBytes: [UInt8]?
    /// The latest label.
    private(set) var label: String?
    /// What rules about several instruments have to know; kept only if there are any.
    var facts = InstrumentFactSheet()
    /// That its fee cannot be used was told.
    var isFeeFaultTold = false
    /// The places of those with a program.
    var programs: [Int] = []
    /// By rule: how far the ordinals of rules had come that concern it no more.
    var pastOrdinals: [Int: DecisionOrdinals] = [:]

    init(venue: String, market: String, instrument: String) {
        self.venue = venue
        self.market = market
        self.instrument = instrument
    }

    /// Takes the label of a line; false if it is the one that was there.
    mutating func take(label text: JSONText) -> Bool {
        if let labelBytes, text.isEqual(to: labelBytes) { return false }
        labelBytes = text.array
        let fresh = text.string
        guard fresh != label else { return false }
        label = fresh
        return true
    }
}
