import JSON
import MarketModel

/// What a line means to rules, every value of it checked.
enum Input {
    case snapshot(BookMark)
    case delta(BookMark)
    case trade(TradeSight)
    case instrument(InstrumentNews)
    /// A market opens, pauses or ends.
    case state(isOpen: Bool)
    case bookBreak(BookBreak)
    /// Market data that is about an instrument and no more.
    case otherMarketData
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
        case .resolution: self = .state(isOpen: false)
        case .quote, .ticker: self = .otherMarketData
        case .stageStatus, .ownOrder, .ownFill, .ownPosition, .ownAccount, .decision: self = .other
        }
    }

    private static func mark(_ decoder: borrowing EventDecoder) throws(EventError) -> BookMark {
        guard let seq = try decoder.integer(.seq) else { throw .missing(.seq) }
        return BookMark(conn: try decoder.integer(.conn), seq: seq, received: decoder.received)
    }
}
