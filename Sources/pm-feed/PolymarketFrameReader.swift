import FeedSession
import JSON

/// Reads frames of the market channel ahead of their turn.
final class PolymarketFrameReader: FrameReader, @unchecked Sendable {
    // @unchecked: it belongs to the thread that reads ahead, from its first frame on.

    private var message = PolymarketMessage()
    /// Of tokens, which have 77 digits.
    private let numbers = TextNumbers()

    init() { message.numbers = .passUnretained(numbers) }

    func read(_ frame: JSONText, onto frames: PolymarketReadFrames) { frames.entries.append(entry(frame, frames)) }

    func leave(onto frames: PolymarketReadFrames) { frames.entries.append(.unread) }

    private func entry(_ frame: JSONText, _ frames: PolymarketReadFrames) -> PolymarketReadFrames.Entry {
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

    private func changes(_ frame: JSONText, _ frames: PolymarketReadFrames) throws(PolymarketFault) -> PolymarketReadFrames.Entry {
        let changes = try PolymarketChanges(message)
        let first = frames.changes.count
        for index in 0..<message.changes.count {
            var change = message.changes[index]
            change.token = numbers.number(change.assetID.text(from: frame.base), message.sought[index])
            frames.changes.append(change)
        }
        return .changes(changes, first: UInt32(first), count: UInt32(message.changes.count))
    }
}
