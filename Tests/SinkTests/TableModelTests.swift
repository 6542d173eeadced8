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
