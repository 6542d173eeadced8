import FeedSession
import JSON
import MarketModel

/// What frames of the market channel say that were read ahead of their turn: the usual messages, in flat memory.
final class PolymarketReadFrames: ReadFrames {
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

    /// The numbers of the tokens that a frame speaks of, if there is such a frame, and which side of their books it changes, if it does.
    @inline(__always)
    func forEachToken(of index: Int, _ body: (UInt32, Side?) -> Void) {
        guard index < entries.count else { return }
        switch entries[index] {
        case .changes(_, let first, let count):
            // Nearly always two; of many, the first are enough.
            for place in Int(first)..<Int(first + min(count, 4)) { body(changes[place].token, changes[place].side) }
        case .print(let print): body(print.token, nil)
        case .tops(let tops): body(tops.token, nil)
        case .unread: break
        }
    }

    func removeAll() {
        entries.removeAll(keeping: PolymarketReadFrames.kept)
        changes.removeAll(keeping: PolymarketReadFrames.kept)
    }
}
