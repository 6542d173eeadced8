import TestSupport
import Testing

@testable import FeedSession

/// Long random lives of a session, beside a model that remembers everything and looks back over all of it at each step.
@Suite struct SessionWalkTests {
    @Test(arguments: 0..<60) func everyStep_isAsTheModelSays(seed: Int) {
        var walk = SessionWalk(seed: UInt64(seed))
        for _ in 0..<1500 where !walk.isOver { walk.step() }
        if !walk.isOver { walk.healAll() }
        #expect(walk.faults.isEmpty, "seed \(seed): \(walk.faults.prefix(3))")
    }

    /// What all walks together must have met, or they prove nothing.
    @Test func walks_meetEverything() {
        var total = SessionWalk.Tally()
        for seed in 1000..<1040 {
            var walk = SessionWalk(seed: UInt64(seed))
            for _ in 0..<1500 where !walk.isOver { walk.step() }
            total.add(walk.tally)
        }
        #expect(total.openings > 2000 && total.renewals > 50 && total.renewed > 20 && total.failedRenewals > 10, "\(total)")
        #expect(total.capped > 20 && total.resets > 20 && total.removals > 100, "\(total)")
        #expect(total.gaveUpCredentials > 0 && total.gaveUpStart > 0 && total.gaveUpFinal > 0, "\(total)")
    }
}
