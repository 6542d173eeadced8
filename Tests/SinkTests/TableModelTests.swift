import MarketModel
import Testing

@testable import mkt_sink

@Suite struct TableModelTests {
    private func top(_ lines: [String], place: Int = 0) throws -> TableTop {
        try TableLines.model(lines).instruments[place].top
    }

    private let first = TableLines.book(seq: 1, bids: "[[0.5,3],[0.4,1]]", asks: "[[0.6,2]]")

    @Test func aBookIsKnown_fromItsSnapshotOn() throws {
        #expect(try !top([TableLines.book("book_delta", seq: 1, bids: "[[0.5,3]]")]).isKnown)
        #expect(try !top([TableLines.trade()]).isKnown)
        let known = try top([first, TableLines.book("book_delta", seq: 2, bids: "[[0.5,0]]", asks: "[[0.55,7]]")])
        #expect(known.isKnown)
        #expect(known.bid == Level(400_000, 1_000_000))
        #expect(known.ask == Level(550_000, 7_000_000))
        #expect(known.spreadMillionths == 150_000)
    }

    @Test func aHole_anotherConnection_andABreak_makeItUnknown_untilTheNextSnapshot() throws {
        for breaking in [
            TableLines.book("book_delta", seq: 3), TableLines.book("book_delta", seq: 2, conn: 2), TableLines.status("gap"),
            TableLines.status("stale"), TableLines.status("resyncing"), TableLines.status("disconnected"),
            TableLines.status("stopped", conn: 9),
            TableLines.status("gap", conn: nil), TableLines.status("gap", #","instruments":["i2","i\u0031"]"#),
        ] {
            #expect(try !top([first, breaking]).isKnown, "\(breaking)")
            #expect(try !top([first, breaking, TableLines.book("book_delta", seq: 4)]).isKnown, "\(breaking)")
            #expect(try !top([first, breaking, TableLines.status("live")]).isKnown, "\(breaking)")
            #expect(try top([first, breaking, TableLines.book(seq: 9)]).isKnown, "\(breaking)")
        }
    }

    @Test func whatDoesNotConcernIt_leavesItKnown() throws {
        for harmless in [
            TableLines.status("gap", conn: 2), TableLines.status("gap", #","instruments":[]"#),
            TableLines.status("gap", #","instruments":["i2"]"#),
            TableLines.status("lagging"), TableLines.status("heartbeat"), TableLines.status("gap", feed: "other"),
        ] {
            #expect(try top([first, harmless]).isKnown, "\(harmless)")
        }
    }

    @Test(arguments: [
        TableLines.status("gap", #","since_us":"soon""#), TableLines.status("stale", #","got_seq":1.5"#),
        TableLines.status("gap").replacing(#""conn":1"#, with: #""conn":"one""#),
        TableLines.status("gap").replacing(#""conn":1"#, with: #""conn":0"#), TableLines.status("gap", conn: 2, #","reason":3"#),
        TableLines.status("gap", #","instruments":{}"#), TableLines.status("gap").replacing(#""gap""#, with: "7"),
        TableLines.status("gap").replacing("1000000", with: #""now""#), TableLines.status("gap", #","reason":"to"#),
        #"{"v":1,"type":"feed_status","feed":"pm","ve"#,
    ])
    func aBreakThatIsMalformed_makesAllBooksOfItsFeedUnknown(line: String) throws {
        let elsewhere = TableLines.book(seq: 1, instrument: "i2", feed: "b")
        let model = try TableLines.model([first, elsewhere, line])
        #expect(!model.instruments[0].top.isKnown)
        #expect(model.instruments[1].top.isKnown)
        #expect(model.malformedCount == 1)
        #expect(model.faultCount == 1)
    }

    @Test func aBreakWhoseInstrumentsCannotBeRead_makesAllBooksOfItsFeedUnknown() throws {
        let model = try TableLines.model([first, TableLines.status("gap", conn: 2, #","instruments":[5]"#)])
        #expect(!model.instruments[0].top.isKnown)
        #expect(model.malformedCount == 0)
        #expect(model.faultCount == 1)
        #expect(model.feeds[0].gapCount == 1)
    }

    @Test func aMalformedLineThatIsNoBreak_leavesBooksKnown() throws {
        for line in [
            TableLines.status("heartbeat", #","counters":5"#), TableLines.status("live", #","since_us":"x""#),
            TableLines.status("gap", feed: "new", #","since_us":"x""#), #"{"v":1,"type":"feed_st"#, TableLines.trade(price: #""?""#),
        ] {
            let model = try TableLines.model([first, line])
            #expect(model.instruments[0].top.isKnown, "\(line)")
            #expect(model.malformedCount == 1)
            #expect(model.feeds.count == 1)
        }
    }

    @Test func aTornLine_saysNothingThatTheLineBeforeSaid() throws {
        #expect(try top([first, TableLines.status("heartbeat"), #"{"v":1,"feed":"pm","type":"fee"#]).isKnown)
    }

    @Test func ofSeveralFeeds_theKnownOneWithTheLatestLineIsShown() throws {
        let other = TableLines.book(seq: 1, bids: "[[0.7,1]]", feed: "b", received: 2_000_000)
        #expect(try top([first, other]).bid?.price.millionths == 700_000)
        #expect(try top([other, first]).bid?.price.millionths == 700_000)
        #expect(try top([first, other, TableLines.status("gap", feed: "b")]).bid?.price.millionths == 500_000)
    }

    @Test func oneInstrumentIdOfTwoVenues_isTwoInstruments() throws {
        let elsewhere = first.replacing(#""venue":"v""#, with: #""venue":"w""#)
        #expect(try TableLines.model([first, elsewhere]).instruments.count == 2)
        let respelled = first.replacing("i1", with: #"i\u0031"#)
        #expect(try TableLines.model([first, respelled]).instruments.count == 1)
    }

    @Test func theFirstLabelIsItsName() throws {
        let lines = [first, TableLines.book(seq: 2, label: "slug/Yes"), TableLines.book(seq: 3, label: "other")]
        #expect(try TableLines.model(lines).instruments[0].name == "slug/Yes")
        #expect(try TableLines.model([first]).instruments[0].name == "i1")
    }

    @Test func aLabelOfWhichNothingIsSeen_isNone() throws {
        for label in ["", " ", #"\u200d\ufe0f"#] {
            #expect(try TableLines.model([TableLines.book(seq: 1, label: label)]).instruments[0].name == "i1")
            let later = TableLines.book(seq: 2, label: "slug/Yes")
            #expect(try TableLines.model([TableLines.book(seq: 1, label: label), later]).instruments[0].name == "slug/Yes")
        }
    }

    @Test func aClockThatIsSetBack_orASlipIntoTheFuture_doesNotStopTheStreamsClock() throws {
        let start: Int64 = 1_790_000_000
        let slip = TableLines.trade(received: (start + 86_400 * 400) * 1_000_000)
        let lines = (0..<10).map { TableLines.trade(received: (start + $0) * 1_000_000) }
        let model = try TableLines.model([slip] + lines)
        #expect(model.latest.second == start + 9)
        #expect(model.rate.total(before: start + 9) == 5)
        #expect(model.instruments[0].rate.total(before: start + 9) == 5)
        #expect(model.instruments[0].received.second == start + 9)
        // A little earlier is what two feeds do.
        #expect(try TableLines.model(lines + [TableLines.trade(received: (start + 2) * 1_000_000)]).latest.second == start + 9)
    }

    @Test func ofInstrumentsThatWereSilentEquallyLong_halfAreKept() throws {
        let lines = (0..<17).map { TableLines.book(seq: 1, instrument: "i\($0)") }
        let model = try TableLines.model(lines, instrumentsMax: 16)
        #expect(model.instruments.map(\.name) == (8..<17).map { "i\($0)" })
    }

    @Test func memoryIsBounded_andWhoWasSilentLongestIsForgotten() throws {
        let lines = (0..<100).map { TableLines.book(seq: 1, instrument: "i\($0)", received: Int64($0) * 1_000_000) }
        var model = try TableLines.model(lines, instrumentsMax: 16)
        #expect(model.instruments.count <= 16)
        #expect(model.instruments.last?.name == "i99")
        #expect(model.lineCount == 100)
        // Those that are left are found again; one that was forgotten comes as a new one.
        let names = model.instruments.map(\.name)
        try TableLines.take(names.map { TableLines.trade(instrument: $0, received: 200_000_000) }, into: &model)
        #expect(model.instruments.map(\.name) == names)
        #expect(model.instruments.allSatisfy { $0.trade != nil && $0.top.isKnown })
        let feeds = (0..<200).map { TableLines.status("live", feed: "f\($0)") }
        #expect(try TableLines.model(feeds).feeds.count == TableModel.feedsMax)
    }
}
