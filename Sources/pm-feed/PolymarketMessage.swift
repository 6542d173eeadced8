import FeedSession
import JSON
import MarketModel

/// A mirror of one message of the market channel, in the venue's own names. Texts point into the frame.
///
/// It is not copied: it is large, and one is read into again and again. All messages share one shape because `event_type` comes last on the wire: the fields are gathered first and judged after.
/// Source: the venue's WSS page and captures of 2026, `docs/venues/polymarket.md`.
struct PolymarketMessage: ~Copyable {
    /// One level of a `book`.
    struct WireLevel {
        var level: Level
        var price: JSONText
        var size: JSONText
    }

    /// One entry of `price_changes`, or one level of a `book`, while it is read.
    struct Change {
        var assetID: JSONText?
        var level: Level?
        var price: JSONText?
        var size: JSONText?
        var side: JSONText?
        var hash: JSONText?
        var bestBid: JSONText?
        var bestAsk: JSONText?
        var fault: PolymarketFault?
        var sought = ByteTable.Sought()
    }

    /// Where the numbers of tokens are that are asked for as soon as a token is read; nil for nowhere. Not retained: it is with the reader.
    var numbers: Unmanaged<TextNumbers>?
    /// Where the frame begins that it was read off.
    var base: UnsafePointer<UInt8> = ("" as StaticString).utf8Start

    var eventType: JSONText?
    var market: JSONText?
    var assetID: JSONText?
    var timestamp: JSONText?
    var hash: JSONText?
    var price: JSONText?
    var size: JSONText?
    var side: JSONText?
    var bestBid: JSONText?
    var bestAsk: JSONText?
    var tickSize: JSONText?
    var newTickSize: JSONText?
    /// In a `book`: the price in the hash; "" for a token that was never traded.
    var lastTradePrice: JSONText?
    var transactionHash: JSONText?

    var hasBids = false
    var hasAsks = false
    var hasChanges = false
    var bids: [WireLevel] = []
    var asks: [WireLevel] = []
    /// The entries of `price_changes` up to the first that is no use.
    var changes = FlatStore<PolymarketChange>()
    /// Of the tokens of `changes`, in their order, if there are `numbers`.
    var sought = FlatStore<ByteTable.Sought>()
    /// What is wrong with the first entry that is no use, …
    var changesFault: PolymarketFault?
    /// … and the tokens of that one and of all behind it.
    var mentioned: [JSONText] = []

    /// Of `new_market` and `market_resolved`.
    var id: JSONText?
    var question: JSONText?
    var slug: JSONText?
    var conditionID: JSONText?
    var winningAssetID: JSONText?
    var tickSizeMin: JSONText?
    var assetsIDs: JSONText?
    var clobTokenIDs: JSONText?
    var outcomes: JSONText?
    var eventMessage: JSONText?
    var feeSchedule: JSONText?
    var isActive: Bool?
    var hasFees: Bool?

    /// The first value that is not what it should be.
    var fault: PolymarketFault?
    /// A key of the forms before September 2025.
    var hasRetiredKey = false
    /// Keys that were never seen before, the first few.
    var unknownKeys: [JSONText] = []

    private static let keptLevels = 4096

    /// Forgets everything and keeps the memory, but not that of a huge book.
    mutating func reset() {
        resetTexts()
        (hasBids, hasAsks, hasChanges, hasRetiredKey) = (false, false, false, false)
        fault = nil
        if !bids.isEmpty { bids.removeAll(keepingCapacity: bids.capacity <= PolymarketMessage.keptLevels) }
        if !asks.isEmpty { asks.removeAll(keepingCapacity: asks.capacity <= PolymarketMessage.keptLevels) }
        changes.removeAll(keeping: PolymarketMessage.keptLevels)
        sought.removeAll(keeping: PolymarketMessage.keptLevels)
        changesFault = nil
        if !mentioned.isEmpty { mentioned.removeAll() }
        if !unknownKeys.isEmpty { unknownKeys.removeAll(keepingCapacity: true) }
    }

    private mutating func resetTexts() {
        (eventType, market, assetID, timestamp, hash) = (nil, nil, nil, nil, nil)
        (price, size, side, bestBid, bestAsk) = (nil, nil, nil, nil, nil)
        (tickSize, newTickSize, lastTradePrice, transactionHash) = (nil, nil, nil, nil)
        (id, question, slug, conditionID, winningAssetID, tickSizeMin) = (nil, nil, nil, nil, nil, nil)
        (assetsIDs, clobTokenIDs, outcomes, eventMessage, feeSchedule) = (nil, nil, nil, nil, nil)
        (isActive, hasFees) = (nil, nil)
    }
}

/// Why a message, or a part of it, is no use.
enum PolymarketFault: Error, Equatable {
    case missing(StaticString)
    case wrong(StaticString)
    case outOfRange(StaticString)
    case priceTwice
    case retiredShape
    /// No fault of the venue's: something new.
    case unknownType

    static func == (left: PolymarketFault, right: PolymarketFault) -> Bool { left.message == right.message }

    /// For counters: `missing_price`.
    var counter: String {
        switch self {
        case .missing(let field): "missing_\(field)"
        case .wrong(let field): "wrong_\(field)"
        case .outOfRange(let field): "out_of_range_\(field)"
        case .priceTwice: "price_twice"
        case .retiredShape: "retired_shape"
        case .unknownType: "unknown_type"
        }
    }

    var message: String {
        switch self {
        case .missing(let field): "\(field) is missing"
        case .wrong(let field): "\(field) is not what it should be"
        case .outOfRange(let field): "\(field) is out of range or has more than six decimals"
        case .priceTwice: "a price stands twice on a side of the book"
        case .unknownType: "an unknown message type"
        case .retiredShape: "a message form that the venue gave up in 2025"
        }
    }
}
