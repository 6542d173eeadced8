import JSON
import MarketModel

/// Decisions of programs: what the program says, in the contract's order, within what is ours to say.
extension DecisionLine {
    /// Appends a line with its newline. Its time is that of the latest line that it stands on, its venue that of the first leg.
    mutating func write(_ answer: ProgramAnswer, of rule: Rule, _ ordinal: DecisionOrdinals.Ordinal, to buffer: inout ByteBuffer) {
        because.removeAll()
        legs.removeAll()
        DecisionLine.append(answer.because, to: &because)
        DecisionLine.append(answer.legs, to: &legs)
        var venueText = answer.legs[0].venue
        venueText.withUTF8 { bytes in
            let venue = JSONText(bytes)
            DecisionLine.appendHead(rule, rule.action, venue: venue, received: answer.received, to: &buffer)
            beginIdentity(rule, venue)
        }
        identity.append(legs.bytes)
        for sum in answer.sums {
            identity.append(" ")
            if let sum { identity.append(millionths: sum) }
        }
        if let note = answer.note { identity.append(string: note) }
        if let data = data(rule, usesLinks: false) { identity.append(utf8: data) }
        endIdentity(ordinal, to: &buffer)
        buffer.appendKey(.legs)
        buffer.append(legs.bytes)
        for (field, sum) in zip(ProgramAnswer.sums, answer.sums) { buffer.append(field, millionths: sum) }
        buffer.append(.note, string: answer.note)
        appendTail(data: data(rule, usesLinks: false), to: &buffer)
    }

    private static func append(_ legs: [ProgramAnswer.Leg], to buffer: inout ByteBuffer) {
        for (index, leg) in legs.enumerated() {
            buffer.append(index == 0 ? "[{\"venue\":" : ",{\"venue\":")
            buffer.append(string: leg.venue)
            buffer.append(.market, string: leg.market)
            buffer.append(.instrument, string: leg.instrument)
            buffer.append(.label, string: leg.label)
            buffer.append(.outcome, string: leg.outcome)
            buffer.append(.side, string: leg.side)
            buffer.append(.price, millionths: leg.price)
            if let price = leg.averagePrice {
                buffer.append(",\"average_price\":")
                buffer.append(millionths: price)
            }
            buffer.append(.size, millionths: leg.size)
            buffer.append(.fee, millionths: leg.fee)
            buffer.append("}")
        }
        buffer.append("]")
    }

    private static func append(_ grounds: [ProgramAnswer.Ground], to buffer: inout ByteBuffer) {
        for (index, ground) in grounds.enumerated() {
            buffer.append(index == 0 ? "[{" : ",{")
            if let instrument = ground.instrument {
                buffer.append("\"instrument\":")
                buffer.append(string: instrument)
                buffer.append(",")
            }
            buffer.append("\"feed\":")
            buffer.append(string: ground.feed)
            buffer.append(.conn, integer: ground.conn)
            buffer.append(.seq, integer: ground.seq)
            buffer.append(.recvUs, integer: ground.received.micros)
            buffer.append(.tradeID, string: ground.tradeID)
            buffer.append("}")
        }
        buffer.append("]")
    }
}
