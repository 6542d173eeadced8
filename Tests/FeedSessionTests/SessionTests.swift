import TestSupport
import Testing

@testable import FeedSession

/// The rules of connecting, one by one; `SessionWalkTests` holds them against each other.
@Suite struct SessionTests {
    private static let second: Int64 = 1_000_000

    private var chance = SeededGenerator(seed: 7)
    private let lost = SocketTrouble(.lost, "gone")

    private func session(rotate: Int64? = nil, at time: Int64 = 0) -> Session {
        var rules = SessionRules()
        rules.rotateMicros = rotate
        return Session(rules, at: time)
    }

    /// Ends a socket and gives how long the session waits; -1 where it does not try again.
    private mutating func wait(_ session: inout Session, _ conn: Int64, _ trouble: SocketTrouble, at time: Int64) -> Int64 {
        guard case .retry(let micros) = session.ended(conn, trouble, at: time, random: &chance) else { return -1 }
        return micros
    }

    // MARK: Opening

    @Test func slots_areOpenedOneASecond_inTheirOrder_withRisingNumbers() {
        var session = session()
        let slots = (0..<3).map { _ in session.addSlot(at: 0) }
        #expect(session.slotCount == 3 && Set(slots).count == 3)
        #expect(session.takeOpening(at: 0) == .init(slot: slots[0], conn: 1))
        #expect(session.takeOpening(at: 0) == nil)
        #expect(session.nextDeadlineMicros == 1_000_000)
        #expect(session.takeOpening(at: 999_999) == nil)
        #expect(session.takeOpening(at: 1_000_000) == .init(slot: slots[1], conn: 2))
        #expect(session.takeOpening(at: 5_000_000) == .init(slot: slots[2], conn: 3))
        #expect(session.takeOpening(at: 9_000_000) == nil)
        #expect(session.nextDeadlineMicros == nil)
    }

    @Test func slotOfAConnection_isKnownUntilTheSlotIsRemoved() {
        var session = session()
        let slot = session.addSlot(at: 0)
        _ = session.takeOpening(at: 0)
        #expect(session.slot(of: 1) == slot && session.slot(of: 2) == nil)
        #expect(session.removeSlot(slot) == [1])
        #expect(session.slot(of: 1) == nil && session.slotCount == 0)
    }

    @Test mutating func removedSlot_isNeverTriedAgain_whateverItsSocketEndsWith() {
        for kind in [SocketTrouble.Kind.network, .untrusted, .credentials, .refusal, .busy, .lost, .final] {
            var session = session()
            let slot = session.addSlot(at: 0)
            _ = session.takeOpening(at: 0)
            #expect(session.removeSlot(slot) == [1])
            #expect(session.ended(1, SocketTrouble(kind, "x"), at: 60_000_000, random: &chance) == .nothing)
            #expect(session.takeOpening(at: 99_000_000) == nil && session.nextDeadlineMicros == nil)
        }
    }

    @Test func slotRemovedBeforeItsTurn_isNotOpened() {
        var session = session()
        let slot = session.addSlot(at: 0)
        #expect(session.removeSlot(slot).isEmpty)
        #expect(session.takeOpening(at: 0) == nil)
    }

    // MARK: Waiting

    @Test mutating func waits_growWithEachFailure_andAreSmallAgainAfterGoodDataOnly() {
        var session = session()
        _ = session.addSlot(at: 0)
        var time: Int64 = 0
        func connect(_ session: inout Session) -> Int64 {
            time = max(time, session.nextDeadlineMicros ?? time)
            let conn = session.takeOpening(at: time)!.conn
            session.opened(conn, at: time)
            return conn
        }
        // A server that accepts, sends something, and resets: accepting proves nothing.
        var longest: Int64 = 0
        for _ in 0..<40 {
            let conn = connect(&session)
            session.noteData(conn, at: time)
            time += 5_000_000
            longest = max(longest, wait(&session, conn, lost, at: time))
        }
        #expect(longest > 20_000_000 && longest <= 30_000_000)
        let conn = connect(&session)
        session.noteData(conn, at: time)
        session.noteData(conn, at: time + 5_000_000)
        time += 5_000_001
        #expect((0...250_000).contains(wait(&session, conn, lost, at: time)))
    }

    @Test mutating func heartbeatsForHours_areNoGoodData() {
        var session = session()
        _ = session.addSlot(at: 0)
        var waits: [Int64] = []
        var time: Int64 = 0
        for _ in 0..<12 {
            time = max(time, session.nextDeadlineMicros ?? time)
            let conn = session.takeOpening(at: time)!.conn
            session.opened(conn, at: time)
            time += 7_200 * SessionTests.second
            waits.append(wait(&session, conn, lost, at: time))
        }
        #expect(waits.max()! > 2_000_000)
    }

    @Test mutating func retryAfter_isTheLeastWait() {
        var session = session()
        _ = session.addSlot(at: 0)
        _ = session.takeOpening(at: 0)
        let micros = wait(&session, 1, SocketTrouble(.busy, "429", retryAfterMicros: 20_000_000), at: 0)
        #expect((20_000_000...20_250_000).contains(micros))
        #expect(session.nextDeadlineMicros == micros)
        #expect(session.takeOpening(at: micros - 1) == nil)
        #expect(session.takeOpening(at: micros)?.conn == 2)
    }

    @Test mutating func busyServerThatSaysNoTime_isLeftAloneForASecond() {
        for seed in 0..<50 {
            chance = SeededGenerator(seed: UInt64(seed))
            var session = session()
            _ = session.addSlot(at: 0)
            _ = session.takeOpening(at: 0)
            #expect((1_000_000...1_250_000).contains(wait(&session, 1, SocketTrouble(.busy, "429"), at: 0)))
        }
    }

    // MARK: Giving up

    @Test mutating func credentialsRefusedTwiceInARow_endTheRun() {
        var session = session()
        _ = session.addSlot(at: 0)
        _ = session.takeOpening(at: 0)
        #expect(wait(&session, 1, SocketTrouble(.credentials, "401"), at: 0) >= 0)
        #expect(session.takeOpening(at: 2_000_000)?.conn == 2)
        #expect(
            session.ended(2, SocketTrouble(.credentials, "401 again"), at: 2_000_000, random: &chance)
                == .giveUp(.credentialsRefused("401 again")))
        #expect(SessionFailure.credentialsRefused("x").toolFailure.status == .credentialsRefused)
    }

    @Test mutating func credentialsRefused_butTakenInBetween_isNotTwiceInARow() {
        for isOpened in [true, false] {
            var session = session()
            _ = session.addSlot(at: 0)
            _ = session.takeOpening(at: 0)
            _ = wait(&session, 1, SocketTrouble(.credentials, "401"), at: 0)
            _ = session.takeOpening(at: 2_000_000)
            if isOpened { session.opened(2, at: 2_000_000) }
            #expect(wait(&session, 2, isOpened ? lost : SocketTrouble(.refusal, "502"), at: 3_000_000) >= 0)
            _ = session.takeOpening(at: 9_000_000)
            #expect(wait(&session, 3, SocketTrouble(.credentials, "401"), at: 9_500_000) >= 0)
        }
    }

    @Test mutating func finalTrouble_endsTheRunAtOnce() {
        var session = session()
        _ = session.addSlot(at: 0)
        _ = session.takeOpening(at: 0)
        session.opened(1, at: 0)
        #expect(session.ended(1, SocketTrouble(.final, "no"), at: 1, random: &chance) == .giveUp(.refused("no")))
        #expect(SessionFailure.refused("no").toolFailure.status == .unavailable)
    }

    @Test mutating func startWithoutANetwork_isGivenUpAfterTenSeconds_andNamesTheDemo() {
        var session = session(at: 5_000_000)
        _ = session.addSlot(at: 5_000_000)
        _ = session.takeOpening(at: 5_000_000)
        #expect(wait(&session, 1, SocketTrouble(.network, "no route"), at: 14_999_999) >= 0)
        _ = session.takeOpening(at: 16_000_000)
        let outcome = session.ended(2, SocketTrouble(.network, "no route"), at: 16_000_000, random: &chance)
        #expect(outcome == .giveUp(.noNetwork("no route")))
        let failure = SessionFailure.noNetwork("no route").toolFailure
        #expect(failure.status == .unavailable && failure.message.contains("make demo") && !failure.message.contains("\n"))
    }

    @Test mutating func startAtAServerThatRefuses_isGivenUp_unlessItSaysWhenToComeAgain() {
        for (trouble, isGivenUp) in [
            (SocketTrouble(.refusal, "500"), true), (SocketTrouble(.untrusted, "expired"), true), (SocketTrouble(.busy, "429"), true),
            (SocketTrouble(.busy, "429", retryAfterMicros: 0), false),
        ] {
            var session = session()
            _ = session.addSlot(at: 0)
            _ = session.takeOpening(at: 0)
            let outcome = session.ended(1, trouble, at: 10_000_000, random: &chance)
            #expect((outcome == .giveUp(.neverOpened(trouble.words))) == isGivenUp, "\(trouble)")
        }
    }

    @Test mutating func networkLostLater_isRetriedForEver() {
        var session = session()
        _ = session.addSlot(at: 0)
        _ = session.takeOpening(at: 0)
        session.opened(1, at: 0)
        var (time, conn): (Int64, Int64) = (20_000_000, 1)
        for _ in 0..<500 {
            #expect(wait(&session, conn, SocketTrouble(.network, "no route"), at: time) >= 0)
            time = max(time, session.nextDeadlineMicros!)
            conn = session.takeOpening(at: time)!.conn
        }
        #expect(conn == 501)
    }

    // MARK: Renewing

    /// Two slots whose sockets are live since 0 s and 1 s.
    private func twoLive(rotate: Int64) -> Session {
        var session = session(rotate: rotate)
        for (index, time) in [0, 1_000_000].enumerated() as EnumeratedSequence<[Int64]> {
            _ = session.addSlot(at: time)
            let conn = session.takeOpening(at: time)!.conn
            session.opened(conn, at: time)
            #expect(session.noteLive(conn).isEmpty && conn == Int64(index + 1))
        }
        return session
    }

    @Test mutating func renewal_opensTheNextSocketFirst_andEndsTheOldOneWhenItIsLive() {
        var session = twoLive(rotate: 60_000_000)
        #expect(session.nextDeadlineMicros == 60_000_000)
        #expect(session.takeOpening(at: 59_999_999) == nil)
        #expect(session.takeOpening(at: 60_000_000) == .init(slot: 1, conn: 3))
        // One by one: the second is older than a minute too, and waits.
        #expect(session.takeOpening(at: 75_000_000) == nil && session.nextDeadlineMicros == nil)
        session.opened(3, at: 75_000_000)
        #expect(session.takeOpening(at: 76_000_000) == nil)
        #expect(session.noteLive(3) == [1])
        #expect(session.ended(1, SocketTrouble(.lost, "renewed", code: 1000), at: 76_000_000, random: &chance) == .nothing)
        #expect(session.takeOpening(at: 76_000_000) == .init(slot: 2, conn: 4))
    }

    @Test mutating func renewalThatFails_leavesTheOldSocket_andIsTriedHalfAMinuteLater() {
        var session = twoLive(rotate: 60_000_000)
        _ = session.takeOpening(at: 60_000_000)
        #expect(session.ended(3, SocketTrouble(.busy, "429"), at: 61_000_000, random: &chance) == .nothing)
        #expect(session.takeOpening(at: 90_999_999) == nil)
        #expect(session.takeOpening(at: 91_000_000) == .init(slot: 1, conn: 4))
    }

    @Test mutating func oldSocketThatDiesDuringItsRenewal_isReplacedByIt_withoutAThird() {
        var session = twoLive(rotate: 60_000_000)
        _ = session.takeOpening(at: 60_000_000)
        #expect(session.ended(1, lost, at: 60_500_000, random: &chance) == .nothing)
        #expect(session.takeOpening(at: 200_000_000) == nil)
        session.opened(3, at: 61_000_000)
        #expect(session.noteLive(3).isEmpty)
    }

    @Test mutating func nothingIsRenewed_whileAnotherSocketIsDownOrNotLive() {
        var session = twoLive(rotate: 60_000_000)
        _ = wait(&session, 2, lost, at: 59_000_000)
        let due = session.nextDeadlineMicros!
        #expect(due < 60_000_000)
        #expect(session.takeOpening(at: 61_000_000)?.slot == 2)
        #expect(session.takeOpening(at: 70_000_000) == nil)
        session.opened(3, at: 71_000_000)
        #expect(session.takeOpening(at: 80_000_000) == nil)
        _ = session.noteLive(3)
        #expect(session.takeOpening(at: 80_000_000)?.slot == 1)
    }

    @Test func wordsAboutSocketsThatAreGone_changeNothing() {
        var session = session()
        session.noteData(9, at: 0)
        #expect(session.noteLive(9).isEmpty)
        #expect(session.nextDeadlineMicros == nil)
    }
}
