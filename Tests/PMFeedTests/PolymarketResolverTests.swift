import MarketModel
import TestSupport
import Testing

@testable import FeedSession
@testable import pm_feed

@Suite struct PolymarketResolverTests {
    private let bench = RESTBench()

    private func started(_ wish: PolymarketWish) -> PolymarketResolver {
        let resolver = PolymarketResolver(bench.questions)
        resolver.add(wish, at: bench.time)
        return resolver
    }

    /// The one question that is due now.
    private func ask(_ resolver: PolymarketResolver) throws -> (request: LiveRequest, url: String) {
        resolver.act(bench.control, at: bench.time)
        let asked = bench.asked()
        #expect(asked.count == 1)
        guard let first = asked.first else { throw DriverFault("nothing was asked") }
        return first
    }

    private func answer(_ resolver: PolymarketResolver, _ request: LiveRequest, _ body: String) -> PolymarketResolver.Finding? {
        resolver.answered(request, RESTBench.answer(body), bench.control, at: bench.time)
    }

    private func page(_ markets: [String], cursor: String? = nil) -> String {
        #"{"markets":[\#(markets.joined(separator: ","))]\#(cursor.map { #","next_cursor":"\#($0)""# } ?? "")}"#
    }

    // MARK: One question

    @Test func conditionId_isOneQuestion() throws {
        let resolver = started(.condition("0xc"))
        let (request, url) = try ask(resolver)
        #expect(url == "g/markets?limit=100&condition_ids=0xc" && request.recordedPath == "/markets?limit=100&condition_ids=0xc")
        let finding = answer(resolver, request, "[\(RESTBench.market("0xc", tokens: ["1", "2"]))]")
        #expect(finding?.markets.map(\.tokens) == [["1", "2"]] && finding?.isComplete == true && resolver.isIdle)
        resolver.act(bench.control, at: bench.time)
        #expect(bench.asked().isEmpty && resolver.nextDeadline == nil)
    }

    @Test func slugThatIsNoMarket_isLookedForAmongTheEvents() throws {
        let resolver = started(.slug("btc-updown-5m-1"))
        let first = try ask(resolver)
        #expect(first.url == "g/markets?slug=btc-updown-5m-1")
        #expect(answer(resolver, first.request, "[]") == nil)
        #expect(resolver.nextDeadline.map { $0 <= bench.time } == true)
        let second = try ask(resolver)
        #expect(second.url == "g/events?slug=btc-updown-5m-1")
        let event = #"[{"slug":"btc-updown-5m-1","markets":[\#(RESTBench.market("0xc", tokens: ["1", "2"]))]}]"#
        let finding = answer(resolver, second.request, event)
        #expect(finding?.isComplete == true && finding?.markets.first?.event == "btc-updown-5m-1")
    }

    @Test func slugThatIsNothing_isACompleteFindingOfNothing() throws {
        let resolver = started(.slug("nothing"))
        #expect(answer(resolver, try ask(resolver).request, "[]") == nil)
        let finding = answer(resolver, try ask(resolver).request, "[]")
        #expect(finding?.isComplete == true && finding?.markets.isEmpty == true && resolver.isIdle)
    }

    @Test func sameWishTwice_isAskedOnce() throws {
        let resolver = started(.slug("a"))
        resolver.add(.slug("a"), at: bench.time)
        _ = try ask(resolver)
    }

    @Test func marketsThatCannotBeRead_areCountedInTheFinding() throws {
        let resolver = started(.event("e"))
        let odd = RESTBench.market("0xd", tokens: ["x"])
        let finding = answer(resolver, try ask(resolver).request, "[\(odd),\(RESTBench.market("0xc", tokens: ["1", "2"]))]")
        #expect(finding?.faultCount == 1 && finding?.markets.count == 1)
    }

    // MARK: Pages

    @Test func pages_areReadToTheLast_eachShownAsItComes() throws {
        let resolver = started(.all)
        for number in 1...5 {
            let (request, url) = try ask(resolver)
            #expect(url == "g/markets/keyset?closed=false&limit=100" + (number == 1 ? "" : "&after_cursor=c\(number)"))
            let markets = [RESTBench.market("0x\(number)", tokens: ["\(number)0", "\(number)1"])]
            let finding = answer(resolver, request, page(markets, cursor: number < 5 ? "c\(number + 1)" : nil))
            #expect(finding?.markets.map(\.conditionID) == ["0x\(number)"] && finding?.isComplete == (number == 5))
        }
        #expect(resolver.isIdle)
    }

    @Test func cursorThatComesAgain_endsTheListing() throws {
        for cycle in [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]] {
            let resolver = started(.tag("t"))
            for (index, cursor) in cycle.enumerated() {
                let finding = answer(resolver, try ask(resolver).request, page([], cursor: cursor))
                #expect(finding?.isComplete == (index == cycle.count - 1))
            }
            #expect(resolver.isIdle)
        }
    }

    @Test func pageThatFails_isAskedAgain_fromWhereItWas() throws {
        let resolver = started(.all)
        _ = answer(resolver, try ask(resolver).request, page([RESTBench.market("0x1", tokens: ["1", "2"])], cursor: "c2"))
        let (request, url) = try ask(resolver)
        #expect(resolver.answered(request, RESTBench.away, bench.control, at: bench.time) == nil)
        #expect(resolver.trouble == "no route" && resolver.wasAnswered)
        bench.now = resolver.nextDeadline!.micros
        #expect(try ask(resolver).url == url)
    }

    // MARK: Failures

    @Test func failures_waitLongerAndLonger_atMostAMinute() throws {
        var longest: Int64 = 0
        var waits: [Int64] = []
        for seed in 0..<20 {
            let bench = RESTBench(seed: UInt64(seed))
            let resolver = PolymarketResolver(bench.questions)
            resolver.add(.slug("a"), at: bench.time)
            for failures in 1...12 {
                resolver.act(bench.control, at: bench.time)
                let request = bench.asked()[0].request
                #expect(resolver.answered(request, RESTBench.answer("<html>", status: 500), bench.control, at: bench.time) == nil)
                let wait = resolver.nextDeadline!.micros - bench.now
                #expect((0...min(60_000_000, 500_000 << Int64(failures))).contains(wait))
                longest = max(longest, wait)
                if failures == 12 { waits.append(wait) }
                bench.now += wait
            }
            #expect(resolver.trouble == "HTTP status 500" && !resolver.wasAnswered)
        }
        #expect(longest > 50_000_000 && waits.min()! < 30_000_000)
    }

    @Test func throttled_waitsAtLeastAsLongAsIsAsked() throws {
        let resolver = started(.slug("a"))
        let request = try ask(resolver).request
        _ = resolver.answered(request, RESTBench.answer("", status: 429, retryAfter: "20"), bench.control, at: bench.time)
        #expect((20_000_000...21_000_000).contains(resolver.nextDeadline!.micros - bench.now))
        resolver.act(bench.control, at: bench.time.advanced(byMicros: 19_999_999))
        #expect(bench.asked().isEmpty)
    }

    @Test func answerThatIsNoJSON_isAFailure_notAnEmptyList() throws {
        let resolver = started(.slug("a"))
        #expect(answer(resolver, try ask(resolver).request, "<html>please wait</html>") == nil)
        #expect(resolver.trouble == "the answer is not JSON" && !resolver.isIdle)
        bench.now = resolver.nextDeadline!.micros
        #expect(try ask(resolver).url == "g/markets?slug=a")
    }

    // MARK: Dropped wishes

    @Test func wishDroppedWhileItIsAsked_isForgotten() throws {
        let resolver = started(.slug("a"))
        let request = try ask(resolver).request
        resolver.remove(.slug("a"))
        #expect(resolver.isIdle)
        #expect(answer(resolver, request, "[\(RESTBench.market("0xc", tokens: ["1"]))]") == nil)
    }

    @Test func wishDroppedAndWantedAgain_isNotAnsweredByTheOldQuestion() throws {
        let resolver = started(.tag("t"))
        _ = answer(resolver, try ask(resolver).request, page([RESTBench.market("0x1", tokens: ["1", "2"])], cursor: "c2"))
        let old = try ask(resolver)
        resolver.remove(.tag("t"))
        resolver.add(.tag("t"), at: bench.time)
        let fresh = try ask(resolver)
        #expect(!fresh.url.contains("cursor"))
        // The answer about the second page comes first, and is the last page: the first one must not be lost with it.
        #expect(answer(resolver, old.request, page([RESTBench.market("0x2", tokens: ["3", "4"])])) == nil)
        let finding = answer(resolver, fresh.request, page([RESTBench.market("0x1", tokens: ["1", "2"])], cursor: "c2"))
        #expect(finding?.markets.map(\.conditionID) == ["0x1"] && finding?.isComplete == false)
    }

    // MARK: --top

    private func volumes(_ volumes: [String], from first: Int = 0) -> [String] {
        volumes.enumerated().map { RESTBench.market("0x\(first + $0)", tokens: ["\(10 + 2 * (first + $0))"], volume: $1) }
    }

    @Test func top_ofASortedListing_isItsFirst_andNoMorePagesAreRead() throws {
        let resolver = started(.top(2))
        let (request, url) = try ask(resolver)
        #expect(url.contains("order=volume24hr&ascending=false"))
        let finding = answer(resolver, request, page(volumes(["100.50", "100.5", "9"]), cursor: "more"))
        #expect(finding?.markets.map(\.conditionID) == ["0x0", "0x1"] && finding?.isComplete == true && resolver.isIdle)
    }

    @Test func top_whereTheVenueDoesNotSort_readsAllAndSorts() throws {
        let resolver = started(.top(3))
        #expect(answer(resolver, try ask(resolver).request, page(volumes(["5", "900", "7"]), cursor: "p2")) == nil)
        #expect(answer(resolver, try ask(resolver).request, page(volumes(["1000.5", "0"], from: 3), cursor: "p3")) == nil)
        let finding = answer(resolver, try ask(resolver).request, page(volumes(["8"], from: 5)))
        #expect(finding?.markets.map(\.volume24h) == ["1000.5", "900", "8"] && finding?.isComplete == true)
    }

    @Test func top_ofFewerMarketsThanWanted_isAllOfThem() throws {
        let resolver = started(.top(50))
        #expect(answer(resolver, try ask(resolver).request, page(volumes(["5", "4"]), cursor: "p2")) == nil)
        let finding = answer(resolver, try ask(resolver).request, page(volumes(["3"], from: 2)))
        #expect(finding?.markets.count == 3)
    }

    @Test func top_countsOpenMarketsWithABookOnly() throws {
        let resolver = started(.top(1))
        let over = RESTBench.market("0xa", tokens: ["1"], volume: "99", closed: true)
        let bookless = RESTBench.market("0xb", tokens: ["2"], volume: "98", hasBook: false)
        let finding = answer(
            resolver, try ask(resolver).request, page([over, bookless, RESTBench.market("0xc", tokens: ["3"], volume: "5")]))
        #expect(finding?.markets.map(\.conditionID) == ["0xc"])
    }
}
