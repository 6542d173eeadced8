import Testing

@testable import mkt_sink

@Suite struct OccurrenceCounterTests {
    private func numbers(_ lines: [String]) throws -> [String?] {
        try Lines.cells(lines).map { $0[EnvelopeCell.ordinal.rawValue] }
    }

    @Test func equalLinesOfOneMoment_areCounted() throws {
        let line = Lines.trade()
        #expect(try numbers([line, line, Lines.trade(price: "0.6"), line]) == ["0", "1", "0", "2"])
    }

    @Test func anotherMoment_startsAnew_alsoBackwards() throws {
        let (early, late) = (Lines.trade(received: 100), Lines.trade(received: 101))
        #expect(try numbers([early, early, late, early, early]) == ["0", "1", "0", "0", "1"])
    }

    @Test func otherInstruments_doNotDisturb() throws {
        let line = Lines.trade()
        let other = Lines.trade(received: 999).replacing("\"i1\"", with: "\"i2\"")
        #expect(try numbers([line, other, line]) == ["0", "0", "1"])
    }

    @Test func whatIsAbsent_isNotWhatIsEmpty() throws {
        #expect(try numbers([Lines.trade(), Lines.trade(#","tx":"""#), Lines.trade(conn: "")]) == ["0", "0", "0"])
    }

    @Test func theLabelIsNoPartOfTheIdentity() throws {
        #expect(try numbers([Lines.trade(), Lines.trade(#","label":"other""#)]) == ["0", "1"])
    }

    @Test func aTradeIdTellsByItself() throws {
        let line = Lines.trade(#","trade_id":"t""#)
        #expect(try numbers([line, line]) == ["0", "0"])
    }
}
