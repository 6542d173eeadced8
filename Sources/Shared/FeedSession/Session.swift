/// The chain of connections of one run, as rules without sockets: when to connect, how long to wait, when to give up.
///
/// A slot is a place for one socket; the venue decides how many there are. While a socket is renewed a slot has two: the next one
/// is opened before the old one is closed. All times are microseconds of a clock that only grows; chance is handed in.
public struct Session: Sendable {
    /// What is to be done now.
    public struct Opening: Equatable, Sendable {
        public let slot: Int
        public let conn: Int64
    }

    /// What follows from the end of a socket.
    public enum Outcome: Equatable, Sendable {
        /// The slot is tried again after so long.
        case retry(afterMicros: Int64)
        /// The slot has another socket, or is not wanted any more.
        case nothing
        /// The run is over.
        case giveUp(SessionFailure)
    }

    private struct Connection {
        let conn: Int64
        let slot: Int
        var openedMicros: Int64?
        var firstDataMicros: Int64?
        var isLive = false
    }

    private struct Slot {
        let id: Int
        let isRenewed: Bool
        /// When to open the next socket; nil while one is being opened or is open.
        var dueMicros: Int64?
        /// Sockets in a row that were no good.
        var failureCount = 0
        var wasCredentialsRefused = false
    }

    private let rules: SessionRules
    private let startMicros: Int64
    private var slots: [Slot] = []
    private var connections: [Connection] = []
    private var lastSlot = 0
    private var lastConn: Int64 = 0
    /// When the last socket was opened: the next one comes later by `openSpacingMicros`.
    private var lastOpeningMicros: Int64?
    private var wasEverOpen = false
    /// After a renewal that failed the old sockets are left as they are until then.
    private var rotationHoldMicros = Int64.min

    public init(_ rules: SessionRules, at nowMicros: Int64) {
        self.rules = rules
        startMicros = nowMicros
    }

    // MARK: Slots

    /// A new place for a socket, to be opened as soon as the spacing allows.
    ///
    /// - Parameter isRenewed: whether its sockets are renewed by `rotateMicros`.
    public mutating func addSlot(at nowMicros: Int64, isRenewed: Bool = true) -> Int {
        lastSlot += 1
        slots.append(Slot(id: lastSlot, isRenewed: isRenewed, dueMicros: nowMicros))
        return lastSlot
    }

    /// The slot is not wanted any more; gives its sockets, which are to be closed.
    public mutating func removeSlot(_ id: Int) -> [Int64] {
        slots.removeAll { $0.id == id }
        return connections.filter { $0.slot == id }.map(\.conn)
    }

    public var slotCount: Int { slots.count }

    /// The number of the socket that was tried last; nil before the first.
    public var latestConn: Int64? { lastConn > 0 ? lastConn : nil }

    /// The slot of a socket; nil for one that is unknown or whose slot is gone.
    public func slot(of conn: Int64) -> Int? {
        guard let slot = connections.first(where: { $0.conn == conn })?.slot else { return nil }
        return slots.contains { $0.id == slot } ? slot : nil
    }

    // MARK: What is due

    /// The next socket to open, if one is due. Call until it gives nil.
    public mutating func takeOpening(at nowMicros: Int64) -> Opening? {
        if let last = lastOpeningMicros, nowMicros < last + rules.openSpacingMicros { return nil }
        guard let index = dueSlot(at: nowMicros) ?? rotatingSlot(at: nowMicros) else { return nil }
        slots[index].dueMicros = nil
        lastOpeningMicros = nowMicros
        lastConn += 1
        connections.append(Connection(conn: lastConn, slot: slots[index].id))
        return Opening(slot: slots[index].id, conn: lastConn)
    }

    private func dueSlot(at nowMicros: Int64) -> Int? {
        let due = slots.indices.filter { slots[$0].dueMicros.map { $0 <= nowMicros } ?? false }
        return due.min { (slots[$0].dueMicros ?? 0, $0) < (slots[$1].dueMicros ?? 0, $1) }
    }

    /// The slot whose socket is the oldest beyond `rotateMicros`, if no other socket is being renewed: one by one.
    private func rotatingSlot(at nowMicros: Int64) -> Int? {
        guard let oldest = oldestRotation, oldest.dueMicros <= nowMicros else { return nil }
        return slots.firstIndex { $0.id == oldest.slot }
    }

    private var oldestRotation: (slot: Int, dueMicros: Int64)? {
        guard let rotate = rules.rotateMicros else { return nil }
        let renewed = slots.filter(\.isRenewed)
        let sockets = connections.filter { socket in renewed.contains { $0.id == socket.slot } }
        guard renewed.allSatisfy({ $0.dueMicros == nil }), sockets.count == renewed.count, sockets.allSatisfy({ $0.isLive }) else {
            return nil
        }
        let ages = sockets.compactMap { entry in entry.openedMicros.map { (slot: entry.slot, dueMicros: $0 + rotate) } }
        return ages.min { $0.dueMicros < $1.dueMicros }.map { (slot: $0.slot, dueMicros: max($0.dueMicros, rotationHoldMicros)) }
    }

    /// When `takeOpening` may have something to give; nil for never.
    public var nextDeadlineMicros: Int64? {
        let due = [slots.compactMap(\.dueMicros).min(), oldestRotation?.dueMicros].compactMap { $0 }.min()
        guard let due else { return nil }
        return max(due, lastOpeningMicros.map { $0 + rules.openSpacingMicros } ?? due)
    }

    // MARK: What happened

    public mutating func opened(_ conn: Int64, at nowMicros: Int64) {
        wasEverOpen = true
        guard let index = connections.firstIndex(where: { $0.conn == conn }) else { return }
        connections[index].openedMicros = nowMicros
    }

    /// Data came; a heartbeat is none.
    public mutating func noteData(_ conn: Int64, at nowMicros: Int64) {
        guard let index = connections.firstIndex(where: { $0.conn == conn }), connections[index].firstDataMicros == nil else { return }
        connections[index].firstDataMicros = nowMicros
    }

    /// All that was asked for has come on `conn`; gives the older sockets of its slot, which are to be closed.
    public mutating func noteLive(_ conn: Int64) -> [Int64] {
        guard let index = connections.firstIndex(where: { $0.conn == conn }) else { return [] }
        connections[index].isLive = true
        let slot = connections[index].slot
        if let place = slots.firstIndex(where: { $0.id == slot }) { slots[place].wasCredentialsRefused = false }
        return connections.filter { $0.slot == slot && $0.conn < conn }.map(\.conn)
    }

    /// A socket is gone, or never came to be.
    ///
    /// - Parameter random: the chance of full jitter.
    public mutating func ended(
        _ conn: Int64, _ trouble: SocketTrouble, at nowMicros: Int64, random: inout some RandomNumberGenerator
    ) -> Outcome {
        guard let index = connections.firstIndex(where: { $0.conn == conn }) else { return .nothing }
        let gone = connections.remove(at: index)
        guard let slot = slots.firstIndex(where: { $0.id == gone.slot }) else { return .nothing }
        if isGood(gone, at: nowMicros) { slots[slot].failureCount = 0 }
        if let failure = failure(trouble, slot, at: nowMicros) { return .giveUp(failure) }
        // The slot has another socket: a renewed one, or the one that renews.
        if connections.contains(where: { $0.slot == gone.slot }) {
            if !gone.isLive { rotationHoldMicros = nowMicros + rules.backoff.microsMax }
            return .nothing
        }
        let wait = wait(trouble, slots[slot].failureCount, &random)
        slots[slot].failureCount += 1
        slots[slot].dueMicros = nowMicros + wait
        return .retry(afterMicros: wait)
    }

    /// Only good data for a while proves that connecting again at once does no harm (a server that accepts and resets does).
    private func isGood(_ connection: Connection, at nowMicros: Int64) -> Bool {
        connection.firstDataMicros.map { nowMicros - $0 > rules.goodDataMicros } ?? false
    }

    private mutating func failure(_ trouble: SocketTrouble, _ slot: Int, at nowMicros: Int64) -> SessionFailure? {
        switch trouble.kind {
        case .credentials:
            // One more try with a fresh signature: the clock may have been off.
            if slots[slot].wasCredentialsRefused { return .credentialsRefused(trouble.words) }
            slots[slot].wasCredentialsRefused = true
            return nil
        case .final:
            return .refused(trouble.words)
        case .network, .untrusted, .refusal, .busy, .lost:
            slots[slot].wasCredentialsRefused = false
            guard !wasEverOpen, trouble.retryAfterMicros == nil, nowMicros - startMicros >= rules.startPatienceMicros else { return nil }
            return trouble.kind == .network ? .noNetwork(trouble.words) : .neverOpened(trouble.words)
        }
    }

    /// Full jitter, not below what the server asked for.
    private func wait(_ trouble: SocketTrouble, _ failures: Int, _ random: inout some RandomNumberGenerator) -> Int64 {
        // A refused signature is made anew soon: what was wrong with it is either over or stays.
        let jitter = Backoff.micros(failures: trouble.kind == .credentials ? 2 : failures, rules.backoff, random: &random)
        let least = max(trouble.retryAfterMicros ?? 0, trouble.kind == .busy ? rules.busyMicrosMin : 0)
        return least + jitter
    }
}
