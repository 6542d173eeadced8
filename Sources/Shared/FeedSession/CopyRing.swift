/// Tells copies from news where several connections carry the same messages about one instrument: the first arrival counts.
///
/// A message is known by a key over all that it says. The keys of the messages that counted are kept in their order; each connection
/// has a place in that order, behind its last message. What a connection says is looked for from its place on, so that two equal
/// messages of one connection are two, and its copy of either is none.
public struct CopyRing: Sendable {
    /// What a message is.
    public enum Verdict: Equatable, Sendable {
        /// Nobody has said it before, and its connection has said everything that the others have.
        case news
        /// Another connection has said it.
        case copy
        /// The connection's place is not known yet, and the message does not tell it.
        case unplaced
        /// The connection is behind the others and says what they did not: one of them has lost something.
        case torn
    }

    /// Copies come within seconds; a connection that is further behind has lost its place.
    static let countMax = 512

    private struct Place {
        let conn: Int64
        /// The number of the message that it is to say next; nil where that is not known.
        var next: Int?
    }

    /// Whether a key that was seen lately is a repetition wherever its connection stands: for messages that are never the same twice.
    private let dropsRepetitions: Bool
    private var keys: [UInt64] = []
    /// The number of `keys[0]`.
    private var base = 0
    private var places: [Place] = []

    public init(dropsRepetitions: Bool) {
        self.dropsRepetitions = dropsRepetitions
    }

    private var head: Int { base + keys.count }

    // MARK: Connections

    /// The connections that carry the instrument.
    public var conns: [Int64] { places.map(\.conn) }

    /// Whether no other connection than this one carries it.
    public func isAlone(_ conn: Int64) -> Bool { places.count == 1 && places[0].conn == conn }

    public func contains(_ conn: Int64) -> Bool { places.contains { $0.conn == conn } }

    /// Whether what the connection says can be put in order.
    public func isPlaced(_ conn: Int64) -> Bool { places.contains { $0.conn == conn && $0.next != nil } }

    /// Whether the connection has said all that counted.
    public func isAtHead(_ conn: Int64) -> Bool { places.contains { $0.conn == conn && $0.next == head } }

    /// A connection other than `conn` whose place is known; the one that is the furthest.
    public func standIn(for conn: Int64) -> Int64? {
        places.filter { $0.conn != conn && $0.next != nil }.max { ($0.next ?? 0, $1.conn) < ($1.next ?? 0, $0.conn) }?.conn
    }

    /// The connection stands where the last message is; the others keep their places.
    public mutating func place(_ conn: Int64) { set(conn, head) }

    /// The connection carries the instrument too, from a place that is yet to be found.
    public mutating func join(_ conn: Int64) { set(conn, nil) }

    /// The connection has lost something: its place is to be found anew.
    public mutating func lose(_ conn: Int64) {
        if contains(conn) { set(conn, nil) }
    }

    /// The connection is gone, or does not carry the instrument any more.
    public mutating func leave(_ conn: Int64) { places.removeAll { $0.conn == conn } }

    /// The book begins anew with what `conn` said: it stands at the beginning, and nobody else's place is known.
    public mutating func startOver(with conn: Int64) {
        base += keys.count
        keys.removeAll(keepingCapacity: true)
        for index in places.indices { places[index].next = nil }
        set(conn, head)
    }

    private mutating func set(_ conn: Int64, _ next: Int?) {
        if let index = places.firstIndex(where: { $0.conn == conn }) {
            places[index].next = next
        } else {
            places.append(Place(conn: conn, next: next))
        }
    }

    // MARK: Messages

    /// Judges a message and, if it is news, remembers it.
    public mutating func take(_ key: UInt64, from conn: Int64) -> Verdict {
        guard let index = places.firstIndex(where: { $0.conn == conn }) else { return .unplaced }
        if let next = places[index].next, next < base { places[index].next = nil }
        guard let next = places[index].next else {
            guard let found = find(key, from: base) else { return .unplaced }
            places[index].next = found + 1
            return .copy
        }
        if let found = find(key, from: next) {
            places[index].next = found + 1
            return .copy
        }
        if dropsRepetitions, find(key, from: base) != nil { return .copy }
        guard next == head else { return .torn }
        append(key)
        places[index].next = head
        return .news
    }

    /// The same for messages that stand alone, such as trades: whatever nobody has said is news, from wherever it comes.
    public mutating func takeAlone(_ key: UInt64, from conn: Int64) -> Bool {
        if !contains(conn) { join(conn) }
        switch take(key, from: conn) {
        case .news: return true
        case .copy: return false
        case .unplaced:
            append(key)
            place(conn)
            return true
        case .torn:
            // Told late; where the others tell it too, they find it behind the place where they stand.
            append(key)
            return true
        }
    }

    private func find(_ key: UInt64, from number: Int) -> Int? {
        let start = max(number, base) - base
        guard start < keys.count else { return nil }
        return keys.withUnsafeBufferPointer { keys in
            for index in start..<keys.count where keys[index] == key { return base + index }
            return nil
        }
    }

    private mutating func append(_ key: UInt64) {
        if keys.count == CopyRing.countMax {
            keys.removeFirst(CopyRing.countMax / 2)
            base += CopyRing.countMax / 2
        }
        keys.append(key)
    }
}
