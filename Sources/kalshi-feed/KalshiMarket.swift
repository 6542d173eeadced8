import FeedSession
import MarketModel

/// One market of the venue: its YES side is our instrument.
final class KalshiMarket {
    /// Its place in the registry.
    let index: Int
    let instrument: FeedInstrument
    /// The series' ticker: what stands before the first `-`, until somebody tells better.
    var series: String
    /// The connection on which it last had a snapshot; nil before the first.
    var snapshotConn: Int64?
    /// The subscription that its book came from.
    var sid: Int64?
    /// The connection of which it was told that deltas came without a snapshot: once is enough.
    var strayConn: Int64?
    /// A subscription named it.
    var isAsked = false
    /// A subscription to trades named it: what REST tells of its trades is told.
    var isTradeAsked = false
    /// When its book was last spoken of.
    var lastWord: Timestamp?

    init(index: Int, _ instrument: FeedInstrument) {
        self.index = index
        self.instrument = instrument
        series = String(instrument.id.prefix { $0 != "-" })
    }

    /// Whether its book is known, and from this connection.
    func isKnown(on conn: Int64) -> Bool { instrument.book.isKnown && instrument.conn == conn }
}
