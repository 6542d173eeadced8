import FeedSession
import JSON
import MarketModel
import Testing

/// What another witness says of a socket that is silent: quiet, or dead.
@Suite struct SilenceProofTests {
    private func opened() throws -> Paper {
        let paper = try Paper(["--stale-after", "30s"])
        try paper.open(1, 0)
        _ = try paper.lines()
        return paper
    }

    private func answer(_ paper: Paper, _ proof: SilenceProof, _ time: Int64) throws {
        paper.venue.proof = proof
        let text = JSONText(base: ("{}" as StaticString).utf8Start, count: 2)
        try paper.engine.take(.answered(path: text, status: 200, body: text, at: Timestamp(micros: time)))
    }

    @Test func quietSocket_isNotStale_untilItHasBeenSilentForAsLongAgain() throws {
        let paper = try opened()
        try answer(paper, SilenceProof(quiet: [1]), 20_000_000)
        try answer(paper, SilenceProof(quiet: [1]), 45_000_000)
        try paper.engine.pass(to: .init(micros: 74_999_999))
        #expect(try paper.lines().isEmpty)
        try paper.engine.pass(to: .init(micros: 75_000_000))
        #expect(try paper.lines().map { $0.contains("\"state\":\"stale\",\"reason\":\"no data\"") } == [true])
        #expect(paper.engine.takeStaleConns() == [1])
    }

    @Test func deadSocket_isStaleAtOnce_once_andItsBooksAreUnknown() throws {
        let paper = try opened()
        try paper.receive("book 500000 1000000", 1_000_000)
        _ = try paper.lines()
        try answer(paper, SilenceProof(dead: [1]), 7_000_000)
        #expect(
            try paper.lines() == [
                #"feed_status,"conn":1,"recv_us":7000000,"state":"stale","reason":"silent while REST has moved on","since_us":1000000}"#
            ])
        #expect(!paper.venue.instrument.book.isKnown)
        #expect(paper.engine.takeStaleConns() == [1] && paper.engine.takeStaleConns().isEmpty)
        try paper.engine.pass(to: .init(micros: 90_000_000))
        #expect(try paper.lines().isEmpty)
    }

    @Test func quietWordAboutASocketThatIsStale_doesNotReviveIt() throws {
        let paper = try opened()
        try paper.engine.pass(to: .init(micros: 30_000_000))
        _ = try paper.lines()
        try answer(paper, SilenceProof(quiet: [1]), 31_000_000)
        #expect(try paper.lines().isEmpty)
        try paper.receive("+", 32_000_000)
        #expect(try paper.lines().first?.contains("data again") == true)
    }

    @Test func wordsAboutSocketsThatAreGone_areNothing() throws {
        let paper = try opened()
        try paper.drop(1, 5)
        _ = try paper.lines()
        try answer(paper, SilenceProof(quiet: [1, 2], dead: [1, 3]), 6)
        #expect(try paper.lines().isEmpty && paper.engine.takeStaleConns().isEmpty)
        #expect(paper.engine.nextDeadline == nil)
    }

    @Test func proofWithATimeOfThePast_makesNoSocketOlder() throws {
        let paper = try opened()
        try paper.receive("+", 20_000_000)
        try answer(paper, SilenceProof(quiet: [1]), 5_000_000)
        #expect(paper.engine.lastData(1)?.micros == 20_000_000 && paper.engine.lastData(2) == nil)
    }

    // MARK: What is told with a break

    @Test func instrumentsThatAreLost_andTheWaitForTheNextTry_areTold() throws {
        let paper = try opened()
        paper.venue.lost = ["i", "j"]
        try paper.engine.take(.closed(conn: 1, code: 1006, reason: nil, retryMicros: 250_000, at: .init(micros: 9)))
        #expect(
            try paper.lines() == [
                #"feed_status,"conn":1,"recv_us":9,"state":"disconnected","reason":"close 1006","since_us":0,"instruments":["i","j"],"retry_in_us":250000}"#
            ])
    }

    @Test func staleSocket_tellsTheInstrumentsThatItHad() throws {
        let paper = try opened()
        paper.venue.lost = ["i"]
        try paper.engine.pass(to: .init(micros: 30_000_000))
        #expect(
            try paper.lines() == [
                #"feed_status,"conn":1,"recv_us":30000000,"state":"stale","reason":"no data","since_us":0,"instruments":["i"]}"#
            ])
    }
}
