import MarketModel

/// What the venue said that a live session has to act upon, in order. In a replay nobody listens, and nothing is kept.
final class KalshiNews {
    /// An answer to a command, or an error that nobody asked for.
    enum Answer: Equatable {
        case subscribed(KalshiChannel, sid: Int64)
        /// A command was done; `sid` is told where it is about one.
        case done(sid: Int64?)
        /// What the venue thinks is open.
        case list([KalshiOpenSubscription])
        case unsubscribed(sid: Int64?)
        case error(code: Int64, sid: Int64?, tickers: [String])
    }

    enum Item: Equatable {
        case answer(Answer, id: Int64?, conn: Int64)
        /// Numbers are missing: so many frames are lost.
        case hole(KalshiChannel?, missing: UInt64, since: Timestamp, conn: Int64)
        /// A book is not to be believed any more, though nobody said that its subscription is over.
        case lost(ticker: String, conn: Int64)
        /// A whole book came; `id` where it answers a command.
        case book(ticker: String, id: Int64?, conn: Int64)
        /// A whole book differs from what its changes had come to: changes are kept from us.
        case disagreement(ticker: String, conn: Int64)
        case marketMade(ticker: String, event: String?)
        case marketSettled(ticker: String)
    }

    private var items: [Item] = []

    var isEmpty: Bool { items.isEmpty }

    func note(_ item: Item) { items.append(item) }

    func take() -> [Item] {
        guard !items.isEmpty else { return [] }
        defer { items.removeAll(keepingCapacity: items.count < 10_000) }
        return items
    }
}

/// One entry of the answer to `list_subscriptions`.
struct KalshiOpenSubscription: Equatable {
    let channel: KalshiChannel
    let sid: Int64
}
