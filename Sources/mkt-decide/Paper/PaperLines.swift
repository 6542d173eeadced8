import JSON
import MarketModel
import UnixTool

/// Writes what becomes of decisions on paper: `own_order`, `own_fill`, `own_position`, `own_account`.
enum PaperLines {
    struct Order {
        let decisionID: String
        let rule: String
        let asset: PaperAsset
        let isBuying: Bool
        /// All in millionths: the limit, what was asked for, what was filled.
        let price: Int64
        let size: Int64
        var filled: Int64 = 0
        /// Why not all of it was filled; nil if all was.
        var reason: String?
    }

    struct Fill {
        /// Counted from 0 within a leg.
        let number: Int
        let price: Int64
        let size: Int64
        let fee: Int64
    }

    /// The sum of an account, in millionths of a dollar, every number rounded against it.
    struct Account: Equatable {
        let realized: Int64
        let fees: Int64
        let unrealized: Int64
        let pnl: Int64
        /// How many instruments are held, or owed.
        let positions: Int64

        /// - Parameter account: Valued as of now.
        init(_ account: PaperAccount) throws {
            realized = try PaperMoney.millionths(account.realized, isUp: false)
            unrealized = try PaperMoney.millionths(account.unrealized, isUp: false)
            fees = try PaperMoney.millionths(account.fees * Int128(Decimal6.one), isUp: true)
            pnl = try PaperMoney.millionths(
                (Int128(realized) + Int128(unrealized) - Int128(fees)) * Int128(Decimal6.one), isUp: false)
            positions = Int64(account.open.count)
        }
    }

    static func write(_ order: Order, at now: Timestamp, _ writer: inout LineWriter) throws {
        let start = writer.buffer.count
        begin(.ownOrder, order.asset, at: now, &writer.buffer)
        writer.buffer.append(.orderID, string: order.decisionID)
        writer.buffer.append(.clientID, string: order.rule)
        writer.buffer.append(.side, word: order.isBuying ? "buy" : "sell")
        writer.buffer.append(.price, millionths: order.price)
        writer.buffer.append(.size, millionths: order.size)
        writer.buffer.append(.filled, millionths: order.filled)
        writer.buffer.append(.remaining, millionths: order.size - order.filled)
        writer.buffer.append(.state, word: order.filled == order.size ? "filled" : "canceled")
        writer.buffer.append(.reason, string: order.reason)
        try end(from: start, &writer)
    }

    static func write(_ fill: Fill, of order: Order, place: Int, at now: Timestamp, _ writer: inout LineWriter) throws {
        let start = writer.buffer.count
        begin(.ownFill, order.asset, at: now, &writer.buffer)
        writer.buffer.append(.tradeID, string: "\(order.decisionID)-\(place)-\(fill.number)")
        writer.buffer.append(.orderID, string: order.decisionID)
        writer.buffer.append(.clientID, string: order.rule)
        writer.buffer.append(.side, word: order.isBuying ? "buy" : "sell")
        writer.buffer.append(.price, millionths: fill.price)
        writer.buffer.append(.size, millionths: fill.size)
        writer.buffer.append(.isTaker, bool: true)
        writer.buffer.append(.fee, millionths: fill.fee)
        try end(from: start, &writer)
    }

    static func write(
        _ position: PaperPosition, of asset: PaperAsset, rule: String, at now: Timestamp, _ writer: inout LineWriter
    ) throws {
        let start = writer.buffer.count
        begin(.ownPosition, asset, at: now, &writer.buffer)
        writer.buffer.append(.size, millionths: position.size)
        writer.buffer.append(.cost, millionths: try PaperMoney.millionths(position.cost, isUp: true))
        writer.buffer.append(.realizedPnl, millionths: try PaperMoney.millionths(position.realized, isUp: false))
        writer.buffer.append(
            .feesPaid, millionths: try PaperMoney.millionths(position.fees * Int128(Decimal6.one), isUp: true))
        writer.buffer.append(.rule, string: rule)
        try end(from: start, &writer)
    }

    static func write(_ account: Account, rule: String, at now: Timestamp, _ writer: inout LineWriter) throws {
        let start = writer.buffer.count
        writer.buffer.beginEvent(.ownAccount, EventOrigin(feed: DecideOptions.tool, venue: StageStatus.venue), received: now)
        writer.buffer.append(.rule, string: rule)
        writer.buffer.append(.realizedPnl, millionths: account.realized)
        writer.buffer.append(.feesPaid, millionths: account.fees)
        writer.buffer.append(.unrealizedPnl, millionths: account.unrealized)
        writer.buffer.append(.pnl, millionths: account.pnl)
        writer.buffer.append(.positions, integer: account.positions)
        try end(from: start, &writer)
    }

    private static func begin(_ kind: EventKind, _ asset: PaperAsset, at now: Timestamp, _ buffer: inout ByteBuffer) {
        let origin = EventOrigin(
            feed: DecideOptions.tool, venue: asset.venue, market: asset.market, instrument: asset.instrument, label: asset.label)
        buffer.beginEvent(kind, origin, received: now)
    }

    private static func end(from start: Int, _ writer: inout LineWriter) throws {
        writer.buffer.endEvent()
        try writer.endLine(from: start)
    }
}
