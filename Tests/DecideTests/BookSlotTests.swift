import Testing

@testable import mkt_decide

/// When a book may be used, seen through a rule that fires at every book that becomes known.
struct BookSlotTests {
    private let rules = "[rules.any]\nstrategy = \"spread\"\nmin_spread = 0.000001\n"
    private let feed = Feed()

    private func wide(_ seq: Int, at time: Int, _ feed: Feed) -> String { feed.snapshot(seq, "0.4", "0.5", at: time) }

    @Test func deltaBeforeTheFirstSnapshot_isIgnored() throws {
        #expect(try DecideRun.times(rules, [feed.delta(1, bid: "0.4", ask: "0.5", at: 1), wide(2, at: 2, feed)]) == [2])
    }

    @Test func holeInSeq_makesItUnknown_untilTheNextSnapshot() throws {
        let lines = [
            wide(1, at: 1, feed), feed.delta(3, bid: "0.45", at: 2), feed.delta(4, bid: "0.46", at: 3), wide(5, at: 4, feed),
            feed.delta(6, bid: "0.47", at: 5),
        ]
        #expect(try DecideRun.times(rules, lines) == [1, 4])
    }

    @Test func aDeltaSaidTwice_isAHole() throws {
        let lines = [wide(1, at: 1, feed), feed.delta(2, bid: "0.41", at: 2), feed.delta(2, bid: "0.41", at: 3), wide(3, at: 4, feed)]
        #expect(try DecideRun.times(rules, lines) == [1, 4])
    }

    @Test func snapshotBehindAHole_endsABreak() throws {
        #expect(try DecideRun.times(rules, [wide(1, at: 1, feed), wide(3, at: 2, feed)]) == [1, 2])
    }

    @Test func anotherConnection_needsItsOwnSnapshot() throws {
        var second = feed
        second.conn = 2
        let lines = [
            wide(1, at: 1, feed), second.delta(2, bid: "0.41", at: 2), second.delta(3, bid: "0.42", at: 3), wide(4, at: 4, second),
        ]
        #expect(try DecideRun.times(rules, lines) == [1, 4])
    }

    @Test func breakOfAnotherConnection_doesNotConcernIt() throws {
        let lines = [wide(1, at: 1, feed), feed.status("disconnected", conn: 2, at: 2), wide(2, at: 3, feed)]
        #expect(try DecideRun.times(rules, lines) == [1])
    }

    @Test func breakWithoutConn_concernsTheWholeFeed_andNoOther() throws {
        let other = Feed(name: "kalshi", venue: "kalshi", instrument: "KX")
        let lines = [
            wide(1, at: 1, feed), wide(1, at: 2, other), feed.status("gap", at: 3), wide(2, at: 4, feed), wide(2, at: 5, other),
        ]
        #expect(try DecideRun.times(rules, lines) == [1, 2, 4])
    }

    @Test func breakWithInstruments_concernsThoseOnly() throws {
        let other = Feed(instrument: "75")
        func run(_ instruments: [String]) throws -> [Int64] {
            try DecideRun.times(
                rules,
                [
                    wide(1, at: 1, feed), wide(1, at: 2, other), feed.status("gap", conn: 1, instruments: instruments, at: 3),
                    wide(2, at: 4, feed), wide(2, at: 5, other),
                ])
        }
        #expect(try run(["75", "nobody"]) == [1, 2, 5])
        #expect(try run([]) == [1, 2])
    }

    @Test func stopped_concernsAllConnectionsOfTheFeed() throws {
        let lines = [wide(1, at: 1, feed), feed.status("stopped", conn: 9, at: 2), wide(2, at: 3, feed)]
        #expect(try DecideRun.times(rules, lines) == [1, 3])
    }

    @Test func breakWithConn_concernsBooksThatTellNone() throws {
        var bare = feed
        bare.conn = nil
        #expect(try DecideRun.times(rules, [wide(1, at: 1, bare), feed.status("stale", conn: 1, at: 2), wide(2, at: 3, bare)]) == [1, 3])
    }

    /// More would be another miss for every line of a book that is not near.
    @Test func aBook_hasTwoLinesOfTheCache() {
        #expect(MemoryLayout<BookSlot.Body>.size <= 2 * BookTable.lineBytes)
    }
}
