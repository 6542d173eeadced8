import FeedSession
import JSON
import MarketModel

/// What frames of the market channel say that were read ahead of their turn: the usual messages, in flat memory.
final class PolymarketFrames: ReadFrames {
    enum Entry {
        /// Another message, or none, or one with anything odd: the venue reads it in its turn.
        case unread
        /// `first`, `count`: in `changes`.
        case changes(PolymarketChanges, first: UInt32, count: UInt32)
        case print(PolymarketPrint)
        case tops(PolymarketTops)
    }

    private static let kept = 1 << 13

    var entries = FlatStore<Entry>(capacity: 256)
    var changes = FlatStore<PolymarketChange>(capacity: 512)

    init() {}

    /// The numbers of the tokens that a frame speaks of, if there is such a frame.
    @inline(__always)
    func forEachToken(of index: Int, _ body: (UInt32) -> Void) {
        guard index < entries.count else { return }
        switch entries[index] {
        case .changes(_, let first, let count):
            // Nearly always two; of many, the first are enough.
            for place in Int(first)..<Int(first + min(count, 4)) { body(changes[place].token) }
        case .print(let print): body(print.token)
        case .tops(let tops): body(tops.token)
        case .unread: break
        }
    }

    func removeAll() {
        entries.removeAll(keeping: PolymarketFrames.kept)
        changes.removeAll(keeping: PolymarketFrames.kept)
    }
}

/// Reads frames of the market channel ahead of their turn.
final class PolymarketFrameReader: FrameReader, @unchecked Sendable {
    // @unchecked: it belongs to the thread that reads ahead, from its first frame on.

    private var message = PolymarketMessage()
    /// Of tokens, which have 77 digits.
    private let numbers = TextNumbers()

    func read(_ frame: JSONText, onto frames: PolymarketFrames) { frames.entries.append(entry(frame, frames)) }

    private func entry(_ frame: JSONText, _ frames: PolymarketFrames) -> PolymarketFrames.Entry {
        guard frame.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{"), isRead(frame), message.unknownKeys.isEmpty,
            let type = message.eventType
        else { return .unread }
        do throws(PolymarketFault) {
            if type.isEqual(to: "price_change") { return try changes(frame, frames) }
            if type.isEqual(to: "best_bid_ask") {
                var tops = try PolymarketTops(message)
                tops.token = numbers.number(message.assetID)
                return .tops(tops)
            }
            if type.isEqual(to: "last_trade_price") {
                var print = try PolymarketPrint(message)
                print.token = numbers.number(message.assetID)
                return .print(print)
            }
        } catch {}
        return .unread
    }

    private func isRead(_ frame: JSONText) -> Bool {
        var scanner = JSONScanner(frame)
        do throws(JSONError) {
            try message.read(&scanner)
            try scanner.finish()
            return true
        } catch {
            return false
        }
    }

    private func changes(_ frame: JSONText, _ frames: PolymarketFrames) throws(PolymarketFault) -> PolymarketFrames.Entry {
        let changes = try PolymarketChanges(message)
        let first = frames.changes.count
        for index in 0..<message.changes.count {
            var change = message.changes[index]
            change.token = numbers.number(change.assetID.text(from: frame.base))
            frames.changes.append(change)
        }
        return .changes(changes, first: UInt32(first), count: UInt32(message.changes.count))
    }
}
