import JSON
import MarketModel

/// Writes what decisions about several instruments say of each: the leg, and the line that its book stands on.
enum GroupLegs {
    /// The legs of a basket with their numbers; of what stands still the best level; else only what they are.
    static func append(_ watch: GroupWatch, _ content: GroupContent, in router: borrowing Router, to buffer: inout ByteBuffer) {
        buffer.append("[")
        for (place, member) in watch.members.enumerated() {
            buffer.append(place == 0 ? "{\"venue\":" : ",{\"venue\":")
            switch content {
            case .held: appendInstrument(member.instrument, isOpposite: false, in: router, to: &buffer)
            case .basket(let basket, let total):
                let stake = basket.stakes[place]
                appendInstrument(member.instrument, isOpposite: stake == .buyOpposite, in: router, to: &buffer)
                buffer.append(.side, word: stake == .sell ? "sell" : "buy")
                append(total.legs[place], of: total, to: &buffer)
            case .laggard(let quote):
                appendInstrument(member.instrument, isOpposite: false, in: router, to: &buffer)
                if place == quote.place { append(quote, to: &buffer) }
            }
            buffer.append("}")
        }
        buffer.append("]")
    }

    private static func append(_ leg: BasketTotal.Leg, of total: BasketTotal, to buffer: inout ByteBuffer) {
        buffer.append(.price, millionths: leg.price)
        buffer.append(",\"average_price\":")
        buffer.append(millionths: leg.averagePrice)
        buffer.append(.size, millionths: total.size)
        buffer.append(.fee, millionths: leg.fee)
    }

    private static func append(_ quote: LaggardQuote, to buffer: inout ByteBuffer) {
        buffer.append(.side, word: quote.isCheap ? "buy" : "sell")
        buffer.append(.price, millionths: quote.level.price.millionths)
        buffer.append(.size, millionths: quote.level.size.millionths)
    }

    /// Venue, market, instrument, label and outcome of what is bought or sold.
    private static func appendInstrument(
        _ instrument: Int, isOpposite: Bool, in router: borrowing Router, to buffer: inout ByteBuffer
    ) {
        let slot = router.instruments[instrument]
        buffer.append(string: slot.venue)
        guard isOpposite else {
            appendNames(of: slot, to: &buffer)
            return buffer.append(.outcome, string: slot.outcome)
        }
        if let number = slot.facts.complement.flatMap({ router.instrumentNumber(venue: slot.venue, instrument: $0) }) {
            let known = router.instruments[number]
            appendNames(of: known, to: &buffer)
            return buffer.append(.outcome, string: known.outcome)
        }
        buffer.append(.market, string: slot.market)
        buffer.append(.instrument, string: slot.facts.complement ?? slot.instrument)
        // An instrument of its own has a name of its own, told or not.
        if slot.facts.complement == nil { buffer.append(.outcome, string: opposite(of: slot.outcome)) }
    }

    private static func appendNames(of slot: InstrumentSlot, to buffer: inout ByteBuffer) {
        buffer.append(.market, string: slot.market)
        buffer.append(.instrument, string: slot.instrument)
        buffer.append(.label, string: slot.label)
    }

    /// What the other outcome is called where the venue has one instrument for both.
    static func opposite(of outcome: String?) -> String {
        switch outcome {
        case "Yes": "No"
        case "No": "Yes"
        case let outcome?: "not \(outcome)"
        case nil: "opposite"
        }
    }

    /// The book lines that it stands on, oldest first, of equals in the order of legs.
    static func appendBecause(_ watch: GroupWatch, in router: borrowing Router, to buffer: inout ByteBuffer) {
        let places = watch.members.indices.sorted { one, other in
            let (mine, theirs) = (router.books[watch.books[one]].mark.received, router.books[watch.books[other]].mark.received)
            return (mine, one) < (theirs, other)
        }
        buffer.append("[")
        for (index, place) in places.enumerated() {
            let number = watch.books[place]
            let mark = router.books[number].mark
            buffer.append(index == 0 ? "{\"instrument\":" : ",{\"instrument\":")
            buffer.append(string: router.instruments[router.books[number].instrument].instrument)
            buffer.append(.feed, string: router.feeds[router.books[number].feed])
            buffer.append(.conn, integer: mark.conn)
            buffer.append(.seq, integer: mark.seq)
            buffer.append(.recvUs, integer: mark.received.micros)
            buffer.append("}")
        }
        buffer.append("]")
    }
}
