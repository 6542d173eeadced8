import TestSupport

@testable import FeedSession

/// One random life of a session, and a model of it that is a diary and a few searches in it: no state machine.
struct SessionWalk {
    struct Tally {
        var openings = 0, renewals = 0, renewed = 0, failedRenewals = 0, capped = 0, resets = 0, removals = 0
        var gaveUpCredentials = 0, gaveUpStart = 0, gaveUpFinal = 0

        mutating func add(_ other: Tally) {
            openings += other.openings
            renewals += other.renewals
            renewed += other.renewed
            failedRenewals += other.failedRenewals
            capped += other.capped
            resets += other.resets
            removals += other.removals
            gaveUpCredentials += other.gaveUpCredentials
            gaveUpStart += other.gaveUpStart
            gaveUpFinal += other.gaveUpFinal
        }
    }

    /// What is known of one socket, for ever.
    private struct Socket {
        let conn: Int64
        let slot: Int
        let startMicros: Int64
        var openedMicros: Int64?
        var firstDataMicros: Int64?
        var isLive = false
        var endMicros: Int64?
        var trouble: SocketTrouble?
    }

    private(set) var faults: [String] = []
    private(set) var tally = Tally()
    private(set) var isOver = false
    private var chance: SeededGenerator
    private var session: Session
    private let rotate: Int64?
    private var now: Int64 = 0
    private let start: Int64
    private var slots: [Int] = []
    /// When a slot without a socket may have its next one, and how many bad sockets it had in a row.
    private var due: [Int: Int64] = [:]
    private var badCount: [Int: Int] = [:]
    private var diary: [Socket] = []
    private var holdUntil = Int64.min
    /// Sockets end more often than they come up.
    private var isRough = false

    init(seed: UInt64) {
        chance = SeededGenerator(seed: seed)
        start = Int64(chance.below(1_000_000_000))
        now = start
        rotate = chance.chance(2) ? Int64(20_000_000 + chance.below(100_000_000)) : nil
        var rules = SessionRules()
        rules.rotateMicros = rotate
        session = Session(rules, at: start)
    }

    private mutating func check(_ isRight: Bool, _ words: String) {
        if !isRight { faults.append("\(now - start) µs: \(words)") }
    }

    private func up(_ slot: Int) -> [Socket] { diary.filter { $0.slot == slot && $0.endMicros == nil } }
    private var up: [Socket] { diary.filter { $0.endMicros == nil } }

    // MARK: Steps

    mutating func step() {
        now += pause()
        if chance.chance(isRough ? 60 : 400) { isRough.toggle() }
        switch isRough ? chance.below(4) + 13 : chance.below(24) {
        case 0: addSlot()
        case 1: if chance.chance(4) { removeSlot() }
        case 2...5: open()
        case 6...10: noteData()
        case 11...14: noteLive()
        case 15, 16: end()
        default: break
        }
        checkDeadline()
        takeOpenings()
    }

    private mutating func pause() -> Int64 {
        switch chance.below(4) {
        case 0: 0
        case 1: Int64(chance.below(1_500_000))
        case 2: Int64(chance.below(8_000_000))
        // Exactly when something is due.
        default: max(0, min((session.nextDeadlineMicros ?? now) - now, 40_000_000))
        }
    }

    private mutating func addSlot() {
        guard slots.count < 5 else { return }
        let slot = session.addSlot(at: now)
        check(!diary.contains { $0.slot == slot } && !slots.contains(slot), "slot \(slot) was used before")
        slots.append(slot)
        due[slot] = now
        badCount[slot] = 0
    }

    private mutating func removeSlot() {
        guard let slot = slots.isEmpty ? nil : chance.pick(slots) else { return }
        tally.removals += 1
        slots.removeAll { $0 == slot }
        due[slot] = nil
        let conns = session.removeSlot(slot)
        check(Set(conns) == Set(up(slot).map(\.conn)), "removal gives \(conns)")
        for conn in conns { ended(conn, SocketTrouble(.lost, "not wanted")) }
    }

    private mutating func open() {
        let opening = diary.indices.filter { diary[$0].endMicros == nil && diary[$0].openedMicros == nil }
        guard !opening.isEmpty else { return }
        let index = chance.pick(opening)
        diary[index].openedMicros = now
        session.opened(diary[index].conn, at: now)
    }

    private mutating func noteData() {
        let open = diary.indices.filter { diary[$0].endMicros == nil && diary[$0].openedMicros != nil }
        guard !open.isEmpty else { return }
        let index = chance.pick(open)
        diary[index].firstDataMicros = diary[index].firstDataMicros ?? now
        session.noteData(diary[index].conn, at: now)
    }

    private mutating func noteLive() {
        let open = diary.indices.filter { diary[$0].endMicros == nil && diary[$0].openedMicros != nil }
        guard !open.isEmpty else { return }
        let index = chance.pick(open)
        diary[index].isLive = true
        let old = session.noteLive(diary[index].conn)
        let expected = up(diary[index].slot).filter { $0.conn < diary[index].conn }.map(\.conn)
        check(Set(old) == Set(expected), "\(diary[index].conn) is live and ends \(old)")
        for conn in old {
            tally.renewed += 1
            ended(conn, SocketTrouble(.lost, "renewed"))
        }
        check(!up(diary[index].slot).contains { $0.conn < diary[index].conn }, "an older socket is kept after this one is live")
    }

    private mutating func end() {
        guard let socket = up.isEmpty ? nil : chance.pick(up) else { return }
        ended(socket.conn, trouble(socket))
    }

    private mutating func trouble(_ socket: Socket) -> SocketTrouble {
        if socket.openedMicros != nil { return SocketTrouble(chance.chance(400) ? .final : .lost, "gone") }
        let retryAfter: Int64? = chance.chance(3) ? Int64(chance.below(90_000_000)) : nil
        switch chance.below(16) {
        case 0: return SocketTrouble(.credentials, "401")
        case 1: return SocketTrouble(.untrusted, "expired")
        case 2...4: return SocketTrouble(.busy, "429", retryAfterMicros: retryAfter)
        case 5, 6: return SocketTrouble(.refusal, "502", retryAfterMicros: retryAfter)
        default: return SocketTrouble(.network, "no route")
        }
    }

    // MARK: What the session says

    private mutating func takeOpenings() {
        while let opening = session.takeOpening(at: now) {
            tally.openings += 1
            check(opening.conn == Int64(diary.count) + 1, "connection \(opening.conn) after \(diary.count)")
            if let last = diary.last { check(now - last.startMicros >= 1_000_000, "opened \(now - last.startMicros) µs after the last") }
            check(slots.contains(opening.slot), "opened for slot \(opening.slot), which is gone")
            let sockets = up(opening.slot)
            if sockets.isEmpty {
                check(now >= due[opening.slot] ?? .max, "slot \(opening.slot) opened before its time")
            } else {
                checkRenewal(sockets)
            }
            diary.append(Socket(conn: opening.conn, slot: opening.slot, startMicros: now))
            due[opening.slot] = nil
        }
    }

    private mutating func checkRenewal(_ sockets: [Socket]) {
        tally.renewals += 1
        check(sockets.count == 1, "a third socket for one slot")
        check(slots.allSatisfy { up($0).count == 1 } && up.count == slots.count, "renewed while another slot is not whole")
        check(up.allSatisfy(\.isLive), "renewed while a socket is not live")
        check(now >= holdUntil, "renewed too soon after a renewal that failed")
        let ages = up.map { now - ($0.openedMicros ?? now) }
        check(rotate.map { ages.max()! >= $0 } ?? false, "renewed too young")
        check(now - sockets[0].openedMicros! == ages.max()!, "the oldest is not the first")
    }

    private mutating func ended(_ conn: Int64, _ trouble: SocketTrouble) {
        let index = diary.firstIndex { $0.conn == conn }!
        let before = diary
        diary[index].endMicros = now
        diary[index].trouble = trouble
        let socket = diary[index]
        let outcome = session.ended(conn, trouble, at: now, random: &chance)
        guard slots.contains(socket.slot) else { return check(outcome == .nothing, "\(outcome) for a slot that is gone") }
        if let first = socket.firstDataMicros, now - first > 5_000_000 {
            if badCount[socket.slot]! > 0 { tally.resets += 1 }
            badCount[socket.slot] = 0
        }
        if let failure = expectedFailure(socket, trouble, before) {
            isOver = true
            return check(outcome == .giveUp(failure), "\(outcome) instead of \(failure)")
        }
        guard up(socket.slot).isEmpty else {
            if !socket.isLive {
                holdUntil = now + 30_000_000
                tally.failedRenewals += 1
            }
            return check(outcome == .nothing, "\(outcome) though the slot has another socket")
        }
        guard case .retry(let wait) = outcome else { return check(false, "\(outcome) instead of another try") }
        let least = max(trouble.retryAfterMicros ?? 0, trouble.kind == .busy ? 1_000_000 : 0)
        var range: Int64 = 250_000
        // A refused signature is made anew soon, however many tries went before.
        let doublings = trouble.kind == .credentials ? 2 : badCount[socket.slot]!
        for _ in 0..<doublings { range = min(range * 2, 30_000_000) }
        if range == 30_000_000 { tally.capped += 1 }
        check((least...least + range).contains(wait), "waits \(wait) µs, not \(least) and up to \(range) more")
        badCount[socket.slot]! += 1
        due[socket.slot] = now + wait
    }

    private mutating func expectedFailure(_ socket: Socket, _ trouble: SocketTrouble, _ before: [Socket]) -> SessionFailure? {
        switch trouble.kind {
        case .final:
            tally.gaveUpFinal += 1
            return .refused(trouble.words)
        case .credentials:
            // The last word about this slot before this one: another refusal of the credentials, and nothing that was up since.
            let ends = before.filter { $0.slot == socket.slot && $0.endMicros != nil }
            guard let last = ends.max(by: { ($0.endMicros!, $0.conn) < ($1.endMicros!, $1.conn) }), last.trouble?.kind == .credentials,
                !before.contains(where: { $0.slot == socket.slot && ($0.openedMicros ?? .min) > last.endMicros! })
            else { return nil }
            tally.gaveUpCredentials += 1
            return .credentialsRefused(trouble.words)
        default:
            guard !before.contains(where: { $0.openedMicros != nil }), trouble.retryAfterMicros == nil, now - start >= 10_000_000 else {
                return nil
            }
            tally.gaveUpStart += 1
            return trouble.kind == .network ? .noNetwork(trouble.words) : .neverOpened(trouble.words)
        }
    }

    /// The deadline is the first moment at which there is something to open: not one earlier, not one later.
    private mutating func checkDeadline() {
        var copy = session
        guard let deadline = session.nextDeadlineMicros else {
            return check(copy.takeOpening(at: now + 1_000_000_000_000) == nil, "something is due without a deadline")
        }
        if deadline > now { check(copy.takeOpening(at: deadline - 1) == nil, "due before its deadline") }
        check(copy.takeOpening(at: max(deadline, now)) != nil, "nothing is due at the deadline")
    }

    /// The network is well again: every slot gets a socket within a cap of the backoff and the longest Retry-After.
    mutating func healAll() {
        let end = now + 200_000_000
        while now < end, slots.contains(where: { up($0).isEmpty }) {
            now = max(now + 1, min(session.nextDeadlineMicros ?? end, end))
            takeOpenings()
        }
        check(slots.allSatisfy { !up($0).isEmpty }, "a slot has no socket long after all is well")
    }
}
