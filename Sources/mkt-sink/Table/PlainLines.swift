import JSON
import MarketModel

/// The lines of a table that is no screen: fields with one blank between, `-` for what is not there, `?` for what is not known.
struct PlainLines {
    let isColoured: Bool

    /// `TIME book VENUE INSTRUMENT BID BIDSIZE ASK ASKSIZE SPREAD`; `TIME` is that of the line or break that made it so.
    func appendBook(_ instrument: TableInstrument, _ top: TableTop, to buffer: inout ByteBuffer) {
        begin("book", instrument.told.changed, top.isKnown ? .plain : .warning, &buffer)
        append(instrument.venue, &buffer)
        append(instrument.name, &buffer)
        let none: StaticString = top.isKnown ? "-" : "?"
        let values = [
            top.bid?.price.millionths, top.bid?.size.millionths, top.ask?.price.millionths, top.ask?.size.millionths, top.spreadMillionths,
        ]
        for value in values { append(millionths: value, else: none, &buffer) }
        end(&buffer)
    }

    /// `TIME trade VENUE INSTRUMENT SIDE PRICE SIZE`.
    func appendTrade(_ instrument: TableInstrument, to buffer: inout ByteBuffer) {
        guard let trade = instrument.trade else { return }
        begin("trade", trade.received, trade.side == .buy ? .good : trade.side == .sell ? .bad : .plain, &buffer)
        append(instrument.venue, &buffer)
        append(instrument.name, &buffer)
        append(trade.side.name, &buffer)
        append(millionths: trade.price.millionths, else: "-", &buffer)
        append(millionths: trade.size.millionths, else: "-", &buffer)
        end(&buffer)
    }

    /// `TIME decision FEED RULE ACTION NOTE…`; the note may hold blanks.
    func appendDecision(_ decision: TableDecision, to buffer: inout ByteBuffer) {
        begin("decision", decision.received, .heading, &buffer)
        append(decision.feed, &buffer)
        append(decision.rule, &buffer)
        append(decision.action, &buffer)
        appendRest(decision.note, &buffer)
        end(&buffer)
    }

    /// `TIME feed FEED STATE REASON…`; the reason may hold blanks.
    func appendStatus(_ feed: TableFeed, to buffer: inout ByteBuffer) {
        guard let word = feed.last else { return }
        begin(feed.isStage ? "stage" : "feed", word.received, feed.isHealthy ? .good : .warning, &buffer)
        append(feed.name, &buffer)
        append(word.state, &buffer)
        appendRest(word.reason, &buffer)
        end(&buffer)
    }

    // MARK: Fields

    private func begin(_ kind: StaticString, _ time: Timestamp, _ style: TextStyle, _ buffer: inout ByteBuffer) {
        if isColoured, let start = style.start { buffer.append(start) }
        buffer.append(utf8: CivilTime(time).exact)
        buffer.append(" ")
        buffer.append(kind)
    }

    private func end(_ buffer: inout ByteBuffer) {
        // Also after a style that needs no start: two bytes more are no harm, and a cut line ends what it began.
        if isColoured { buffer.append(TextStyle.reset) }
        buffer.append("\n")
    }

    /// A safe text as one field: its blanks become `_`.
    private func append(_ text: String, _ buffer: inout ByteBuffer) {
        buffer.append(" ")
        if text.isEmpty { return buffer.append("-") }
        for byte in text.utf8 { buffer.append(byte == UInt8(ascii: " ") ? UInt8(ascii: "_") : byte) }
    }

    private func appendRest(_ text: String, _ buffer: inout ByteBuffer) {
        buffer.append(" ")
        if text.isEmpty { buffer.append("-") } else { buffer.append(utf8: text) }
    }

    private func append(millionths value: Int64?, else none: StaticString, _ buffer: inout ByteBuffer) {
        buffer.append(" ")
        if let value { buffer.append(millionths: value) } else { buffer.append(none) }
    }
}
