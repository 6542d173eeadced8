import Testing

@testable import pm_feed

@Suite struct PolymarketListingTests {
    private func listing(_ text: String) throws -> PolymarketListing { try PolymarketListing(Array(text.utf8)) }

    private static let market =
        #"{"conditionId":"0xc","clobTokenIds":"[\"1\", \"2\"]","slug":"up","question":"Up?","volume24hr":12.5,"closed":false,"enableOrderBook":true}"#
    private static let read = PolymarketListing.Market(
        conditionID: "0xc", tokens: ["1", "2"], slug: "up", question: "Up?", event: "", volume24h: "12.5", isClosed: false, hasBook: true)

    @Test func market_list_page_andEventsWithTheirMarkets_areAllTaken() throws {
        var inEvent = Self.read
        inEvent.event = "e"
        for (body, expected) in [
            (Self.market, [Self.read]), ("[\(Self.market),\(Self.market)]", [Self.read, Self.read]),
            (#"{"markets":[\#(Self.market)],"next_cursor":"x"}"#, [Self.read]), (#"{"data":[\#(Self.market)]}"#, [Self.read]),
            (#"[{"id":"9","slug":"e","markets":[\#(Self.market)]}]"#, [inEvent]),
            (#"{"events":[{"slug":"e","markets":[\#(Self.market)]}],"next_cursor":""}"#, [inEvent]),
            (#"[{"events":[{"id":"5","slug":"e"}],\#(Self.market.dropFirst())]"#, [inEvent]), ("[]", []), ("{}", []), ("null", []),
        ] {
            #expect(try listing(body).markets == expected, "\(body)")
            #expect(try listing(body).faultCount == 0)
        }
    }

    @Test func tokensAsARealList_areTheSame() throws {
        #expect(try listing(Self.market.replacing(#""[\"1\", \"2\"]""#, with: #"["1","2"]"#)).markets == [Self.read])
    }

    @Test func cursor_isTaken_emptyAndMissingAreNone() throws {
        #expect(try listing(#"{"markets":[],"next_cursor":"abc=="}"#).nextCursor == "abc==")
        #expect(try listing(#"{"data":[],"nextCursor":"q"}"#).nextCursor == "q")
        for body in [#"{"markets":[],"next_cursor":""}"#, #"{"markets":[],"next_cursor":null}"#, "[]"] {
            #expect(try listing(body).nextCursor == nil)
        }
    }

    @Test(arguments: [
        #""clobTokenIds":"oops""#, #""clobTokenIds":["1","x"]"#, #""clobTokenIds":[]"#, #""clobTokenIds":["1\"],\"type"]"#,
        #""clobTokenIds":null"#, #""tokens":[]"#,
    ])
    func openMarketWhoseTokensCannotBeRead_isCounted_theOthersAreTaken(tokens: String) throws {
        let odd = Self.market.replacing(#""clobTokenIds":"[\"1\", \"2\"]""#, with: tokens)
        #expect(odd != Self.market)
        let listing = try listing("[\(odd),\(Self.market)]")
        #expect(listing.markets == [Self.read] && listing.faultCount == 1)
    }

    @Test func marketWithoutABook_orOver_isNoFault() throws {
        for state in [#""enableOrderBook":false"#, #""closed":true"#] {
            let key = state.prefix { $0 != ":" }
            let start = Self.market.firstRange(of: "\(key):")!
            let odd = Self.market.replacing(#""[\"1\", \"2\"]""#, with: "[]").replacing(
                "\(key):\(Self.market[start.upperBound...].prefix { $0 != "," && $0 != "}" })", with: state)
            #expect(try listing(odd).faultCount == 0)
        }
    }

    @Test(arguments: ["", "<html>", "{", "[1,", "[]x"]) func whatIsNoJSON_isAnError(body: String) {
        #expect(throws: (any Error).self) { try listing(body) }
    }

    @Test func tokens_areDigits() {
        for text in ["0", "1", String(repeating: "9", count: 80)] { #expect(PolymarketListing.isToken(text)) }
        for text in ["", "-1", "1.0", "0x1", " 1", "١", String(repeating: "9", count: 81)] { #expect(!PolymarketListing.isToken(text)) }
    }
}
