import MarketModel
import Testing

@testable import pm_feed

/// A policy that can be asked inside `#expect`.
private final class WatchedPolicy {
    var policy = PolymarketHashPolicy()

    func noteDisagreement(market: String, wholeBook: String?, isStream: Bool = true) -> Bool {
        policy.noteDisagreement(market: market, wholeBook: wholeBook, isStream: isStream)
    }
    func noteAgreement(market: String, at time: Timestamp) { policy.noteAgreement(market: market, at: time) }
    func hasAgreed(otherThan market: String, since time: Timestamp) -> Bool { policy.hasAgreed(otherThan: market, since: time) }
    func switchOn() { policy.switchOn() }
    var isOff: Bool { policy.isOff }
    var isInDoubt: Bool { policy.isInDoubt }
}

/// The table of what switches the hash recipe off.
@Suite struct PolymarketHashPolicyTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(micros: seconds * 1_000_000) }

    private func agreed() -> WatchedPolicy {
        let policy = WatchedPolicy()
        policy.noteAgreement(market: "A", at: at(1))
        return policy
    }

    @Test func changesAlone_neverSwitchOffWhatHasAgreed() {
        let policy = agreed()
        for number in 0..<500 { #expect(!policy.noteDisagreement(market: "\(number % 7)", wholeBook: nil)) }
        #expect(!policy.isOff)
    }

    @Test func threeMarketsInDoubtAndOneWholeBook_switchOff() {
        let policy = agreed()
        #expect(!policy.noteDisagreement(market: "A", wholeBook: nil))
        #expect(!policy.noteDisagreement(market: "B", wholeBook: nil))
        #expect(policy.noteDisagreement(market: "C", wholeBook: "c"))
        #expect(policy.isOff)
    }

    @Test func twoMarketsInDoubtAndOneWholeBook_areNotEnough() {
        let policy = agreed()
        #expect(!policy.noteDisagreement(market: "A", wholeBook: nil))
        #expect(!policy.noteDisagreement(market: "B", wholeBook: "b"))
        #expect(!policy.noteDisagreement(market: "B", wholeBook: "b"))
        #expect(!policy.isOff)
    }

    @Test func wholeBookFirst_thenMarketsInDoubt_needAnotherWholeBook() {
        let policy = agreed()
        #expect(!policy.noteDisagreement(market: "A", wholeBook: "a"))
        for market in ["B", "C", "D"] { #expect(!policy.noteDisagreement(market: market, wholeBook: nil)) }
        #expect(policy.noteDisagreement(market: "A", wholeBook: "a"))
    }

    @Test func booksOfRESTAlone_neverSwitchOff_butWithTheStreamTheyDo() {
        let policy = agreed()
        for name in ["a", "b", "c", "d"] { #expect(!policy.noteDisagreement(market: name, wholeBook: name, isStream: false)) }
        #expect(!policy.noteDisagreement(market: "A", wholeBook: nil))
        #expect(policy.noteDisagreement(market: "B", wholeBook: "b", isStream: false))
    }

    @Test func agreement_forgetsWhatTheStreamSaid() {
        let policy = agreed()
        #expect(!policy.noteDisagreement(market: "A", wholeBook: nil))
        policy.noteAgreement(market: "B", at: at(2))
        for name in ["a", "b", "c", "d"] { #expect(!policy.noteDisagreement(market: name, wholeBook: name, isStream: false)) }
    }

    @Test func twoWholeBooksOfDistinctTokensInARow_switchOff() {
        let policy = agreed()
        #expect(!policy.noteDisagreement(market: "A", wholeBook: "a1"))
        #expect(policy.noteDisagreement(market: "A", wholeBook: "a2"))
    }

    @Test func oneTokensWholeBookTwice_isOneToken() {
        let policy = agreed()
        for _ in 0..<10 { #expect(!policy.noteDisagreement(market: "A", wholeBook: "a1")) }
    }

    @Test func agreementBetween_startsTheCountAnew() {
        let policy = agreed()
        _ = policy.noteDisagreement(market: "A", wholeBook: "a1")
        #expect(policy.isInDoubt)
        policy.noteAgreement(market: "B", at: at(2))
        #expect(!policy.isInDoubt)
        #expect(!policy.noteDisagreement(market: "A", wholeBook: "a2"))
    }

    @Test func whereNothingEverAgreed_twentyDisagreementsSwitchOff() {
        let policy = WatchedPolicy()
        for number in 1..<20 { #expect(!policy.noteDisagreement(market: "\(number)", wholeBook: number % 2 == 0 ? "\(number)" : nil)) }
        #expect(policy.noteDisagreement(market: "A", wholeBook: nil))
        #expect(policy.isOff)
    }

    @Test func switchedOnAgain_countsFromZero() {
        let policy = agreed()
        _ = policy.noteDisagreement(market: "A", wholeBook: "a1")
        #expect(policy.noteDisagreement(market: "A", wholeBook: "a2"))
        policy.switchOn()
        #expect(!policy.isOff && !policy.isInDoubt)
        #expect(!policy.noteDisagreement(market: "A", wholeBook: "a1"))
    }

    @Test func onlyAnotherMarketsAgreement_speaksForTheRecipe() {
        let policy = agreed()
        #expect(!policy.hasAgreed(otherThan: "A", since: at(0)))
        #expect(policy.hasAgreed(otherThan: "B", since: at(1)))
        #expect(!policy.hasAgreed(otherThan: "B", since: at(2)))
        policy.noteAgreement(market: "B", at: at(3))
        policy.noteAgreement(market: "B", at: at(4))
        #expect(policy.hasAgreed(otherThan: "B", since: at(1)) && !policy.hasAgreed(otherThan: "B", since: at(2)))
        #expect(policy.hasAgreed(otherThan: "A", since: at(4)) && policy.hasAgreed(otherThan: "C", since: at(4)))
        policy.noteAgreement(market: "A", at: at(5))
        #expect(policy.hasAgreed(otherThan: "B", since: at(5)) && policy.hasAgreed(otherThan: "A", since: at(4)))
    }
}
