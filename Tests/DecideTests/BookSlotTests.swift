import MarketModel
import TestSupport
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

    @Test func rulesThatRememberMoreThanThereIsRoomFor_findTheSame_andLeaveTheirNeighboursAlone() throws {
        func plan(_ count: Int) throws -> WatchPlan {
            let text = (1...count).map { "[rules.m\($0)]\nstrategy = \"move\"\nwindow = \"\($0 * 3)us\"\nmin_move = 0.0\($0)\n" }.joined()
            let rules = try RuleFile.parse(text, path: "r.toml").rules
            return WatchPlan(rules.enumerated().map { ($0, $1.strategy) })
        }
        let assignments = try RuleFile.parse("[rules.m]\nstrategy = \"move\"\nwindow = \"1s\"\nmin_move = 0.01\n", path: "r.toml").rules
            .flatMap { rule in (0..<5).map { Assignment(rule, ruleIndex: $0) } }
        let (small, large) = (try plan(1), try plan(5))
        #expect(BookMemory.byteCount(large) > BookMemory.byteCount(small) + BookTable.lineBytes)
        // Room for one rule, for all five, and books of one rule between those of five.
        var narrow = BookTable(small)
        var wide = BookTable(large)
        for _ in 0..<100 {
            for plan in [small, large] {
                narrow.append(feed: 0, instrument: 0, isFollowed: true, plan, assignments, nil)
                wide.append(feed: 0, instrument: 0, isFollowed: true, plan, assignments, nil)
            }
        }
        var random = SeededGenerator(seed: 6)
        var seqs = [Int64](repeating: 0, count: narrow.count)
        var found = 0
        for time in 1...20_000 {
            let number = random.below(narrow.count)
            seqs[number] += 1
            let mark = BookMark(conn: 1, seq: seqs[number], received: Timestamp(micros: Int64(time / 100)))
            let bid = Int64(300_000 + 10_000 * random.below(20))
            for slot in [narrow[number], wide[number]] {
                slot.replace(at: mark, bids: [Level(bid, 1)], asks: [Level(bid + 10_000, 1)])
            }
            let sightings = (narrow[number].takeSight(), wide[number].takeSight())
            #expect(sightings.0 == sightings.1)
            guard let sighting = sightings.0 else { continue }
            for watch in 0..<narrow[number].watches.count {
                let both = (narrow[number].look(watch, at: sighting), wide[number].look(watch, at: sighting))
                #expect(both.0?.note.text == both.1?.note.text && both.0?.earlier?.seq == both.1?.earlier?.seq)
                if both.0 != nil { found += 1 }
            }
        }
        #expect(found > 1000)
    }
}
