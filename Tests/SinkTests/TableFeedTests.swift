import Testing

@testable import mkt_sink

@Suite struct TableFeedTests {
    private func feed(_ lines: [String]) throws -> TableFeed { try TableLines.model(lines).feeds[0] }

    @Test func theLastWordButHeartbeatsAndDriftIsItsState() throws {
        let feed = try feed([
            TableLines.status("live", received: 5), TableLines.status("gap", received: 6, #","reason":"sequence""#),
            TableLines.status("heartbeat", received: 7), TableLines.status("drift", received: 8, #","reason":"x""#),
        ])
        let shown = try #require(feed.shown)
        #expect(shown.state == "gap")
        #expect(shown.reason == "sequence")
        #expect(shown.received.micros == 6)
        #expect(feed.received.micros == 8)
        #expect(feed.gapCount == 1)
        #expect(!feed.isHealthy)
        #expect(try self.feed([TableLines.status("heartbeat")]).shown?.state == "heartbeat")
    }

    @Test func theWorstOfItsConnectionsIsShown() throws {
        let two = [TableLines.status("live", conn: 1), TableLines.status("live", conn: 2)]
        let stale = TableLines.status("stale", conn: 1)
        #expect(try feed(two + [stale, TableLines.status("live", conn: 2)]).shown?.state == "stale")
        #expect(try feed(two + [stale, TableLines.status("resyncing", conn: 2)]).shown?.state == "stale")
        #expect(try feed(two + [stale, TableLines.status("gap", conn: 2)]).shown?.state == "gap")
        #expect(try feed(two + [stale, TableLines.status("live", conn: 1)]).isHealthy)
        // A word about a connection that has gone comes late; one about the feed is about all of them.
        let gone = TableLines.status("disconnected", conn: 1)
        #expect(try feed(two + [gone, TableLines.status("gap", conn: 1)]).isHealthy)
        #expect(try feed(two + [TableLines.status("gap", conn: nil), TableLines.status("live", conn: 1)]).shown?.state == "gap")
        #expect(try feed(two + [TableLines.status("lagging", conn: nil)]).shown?.state == "lagging")
        let caughtUp = TableLines.status("lagging", conn: nil, #","since_us":1"#)
        #expect(try feed(two + [TableLines.status("lagging", conn: nil), caughtUp]).isHealthy)
    }

    @Test func whatIsWrongWithSomeInstruments_isOverWhenAllOfThemAreWell() throws {
        func gap(_ names: String) -> String { TableLines.status("gap", #","instruments":\#(names)"#) }
        func live(_ names: String) -> String { TableLines.status("live", #","instruments":\#(names)"#) }
        let whole = TableLines.status("live")
        #expect(try feed([whole, gap(#"["a","b"]"#), live(#"["a"]"#)]).shown?.state == "gap")
        #expect(try feed([whole, gap(#"["a","b"]"#), live(#"["a"]"#), live(#"["b"]"#)]).isHealthy)
        #expect(try feed([whole, gap(#"["a"]"#), whole]).isHealthy)
        #expect(try feed([whole, gap("[]")]).isHealthy)
        #expect(try !feed([whole, TableLines.status("stale"), live(#"["a"]"#)]).isHealthy)
        #expect(try !feed([whole, gap("[5]")]).isHealthy)
        let many = "[" + (0..<2000).map { "\"i\($0)\"" }.joined(separator: ",") + "]"
        #expect(try !feed([whole, gap(many), live(many)]).isHealthy)
        #expect(try feed([whole, gap(many), whole]).isHealthy)
    }

    @Test func aConnectionIsDown_untilAnotherComes() throws {
        let gone = TableLines.status("disconnected", conn: 1, #","retry_in_us":5"#)
        let failed = TableLines.status("disconnected", conn: 3, #","retry_in_us":9"#)
        let two = [TableLines.status("live", conn: 1), TableLines.status("live", conn: 2)]
        #expect(try feed(two + [gone]).connections.downCount == 1)
        #expect(try feed(two + [gone, failed, failed]).connections.downCount == 1)
        #expect(try feed(two + [gone, failed, TableLines.status("connecting", conn: 4)]).connections.downCount == 0)
        #expect(try feed(two + [gone, TableLines.book(seq: 1, conn: 5)]).connections.downCount == 0)
        // Renewed: the old one goes for good.
        #expect(try feed(two + [TableLines.status("disconnected", conn: 1)]).connections.downCount == 0)
        // The last one that goes is a loss, whatever is said.
        #expect(try feed([two[0], TableLines.status("disconnected", conn: 1)]).connections.downCount == 1)
        #expect(try feed(two + [gone, TableLines.status("stopped", conn: nil)]).connections.downCount == 1)
        #expect(try feed([TableLines.status("stopped", conn: nil), two[0]]).connections.downCount == 0)
        // One is down while another is renewed: the new one is not for the one that is down.
        let renewed = [TableLines.status("live", conn: 3), TableLines.status("disconnected", conn: 2)]
        #expect(try feed(two + [gone] + renewed).connections.downCount == 1)
        #expect(try feed(two + renewed).connections.downCount == 0)
    }
}
