import JSON
public import MarketModel

/// The account's own lines: asked for by `--user`, and told whatever MARKET names and whatever else is shown.
extension FeedOutput {
    public func ownOrder(
        _ instrument: FeedInstrument, _ order: OwnOrder, conn: Int64?, received: Timestamp, venueTime: Timestamp?
    ) throws {
        guard let start = try beginOwn(.ownOrder, instrument, conn, received, venueTime) else { return }
        writer.buffer.append(.orderID, string: order.id)
        writer.buffer.append(.clientID, string: order.clientID)
        writer.buffer.append(.side, word: order.side?.name)
        writer.buffer.append(.price, millionths: order.price?.millionths)
        writer.buffer.append(.size, millionths: order.size?.millionths)
        writer.buffer.append(.filled, millionths: order.filled?.millionths)
        writer.buffer.append(.remaining, millionths: order.remaining?.millionths)
        writer.buffer.append(.state, word: order.state.name)
        writer.buffer.append(.reason, string: order.reason)
        try end(.ownOrder, from: start)
    }

    public func ownFill(
        _ instrument: FeedInstrument, _ fill: OwnFill, conn: Int64?, received: Timestamp, venueTime: Timestamp?
    ) throws {
        guard let start = try beginOwn(.ownFill, instrument, conn, received, venueTime) else { return }
        writer.buffer.append(.tradeID, string: fill.tradeID)
        writer.buffer.append(.orderID, string: fill.orderID)
        writer.buffer.append(.clientID, string: fill.clientID)
        writer.buffer.append(.side, word: fill.side.name)
        writer.buffer.append(.price, millionths: fill.price.millionths)
        writer.buffer.append(.size, millionths: fill.size.millionths)
        writer.buffer.append(.isTaker, bool: fill.isTaker)
        writer.buffer.append(.fee, millionths: fill.fee)
        writer.buffer.append(.state, word: fill.state?.name)
        writer.buffer.append(.tx, string: fill.transaction)
        try end(.ownFill, from: start)
    }

    public func ownPosition(
        _ instrument: FeedInstrument, _ position: OwnPosition, conn: Int64?, received: Timestamp, venueTime: Timestamp?
    ) throws {
        guard let start = try beginOwn(.ownPosition, instrument, conn, received, venueTime) else { return }
        writer.buffer.append(.size, millionths: position.size)
        writer.buffer.append(.cost, millionths: position.cost)
        writer.buffer.append(.realizedPnl, millionths: position.realizedPnl)
        writer.buffer.append(.feesPaid, millionths: position.feesPaid)
        try end(.ownPosition, from: start)
    }

    /// Where the line begins; nil if there is no room for it.
    private func beginOwn(
        _ kind: EventKind, _ instrument: FeedInstrument, _ conn: Int64?, _ received: Timestamp, _ venueTime: Timestamp?
    ) throws -> Int? {
        if isQueued, try !admits(kind, at: received) { return nil }
        try announce(instrument, evenIfHidden: true, at: received)
        let start = writer.buffer.count
        writer.buffer.beginEvent(kind, instrument.origin, conn: conn, received: received, venueTime: venueTime)
        return start
    }
}
