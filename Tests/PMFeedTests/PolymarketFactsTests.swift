import Logging
import MarketModel
import Testing

@testable import FeedSession
@testable import pm_feed

@Suite struct PolymarketFactsTests {
    private let bench = RESTBench()

    private func facts() -> PolymarketFacts { PolymarketFacts(bench.questions) }
    private var logger: Logger {
        let log = bench.log
        return Logger(label: "test") { _ in log }
    }

    private func answer(_ facts: inout PolymarketFacts, _ request: LiveRequest, isAway: Bool = false) -> Bool {
        facts.answered(request, isAway ? RESTBench.away : RESTBench.answer("[]"), bench.control, logger, at: bench.time)
    }

    @Test func tokens_areAskedFor20AtATime_oneQuestionAfterTheOther() {
        var facts = facts()
        for number in 0..<45 { facts.want("\(number)", at: bench.time) }
        var counts: [Int] = []
        while facts.nextDeadline != nil {
            facts.act(bench.control, at: bench.time)
            facts.act(bench.control, at: bench.time)
            let asked = bench.asked()
            #expect(asked.count == 1 && facts.nextDeadline == nil)
            counts.append(asked[0].url.components("clob_token_ids=").count - 1)
            #expect(answer(&facts, asked[0].request))
        }
        #expect(counts == [20, 20, 5])
    }

    @Test func answersToOthers_areNotTaken() {
        var facts = facts()
        #expect(!answer(&facts, LiveRequest(id: 99, recordedPath: nil)))
    }

    @Test func gammaAway_isSaidOnce_askedAgainWithPauses_andItsReturnIsSaid() {
        var facts = facts()
        facts.want("1", at: bench.time)
        for failures in 1...6 {
            bench.now = max(bench.now, facts.nextDeadline!.micros)
            facts.act(bench.control, at: bench.time)
            #expect(answer(&facts, bench.asked()[0].request, isAway: true))
            let wait = facts.nextDeadline!.micros - bench.now
            #expect((1_000_000...1_000_000 + min(60_000_000, 1_000_000 << Int64(failures))).contains(wait))
        }
        #expect(bench.log.messages.count == 1 && bench.log.messages[0].contains("without labels and fees"))
        bench.now = facts.nextDeadline!.micros
        facts.act(bench.control, at: bench.time)
        #expect(answer(&facts, bench.asked()[0].request))
        #expect(bench.log.messages.count == 2 && bench.log.messages[1].contains("answers again") && facts.nextDeadline == nil)
    }

    @Test func tokenThatIsNotWantedAnyMore_isNotAskedFor() {
        var facts = facts()
        facts.want("1", at: bench.time)
        facts.want("2", at: bench.time)
        facts.forget("1")
        facts.act(bench.control, at: bench.time)
        #expect(bench.asked()[0].url.hasSuffix("&clob_token_ids=2"))
        facts.forget("2")
        #expect(facts.nextDeadline == nil)
    }
}

extension String {
    /// The parts between occurrences of `mark`.
    fileprivate func components(_ mark: String) -> [Substring] { split(separator: mark, omittingEmptySubsequences: false) }
}
