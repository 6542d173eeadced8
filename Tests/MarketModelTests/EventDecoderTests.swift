import JSON
import MarketModel
import TestSupport
import Testing

/// What a reader takes: every line of ours, and every spelling that the contract forgives.
@Suite struct EventDecoderTests {
    @Test(arguments: EventKind.allCases)
    func writtenLine_isReadBack(_ kind: EventKind) throws {
        let reader = Decoding()
        for line in [EventLines.line(kind), String(EventLines.line(kind).dropLast())] {
            try reader.decode(line)
            #expect(reader.kind == kind)
            #expect(reader.received.micros == 1_790_267_321_911_204)
            #expect(try reader.integer(.venueUs) == 1_790_267_321_830_000)
            #expect(try reader.text(.feed) == "pm")
            #expect(try reader.integer(.conn) == 1)
            #expect(try reader.text(.label) == (kind.isMarketData ? "up/\"Yes\"" : nil))
            #expect(try reader.integer(.seq) == (kind.isBook ? 42 : nil))
        }
    }

    @Test func payloads_areReadBack() throws {
        let reader = Decoding()
        try reader.decode(EventLines.line(.bookSnapshot))
        #expect(reader.bids == EventLines.bids)
        #expect(reader.asks == EventLines.asks)
        #expect(try reader.text(.reason) == "initial")
        #expect(try reader.bool(.verified) == true)
        try reader.decode(EventLines.line(.bookDelta))
        #expect(reader.bids.isEmpty)
        #expect(reader.asks == [Level(40_000, 0)])
        #expect(try reader.bool(.verified) == nil)
        try reader.decode(EventLines.line(.trade))
        #expect(try reader.requirePrice(.price) == Price(millionths: 984_000))
        #expect(try reader.requireSize(.size) == Size(millionths: 148_780_000))
        #expect(try reader.text(.tradeID) == "0723-\n")
        #expect(try reader.text(.tx) == nil)
        #expect(!reader.has(.tx))
        try reader.decode(EventLines.line(.instrument))
        #expect(try reader.container(.fee)?.hasPrefix("{\"model\"") == true)
        #expect(try reader.millionths(.tickSize) == 10_000)
        try reader.decode(EventLines.line(.feedStatus))
        #expect(try reader.container(.counters) == #"{"lines":3,"skipped":-1}"#)
    }

    @Test func examplesOfThePage_areRead() throws {
        let reader = Decoding()
        #expect(ContractPage.examples.count >= 4)
        for example in ContractPage.examples { #expect(reader.fault(example) == nil) }
    }

    @Test func keyOrder_doesNotMatter() throws {
        var random = SeededGenerator(seed: 30)
        let reader = Decoding()
        for _ in 0..<200 {
            var parts = LineParts.delta
            parts.keys.shuffle(using: &random)
            try reader.decode(parts.line)
            #expect(reader.kind == .bookDelta)
            #expect(reader.asks == [Level(600_000, 0), Level(700_000, 1_500_000)])
            #expect(try reader.integer(.seq) == 42)
        }
    }

    @Test func blanks_doNotMatter() throws {
        let reader = Decoding()
        let line = LineParts.delta.line.map { "{}[]:,".contains($0) ? " \t\($0)\r " : "\($0)" }.joined()
        try reader.decode(line + "\r\n")
        #expect(reader.bids == [Level(500_000, 3_000_000)])
    }

    @Test func escapesInKeysAndTypes_standForTheirCharacters() throws {
        let reader = Decoding()
        let line = LineParts.delta.with("type", #""book\u005fdelta""#).replacing("\"recv_us\"", with: #""\u0072ecv_us""#)
            .replacing("\"bids\"", with: #""b\u0069ds""#)
        try reader.decode(line)
        #expect(reader.kind == .bookDelta)
        #expect(reader.received.micros == 1_790_363_624_380_012)
        #expect(reader.bids == [Level(500_000, 3_000_000)])
    }

    @Test(arguments: ["0.5", "\"0.5\"", "5e-1", "0.50", "\"5e-1\"", "50E-2", "0.5000000000", "500000e-6"])
    func price_isReadInEverySpelling(_ spelling: String) throws {
        let reader = Decoding()
        try reader.decode(LineParts.trade.with("price", spelling))
        #expect(try reader.requirePrice(.price) == Price(millionths: 500_000))
        try reader.decode(LineParts.delta.with("bids", "[[\(spelling),\(spelling)]]"))
        #expect(reader.bids == [Level(500_000, 500_000)])
    }

    @Test(arguments: ["42", "\"42\"", "42.0", "4.2e1", "42e0"])
    func integer_isReadInEverySpelling(_ spelling: String) throws {
        let reader = Decoding()
        try reader.decode(LineParts.delta.with("seq", spelling))
        #expect(try reader.integer(.seq) == 42)
    }

    @Test func keySaidTwice_countsAsTheLastOne() throws {
        let reader = Decoding()
        var parts = LineParts.delta
        parts.keys.insert(("seq", "\"nonsense\""), at: 0)
        parts.keys.insert(("bids", "7"), at: 0)
        parts.keys.insert(("asks", "[[2,2],[0.1,1]]"), at: 0)
        parts.keys.insert(("type", "\"trade\""), at: 0)
        try reader.decode(parts.line)
        #expect(reader.kind == .bookDelta)
        #expect(reader.bids == [Level(500_000, 3_000_000)])
        #expect(reader.asks == [Level(600_000, 0), Level(700_000, 1_500_000)])
        #expect(try reader.integer(.seq) == 42)
        parts.keys.append(("bids", "7"))
        #expect(reader.fault(parts.line) == .wrongValue(.bids))
    }

    @Test func unknownKeys_areSteppedOver_butChecked() throws {
        let reader = Decoding()
        try reader.decode(LineParts.trade.with("tomorrow", #"{"bids":[[9]],"x":[null,true,"\u0041"]}"#))
        #expect(reader.kind == .trade)
        #expect(!reader.has(.bids))
        #expect(reader.fault(LineParts.trade.with("tomorrow", "[1,]")) != nil)
    }

    @Test func unknownType_isNoError_whateverItsKeysHold() throws {
        let reader = Decoding()
        try reader.decode(#"{"v":1,"type":"of_tomorrow","recv_us":7,"bids":{"other":"meaning"},"asks":[1,2],"seq":"x","price":9}"#)
        #expect(reader.kind == nil)
        #expect(reader.received.micros == 7)
    }

    @Test func levelsOfAnOlderLine_areGone() throws {
        let reader = Decoding()
        try reader.decode(EventLines.line(.bookSnapshot))
        try reader.decode(LineParts.trade.line)
        #expect(reader.bids.isEmpty && reader.asks.isEmpty)
        #expect(!reader.has(.bids))
    }

    @Test func nullStandsForAbsent() throws {
        let reader = Decoding()
        try reader.decode(LineParts.trade.with("tx", "null"))
        #expect(reader.has(.tx))
        #expect(try reader.text(.tx) == nil)
        #expect(try reader.integer(.tx) == nil)
        #expect(try reader.millionths(.tx) == nil)
        #expect(try reader.bool(.tx) == nil)
        #expect(try reader.container(.tx) == nil)
    }

    @Test func levels_mayComeInAnyOrder() throws {
        let reader = Decoding()
        try reader.decode(LineParts.delta.with("bids", "[[0.1,1],[0.3,1],[0.2,1]]"))
        #expect(reader.bids.map(\.price.millionths) == [100_000, 300_000, 200_000])
    }

    @Test func randomLevels_areReadBackExactly() throws {
        var random = SeededGenerator(seed: 31)
        let reader = Decoding()
        for _ in 0..<500 {
            let prices = (0..<random.below(20)).map { _ in Int64(random.below(1_000_001)) }
            let levels = Set(prices).sorted(by: >).map { Level($0, Int64(bitPattern: random.next() >> 1) >> Int64(random.below(63))) }
            var buffer = ByteBuffer()
            buffer.beginEvent(.bookDelta, EventLines.market, seq: 1, received: Timestamp(micros: -1))
            buffer.append(.bids, levels: levels)
            buffer.append(.asks, levels: levels.reversed())
            buffer.endEvent()
            try reader.decode(Array(buffer.bytes))
            #expect(reader.bids == levels)
            #expect(reader.asks == levels.reversed())
        }
    }
}
