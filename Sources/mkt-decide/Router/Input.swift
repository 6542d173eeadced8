import JSON
import MarketModel

/// What a line means to rules, every value of it checked.
enum Input {
    case snapshot(BookMark)
    case delta(BookMark)
    case trade(TradeSight)
    indirect case instrument(InstrumentNews)
    /// A market opens, pauses or ends.
    case state(isOpen: Bool)
    /// It is known what a share of an instrument pays.
    case settlement(Price)
    indirect case bookBreak(BookBreak)
    /// Market data that is about an instrument and no more.
    case otherMarketData
    /// The reference data that a run of ours went by from here on.
    case reference
    /// A type that decides nothing here, decisions of others among them.
    case other
    case unknownType

    /// Reads what the decoder holds.
    init(_ decoder: borrowing EventDecoder) throws(EventError) {
        guard let kind = decoder.kind else {
            self = .unknownType
            return
        }
        if kind.isMarketData { _ = try decoder.text(.label) }
        switch kind {
        case .bookSnapshot: self = .snapshot(try Input.mark(decoder))
        case .bookDelta: self = .delta(try Input.mark(decoder))
        case .trade:
            _ = try decoder.integer(.conn)
            _ = try decoder.text(.tradeID)
            self = .trade(TradeSight(price: try decoder.requirePrice(.price), size: try decoder.requireSize(.size)))
        case .instrument: self = .instrument(try InstrumentNews(decoder))
        case .feedStatus: self = try BookBreak(decoder).map(Input.bookBreak) ?? .other
        case .marketStatus: self = try InstrumentNews.isOpen(decoder).map(Input.state) ?? .otherMarketData
        case .resolution: self = .settlement(try Input.settlement(decoder))
        case .quote, .ticker: self = .otherMarketData
        case .stageStatus, .ownOrder, .ownFill, .ownPosition, .ownAccount, .decision: self = .other
        case .reference: self = .reference
        }
    }

    /// What a share pays: as it is told, or what winning and losing mean.
    private static func settlement(_ decoder: borrowing EventDecoder) throws(EventError) -> Price {
        let hasWon = try decoder.bool(.outcomeWon)
        guard let millionths = try decoder.millionths(.settlementPrice) else {
            guard let hasWon else { throw .missing(.settlementPrice) }
            return hasWon ? .one : .zero
        }
        let price = Price(millionths: millionths)
        guard price.isProbability else { throw .outOfRange(.settlementPrice) }
        return price
    }

    private static func mark(_ decoder: borrowing EventDecoder) throws(EventError) -> BookMark {
        BookMark(conn: try decoder.integer(.conn), seq: decoder.bookSequence, received: decoder.received)
    }
}
