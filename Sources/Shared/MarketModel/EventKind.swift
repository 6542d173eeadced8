public import JSON

/// The types of a MarketEvent that this version knows.
public enum EventKind: UInt8, CaseIterable, Sendable {
    case instrument
    case bookSnapshot
    case bookDelta
    case quote
    case trade
    case marketStatus
    case resolution
    case ticker
    case feedStatus
    case stageStatus
    case ownOrder
    case ownFill
    case ownPosition
    case ownAccount
    case decision

    /// As the `type` key spells it.
    public var name: StaticString {
        switch self {
        case .instrument: "instrument"
        case .bookSnapshot: "book_snapshot"
        case .bookDelta: "book_delta"
        case .quote: "quote"
        case .trade: "trade"
        case .marketStatus: "market_status"
        case .resolution: "resolution"
        case .ticker: "ticker"
        case .feedStatus: "feed_status"
        case .stageStatus: "stage_status"
        case .ownOrder: "own_order"
        case .ownFill: "own_fill"
        case .ownPosition: "own_position"
        case .ownAccount: "own_account"
        case .decision: "decision"
        }
    }

    /// The kind that `text` spells, or nil: a type of tomorrow.
    public init?(_ text: JSONText) {
        guard !text.hasEscapes else {
            var plain = ByteBuffer(capacity: text.count)
            plain.append(unescaping: text)
            guard let kind = EventKind.find(plain.text) else { return nil }
            self = kind
            return
        }
        guard let kind = EventKind.find(text) else { return nil }
        self = kind
    }

    private static func find(_ text: JSONText) -> EventKind? {
        switch text.count {
        case 5: text.isEqual(to: "trade") ? .trade : text.isEqual(to: "quote") ? .quote : nil
        case 6: text.isEqual(to: "ticker") ? .ticker : nil
        case 8:
            text.isEqual(to: "own_fill") ? .ownFill : text.isEqual(to: "decision") ? .decision : nil
        case 9: text.isEqual(to: "own_order") ? .ownOrder : nil
        case 10:
            text.isEqual(to: "book_delta")
                ? .bookDelta : text.isEqual(to: "instrument") ? .instrument : text.isEqual(to: "resolution") ? .resolution : nil
        case 11: text.isEqual(to: "feed_status") ? .feedStatus : text.isEqual(to: "own_account") ? .ownAccount : nil
        case 12:
            text.isEqual(to: "stage_status") ? .stageStatus : text.isEqual(to: "own_position") ? .ownPosition : nil
        case 13:
            text.isEqual(to: "book_snapshot") ? .bookSnapshot : text.isEqual(to: "market_status") ? .marketStatus : nil
        default: nil
        }
    }

    /// Whether the line is about one instrument, so that `market` and `instrument` must stand in it.
    public var isMarketData: Bool {
        switch self {
        case .instrument, .bookSnapshot, .bookDelta, .quote, .trade, .marketStatus, .resolution, .ticker: true
        case .feedStatus, .stageStatus, .ownOrder, .ownFill, .ownPosition, .ownAccount, .decision: false
        }
    }

    /// Whether the line carries levels and a `seq`.
    public var isBook: Bool { self == .bookSnapshot || self == .bookDelta }
}
