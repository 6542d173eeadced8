import JSON

/// The tables of single things: decisions, orders, instruments.
enum ListTables {
    private static let instrumentsShown = 100

    static func writeLargest(_ decisions: [ListedDecision], to buffer: inout ByteBuffer) {
        guard !decisions.isEmpty else { return }
        buffer.append("<h2>Largest decisions</h2>\n")
        buffer.append("<p class=\"dim\">By profit, then cost, then size, as they were told; of equals the earliest.</p>\n")
        buffer.beginTable([
            TableColumn("Time", "UTC", isNumber: false), TableColumn("Rule", isNumber: false), TableColumn("Action", isNumber: false),
            TableColumn("Legs", isNumber: false), TableColumn("Size", "shares of each leg"), TableColumn("Cost", "dollars, without fees"),
            TableColumn("Edge", "dollars a share, after fees"), TableColumn("Profit", "dollars, promised"),
            TableColumn("Note", isNumber: false),
        ])
        for decision in decisions {
            buffer.append("<tr>")
            buffer.appendCell(time: decision.time)
            buffer.appendCell(text: CutText.cut(decision.rule, CutText.bytesMax))
            buffer.appendCell(text: decision.action)
            buffer.appendCell(long: decision.legs.joined(separator: ", "))
            buffer.appendCell(millionths: decision.size)
            buffer.appendCell(millionths: decision.cost)
            buffer.appendCell(millionths: decision.edge, decimals: 4)
            buffer.appendCell(millionths: decision.profit)
            buffer.appendCell(long: decision.note)
            buffer.append("</tr>\n")
        }
        buffer.endTable()
    }

    static func writeLeastFilled(_ orders: [ListedOrder], to buffer: inout ByteBuffer) {
        buffer.append("<h2>Worst fills</h2>\n")
        guard !orders.isEmpty else { return buffer.append("<p class=\"dim\">Every order was filled whole.</p>\n") }
        buffer.append("<p class=\"dim\">The orders with the most shares left unfilled.</p>\n")
        buffer.beginTable([
            TableColumn("Time", "UTC", isNumber: false), TableColumn("Rule", isNumber: false), TableColumn("Instrument", isNumber: false),
            TableColumn("Side", isNumber: false), TableColumn("Limit", "dollars a share"), TableColumn("Tried", "shares"),
            TableColumn("Filled", "shares"), TableColumn("Missing", "shares"), TableColumn("Reason", isNumber: false),
        ])
        for order in orders {
            buffer.append("<tr>")
            buffer.appendCell(time: order.time)
            buffer.appendCell(text: CutText.cut(order.rule, CutText.bytesMax))
            buffer.appendCell(long: order.instrument)
            buffer.appendCell(text: order.side)
            buffer.appendCell(exact: order.price)
            buffer.appendCell(millionths: order.size)
            buffer.appendCell(millionths: order.filled)
            buffer.appendCell(millionths: order.size - order.filled)
            buffer.appendCell(long: order.reason)
            buffer.append("</tr>\n")
        }
        buffer.endTable()
    }

    static func writeInstruments(_ ledger: borrowing InstrumentLedger, to buffer: inout ByteBuffer) {
        let totals = ledger.totals()
        let rows = zip(ledger.instruments, totals).sorted { one, other in
            let (mine, theirs) = (one.1?.earned.magnitude, other.1?.earned.magnitude)
            if mine != theirs { return theirs.map { theirs in mine.map { $0 > theirs } ?? false } ?? true }
            return [one.0.venue, one.0.instrument].lexicographicallyPrecedes([other.0.venue, other.0.instrument]) {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
        }
        guard !rows.isEmpty else { return }
        buffer.append("<h2>Instruments</h2>\n<p class=\"dim\">All rules together, the largest gain or loss first.</p>\n")
        buffer.beginTable(
            [
                TableColumn("Venue", isNumber: false), TableColumn("Instrument", isNumber: false), TableColumn("Fills"),
                TableColumn("Shares", "traded"), TableColumn("Left", "shares held at the end; below zero where more were sold than bought"),
                TableColumn("Cost of these", "dollars"), TableColumn("Realized", "dollars, before fees"), TableColumn("Fees", "dollars"),
                TableColumn("P&L", "realized − fees, dollars; without what is left"),
            ], isTall: true)
        for (instrument, holding) in rows.prefix(instrumentsShown) { append(instrument, holding, to: &buffer) }
        appendTotal(rows.map(\.0), rows.compactMap(\.1), to: &buffer)
        buffer.endTable()
        guard rows.count > instrumentsShown else { return }
        buffer.append("<p class=\"dim\">And ")
        buffer.append(html: Figure.grouped("\(rows.count - instrumentsShown)"))
        buffer.append(" more, which are in the sum.</p>\n")
    }

    private static func append(_ instrument: InstrumentTally, _ holding: Holding?, to buffer: inout ByteBuffer) {
        buffer.append("<tr>")
        buffer.appendCell(text: instrument.venue)
        buffer.append("<td class=\"w\" title=\"")
        buffer.append(html: instrument.instrument)
        buffer.append("\"><bdi>")
        buffer.append(html: instrument.label ?? instrument.instrument)
        buffer.append("</bdi></td>")
        buffer.appendCell(count: instrument.fills)
        buffer.appendCell(millionths: instrument.shares)
        append(holding, to: &buffer)
        buffer.append("</tr>\n")
    }

    private static func append(_ holding: Holding?, to buffer: inout ByteBuffer) {
        buffer.appendCell(millionths: holding?.size)
        buffer.appendCell(millionths: holding?.cost)
        buffer.appendCell(millionths: holding?.realized)
        buffer.appendCell(millionths: holding?.fees)
        buffer.appendCell(millionths: holding?.earned)
    }

    private static func appendTotal(_ instruments: [InstrumentTally], _ holdings: [Holding], to buffer: inout ByteBuffer) {
        buffer.append("</tbody><tbody class=\"sum\"><tr><td></td><th scope=\"row\">All ")
        buffer.append(html: Figure.grouped("\(instruments.count)"))
        buffer.append(" instruments</th>")
        buffer.appendCell(count: instruments.reduce(0) { $0 + $1.fills })
        buffer.appendCell(millionths: instruments.reduce(0) { $0 + $1.shares })
        append(holdings.isEmpty ? nil : holdings.reduce(Holding(), +), to: &buffer)
        buffer.append("</tr>\n")
    }
}
