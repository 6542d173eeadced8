import FeedSession
import JSON
import MarketModel

/// What frames say that were read ahead of their turn: the usual messages, in flat memory.
final class KalshiReadFrames: ReadFrames {
    /// A frame whose message is one of those below.
    struct Entry {
        /// The market's number with whoever read the frame ahead, from 1 up; 0 where it has none.
        let market: UInt32
        let type: KalshiMessageType
        let id: Int64?
        let sid: Int64?
        let seq: UInt64?
        let message: Message

        /// The frame as it would be read in its turn.
        ///
        /// - Parameter base: Where it begins.
        @inline(__always)
        func frame(from base: UnsafePointer<UInt8>) -> KalshiFrame? {
            guard let message = message.message(market, from: base) else { return nil }
            return KalshiFrame(
                type: type, typeName: JSONText(base: base, count: 0), id: id, sid: sid, seq: seq, message: message)
        }
    }

    /// The messages that come all the time. Texts are places in the frame.
    enum Message {
        case delta(ticker: JSONSpan, leg: KalshiLeg, price: Price, change: Int64, time: Timestamp?)
        case trade(ticker: JSONSpan, id: JSONSpan, price: Price, size: Size, aggressor: Trade.Aggressor, time: Timestamp?)
        case unread

        /// - Parameter base: Where the frame begins.
        @inline(__always)
        func message(_ market: UInt32, from base: UnsafePointer<UInt8>) -> KalshiMessage? {
            switch self {
            case .delta(let ticker, let leg, let price, let change, let time):
                guard let ticker = ticker.text(from: base) else { return nil }
                return .delta(KalshiDelta(ticker: ticker, market: market, leg: leg, price: price, change: change, time: time))
            case .trade(let ticker, let id, let price, let size, let aggressor, let time):
                guard let ticker = ticker.text(from: base), let id = id.text(from: base) else { return nil }
                return .trade(
                    KalshiTradeMessage(
                        ticker: ticker, market: market, id: id, price: price, size: size, aggressor: aggressor, oddity: nil, time: time))
            case .unread:
                return .unread
            }
        }
    }

    /// nil: another message, or one with anything odd: the venue reads it in its turn.
    var entries = FlatStore<Entry?>(capacity: 512)

    init() {}

    /// The number of the market that a frame speaks of; 0 where there is none.
    @inline(__always)
    func market(of index: Int) -> UInt32 { index < entries.count ? entries[index]?.market ?? 0 : 0 }

    /// The side of the book that a frame changes (`KalshiLadder`); nil where there is none.
    @inline(__always)
    func side(of index: Int) -> Side? {
        guard index < entries.count, case .delta(_, let leg, _, _, _)? = entries[index]?.message else { return nil }
        return leg == .yes ? .bid : .ask
    }

    func removeAll() { entries.removeAll(keeping: 1 << 13) }
}
