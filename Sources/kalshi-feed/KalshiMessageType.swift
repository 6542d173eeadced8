import JSON

/// The types of messages that the venue is known to send. Source: venues dossier §2.1 and §3.
enum KalshiMessageType: UInt8, CaseIterable, Sendable {
    case orderbookDelta, trade, ticker, orderbookSnapshot, marketLifecycle, eventLifecycle, eventFeeUpdate
    case subscribed, ok, error, unsubscribed
    case fill, marketPosition, userOrder, orderGroupUpdates
    case rfqCreated, rfqDeleted, quoteCreated, quoteAccepted, quoteExecuted
    case cfbenchmarksValue, cfbenchmarksValue5hz, cfbenchmarksIndexlist, cfbenchmarks5hzIndexlist, pythValue, pythUnderlyingList

    /// From the venue's name; nil for one that was never seen.
    init?(_ name: JSONText) {
        if name.isEqual(to: "orderbook_delta") {
            self = .orderbookDelta
        } else if name.isEqual(to: "trade") {
            self = .trade
        } else if name.isEqual(to: "ticker") {
            self = .ticker
        } else if let type = KalshiMessageType.allCases.first(where: { name.isEqual(to: $0.name) }) {
            self = type
        } else {
            return nil
        }
    }

    /// The venue's name.
    var name: StaticString {
        switch self {
        case .orderbookDelta: "orderbook_delta"
        case .orderbookSnapshot: "orderbook_snapshot"
        case .trade: "trade"
        case .ticker: "ticker"
        case .marketLifecycle: "market_lifecycle_v2"
        case .eventLifecycle: "event_lifecycle"
        case .eventFeeUpdate: "event_fee_update"
        case .subscribed: "subscribed"
        case .ok: "ok"
        case .error: "error"
        case .unsubscribed: "unsubscribed"
        case .fill: "fill"
        case .marketPosition: "market_position"
        case .userOrder: "user_order"
        case .orderGroupUpdates: "order_group_updates"
        case .rfqCreated: "rfq_created"
        case .rfqDeleted: "rfq_deleted"
        case .quoteCreated: "quote_created"
        case .quoteAccepted: "quote_accepted"
        case .quoteExecuted: "quote_executed"
        case .cfbenchmarksValue: "cfbenchmarks_value"
        case .cfbenchmarksValue5hz: "cfbenchmarks_value_5hz"
        case .cfbenchmarksIndexlist: "cfbenchmarks_value_indexlist"
        case .cfbenchmarks5hzIndexlist: "cfbenchmarks_value_5hz_indexlist"
        case .pythValue: "pyth_value"
        case .pythUnderlyingList: "pyth_value_underlying_list"
        }
    }

    /// The channel that such a message comes on; nil for answers, which come on all.
    var channel: KalshiChannel? {
        switch self {
        case .orderbookDelta, .orderbookSnapshot: .book
        case .trade: .trade
        case .ticker: .ticker
        case .marketLifecycle, .eventLifecycle, .eventFeeUpdate: .lifecycle
        case .fill: .fill
        case .userOrder: .userOrders
        case .marketPosition: .marketPositions
        case .subscribed, .ok, .error, .unsubscribed: nil
        default: .other
        }
    }
}
