import FeedSession
import Testing
import UnixTool

@testable import pm_feed

@Suite struct PolymarketSelectionTests {
    private func includes(_ arguments: [String], slug: String? = nil, event: String? = nil) throws -> Bool {
        let instrument = FeedInstrument(feed: "pm", venue: "polymarket", market: "0xc", id: "77")
        instrument.facts.slug = slug
        instrument.facts.event = event
        return try PolymarketSelection(arguments).includes(instrument)
    }

    @Test func nothingNamed_isEverything() throws { #expect(try includes([])) }

    @Test(arguments: [
        "77", "0xc", "up", "event:the-event", "https://polymarket.com/event/the-event", "https://polymarket.com/event/the-event/up",
        "https://polymarket.com/market/up", "polymarket.com/market/up", "https://polymarket.com/event/the-event?tid=1",
        "https://polymarket.com/event/the-event#comments", "https://polymarket.com/de/event/the-event",
        "www.polymarket.com/event/the-event/",
    ])
    func nameOfItsMarketTokenOrEvent_includesIt(argument: String) throws {
        #expect(try includes([argument], slug: "up", event: "the-event"))
        #expect(try includes(["nothing", argument], slug: "up", event: "the-event"))
    }

    @Test(arguments: [
        "78", "0xd", "event:up", "https://polymarket.com/event/other", "https://polymarket.com/event/the-event/down",
    ])
    func otherNames_leaveItOut(argument: String) throws { #expect(try !includes([argument], slug: "up", event: "the-event")) }

    @Test(arguments: [
        "", "https://polymarket.com/", "https://polymarket.com/profile/x", "://", "?://", "https://polymarket.com/event/",
    ])
    func namesThatCannotBeUsed_areMisuse(argument: String) {
        #expect { try PolymarketSelection([argument]) } throws: { ($0 as? ToolFailure)?.status == .usage }
    }

    @Test func othersAreKept_butNotShown() throws {
        let session = try Session(["9001"])
        try session.open()
        let lines = try session.receive("[\(WireBook().frame(venueMillis)),\(WireBook.other(1).frame(venueMillis))]")
        #expect(lines.brief.map { $0.prefix(18) } == ["book_snapshot 9001", "feed_status state="])
        #expect(try session.receive(WireBook().message([#"{"asset_id":"\#(WireBook().asset)"}"#], 5)).isEmpty)
    }

    @Test func slugThatBecomesKnownLate_bringsTheWholeBook() throws {
        let session = try Session(["up", "--verify", "off"])
        try session.open()
        var book = WireBook(market: "0xc", asset: "1")
        #expect(try session.receive(book.frame(venueMillis)).brief == ["feed_status state=\"live\""])
        #expect(try session.receive(book.change("BUY", "0.41", "1", venueMillis + 1)).isEmpty)
        let lines = try session.answer(#"{"conditionId":"0xc","slug":"up","clobTokenIds":["1"],"outcomes":["Up"]}"#)
        #expect(lines.instruments.count == 1)
        #expect(
            lines.brief == [
                "book_snapshot 1 seq=1 bids=[[0.6,30],[0.5,20],[0.41,1],[0.4,10]] asks=[[0.7,60],[0.8,50],[0.9,40]] reason=\"initial\""
            ])
        #expect(try session.receive(book.change("BUY", "0.42", "1", venueMillis + 2)).brief.first?.contains("seq=2") == true)
    }

    @Test func slugThatChanges_hidesNoBookThatReadersBelieve() throws {
        let session = try Session(["up", "--verify", "off"])
        try session.open()
        var book = WireBook(market: "0xc", asset: "1")
        try session.answer(#"{"conditionId":"0xc","slug":"up","clobTokenIds":["1"],"outcomes":["Up"]}"#)
        #expect(try session.receive(book.frame(venueMillis)).brief.first?.contains("book_snapshot 1 seq=1") == true)
        try session.answer(#"{"conditionId":"0xc","slug":"other","clobTokenIds":["1"],"outcomes":["Up"]}"#)
        #expect(try session.receive(book.change("BUY", "0.42", "1", venueMillis + 1)).brief.first?.contains("book_delta 1 seq=2") == true)
    }
}
