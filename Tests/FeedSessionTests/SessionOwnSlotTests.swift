import FeedSession
import Testing

@Suite struct SessionOwnSlotTests {
    /// A key that the venue refuses behind the upgrade: the socket is up each time.
    @Test func refusedTwiceInARow_thoughTheSocketWasUp_givesUp_unlessItWasLiveBetween() {
        var random = SystemRandomNumberGenerator()
        var session = Session(SessionRules(), at: 0)
        let slot = session.addSlot(at: 0)
        let refusal = SocketTrouble(.credentials, "no")
        var now: Int64 = 0
        func next() -> Int64 {
            now += 60_000_000
            let opening = session.takeOpening(at: now)
            #expect(opening?.slot == slot)
            session.opened(opening?.conn ?? 0, at: now)
            return opening?.conn ?? 0
        }
        let first = next()
        _ = session.ended(first, refusal, at: now, random: &random)
        let second = next()
        _ = session.noteLive(second)
        guard case .retry = session.ended(second, refusal, at: now, random: &random) else { return #expect(Bool(false)) }
        let third = next()
        #expect(session.ended(third, refusal, at: now, random: &random) == .giveUp(.credentialsRefused("no")))
    }

    @Test func slotThatIsNotRenewed_isLeftAlone_andHoldsNobodyUp() {
        var rules = SessionRules()
        rules.rotateMicros = 10_000_000
        var session = Session(rules, at: 0)
        let market = session.addSlot(at: 0)
        _ = session.addSlot(at: 0, isRenewed: false)
        for now in [0, 1_000_000] as [Int64] {
            let conn = session.takeOpening(at: now)?.conn ?? 0
            session.opened(conn, at: now)
            // The own socket is up, and has not proved itself.
            if conn == 1 { _ = session.noteLive(conn) }
        }
        #expect(session.takeOpening(at: 9_999_999) == nil)
        #expect(session.takeOpening(at: 10_000_000)?.slot == market)
    }
}
