import MarketModel

/// The table of one event type, as every database target sees it: its name and what follows the envelope.
///
/// The tables themselves are made by `SchemaMigration`; a test holds both against each other.
struct EventTable: Sendable {
    /// What tells apart two lines of the same source and time.
    enum Ordinal: String, Sendable {
        /// The line's own `seq`.
        case seq
        /// Our number of the line among those that say the same (`OccurrenceCounter`).
        case occurrence
        /// An id in the payload.
        case none
    }

    /// Which of `market`, `instrument` and `label` the type has.
    enum Subject: Sendable {
        case instrument
        /// Named where the line names it.
        case optional
        case none
    }

    let kind: EventKind
    let name: String
    let subject: Subject
    let ordinal: Ordinal
    /// Columns of the payload, in the order of the row's cells. `…_e6` are millionths.
    let columns: [String]

    /// The table of each kind, at the place of its raw value.
    static let all: [EventTable] = EventKind.allCases.map { table($0) }

    private init(_ kind: EventKind, _ name: String, _ subject: Subject, _ ordinal: Ordinal, _ columns: String) {
        self.kind = kind
        self.name = name
        self.subject = subject
        self.ordinal = ordinal
        self.columns = columns.split(separator: " ").map(String.init)
    }

    private static func table(_ kind: EventKind) -> EventTable {
        switch kind {
        case .instrument:
            EventTable(
                kind, "instruments", .instrument, .occurrence,
                "outcome question event slug complement state tick_size_e6 min_size_e6 price_ranges open_us close_us fee neg_risk")
        case .bookSnapshot: EventTable(kind, "book_snapshots", .instrument, .seq, "bids asks reason verified")
        case .bookDelta: EventTable(kind, "book_deltas", .instrument, .seq, "bids asks verified")
        case .quote:
            EventTable(kind, "quotes", .instrument, .occurrence, "bid_price_e6 bid_size_e6 ask_price_e6 ask_size_e6")
        case .trade: EventTable(kind, "trades", .instrument, .occurrence, "price_e6 size_e6 aggressor_side trade_id tx")
        case .marketStatus: EventTable(kind, "market_statuses", .instrument, .occurrence, "state reason")
        case .resolution: EventTable(kind, "resolutions", .instrument, .occurrence, "settlement_price_e6 outcome_won")
        case .ticker:
            EventTable(
                kind, "tickers", .instrument, .occurrence,
                "last_price_e6 volume_e6 open_interest_e6 bid_price_e6 bid_size_e6 ask_price_e6 ask_size_e6")
        case .feedStatus:
            EventTable(
                kind, "feed_statuses", .none, .occurrence,
                "state reason since_us instruments expected_seq got_seq retry_in_us counters")
        case .stageStatus: EventTable(kind, "stage_statuses", .none, .occurrence, "stage state counters")
        case .ownOrder: EventTable(kind, "own_orders", .optional, .occurrence, "payload")
        case .ownFill: EventTable(kind, "own_fills", .optional, .occurrence, "payload")
        case .ownPosition: EventTable(kind, "own_positions", .optional, .occurrence, "payload")
        case .ownAccount:
            EventTable(
                kind, "own_accounts", .none, .occurrence, "rule realized_pnl_e6 fees_paid_e6 unrealized_pnl_e6 pnl_e6 positions")
        case .decision:
            EventTable(
                kind, "decisions", .none, .none,
                "rule strategy action id legs size_e6 cost_e6 payout_e6 fees_e6 edge_e6 profit_e6 note because rules data build")
        }
    }
}
