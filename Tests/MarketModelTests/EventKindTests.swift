import JSON
import MarketModel
import Testing

@Suite struct EventKindTests {
    private func kind(_ name: String) -> EventKind? {
        var buffer = ByteBuffer()
        buffer.append(utf8: "\"\(name)\"")
        var scanner = JSONScanner(buffer.bytes)
        return try? EventKind(scanner.string())
    }

    @Test func everyKind_isFoundByItsName() {
        for one in EventKind.allCases { #expect(kind("\(one.name)") == one) }
    }

    @Test func everyKind_isFoundByANameSpelledInEscapes() {
        for one in EventKind.allCases {
            let escaped = "\(one.name)".unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
            #expect(kind(escaped) == one)
        }
    }

    @Test(arguments: ["", "Trade", "trades", "trad", "book_snapshoT", "own_fil", "feed-status", "x"])
    func otherName_isNone(_ name: String) {
        #expect(kind(name) == nil)
    }

    @Test func kinds_areExactlyThoseOfThePage() {
        #expect(EventKind.allCases.map { "\($0.name)" } == ContractPage.types.map(\.name))
    }

    @Test func marketData_isWhatThePageSaysHasAnInstrument() {
        let market: Set<EventKind> = [.instrument, .bookSnapshot, .bookDelta, .quote, .trade, .marketStatus, .resolution, .ticker]
        for one in EventKind.allCases {
            #expect(one.isMarketData == market.contains(one))
            #expect(one.isBook == (one == .bookSnapshot || one == .bookDelta))
        }
    }
}
