import FeedSession
import JSON
import MarketModel

/// Reads frames ahead of their turn.
final class KalshiFrameReader: FrameReader, @unchecked Sendable {
    // @unchecked: it belongs to the thread that reads ahead, from its first frame on.

    private let wanted: KalshiChannels
    /// Its own. A field that was never seen is met here too, where it comes first; then the venue reads that frame itself, and tells it.
    private var scratch = KalshiScratch()

    private let numbers = TextNumbers()

    init(wanted: KalshiChannels) {
        self.wanted = wanted
        scratch.numbers = .passUnretained(numbers)
    }

    func read(_ frame: JSONText, onto frames: KalshiReadFrames) { frames.entries.append(entry(frame)) }

    func leave(onto frames: KalshiReadFrames) { frames.entries.append(nil) }

    private func entry(_ frame: JSONText) -> KalshiReadFrames.Entry? {
        defer { if scratch.unknownFields.hasFresh { _ = scratch.unknownFields.takeFresh() } }
        // What was asked for is of a frame that is gone, and another text may be there now.
        scratch.sought = ByteTable.Sought()
        do {
            let parsed = try KalshiFrame(frame, wanted: wanted, &scratch)
            guard !scratch.unknownFields.hasFresh, let type = parsed.type,
                let message = KalshiFrameReader.message(parsed.message, from: frame.base)
            else { return nil }
            let ticker = parsed.message.ticker.flatMap { $0.hasEscapes ? nil : $0 }
            return KalshiReadFrames.Entry(
                market: numbers.number(ticker, scratch.sought), type: type, id: parsed.id, sid: parsed.sid, seq: parsed.seq,
                message: message)
        } catch {
            return nil
        }
    }

    private static func message(_ message: KalshiMessage, from base: UnsafePointer<UInt8>) -> KalshiReadFrames.Message? {
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
