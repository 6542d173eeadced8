public import JSON

/// The keys that stand at the top of a MarketEvent, envelope and payload.
public enum EventField: UInt8, CaseIterable, Sendable {
    case v, type, feed, venue, market, instrument, label, conn, seq, recvUs, venueUs
    case outcome, question, event, slug, complement, state, tickSize, minSize, priceRanges, openUs, closeUs, fee, negRisk
    case bids, asks, reason, verified
    case bid, ask
    case price, size, aggressorSide, tradeID, tx
    case settlementPrice, outcomeWon
    case lastPrice, volume, openInterest
    case orderID, clientID, side, filled, remaining, isTaker, realizedPnl, feesPaid, unrealizedPnl, pnl, positions
    case sinceUs, instruments, expectedSeq, gotSeq, retryInUs, counters, stage
    case lines, content
    case rule, strategy, action, id, legs, cost, payout, fees, edge, profit, note, because, rules, data, build

    /// As it stands in a line.
    public var name: StaticString {
        switch self {
        case .v: "v"
        case .type: "type"
        case .feed: "feed"
        case .venue: "venue"
        case .market: "market"
        case .instrument: "instrument"
        case .label: "label"
        case .conn: "conn"
        case .seq: "seq"
        case .recvUs: "recv_us"
        case .venueUs: "venue_us"
        case .outcome: "outcome"
        case .question: "question"
        case .event: "event"
        case .slug: "slug"
        case .complement: "complement"
        case .state: "state"
        case .tickSize: "tick_size"
        case .minSize: "min_size"
        case .priceRanges: "price_ranges"
        case .openUs: "open_us"
        case .closeUs: "close_us"
        case .fee: "fee"
        case .negRisk: "neg_risk"
        case .bids: "bids"
        case .asks: "asks"
        case .reason: "reason"
        case .verified: "verified"
        case .bid: "bid"
        case .ask: "ask"
        case .price: "price"
        case .size: "size"
        case .aggressorSide: "aggressor_side"
        case .tradeID: "trade_id"
        case .tx: "tx"
        case .settlementPrice: "settlement_price"
        case .outcomeWon: "outcome_won"
        case .lastPrice: "last_price"
        case .volume: "volume"
        case .openInterest: "open_interest"
        case .orderID: "order_id"
        case .clientID: "client_id"
        case .side: "side"
        case .filled: "filled"
        case .remaining: "remaining"
        case .isTaker: "is_taker"
        case .realizedPnl: "realized_pnl"
        case .feesPaid: "fees_paid"
        case .unrealizedPnl: "unrealized_pnl"
        case .pnl: "pnl"
        case .positions: "positions"
        case .sinceUs: "since_us"
        case .instruments: "instruments"
        case .expectedSeq: "expected_seq"
        case .gotSeq: "got_seq"
        case .retryInUs: "retry_in_us"
        case .counters: "counters"
        case .stage: "stage"
        case .lines: "lines"
        case .content: "content"
        case .rule: "rule"
        case .strategy: "strategy"
        case .action: "action"
        case .id: "id"
        case .legs: "legs"
        case .cost: "cost"
        case .payout: "payout"
        case .fees: "fees"
        case .edge: "edge"
        case .profit: "profit"
        case .note: "note"
        case .because: "because"
        case .rules: "rules"
        case .data: "data"
        case .build: "build"
        }
    }

    /// The fields by the length of their name: a key is compared with the few that could be it.
    private static let byLength: [[EventField]] = {
        var table = [[EventField]](repeating: [], count: 20)
        for field in EventField.allCases { table[field.name.utf8CodeUnitCount].append(field) }
        return table
    }()

    /// The field that `key` names, or nil: a key of tomorrow, or of somebody else.
    public init?(_ key: JSONText) {
        if key.hasEscapes {
            var plain = ByteBuffer(capacity: key.count)
            plain.append(unescaping: key)
            guard let field = EventField.find(plain.text) else { return nil }
            self = field
            return
        }
        guard let field = EventField.find(key) else { return nil }
        self = field
    }

    private static func find(_ key: JSONText) -> EventField? {
        guard key.count < byLength.count else { return nil }
        for field in byLength[key.count] where key.isEqual(to: field.name) { return field }
        return nil
    }

    /// The field that in a line of ours most often follows this one: guessed first, so that a key costs one compare.
    var likelyNext: EventField {
        switch self {
        case .venueUs: .bids
        default: EventField(rawValue: rawValue + 1) ?? .v
        }
    }

    /// How many there are.
    static let allCount = allCases.count
}
