import FeedSession
import JSON
import MarketModel

/// Memory that every frame uses again, so that reading one allocates nothing.
struct KalshiScratch {
    /// The ladders of the last snapshot, in the order and in the prices of the wire.
    var yes: [Level] = []
    var no: [Level] = []
    /// The tickers of the last `ok` or `error`; they point into the frame.
    var tickers: [JSONText] = []
    /// What the last answer to `list_subscriptions` named.
    var openSubscriptions: [KalshiOpenSubscription] = []
    var unknownFields = KalshiUnknownFields()
    /// Where the numbers of markets are that are asked for as soon as a ticker is read; nil for nowhere. Not retained: it is with the reader.
    var numbers: Unmanaged<TextNumbers>?
    /// Of the ticker of the frame in hand, if it was asked for.
    var sought = ByteTable.Sought()

    /// Asks for the number of a ticker.
    @inline(__always)
    mutating func ask(for ticker: JSONText) {
        if let numbers { sought = numbers._withUnsafeGuaranteedRef { $0.ask(for: ticker) } }
    }
}

/// Fields that the dossier does not know, each noted once for its type of message.
struct KalshiUnknownFields {
    /// Names that are remembered for a type, so that a venue gone wild cannot fill our memory.
    private static let namesMax = 200

    private var seen: [Int: ByteTable] = [:]
    /// Noted since `takeFresh` was last called.
    private var fresh: [String] = []

    var hasFresh: Bool { !fresh.isEmpty }

    /// Notes a field of a message; `type` nil is the envelope.
    mutating func note(_ field: JSONText, in type: KalshiMessageType?) {
        let place = type.map { Int($0.rawValue) } ?? -1
        let count = seen[place]?.count ?? 0
        guard count < KalshiUnknownFields.namesMax, seen[place, default: ByteTable()].intern(field).isNew else { return }
        fresh.append("field \(field.name) of \(type.map { "\($0.name)" } ?? "the envelope")")
    }

    mutating func takeFresh() -> [String] {
        defer { fresh.removeAll() }
        return fresh
    }
}
