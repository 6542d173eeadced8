import Testing
import UnixTool

@testable import pm_feed

/// What people give as MARKET.
@Suite struct PolymarketWishTests {
    private static let token = "74866639935465906228822387344939614806982371503507376045493150406757418241698"

    @Test(arguments: [
        (token, PolymarketWish.token(token)),
        (
            "0x9027a12cbbf78e9bff760402ab106732fa5a4af2002e4f48e5cc406ac1447800",
            .condition("0x9027a12cbbf78e9bff760402ab106732fa5a4af2002e4f48e5cc406ac1447800")
        ),
        // Ids of 31 bytes exist; letters of any case are the same id.
        ("0xABcd", .condition("0xabcd")),
        ("btc-updown-5m-1790267100", .slug("btc-updown-5m-1790267100")), ("a_b.c-9", .slug("a_b.c-9")), ("2028", .slug("2028")),
        ("event:fed-decision", .event("fed-decision")), ("tag:crypto", .tag("crypto")),
        ("https://polymarket.com/event/fed-decision", .event("fed-decision")),
        ("https://polymarket.com/event/fed-decision/", .event("fed-decision")),
        ("https://polymarket.com/event/fed-decision?tid=17#top", .event("fed-decision")),
        ("https://polymarket.com/event/fed-decision/will-it-cut?x=/y", .slug("will-it-cut")),
        ("https://polymarket.com/es/event/fed-decision", .event("fed-decision")),
        ("polymarket.com/market/will-it-cut", .slug("will-it-cut")),
        ("https://www.polymarket.com/market/will-it-cut/", .slug("will-it-cut")),
    ])
    func argument_isWhatItLooksLike(argument: String, wish: PolymarketWish) throws {
        #expect(try PolymarketWish(argument) == wish)
    }

    @Test(arguments: [
        "", " ", "a b", "ä", "a?b", "a&closed=true", "event:", "event:a b", "tag:", "tag:a&b", "0x", "0xyz", "0x12 34", "0x12&closed=true",
        "0x12/../../orders", "https://polymarket.com/", "https://polymarket.com/event", "https://polymarket.com/event/",
        "https://polymarket.com/sports/nba", "https://polymarket.com/event/a%20b", "-", "--", "a\nb",
    ])
    func whatWouldNotReachTheVenueAsItStands_isMisuse(argument: String) {
        // A dash alone is a slug by its letters, and no market: the venue says so.
        guard argument != "-", argument != "--" else { return }
        let failure = #expect(throws: ToolFailure.self, "\(argument)") { try PolymarketWish(argument) }
        #expect(failure?.status == .usage)
    }

    @Test func words_areThoseThatWereTyped() throws {
        for argument in [Self.token, "0xabcd", "a-b", "event:a", "tag:b"] { #expect(try PolymarketWish(argument).words == argument) }
        #expect(PolymarketWish.all.words == "--all" && PolymarketWish.top(5).words == "--top 5")
    }

    /// Whoever asks for a market must be shown it: the two readers of arguments agree.
    @Test func conditionIdInCapitals_isAlsoShown() throws {
        let session = try Session(["0xABCD"])
        try session.open()
        #expect(try session.receive(WireBook(market: "0xabcd", asset: "1").frame(venueMillis)).brief.count == 2)
        #expect(try session.receive(WireBook(market: "0xabce", asset: "2").frame(venueMillis)).brief.isEmpty)
    }
}
