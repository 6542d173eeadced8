import MarketModel

/// What a strategy found at a line: enough to make a decision of.
///
/// An object, since nearly always there is none: what is handed back then is a word, and not the room that one would need.
final class Finding {
    /// Short plain words with the exact numbers.
    var note: Note
    /// The book line from which a change is counted, where there is one beside the line that triggered.
    var earlier: BookMark?
    /// What the leg tells of a trade.
    var legPrice: Price?
    var legSize: Size?
    /// Shares, where the strategy computes them.
    var size: Size?
    /// Dollars in millionths, where the strategy computes them and millionths hold them exactly.
    var cost: Int64?

    init(_ note: Note, earlier: BookMark? = nil) {
        self.note = note
        self.earlier = earlier
    }

    /// A finding about one trade.
    init(_ note: Note, trade: TradeSight) {
        self.note = note
        legPrice = trade.price
        legSize = trade.size
    }
}
