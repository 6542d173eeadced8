import Testing

@testable import mkt_sink

@Suite struct TableFeedTests {
    private func feed(_ lines: [String]) throws -> TableFeed { try TableLines.model(lines).feeds[0] }

    @Test func theLastWordButHeartbeatsAndDriftIsItsState() throws {
        let feed = try feed([
            TableLines.status("live", received: 5), TableLines.status("gap", received: 6, #","reason":"sequence""#),
            TableLines.status("heartbeat", received: 7), TableLines.status("drift", received: 8, #","reason":"x""#),
        ])
        #expect(feed.state == "gap")
        #expect(feed.reason == "sequence")
        #expect(feed.stateReceived.micros == 6)
        #expect(feed.received.micros == 8)
        #expect(feed.gapCount == 1)
        #expect(!feed.isHealthy)
        #expect(try self.feed([TableLines.status("heartbeat")]).state == "heartbeat")
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
        #expect(try feed(two + [gone, TableLines.status("stopped", conn: nil)]).connections.downCount == 0)
    }
}
