import FeedSession
import JSON
import MarketModel

/// What frames say that were read ahead of their turn: the usual messages, in flat memory.
final class KalshiFrames: ReadFrames {
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

    func removeAll() { entries.removeAll(keeping: 1 << 13) }
}

/// Reads frames ahead of their turn.
final class KalshiFrameReader: FrameReader, @unchecked Sendable {
    // @unchecked: it belongs to the thread that reads ahead, from its first frame on.

    private let wanted: KalshiChannels
    /// Its own. A field that was never seen is met here too, where it comes first; then the venue reads that frame itself, and tells it.
    private var scratch = KalshiScratch()

    private let numbers = TextNumbers()

    init(wanted: KalshiChannels) { self.wanted = wanted }

    func read(_ frame: JSONText, onto frames: KalshiFrames) { frames.entries.append(entry(frame)) }

    private func entry(_ frame: JSONText) -> KalshiFrames.Entry? {
        defer { if scratch.unknownFields.hasFresh { _ = scratch.unknownFields.takeFresh() } }
        do {
            let parsed = try KalshiFrame(frame, wanted: wanted, &scratch)
            guard !scratch.unknownFields.hasFresh, let type = parsed.type,
                let message = KalshiFrameReader.message(parsed.message, from: frame.base)
            else { return nil }
            let ticker = parsed.message.ticker.flatMap { $0.hasEscapes ? nil : $0 }
            return KalshiFrames.Entry(
                market: numbers.number(ticker), type: type, id: parsed.id, sid: parsed.sid, seq: parsed.seq, message: message)
        } catch {
            return nil
        }
    }

    private static func message(_ message: KalshiMessage, from base: UnsafePointer<UInt8>) -> KalshiFrames.Message? {
        switch message {
        case .delta(let delta):
            return .delta(
                ticker: JSONSpan(delta.ticker, from: base), leg: delta.leg, price: delta.price, change: delta.change, time: delta.time)
        case .trade(let trade):
            guard trade.oddity == nil else { return nil }
            return .trade(
                ticker: JSONSpan(trade.ticker, from: base), id: JSONSpan(trade.id, from: base), price: trade.price, size: trade.size,
                aggressor: trade.aggressor, time: trade.time)
        case .unread:
            return .unread
        default:
            return nil
        }
    }
}
