import MarketModel
import Testing

@Suite struct EventOriginTests {
    @Test func originOfAFeed_namesFeedAndVenue() {
        #expect(String(decoding: EventOrigin(feed: "a\"b", venue: "kalshi").bytes, as: UTF8.self) == #""feed":"a\"b","venue":"kalshi""#)
    }

    @Test func originOfAnInstrument_hasALabelOnlyIfOneIsKnown() {
        let plain = EventOrigin(feed: "f", venue: "v", market: "m\n", instrument: "i", label: nil)
        #expect(String(decoding: plain.bytes, as: UTF8.self) == #""feed":"f","venue":"v","market":"m\n","instrument":"i""#)
        let labelled = EventOrigin(feed: "f", venue: "v", market: "m", instrument: "i", label: "é/Yes")
        #expect(String(decoding: labelled.bytes, as: UTF8.self).hasSuffix(#","label":"é/Yes""#))
    }
}
