import Glibc
import Testing

@testable import kalshi_feed

/// The venue's own frames, kept beside the project and not in it.
enum Fixtures {
    static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/../shared/fixtures/kalshi/"
    }()

    static let areHere: Bool = {
        let found = access(folder + "prod-2026-09-25-all-public-channels.ndjson", R_OK) == 0
        if !found { print("SKIPPED: no fixtures at \(folder); the tests that read them do not run") }
        return found
    }()

    static func text(_ name: String) -> String {
        guard let file = fopen(folder + name, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func lines(_ name: String) -> [String] {
        text(name).split(separator: "\n").map { $0 + "\n" }
    }

    static let names = [
        "prod-2026-09-25-all-public-channels.ndjson", "prod-2026-09-25-book-slice-use_yes_price-false.ndjson",
        "prod-ssmd-captured-2025-11-to-2026-07.ndjson", "demo-2026-08-20-both-sides-absent-snapshot.ndjson",
        "legacy-prod-2025-08-cents-only.ndjson", "legacy-prod-2025-10-dual-cents-dollars.ndjson",
        "constructed-schema-2026-10-all-types.ndjson",
    ]

    static var allFrames: [String] { names.flatMap { lines($0) } }
}

@Suite(.enabled(if: Fixtures.areHere, "the fixtures are not beside the project: skipped"))
struct KalshiFixtureTests {
    private func all() throws -> Session { try Session(["--channels", "book,trade,ticker,lifecycle"]) }

    @Test func realFramesOfAllPublicChannels_giveTheEventsComputedByHand() throws {
        let session = try all()
        var lines: [String] = []
        for frame in Fixtures.lines("prod-2026-09-25-all-public-channels.ndjson") { lines += try session.receive(frame) }
        let start: Int64 = 1_790_000_000_000_000
        // Frame 19 is the snapshot, 20 the delta beyond a cut in the capture, 21 … the trade, ticker and lifecycle.
        let events = lines.brief
        let asks = events[0].split(separator: " ").first { $0.hasPrefix("asks=") } ?? ""
        #expect(
            events[0].hasPrefix(
                "book_snapshot instrument=KXBTC-26SEP2516-B74250 conn=1 seq=1 bids=[] asks=[[0.01,17336],[0.04,2],[0.05,350],[0.09,1],[0.1,371],"
            ))
        #expect(asks.hasSuffix("[0.98,5],[0.99,33338]]"))
        #expect(asks.split(separator: "]").count == 51)
        #expect(
            Array(events[1...]) == [
                "feed_status conn=1 state=live",
                "feed_status conn=1 state=gap reason=sequence since_us=\(start + 19_000) expected_seq=6 got_seq=41076",
                "trade instrument=KXBTC15M-26SEP251515-15 conn=1 venue_us=1790363592101000 price=0.984 size=148.78 aggressor_side=buy trade_id=0723be0d-f459-a1b0-00f7-ff8e033dd61d",
                "ticker instrument=KXBTCD-26SEP2516-T83399.99 conn=1 venue_us=1790363592125735 last_price=0.99 volume=7950.52 open_interest=7333.62 bid=[0.99,1046] ask=null",
                "market_status instrument=KXTTELITEMATCH-26SEP251445RWIFDA-FDA conn=1 venue_us=1790363638000000 state=settled",
                "feed_status conn=1 state=gap reason=sequence of lifecycle since_us=\(start + 23_000) instruments=[] expected_seq=2 got_seq=23",
                "market_status instrument=KXAFCONTOTAL-26SEP25MLICPV-7 conn=1 state=unopened",
            ])
        #expect(session["sequence_holes"] == 3)
        #expect(session["unmapped_cfbenchmarks_value"] == 2 && session["unmapped_cfbenchmarks_value_5hz"] == 1)
        #expect(!events.contains { $0.contains("drift") } && session["skipped_frame"] == 0)
        #expect(
            lines.instruments.last == """
                instrument instrument=KXAFCONTOTAL-26SEP25MLICPV-7 outcome=Yes question=Will over 6.5 goals be scored? (Over 6.5 goals scored) \
                event=KXAFCONTOTAL-26SEP25MLICPV state=unopened tick_size=0.01 price_ranges=[{"start":0,"end":1,"step":0.01}] \
                open_us=1790363733000000 close_us=1790535600000000
                """)
    }

    /// Cut out of a capture, so it has holes in `seq`; numbered anew it is one sound stream.
    private func slice() -> [String] {
        var next = 0
        return Fixtures.lines("prod-2026-09-25-book-slice-use_yes_price-false.ndjson").map { line in
            guard let range = line.ranges(of: "\"seq\":").first else { return line }
            next += 1
            let digits = line[range.upperBound...].prefix { $0.isNumber }
            return line.replacingCharacters(digits.startIndex..<digits.endIndex, with: "\(next)")
        }
    }

    @Test func realBookSlice_endsAtTheTopThatTheDossierTells() throws {
        // YES bid 0.32, NO bid 0.61 → YES ask 0.39 (venues dossier §4.1).
        let session = try all()
        var reader = BookReader()
        for frame in slice() { try reader.take(try session.receive(frame)) }
        let market = try #require(session.venue.registry.find(named: "KXBTC-26SEP2516-B83950"))
        #expect(market.instrument.book.bestBid?.price.millionths == 320_000)
        #expect(market.instrument.book.bestAsk?.price.millionths == 390_000)
        #expect(market.instrument.book.spreadMillionths == 70_000)
        #expect(reader.complaints == [])
        // 80 + 29 + 1 - 29 - 1 + 29 contracts bid at 0.32; 227 + 100 asked at 0.39; 0.40 keeps 180 - 100.
        let book = try #require(reader.books["KXBTC-26SEP2516-B83950"])
        #expect(book.bids["0.32"] == "109" && book.bids["0.33"] == nil && book.bids["0.27"] == nil && book.bids["0.28"] == nil)
        #expect(
            book.asks["0.39"] == "327" && book.asks["0.4"] == "80" && book.asks["0.41"] == nil && book.asks["0.44"] == nil
                && book.asks["0.42"] == "22")
        let other = try #require(reader.books["KXBTCD-26SEP2516-T83899.99"])
        #expect(other.bids["0.97"] == "1417" && other.asks["0.99"] == "8239.67" && other.asks.count == 2)
        #expect(session["sequence_holes"] == 0)
    }

    @Test func realBookSlice_withItsHoles_isABreakAtEach() throws {
        let session = try all()
        for frame in Fixtures.lines("prod-2026-09-25-book-slice-use_yes_price-false.ndjson") { try session.receive(frame) }
        #expect(session["sequence_holes"] == 19 && session["status_gap"] == 19)
        #expect(session["lines_book_delta"] == 0 && session["delta_of_unknown_book"] == 22)
    }

    @Test func bothLaddersAbsent_isAnEmptyBook() throws {
        let session = try all()
        let lines = try session.receive(Fixtures.lines("demo-2026-08-20-both-sides-absent-snapshot.ndjson")[0]).brief
        #expect(lines.first == "book_snapshot instrument=KXBTCD-26AUG2017-T73749.99 conn=1 seq=1 bids=[] asks=[] reason=initial")
    }

    @Test func retiredCents_areRefusedLoudly() throws {
        // §7.3
        let session = try all()
        let lines = try Fixtures.lines("legacy-prod-2025-08-cents-only.ndjson").flatMap { try session.receive($0) }.brief
        #expect(session["skipped_retired_shape"] == 2)
        #expect(session["lines_book_snapshot"] == 0 && session["lines_book_delta"] == 0)
        #expect(lines.filter { $0.contains("state=drift reason=a retired form of") }.count == 2)
    }

    @Test func dualShapesOf2025_areRefusedWhereTheyTellIntegers() throws {
        let session = try all()
        var lines: [String] = []
        for frame in Fixtures.lines("legacy-prod-2025-10-dual-cents-dollars.ndjson") {
            // Six captures of six connections in one file: each begins anew.
            try session.open()
            lines += try session.receive(frame).brief
        }
        #expect(session["skipped_retired_shape"] == 2)
        #expect(session["lines_trade"] == 0 && session["lines_ticker"] == 0)
        #expect(
            lines.contains(
                "resolution instrument=KXMLBGAME-25OCT01DETCLE-DET conn=1 venue_us=1759350638000000 settlement_price=0 outcome_won=false"))
    }

    @Test func framesOf2025And2026_areReadOrRefused() throws {
        let session = try all()
        var lines: [String] = []
        for frame in Fixtures.lines("prod-ssmd-captured-2025-11-to-2026-07.ndjson") {
            try session.open()
            lines += try session.receive(frame).brief
        }
        #expect(
            lines.filter { !$0.hasPrefix("feed_status") } == [
                "trade instrument=KXBTCD-26MAR1213-T69499.99 conn=1 venue_us=1773331880000000 price=0.89 size=3 aggressor_side=buy trade_id=5d937db7-0c71-43cb-0b60-b56a4387af64",
                "market_status instrument=KXMLBSPREAD-26JUL191605WSHATH-ATH4 conn=1 venue_us=1784501722000000 state=determined",
                "resolution instrument=KXMLBSPREAD-26JUL191605WSHATH-ATH4 conn=1 venue_us=1784501722000000 settlement_price=0 outcome_won=false",
                "market_status instrument=KXBNB15M-26JUL191830-30 conn=1 venue_us=1784500206000000 state=settled",
            ])
        #expect(session["skipped_retired_shape"] == 2 && session["unmapped_fill"] == 1)
    }

    @Test func everyTypeOfTheSchema_isMappedOrCounted_andOneIsUnknown() throws {
        let session = try all()
        var drifts: [String] = []
        for frame in Fixtures.lines("constructed-schema-2026-10-all-types.ndjson") {
            try session.open()
            drifts += try session.receive(frame).brief.filter { $0.contains("state=drift") }
        }
        #expect(drifts == ["feed_status conn=1 state=drift reason=message type some_future_type instruments=[]"])
        #expect(session["unknown_type"] == 1)
        #expect(session.output.allCounters.sorted.allSatisfy { !$0.name.hasPrefix("skipped_") })
    }

    @Test func restFixtures_giveFactsAndFees() throws {
        let session = try Session()
        try session.answer("/markets?series_ticker=KXBTC15M", Fixtures.text("rest/markets-open-KXBTC15M-2026-09-25.json"))
        try session.answer("/series/KXBTC15M", Fixtures.text("rest/series-KXBTC15M-2026-09-25.json"))
        #expect(
            try session.receive(snapshot("KXBTC15M-26SEP251515-15", seq: 1)).instruments == [
                """
                instrument instrument=KXBTC15M-26SEP251515-15 conn=1 outcome=Yes event=KXBTC15M-26SEP251515 state=open \
                price_ranges=[{"start":0,"end":0.1,"step":0.001},{"start":0.1,"end":0.9,"step":0.01},{"start":0.9,"end":1,"step":0.001}] \
                open_us=1790362800000000 close_us=1790363700000000 \
                fee={"model":"quadratic","taker_rate":0.07,"maker_rate":0,"exponent":1,"multiplier":1}
                """
            ])
    }

    @Test func commandFixtures_areAllRead() throws {
        let session = try Session()
        for line in Fixtures.lines("constructed-commands.ndjson") { try session.send(line) }
        #expect(session["skipped_frame"] == 0)
    }

    // MARK: Cut and mutated frames

    @Test func everyPrefixOfEveryFrame_isSurvived_andShowsNothingWrong() throws {
        for frame in Fixtures.allFrames {
            let bytes = Array(frame.utf8)
            let session = try all()
            var reader = BookReader()
            try reader.take(try session.receive(snapshot("KXBTC-26SEP2516-B83950", seq: 1, yes: [("0.3300", "500.00")])))
            // Long snapshots are all alike inside; their ends are not.
            for length in 0..<bytes.count where length < 400 || length > bytes.count - 60 || length % 7 == 0 {
                try reader.take(try session.receive(Array(bytes[..<length])))
            }
            #expect(reader.complaints == [])
            #expect(session["frames_in"] > 0)
            try agree(session, reader)
        }
    }

    @Test(arguments: 0..<20)
    func mutatedFrames_neverChangeABookUntold(_ seed: Int) throws {
        var random = SeededGenerator(UInt64(seed) &* 7919 &+ 1)
        let session = try all()
        var reader = BookReader()
        let frames = (slice() + Fixtures.allFrames).map { Array($0.utf8) }
        var (round, mutations) = (0, 0)
        while mutations < 1000 {
            round += 1
            var frame = frames[Int.random(in: 0..<frames.count, using: &random)]
            // Whole books are long and many; most of the time goes to the other messages.
            if frame.count > 900, round % 5 != 0 { continue }
            if Int.random(in: 0..<4, using: &random) > 0 {
                mutate(&frame, &random)
                mutations += 1
            }
            try reader.take(try session.receive(frame))
            if round % 10 == 0 { try agree(session, reader) }
        }
        try agree(session, reader)
        #expect(reader.complaints == [])
    }

    /// One to three bytes changed, taken out, put in, or a stretch said twice.
    private func mutate(_ frame: inout [UInt8], _ random: inout SeededGenerator) {
        let interesting = Array("\"{}[],:.-0123456789eE\\nulltrue ".utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xFF]
        for _ in 0..<Int.random(in: 1...3, using: &random) where !frame.isEmpty {
            let at = Int.random(in: 0..<frame.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: frame[at] = interesting.randomElement(using: &random)!
            case 1: frame.remove(at: at)
            case 2: frame.insert(interesting.randomElement(using: &random)!, at: at)
            case 3: frame[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default:
                let end = min(frame.count, at + Int.random(in: 1...40, using: &random))
                frame.insert(contentsOf: frame[at..<end], at: at)
            }
        }
    }

    /// What the feed holds to be known is what a reader of its lines holds to be known.
    private func agree(_ session: Session, _ reader: BookReader) throws {
        for market in session.venue.registry.markets {
            let told = reader.books[market.instrument.id]
            let book = market.instrument.book
            #expect(told?.isKnown ?? false == book.isKnown, "\(market.instrument.id)")
            guard book.isKnown, let told else { continue }
            #expect(told.bids.count == book.bids.levels.count && told.asks.count == book.asks.levels.count)
            for level in book.bids.levels { #expect(told.bids[decimal(level.price.millionths)] == decimal(level.size.millionths)) }
            for level in book.asks.levels { #expect(told.asks[decimal(level.price.millionths)] == decimal(level.size.millionths)) }
        }
    }

    private func decimal(_ millionths: Int64) -> String {
        let (whole, rest) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
        var digits = String(1_000_000 + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return digits.isEmpty ? "\(whole)" : "\(whole).\(digits)"
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<String.Index>, with text: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: text)
        return copy
    }
}
