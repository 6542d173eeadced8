import Foundation
import Glibc
import Logging
import MarketModel
import TestSupport
import Testing
import UnixTool

@testable import FeedSession

/// One slow moment, line by line.
@Suite struct FoldedLinesTests {
    /// A feed of two instruments whose reader is slow as soon as one line waits.
    private final class Feed {
        let pipe = TestReader(.pipe)
        let output: FeedOutput
        let first = FeedInstrument(feed: "pp", venue: "paper", market: "m", id: "a")
        let second = FeedInstrument(feed: "pp", venue: "paper", market: "m", id: "b")
        private var time: Int64 = 0

        init(_ arguments: [String] = [], dataBytesMax: Int = 1 << 20, bytesMax: Int = 1 << 20) throws {
            let options = try PaperOptions.parse(arguments)
            var settings = Settings(tool: "paper-feed", environment: [:], file: nil)
            let common = try CommonSettings(options.common, &settings)
            let feed = try FeedSettings(options.feed, common: common, venue: "paper", defaultName: "pp", &settings)
            var limits = SlowReaderLimits()
            (limits.slowBytes, limits.caughtUpBytes, limits.burstBytes) = (0, 1, 1 << 20)
            (limits.dataBytesMax, limits.bytesMax, limits.resumeBytes) = (dataBytesMax, bytesMax, 1)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            output = try FeedOutput(feed, logger: logger, writer: LineWriter(descriptor: pipe.writeEnd, isQueued: true), limits: limits)
        }

        private var now: Timestamp {
            time += 1
            return Timestamp(micros: time)
        }

        func snapshot(_ instrument: FeedInstrument, _ reason: FeedOutput.SnapshotReason, conn: Int64, bid: Int64) throws {
            instrument.conn = conn
            instrument.book.replace(bids: [Level(bid * 100_000, 1_000_000)], asks: [])
            try output.snapshot(instrument, reason: reason, received: now, venueTime: nil, isVerified: false)
        }

        func delta(_ instrument: FeedInstrument, bid: Int64, size: Int64, venueTime: Int64? = nil, isVerified: Bool = false) throws {
            let level = Level(bid * 100_000, size * 1_000_000)
            instrument.book.set(.bid, level)
            try output.delta(
                instrument, bids: [level], asks: [], received: now, venueTime: venueTime.map { Timestamp(micros: $0) },
                isVerified: isVerified)
        }

        func status(_ state: FeedStatus.State, conn: Int64?, _ instruments: [String]? = nil) throws {
            let now = now
            try output.status(FeedStatus(state, conn: conn, reason: "x", since: now, instruments: instruments), at: now)
        }

        func trade() throws {
            let trade = Trade(price: .one, size: Size(millionths: 1_000_000), aggressor: .buy)
            try output.trade(first, trade, conn: 1, received: now, venueTime: nil)
        }

        func announce(_ instrument: FeedInstrument) throws { try output.announce(instrument, at: now) }

        /// The reader takes all that waits, and what follows: the lines, without what is the same in all.
        func lines() throws -> [String] {
            repeat { try output.flush(at: now) } while output.lag.phase != .none
            pipe.read(atMost: .max)
            return String(decoding: pipe.takeBytes(), as: UTF8.self).split(separator: "\n").map {
                String($0).replacing("{\"v\":1,\"type\":\"", with: "").replacing("\"feed\":\"pp\",\"venue\":\"paper\",", with: "")
                    .replacing("\"market\":\"m\",\"instrument\":", with: "").replacing("\",", with: ",", maxReplacements: 1)
                    .replacing(#/"recv_us":\d+/#, with: "T").replacing(#/"since_us":\d+/#, with: "S")
            }
        }
    }

    private let begin = #"feed_status,T,"state":"lagging","reason":"our reader is slow: changes of books are folded from here on"}"#

    private func end(_ lines: Int, _ snapshots: Int) -> String {
        #"feed_status,T,"state":"lagging","reason":"our reader has caught up",S,"counters":{"conflated_lines":\#(lines),"snapshots":\#(snapshots)}}"#
    }

    @Test func changes_becomeOneSnapshotEach_inTheOrderOfTheFirst_withTheLastWordOfTheVenue() throws {
        let feed = try Feed()
        try feed.snapshot(feed.first, .initial, conn: 1, bid: 1)
        try feed.snapshot(feed.second, .initial, conn: 1, bid: 1)
        try feed.delta(feed.first, bid: 2, size: 5, venueTime: 77)
        try feed.trade()
        try feed.delta(feed.second, bid: 1, size: 0, venueTime: 88)
        try feed.delta(feed.first, bid: 3, size: 6, venueTime: 99, isVerified: true)
        try feed.snapshot(feed.first, .checkpoint, conn: 1, bid: 4)
        #expect(
            try feed.lines() == [
                #"instrument,"a","conn":1,T}"#,
                #"book_snapshot,"a","conn":1,"seq":1,T,"bids":[[0.1,1]],"asks":[],"reason":"initial"}"#,
                begin,
                #"trade,"a","conn":1,T,"price":1,"size":1,"aggressor_side":"buy"}"#,
                #"instrument,"b","conn":1,T}"#,
                #"book_snapshot,"b","conn":1,"seq":1,T,"venue_us":88,"bids":[],"asks":[],"reason":"initial"}"#,
                #"book_snapshot,"a","conn":1,"seq":2,T,"venue_us":99,"bids":[[0.4,1]],"asks":[],"reason":"refresh","verified":true}"#,
                end(5, 2),
            ])
        try feed.delta(feed.first, bid: 5, size: 1)
        #expect(try feed.lines() == [#"book_delta,"a","conn":1,"seq":3,T,"bids":[[0.5,1]],"asks":[]}"#])
    }

    @Test func breaks_areToldAtOnce_andALostBookIsNotShown() throws {
        let feed = try Feed()
        try feed.snapshot(feed.first, .initial, conn: 1, bid: 1)
        try feed.delta(feed.first, bid: 2, size: 5)
        try feed.delta(feed.first, bid: 2, size: 6)
        feed.first.book.markUnknown()
        try feed.status(.gap, conn: 1, ["a"])
        #expect(
            try feed.lines().suffix(3) == [
                begin, #"feed_status,"conn":1,T,"state":"gap","reason":"x",S,"instruments":["a"]}"#, end(2, 0),
            ])
        // Known again while the next moment is slow: the snapshot mends the break.
        try feed.status(.drift, conn: 1, [])
        try feed.snapshot(feed.first, .resync, conn: 1, bid: 3)
        try feed.delta(feed.first, bid: 3, size: 4)
        #expect(
            try feed.lines().suffix(2) == [
                #"book_snapshot,"a","conn":1,"seq":2,T,"bids":[[0.3,4]],"asks":[],"reason":"resync"}"#, end(2, 1),
            ])
    }

    /// The reader holds the book of connection 1. It moves to 2, unseen, and is lost there: what is said of connection 2 does not concern
    /// the book that the reader holds, and nothing would ever take it away.
    @Test func bookThatMovedAndWasLostUnseen_isTakenFromTheReader() throws {
        let feed = try Feed()
        try feed.snapshot(feed.first, .initial, conn: 1, bid: 1)
        try feed.snapshot(feed.first, .initial, conn: 2, bid: 2)
        feed.first.book.markUnknown()
        try feed.status(.disconnected, conn: 2)
        let lost = #"feed_status,T,"state":"gap","reason":"lost while our reader was slow",S,"instruments":["a"]}"#
        #expect(try feed.lines().suffix(2) == [lost, end(1, 0)])
        // Once.
        try feed.status(.drift, conn: 1, [])
        try feed.snapshot(feed.second, .initial, conn: 3, bid: 2)
        try feed.snapshot(feed.first, .initial, conn: 3, bid: 2)
        feed.first.book.markUnknown()
        #expect(try feed.lines().suffix(2).map { $0.prefix(13) } == ["book_snapshot", "feed_status,T"])
    }

    @Test func movedBook_hasItsNewConnection_andAHiddenOneIsTakenFromTheReader() throws {
        let feed = try Feed()
        try feed.snapshot(feed.first, .initial, conn: 1, bid: 1)
        _ = try feed.lines()
        try feed.snapshot(feed.second, .initial, conn: 1, bid: 1)
        try feed.snapshot(feed.first, .initial, conn: 2, bid: 2)
        try feed.delta(feed.second, bid: 1, size: 2)
        feed.second.isShown = false
        #expect(
            try feed.lines().suffix(3) == [
                #"book_snapshot,"a","conn":2,"seq":2,T,"bids":[[0.2,1]],"asks":[],"reason":"initial"}"#,
                #"feed_status,T,"state":"gap","reason":"lost while our reader was slow",S,"instruments":["b"]}"#, end(2, 1),
            ])
    }

    @Test func bookThatCameBackUnseen_isNotTheFirstOfItsConnection() throws {
        let feed = try Feed()
        try feed.snapshot(feed.first, .initial, conn: 1, bid: 1)
        try feed.snapshot(feed.first, .initial, conn: 2, bid: 2)
        try feed.snapshot(feed.first, .initial, conn: 1, bid: 3)
        #expect(
            try feed.lines().suffix(2) == [
                #"book_snapshot,"a","conn":1,"seq":2,T,"bids":[[0.3,1]],"asks":[],"reason":"resync"}"#, end(2, 1),
            ])
    }

    @Test func checkpointsAlone_areACheckpoint() throws {
        let feed = try Feed()
        try feed.snapshot(feed.first, .initial, conn: 1, bid: 1)
        for _ in 0..<2 { try feed.snapshot(feed.first, .checkpoint, conn: 1, bid: 1) }
        #expect(try feed.lines().suffix(2).first?.hasSuffix(#""reason":"checkpoint"}"#) == true)
    }

    @Test func reasons_whatTheReaderMustKnowComesFirst() {
        typealias Reason = FeedOutput.SnapshotReason
        for (reasons, conns, expected) in [
            ([.refresh], [1], .refresh), ([.checkpoint, .refresh], [1, 1], .refresh), ([.refresh, .resync, .refresh], [1, 1, 1], .resync),
            ([.initial, .resync], [1, 1], .initial), ([.initial, .initial, .refresh], [1, 2, 2], .initial),
            ([.initial, .resync], [1, 2], .resync),
        ] as [([Reason], [Int64], Reason)] {
            var folded = FoldedLines()
            for (reason, conn) in zip(reasons, conns) { folded.add(reason, conn: conn, venueTime: nil, isVerified: false) }
            #expect(folded.reason == expected)
        }
        var nothing = FoldedLines()
        nothing.mend()
        #expect(nothing.reason == .resync)
    }

    // MARK: No room

    @Test func trades_areLeftOutBeyondTheMost_andCounted() throws {
        let feed = try Feed(dataBytesMax: 1000)
        for _ in 0..<20 { try feed.trade() }
        try feed.output.status(FeedStatus(.heartbeat), at: Timestamp(micros: 1000), counters: Counters())
        try feed.output.marketStatus(feed.first, .paused, reason: nil, conn: 1, received: Timestamp(micros: 1001), venueTime: nil)
        let lines = try feed.lines()
        let trades = lines.count { $0.hasPrefix("trade") }
        let gap = #"feed_status,T,"state":"gap","reason":"lines were left out for a slow reader",S,"instruments":[],"#
        #expect(trades > 3 && trades < 10)
        #expect(
            lines.suffix(3) == [
                #"market_status,"a","conn":1,T,"state":"paused"}"#, gap + #""counters":{"dropped_trade":\#(20 - trades)}}"#, end(0, 0),
            ])
        #expect(feed.output.allCounters["dropped_trade"] == Int64(20 - trades))
    }

    /// The bytes may leave between two turns of the loop.
    @Test func whatIsMissing_isToldBeforeTheNextLine_alsoBetweenTurns() throws {
        let feed = try Feed(dataBytesMax: 500)
        for _ in 0..<20 { try feed.trade() }
        try feed.output.writer.flush()
        try feed.trade()
        let kinds = try feed.lines().map { $0.contains("\"gap\"") ? "gap" : String($0.prefix(5)) }
        #expect(kinds.suffix(4) == ["trade", "gap", "trade", "feed_"])
    }

    @Test func breaksWithoutRoom_areToldForAllBooks_whichThenComeAgain() throws {
        let feed = try Feed(dataBytesMax: 500, bytesMax: 600)
        try feed.snapshot(feed.first, .initial, conn: 1, bid: 1)
        try feed.snapshot(feed.second, .initial, conn: 1, bid: 1)
        _ = try feed.lines()
        while feed.output.lag.overflow != .all { try feed.status(.connecting, conn: 1) }
        feed.second.book.markUnknown()
        try feed.status(.stale, conn: 1, ["b"])
        feed.first.facts.tickSize = .one
        try feed.announce(feed.first)
        #expect(
            try feed.lines().suffix(5) == [
                #"feed_status,T,"state":"gap","reason":"breaks that there was no room to tell",S}"#,
                #"feed_status,T,"state":"gap","reason":"lines were left out for a slow reader",S,"instruments":[],"counters":{"dropped_feed_status":2}}"#,
                #"instrument,"a","conn":1,T,"tick_size":1}"#,
                #"book_snapshot,"a","conn":1,"seq":2,T,"bids":[[0.1,1]],"asks":[],"reason":"resync"}"#, end(0, 1),
            ])
    }

    @Test func withoutRoom_ownLinesAreCounted_andTheSessionStillHearsThatAConnectionIsLive() throws {
        let feed = try Feed(dataBytesMax: 500, bytesMax: 600)
        let position = OwnPosition(size: 1_000_000, cost: nil, realizedPnl: nil, feesPaid: nil)
        try feed.output.ownPosition(feed.first, position, conn: 1, received: Timestamp(micros: 0), venueTime: nil)
        while feed.output.lag.overflow != .all { try feed.status(.connecting, conn: 1) }
        let bytes = feed.output.writer.pendingCount
        for _ in 0..<100 { try feed.output.ownPosition(feed.first, position, conn: 1, received: Timestamp(micros: 99), venueTime: nil) }
        try feed.status(.live, conn: 7)
        #expect(feed.output.writer.pendingCount == bytes)
        #expect(feed.output.takeLiveConns() == [7])
        #expect(
            try feed.lines().suffix(2).first?.hasSuffix(#""counters":{"dropped_feed_status":2,"dropped_own_position":100}}"#) == true)
    }

    @Test func stopped_isToldBehindWhatIsMissing() throws {
        let feed = try Feed(dataBytesMax: 500)
        for _ in 0..<20 { try feed.trade() }
        try feed.output.status(FeedStatus(.stopped), at: Timestamp(micros: 1000), counters: Counters())
        let states = try feed.lines().suffix(3).map { $0.contains("\"gap\"") ? "gap" : $0.contains("\"stopped\"") ? "stopped" : "end" }
        #expect(states == ["gap", "stopped", "end"])
    }
}
