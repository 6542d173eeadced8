import Glibc
import MarketModel
import TestSupport
import Testing
import UnixTool

@testable import FeedSession

/// Readers that cannot keep up: what they get later, and that it is true.
@Suite(.timeLimit(.minutes(5))) struct SlowReaderTests {
    /// The marks of the real thing, 32 times smaller.
    private var limits: SlowReaderLimits {
        var limits = SlowReaderLimits()
        limits.slowBytes = 128 << 10
        limits.caughtUpBytes = 16 << 10
        limits.burstBytes = 64 << 10
        limits.dataBytesMax = 2 << 20
        limits.bytesMax = 2_560 << 10
        limits.resumeBytes = 1 << 20
        return limits
    }

    private let lineBytesMax = 4096

    /// Runs a session with a reader that stops and goes on; gives it when the reader has read all.
    ///
    /// - Parameter paces: How eagerly it reads, in turn; nil for a new mood every 500 things that happen.
    private func run(
        _ seed: UInt64, _ arguments: [String] = [], steps: Int = 9000, paces: [Int]? = nil, instrumentCount: Int = 50,
        limits: SlowReaderLimits
    ) throws
        -> SlowSession
    {
        let session = try SlowSession(seed: seed, arguments, limits: limits, instrumentCount: instrumentCount)
        var pace = 0
        for step in 0..<steps {
            if let paces {
                pace = paces[step / 2000 % paces.count]
            } else if step % 500 == 0 {
                pace = session.chance.pick([0, 0, 200, 20_000])
            }
            try session.happen()
            if session.chance.chance(20) { try session.turn() }
            if pace > 0, session.chance.chance(20) { try session.read(atMost: session.chance.below(pace * 20)) }
        }
        try session.finish()
        return session
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func books_areTheTrueOnes_whateverTheReaderDoes(_ seed: UInt64) throws {
        let session = try run(seed, seed % 2 == 0 ? ["--quotes"] : [], limits: limits)
        let reader = session.reader
        #expect(session.faults.isEmpty && reader.faults.isEmpty, "\(session.faults.prefix(3)) \(reader.faults.prefix(3))")
        #expect(reader.lags > 0 && !reader.isLagging)
        #expect(session.comparedSums > 1000)
        #expect(reader.tradeIDs == Array(0..<session.tradeCount))
        #expect(session.mostPending <= limits.dataBytesMax + lineBytesMax)
        #expect(session.output.allCounters["conflated_lines"] > 1000)
        #expect(Int64(reader.lineCount) == session.output.writer.lineCount)
    }

    /// Books change while those that were folded are being written, some before and some after their turn.
    @Test(arguments: 31...34 as ClosedRange<UInt64>) func books_areTheTrueOnes_whileTheReaderCatchesUp(_ seed: UInt64) throws {
        var limits = limits
        (limits.caughtUpBytes, limits.burstBytes) = (8 << 10, 12 << 10)
        let session = try run(seed, paces: [0, 1500, 6000], instrumentCount: 200, limits: limits)
        let reader = session.reader
        #expect(session.faults.isEmpty && reader.faults.isEmpty, "\(session.faults.prefix(3)) \(reader.faults.prefix(3))")
        #expect(reader.lags > 0 && session.changesWhileCatchingUp > 10 && session.deltasWhileCatchingUp > 10)
    }

    @Test func catchingUp_beginsWhenLittleWaits_notBefore() throws {
        let session = try SlowSession(seed: 4, ["--books-only"], limits: limits)
        while session.output.lag.phase == .none { try session.happen() }
        while session.output.writer.pendingCount >= limits.caughtUpBytes {
            #expect(session.output.lag.phase == .folding)
            try session.read(atMost: 1000)
            try session.turn()
        }
        #expect(session.output.lag.phase != .folding)
        try session.finish()
        #expect(session.faults.isEmpty && session.reader.faults.isEmpty)
    }

    /// All books together are several times what may wait.
    @Test func foldedBooks_neverMakeTheReaderSlowAgain() throws {
        let session = try SlowSession(seed: 21, ["--books-only"], limits: limits, instrumentCount: 600)
        for number in 0..<600 { try session.renew(number) }
        for _ in 0..<3 {
            for number in 0..<600 { try session.change(number) }
            try session.checkpoint()
            #expect(session.output.lag.phase == .folding)
            var turns = 0
            while session.output.lag.phase != .none {
                try session.turn()
                try session.read(atMost: 5000)
                turns += 1
            }
            #expect(turns > 20)
        }
        try session.finish()
        #expect(session.faults.isEmpty && session.reader.faults.isEmpty)
        #expect(session.mostPending <= limits.slowBytes + lineBytesMax)
        #expect(session.reader.lags == 3)
        #expect(session.output.writer.byteCount > 4 * limits.slowBytes)
    }

    /// So few bytes may wait that lines are left out: books are still true, and every hole is told in its place.
    @Test(arguments: 11...14 as ClosedRange<UInt64>) func linesThatAreLeftOut_areToldWhereTheyAreMissing(_ seed: UInt64) throws {
        var limits = limits
        limits.dataBytesMax = 160 << 10
        limits.bytesMax = 161 << 10
        limits.resumeBytes = 80 << 10
        let session = try run(seed, steps: 12_000, paces: [20_000, 0, 200], limits: limits)
        let reader = session.reader
        #expect(session.faults.isEmpty && reader.faults.isEmpty, "\(session.faults.prefix(3)) \(reader.faults.prefix(3))")
        #expect(session.mostPending <= limits.bytesMax + lineBytesMax)
        var (holes, missing, gaps) = (0, 0, reader.tradeGaps.filter { $0.count > 0 }[...])
        for (place, id) in (reader.tradeIDs + [session.tradeCount]).enumerated() {
            let expected = place + missing
            guard id != expected else { continue }
            holes += 1
            let gap = gaps.popFirst()
            #expect(gap?.after == place && gap?.count == id - expected, "seed \(seed): before trade \(id)")
            missing = id - place
        }
        #expect(holes > 0 && gaps.isEmpty)
        #expect(session.output.allCounters["dropped_trade"] == Int64(missing))
        let kinds = session.output.allCounters.sorted.filter { $0.name.hasPrefix("dropped_") }.map(\.name)
        #expect(kinds.contains("dropped_feed_status"))
        #expect(reader.statuses.contains { $0["reason"] as? String == "breaks that there was no room to tell" })
    }

    @Test func readerThatKeepsUp_seesEveryLine() throws {
        let session = try SlowSession(seed: 5, limits: limits)
        for _ in 0..<3000 {
            try session.happen()
            try session.turn()
            try session.read(atMost: .max)
        }
        try session.finish()
        #expect(session.faults.isEmpty && session.reader.faults.isEmpty && session.reader.lags == 0)
        #expect(session.output.allCounters["conflated_lines"] == 0)
    }

    // MARK: block

    @Test func block_leavesNothingOut_asksForAPause_andSendsNoNewsThatCanWait() throws {
        let session = try SlowSession(seed: 3, ["--on-slow", "block"], limits: limits)
        #expect(!session.output.wantsPause && session.output.canResume)
        while !session.output.wantsPause {
            try session.happen()
            try session.turn()
        }
        let waiting = session.output.writer.pendingCount
        #expect(waiting > limits.slowBytes && waiting < limits.slowBytes + lineBytesMax * 50)
        let lines = session.output.writer.lineCount
        try session.checkpoint()
        try session.output.status(FeedStatus(.heartbeat), at: session.now, counters: session.output.allCounters)
        #expect(session.output.writer.lineCount == lines)
        try session.change(1)
        try session.trade()
        try session.lose(1)
        #expect(session.output.writer.lineCount == lines + 3)
        var turns = 0
        while !session.output.canResume {
            try session.read(atMost: 10_000)
            try session.turn()
            turns += 1
        }
        #expect(turns > 5 && !session.output.wantsPause)
        try session.checkpoint()
        #expect(session.output.writer.lineCount > lines + 10)
        try session.finish()
        #expect(session.faults.isEmpty && session.reader.faults.isEmpty, "\(session.faults.prefix(3)) \(session.reader.faults.prefix(3))")
        #expect(session.reader.lags == 0 && session.reader.tradeIDs == Array(0..<session.tradeCount))
        #expect(session.comparedSums > 500)
    }

    @Test func writerThatWaits_isNeverPressed_whateverItsOptionSays() throws {
        for how in ["block", "conflate"] {
            let paper = try Paper(["--on-slow", how])
            var polls: [pollfd] = []
            paper.output.appendPoll(&polls)
            #expect(polls.isEmpty && !paper.output.wantsPause)
            #expect(paper.output.settings.onSlow == OnSlow(rawValue: how))
        }
        #expect(try Paper().output.settings.onSlow == .conflate)
        #expect(throws: (any Error).self) { try Paper(["--on-slow", "drop"]) }
    }

    // MARK: The end of a run

    @Test func endOfARun_tellsFoldedBooksFirst_ifTheReaderTakesThem() throws {
        let session = try SlowSession(seed: 9, limits: limits)
        while session.output.lag.foldedLines < 500 { try session.happen() }
        // Past its deadline it gives up, and tells what is lost.
        let past = Clock.monotonicMicros()
        #expect(try !session.output.catchUp(at: session.now, untilMonotonicMicros: past))
        #expect { try session.output.drain(untilMonotonicMicros: past) } throws: { error in
            (error as? ToolFailure)?.status == .ioError && "\(error)".contains("did not take the last")
        }
        while try !session.output.catchUp(at: session.now, untilMonotonicMicros: Clock.monotonicMicros() + 100) {
            try session.read(atMost: 50_000)
        }
        try session.output.status(FeedStatus(.stopped), at: session.now, counters: session.output.allCounters)
        while session.output.writer.pendingCount > 0 {
            try session.read(atMost: 50_000)
            _ = try session.output.writer.flush(untilMonotonicMicros: Clock.monotonicMicros() + 100)
        }
        try session.output.drain(untilMonotonicMicros: Clock.monotonicMicros())
        try session.read(atMost: .max)
        #expect(session.faults.isEmpty && session.reader.faults.isEmpty)
        #expect(session.reader.statuses.suffix(2).compactMap { $0["state"] as? String } == ["lagging", "stopped"])
        #expect(session.comparedSums > 0)
    }

    @Test func readerThatIsGone_isNoticedByTheLoop() throws {
        let session = try SlowSession(seed: 9, limits: limits)
        try session.turn()
        session.pipe.closeRead()
        #expect(throws: ReaderGone.self) { try session.turn() }
    }
}
