import FeedSession
import JSON
import MarketModel
import Testing

@testable import pm_feed

@Suite struct PolymarketBookHashTests {
    /// A book of ours with the levels and inputs of a wire book.
    private func ours(_ wire: WireBook, isTold: Bool = true) -> PolymarketBook {
        let book = PolymarketBook(FeedInstrument(feed: "pm", venue: "polymarket", market: wire.market, id: wire.asset))
        for (side, levels) in [(Side.bid, wire.bids), (.ask, wire.asks)] {
            for (price, size) in levels {
                Session.withText(Array(price.utf8)) { priceText in
                    Session.withText(Array(size.utf8)) { sizeText in
                        let level = Level(
                            price: try! PolymarketDecimal.price(priceText, "price"), size: try! PolymarketDecimal.size(sizeText, "size"))
                        book.set(side, level, price: priceText, size: sizeText)
                    }
                }
            }
        }
        guard isTold else { return book }
        book.hashInputs.minOrderSize = wire.minSize
        book.hashInputs.isNegRisk = wire.isNegRisk
        book.hashInputs.tickSize = wire.tick
        book.hashInputs.lastTradePrice = wire.last
        return book
    }

    private func agrees(
        _ book: PolymarketBook, _ millis: Int64, _ told: String, _ effort: PolymarketBookHash.Effort = .plain,
        recipe: PolymarketBookHash.Recipe = .tenKeys
    ) -> Bool {
        var hash = PolymarketBookHash()
        var result = false
        Session.withText(Array(String(millis).utf8)) { stamp in
            Session.withText(Array(told.utf8)) { told in
                result = hash.agrees(book, timestamp: stamp, hash: told, recipe: recipe, effort: effort)
            }
        }
        return result
    }

    /// The client hashes levels in the order in which it is given them; its vector has asks rising, the wire has them falling.
    @Test func vectorOfTheVenuesOwnClient_provesTheConstruction_andOursFollowsInWireOrder() {
        var wire = WireBook(
            market: "0xaabbcc", asset: "100", bids: [("0.3", "100"), ("0.4", "100")], asks: [("0.6", "100"), ("0.7", "100")],
            tick: "0.01", last: "0.5", minSize: "100")
        #expect(wire.hash(123_456_789) == "0458ea5755c9f73d64a14636fa5c36ed460ec394")
        wire.asks.reverse()
        #expect(agrees(ours(wire), 123_456_789, "9909a3e0a1877760d02701d51cecd4eb2688c473"))
    }

    @Test(.enabled(if: Fixtures.areHere, Comment(rawValue: Fixtures.absence)))
    func capturedBooks_agreeWithTheirHashes() {
        let books = Fixtures.elements(Fixtures.text("ws-initial-books-2026-09-24.json"))
        #expect(books.count == 3)
        for text in books {
            let wire = WireBook(captured: text)
            #expect(wire.hash(wire.millis(text)) == Fixtures.string("hash", of: text))
            #expect(agrees(ours(wire), wire.millis(text), Fixtures.string("hash", of: text)))
            // Nothing told: the guesses find all four values.
            let guessed = ours(wire, isTold: false)
            guessed.hashInputs.lastTradePrice = wire.last
            #expect(agrees(guessed, wire.millis(text), Fixtures.string("hash", of: text)))
            #expect(guessed.hashInputs.minOrderSize == "5" && guessed.hashInputs.isNegRisk == false)
            #expect(guessed.hashInputs.tickSize == "0.01")
        }
    }

    @Test(.enabled(if: Fixtures.areHere, Comment(rawValue: Fixtures.absence)))
    func capturedChange_agreesAfterItIsApplied() throws {
        let text = Fixtures.text("verified-hash-case-2026-09-24.json")
        let before = CanonicalForm.members(text).first { $0.key == "book_before" }?.value ?? ""
        var wire = WireBook(captured: before)
        wire.set("SELL", "0.87", "183.78")
        #expect(wire.preimage(1_790_267_381_091) == Fixtures.string("preimage", of: text))
        #expect(agrees(ours(wire), 1_790_267_381_091, Fixtures.string("expected_sha1", of: text)))
        #expect(!agrees(ours(WireBook(captured: before)), 1_790_267_381_091, Fixtures.string("expected_sha1", of: text), .everyPrice))
    }

    @Test func nineKeys_agreeOnlyByTheirRecipe() {
        let wire = WireBook()
        let told = wire.hash(5, keys: 9)
        #expect(told != wire.hash(5))
        #expect(agrees(ours(wire), 5, told, recipe: .nineKeys))
        #expect(!agrees(ours(wire), 5, told, .everyPrice))
        #expect(!agrees(ours(wire), 5, wire.hash(5), .everyPrice, recipe: .nineKeys))
    }

    @Test func nineKeys_leaveTheLastPriceAlone() {
        let wire = WireBook()
        let book = ours(wire)
        book.hashInputs.lastTradePrice = "0.111"
        book.hashInputs.minOrderSize = nil
        #expect(agrees(book, 5, wire.hash(5, keys: 9), recipe: .nineKeys))
        #expect(book.hashInputs.lastTradePrice == "0.111")
    }

    @Test(arguments: [
        ("0.20", "5"), (".48", "5"), ("0.2", "5.0"), ("0.200000", "5"), ("0.2", "1e2"), ("2e-1", "5"), ("0.5", ".5"),
    ])
    func oddSpelling_isKeptInTheHash(price: String, size: String) {
        var wire = WireBook()
        wire.bids = [("0.1", "7"), (price, size)]
        let odd = ours(wire)
        #expect(agrees(odd, 9, wire.hash(9)))
        // The same level told again in plain spelling.
        Session.withText(Array("0.3".utf8)) { plain in
            let level = Level(price: odd.instrument.book.bids.best!.price, size: Size(millionths: 300_000))
            odd.set(.bid, level, price: plain, size: plain)
        }
        #expect(odd.oddBids.isEmpty)
    }

    @Test func emptySides_agree() {
        var wire = WireBook()
        wire.bids = []
        #expect(agrees(ours(wire), 9, wire.hash(9)))
        wire.asks = []
        wire.last = ""
        #expect(agrees(ours(wire), 9, wire.hash(9)))
    }

    @Test(arguments: ["5", "1", "10", "15", "20", "50", "100", "0.1"])
    func minOrderSizeAndNegRisk_areGuessedWhereNotTold(minSize: String) {
        for isNegRisk in [false, true] {
            var wire = WireBook()
            (wire.minSize, wire.isNegRisk) = (minSize, isNegRisk)
            let book = ours(wire)
            (book.hashInputs.minOrderSize, book.hashInputs.isNegRisk) = (nil, nil)
            #expect(agrees(book, 9, wire.hash(9)))
            #expect(book.hashInputs.minOrderSize == minSize && book.hashInputs.isNegRisk == isNegRisk)
            // Told wrong is not guessed: REST knows better than we.
            (book.hashInputs.minOrderSize, book.hashInputs.isNegRisk) = ("7", isNegRisk)
            #expect(!agrees(book, 9, wire.hash(9), .everyPrice))
        }
    }

    @Test(arguments: ["0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001"])
    func otherTick_isFoundByNeighboursOnly(tick: String) {
        var wire = WireBook()
        wire.tick = tick
        let book = ours(wire)
        book.hashInputs.tickSize = tick == "0.01" ? "0.001" : "0.01"
        #expect(!agrees(book, 9, wire.hash(9)))
        #expect(agrees(book, 9, wire.hash(9), .neighbours))
        #expect(book.hashInputs.tickSize == tick)
    }

    @Test func lastPrice_isGuessedFromTopsTradesAndAtLastFromAll() {
        var wire = WireBook()
        for (last, effort, isFound) in [
            ("0.600", PolymarketBookHash.Effort.neighbours, true), ("0.700", .neighbours, true), ("", .neighbours, true),
            ("0.123", .neighbours, false), ("0.123", .everyPrice, true), ("0.999", .everyPrice, true), ("0.1234", .everyPrice, false),
        ] {
            wire.last = last
            let book = ours(wire)
            book.hashInputs.lastTradePrice = "0.650"
            #expect(!agrees(book, 9, wire.hash(9)))
            #expect(agrees(book, 9, wire.hash(9), effort) == isFound, "\(last)")
        }
        wire.last = "0.123"
        let book = ours(wire)
        book.hashInputs.lastTradePrice = "0.650"
        book.hashInputs.noteNearbyTrade("0.123")
        #expect(book.hashInputs.lastTradePrice == "0.650")
        #expect(agrees(book, 9, wire.hash(9), .neighbours))
    }

    @Test func recentTrades_areFourAndEachOnce() {
        var inputs = PolymarketHashInputs()
        for price in ["0.1", "0.2", "0.3", "0.2", "0.4", "0.5"] { inputs.noteTrade(price) }
        #expect(inputs.recentTrades == ["0.5", "0.4", "0.2", "0.3"])
        #expect(inputs.lastTradePrice == "0.5")
    }

    @Test(
        arguments: [
            (780_000, "0.780"), (500_000, "0.500"), (1_000_000, "1.000"), (0, "0.000"), (1, "0.000001"), (120, "0.00012"),
            (123_400, "0.1234"),
        ] as [(Int64, String)])
    func spelling_hasThreeDecimalsAtLeast(millionths: Int64, text: String) {
        #expect(PolymarketHashInputs.spelling(Price(millionths: millionths)) == text)
    }

    @Test func everyLevelOffByOneMillionth_neverAgrees() {
        let wire = WireBook()
        let told = wire.hash(9)
        for side in [Side.bid, .ask] {
            let levels = side == .bid ? ours(wire).instrument.book.bids.levels : ours(wire).instrument.book.asks.levels
            for level in levels {
                let bigger = ours(wire)
                bigger.instrument.book.set(side, Level(price: level.price, size: Size(millionths: level.size.millionths + 1)))
                #expect(!agrees(bigger, 9, told, .everyPrice))
                let moved = ours(wire)
                moved.instrument.book.set(side, Level(price: level.price, size: .zero))
                #expect(!agrees(moved, 9, told, .everyPrice))
                moved.instrument.book.set(side, Level(price: Price(millionths: level.price.millionths + 1), size: level.size))
                #expect(!agrees(moved, 9, told, .everyPrice))
            }
        }
        let extra = ours(wire)
        extra.instrument.book.set(.bid, Level(1, 1))
        #expect(!agrees(extra, 9, told, .everyPrice))
        #expect(!agrees(ours(wire), 10, told, .everyPrice))
    }

    @Test(arguments: [
        "", "0", "zz", String(repeating: "g", count: 40), String(repeating: "a", count: 39), String(repeating: "a", count: 41),
    ])
    func hashThatIsNone_neverAgrees(told: String) {
        #expect(!agrees(ours(WireBook()), 9, told, .everyPrice))
        #expect(!agrees(ours(WireBook()), 9, WireBook().hash(9).uppercased(), .everyPrice))
    }

    @Test func disagreement_leavesTheInputsAlone() {
        let book = ours(WireBook())
        #expect(!agrees(book, 9, String(repeating: "0", count: 40), .everyPrice))
        #expect(book.hashInputs.minOrderSize == "5" && book.hashInputs.tickSize == "0.01" && book.hashInputs.lastTradePrice == "0.650")
    }
}

extension WireBook {
    /// A captured `book` message.
    init(captured text: String) {
        self.init()
        market = Fixtures.string("market", of: text)
        asset = Fixtures.string("asset_id", of: text)
        tick = Fixtures.string("tick_size", of: text)
        last = Fixtures.string("last_trade_price", of: text)
        bids = WireBook.levels(text, "bids")
        asks = WireBook.levels(text, "asks")
    }

    func millis(_ text: String) -> Int64 { Int64(Fixtures.string("timestamp", of: text)) ?? -1 }

    private static func levels(_ text: String, _ side: String) -> [(String, String)] {
        let array = CanonicalForm.members(text).first { $0.key == side }?.value ?? "[]"
        return Fixtures.elements(array).map { (Fixtures.string("price", of: $0), Fixtures.string("size", of: $0)) }
    }
}
