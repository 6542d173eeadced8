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

    private static let keptChanges = 1 << 13

    var entries: [Entry] = []
    var changes: [PolymarketChange] = []

    init() {}

    func removeAll() {
        entries.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: changes.capacity <= PolymarketFrames.keptChanges)
    }
}

/// Reads frames of the market channel ahead of their turn.
///
/// It gives each token a number, so that whoever takes the frames in need not look at its 77 digits again.
final class PolymarketFrameReader: FrameReader, @unchecked Sendable {
    // @unchecked: it belongs to the thread that reads ahead, from its first frame on.

    /// So many tokens get numbers; what comes in more tokens than that is no market.
    private static let tokensMax = 1 << 16

    private var message = PolymarketMessage()
    private var tokens = ByteTable()

    func read(_ frame: JSONText, onto frames: PolymarketFrames) { frames.entries.append(entry(frame, frames)) }

    private func entry(_ frame: JSONText, _ frames: PolymarketFrames) -> PolymarketFrames.Entry {
        guard frame.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{"), isRead(frame), message.unknownKeys.isEmpty,
            let type = message.eventType
        else { return .unread }
        do throws(PolymarketFault) {
            if type.isEqual(to: "price_change") { return try changes(frame, frames) }
            if type.isEqual(to: "best_bid_ask") {
                var tops = try PolymarketTops(message)
                tops.token = number(message.assetID)
                return .tops(tops)
            }
            if type.isEqual(to: "last_trade_price") {
                var print = try PolymarketPrint(message)
                print.token = number(message.assetID)
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
        let first = frames.changes.count
        do throws(PolymarketFault) {
            let changes = try PolymarketChanges(message, onto: &frames.changes)
            for index in first..<frames.changes.count {
                frames.changes[index].token = number(frames.changes[index].assetID.text(from: frame.base))
            }
            return .changes(changes, first: UInt32(first), count: UInt32(frames.changes.count - first))
        } catch {
            frames.changes.removeSubrange(first...)
            throw error
        }
    }

    private func number(_ token: JSONText?) -> UInt32 {
        guard let token else { return 0 }
        if tokens.count >= PolymarketFrameReader.tokensMax { return tokens.find(token).map { UInt32($0 + 1) } ?? 0 }
        return UInt32(tokens.intern(token).index + 1)
    }
}
