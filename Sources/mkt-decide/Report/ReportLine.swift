import JSON
import MarketModel

/// What a line that mkt-decide wrote says, all of it checked before any of it counts.
///
/// Texts point into the line and are valid until the decoder reads the next one. Dollars, shares and prices are millionths.
enum ReportLine {
    struct Decision {
        let rule: JSONText
        let isTrade: Bool
        let size: Int128?
        let cost: Int128?
        let edge: Int128?
        let profit: Int128?
        let rules: JSONText
        let data: JSONText?
        let build: JSONText?
    }

    /// A leg that was tried.
    struct Order {
        let rule: JSONText
        let size: Int128
        let filled: Int128
    }

    /// What was taken at one price level.
    struct Fill {
        let rule: JSONText
        let size: Int128
        let fee: Int128
    }

    struct Position {
        let rule: JSONText
        let holding: Holding
    }

    struct Account {
        let rule: JSONText
        let balance: Balance
    }

    case decision(Decision)
    case order(Order)
    case fill(Fill)
    case position(Position)
    case account(Account)
    /// Of another stage, a real account, or a type that the report does not tell of.
    case other
}

extension ReportLine {
    /// Longer names are no rule's and no instrument's; they bound what is kept.
    private static let nameBytesMax = 1024

    init(_ decoder: borrowing EventDecoder) throws(EventError) {
        guard let kind = decoder.kind, try ReportLine.isOurs(decoder) else {
            self = .other
            return
        }
        switch kind {
        case .decision: self = .decision(try Decision(decoder))
        case .ownOrder: self = .order(try Order(decoder))
        case .ownFill: self = .fill(try Fill(decoder))
        case .ownPosition: self = .position(try Position(decoder))
        case .ownAccount: self = .account(try Account(decoder))
        default: self = .other
        }
    }

    private static func isOurs(_ decoder: borrowing EventDecoder) throws(EventError) -> Bool {
        let feed = try decoder.requireText(.feed)
        return feed.hasEscapes ? feed.string == DecideOptions.tool : feed.isEqual(to: "mkt-decide")
    }

    fileprivate static func name(_ field: EventField, _ decoder: borrowing EventDecoder) throws(EventError) -> JSONText {
        let text = try decoder.requireText(field)
        guard text.count > 0, text.count <= nameBytesMax else { throw .outOfRange(field) }
        return text
    }

    /// Whose instrument it is about: `venue` and `instrument` must stand and be no longer than names are.
    fileprivate static func checkInstrument(_ decoder: borrowing EventDecoder) throws(EventError) {
        _ = try name(.venue, decoder)
        _ = try name(.instrument, decoder)
    }

    /// Wide enough for any sum of such.
    fileprivate static func amount(_ field: EventField, _ decoder: borrowing EventDecoder) throws(EventError) -> Int128? {
        guard let millionths = try decoder.millionths(field) else { return nil }
        return Int128(millionths)
    }

    fileprivate static func requireAmount(_ field: EventField, _ decoder: borrowing EventDecoder) throws(EventError) -> Int128 {
        guard let amount = try amount(field, decoder) else { throw .missing(field) }
        return amount
    }

    fileprivate static func requireSize(_ field: EventField, _ decoder: borrowing EventDecoder) throws(EventError) -> Int128 {
        Int128(try decoder.requireSize(field).millionths)
    }
}

extension ReportLine.Decision {
    fileprivate init(_ decoder: borrowing EventDecoder) throws(EventError) {
        rule = try ReportLine.name(.rule, decoder)
        isTrade = try decoder.requireText(.action).string == "trade"
        _ = try decoder.requireText(.id)
        size = try ReportLine.amount(.size, decoder)
        cost = try ReportLine.amount(.cost, decoder)
        edge = try ReportLine.amount(.edge, decoder)
        profit = try ReportLine.amount(.profit, decoder)
        rules = try ReportLine.name(.rules, decoder)
        data = try decoder.text(.data)
        build = try decoder.text(.build)
    }
}

extension ReportLine.Order {
    fileprivate init(_ decoder: borrowing EventDecoder) throws(EventError) {
        rule = try ReportLine.name(.clientID, decoder)
        try ReportLine.checkInstrument(decoder)
        size = try ReportLine.requireSize(.size, decoder)
        filled = try ReportLine.requireSize(.filled, decoder)
        guard filled <= size else { throw .outOfRange(.filled) }
    }
}

extension ReportLine.Fill {
    fileprivate init(_ decoder: borrowing EventDecoder) throws(EventError) {
        rule = try ReportLine.name(.clientID, decoder)
        try ReportLine.checkInstrument(decoder)
        size = try ReportLine.requireSize(.size, decoder)
        fee = try ReportLine.requireAmount(.fee, decoder)
    }
}

extension ReportLine.Position {
    fileprivate init(_ decoder: borrowing EventDecoder) throws(EventError) {
        rule = try ReportLine.name(.rule, decoder)
        try ReportLine.checkInstrument(decoder)
        holding = Holding(
            size: try ReportLine.requireAmount(.size, decoder), cost: try ReportLine.requireAmount(.cost, decoder),
            realized: try ReportLine.requireAmount(.realizedPnl, decoder), fees: try ReportLine.requireAmount(.feesPaid, decoder))
    }
}

extension ReportLine.Account {
    fileprivate init(_ decoder: borrowing EventDecoder) throws(EventError) {
        rule = try ReportLine.name(.rule, decoder)
        balance = Balance(
            realized: try ReportLine.requireAmount(.realizedPnl, decoder), fees: try ReportLine.requireAmount(.feesPaid, decoder),
            unrealized: try ReportLine.amount(.unrealizedPnl, decoder), pnl: try ReportLine.amount(.pnl, decoder),
            positions: try decoder.integer(.positions))
    }
}
