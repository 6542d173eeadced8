import FeedSession
import MarketModel

/// Tells copies from news where several connections carry one book: the changes that counted, the book's state before and after each, and
/// how far along them each connection is.
///
/// The connections send the same changes in the same order, and each one's sequence shows that nothing is missing. So a connection's next
/// message must be the change that follows its place, or news if nothing follows. Where a connection joins with a whole book, its place is
/// where the book was like that. That may be several places (an order that came and went leaves no trace); the next message tells which.
///
/// It stands for `CopyRing` here because Kalshi's changes are relative: one that is applied twice is wrong for ever.
struct KalshiCopies {
    enum Verdict: Equatable {
        /// Nobody has said it before.
        case news
        case copy
        /// It is not known how far the connection is.
        case unplaced
        /// The connection says something else than the others at the same place.
        case torn
    }

    /// Copies come within seconds; a connection that is further behind has lost its place.
    private static let keysMax = 512

    private struct Place {
        let conn: Int64
        /// The numbers of the change that it may say next, rising; none where that is not known.
        var candidates: [Int]
        /// Its whole book, which none of ours was yet: it is ahead. Nothing more if it has spoken since.
        var awaited: UInt64?
    }

    private var keys: [UInt64] = []
    /// `states[i]` is the book before `keys[i]`; the last one is the book now.
    private var states: [UInt64]
    /// The number of `keys[0]`.
    private var base = 0
    private var places: [Place]

    /// The book begins with what a connection said.
    init(conn: Int64, state: UInt64) {
        states = [state]
        places = [Place(conn: conn, candidates: [0])]
    }

    private var head: Int { base + keys.count }

    /// Whether the connection has said all that counted.
    func isAtHead(_ conn: Int64) -> Bool { places.contains { $0.conn == conn && $0.candidates == [head] } }

    /// Whether the connection can carry the book on: its next message will be understood.
    func isPlaced(_ conn: Int64) -> Bool { places.contains { $0.conn == conn && !$0.candidates.isEmpty } }

    /// Whether a whole book that a connection says now is the one that we have of it there; nil where its place is not known.
    func agrees(_ state: UInt64, conn: Int64) -> Bool? {
        guard let place = places.first(where: { $0.conn == conn }), place.candidates.count == 1 else { return nil }
        return states[place.candidates[0] - base] == state
    }

    /// Another connection whose next message will be understood; the one that is the furthest.
    func standIn(for conn: Int64) -> Int64? {
        places.filter { $0.conn != conn && !$0.candidates.isEmpty }
            .max { ($0.candidates.last ?? 0, $1.conn) < ($1.candidates.last ?? 0, $0.conn) }?.conn
    }

    /// The book begins anew with what a connection said. How far the others are is not known.
    mutating func startOver(with conn: Int64, state: UInt64) {
        base = head
        keys.removeAll(keepingCapacity: true)
        states = [state]
        for index in places.indices {
            places[index].candidates = []
            places[index].awaited = nil
        }
        set(Place(conn: conn, candidates: [base]))
    }

    /// A connection has said a whole book.
    mutating func join(_ conn: Int64, state: UInt64) {
        let candidates = states.indices.filter { states[$0] == state }.map { base + $0 }
        set(Place(conn: conn, candidates: candidates, awaited: candidates.isEmpty ? state : nil))
    }

    /// The connection does not carry the book any more.
    mutating func leave(_ conn: Int64) { places.removeAll { $0.conn == conn } }

    private mutating func set(_ place: Place) {
        if let index = places.firstIndex(where: { $0.conn == place.conn }) { places[index] = place } else { places.append(place) }
    }

    /// Judges a message. News is to be handed to `append` when it was applied.
    mutating func judge(_ key: UInt64, from conn: Int64) -> Verdict {
        guard let index = places.firstIndex(where: { $0.conn == conn }) else { return .unplaced }
        if places[index].candidates.isEmpty {
            places[index].awaited = nil
            return .unplaced
        }
        var followed: [Int] = []
        for candidate in places[index].candidates where candidate < head && keys[candidate - base] == key { followed.append(candidate + 1) }
        if !followed.isEmpty {
            places[index].candidates = followed
            return .copy
        }
        if places[index].candidates.last == head { return .news }
        places[index].candidates = []
        return .torn
    }

    /// A connection's message counted.
    mutating func append(_ key: UInt64, state: UInt64, from conn: Int64) {
        if keys.count == KalshiCopies.keysMax { forgetHalf() }
        keys.append(key)
        states.append(state)
        set(Place(conn: conn, candidates: [head]))
        for index in places.indices where places[index].awaited == state {
            places[index].awaited = nil
            places[index].candidates = [head]
        }
    }

    /// The book as it is now.
    var state: UInt64 { states[states.count - 1] }

    private mutating func forgetHalf() {
        let count = KalshiCopies.keysMax / 2
        keys.removeFirst(count)
        states.removeFirst(count)
        base += count
        for index in places.indices { places[index].candidates.removeAll { $0 < base } }
    }

    // MARK: States

    /// A number over a whole book: equal books have equal ones, and others almost never.
    static func state(_ book: OrderBook) -> UInt64 {
        var state: UInt64 = 0
        for level in book.bids.bestFirst { state ^= self.state(.bid, level) }
        for level in book.asks.bestFirst { state ^= self.state(.ask, level) }
        return state
    }

    /// What one level adds to the number, or takes from it.
    @inline(__always)
    static func state(_ side: Side, _ level: Level) -> UInt64 {
        guard level.size > .zero else { return 0 }
        var key = MessageKey()
        key.add(side == .bid ? 1 : 2)
        key.add(UInt64(bitPattern: level.price.millionths))
        key.add(UInt64(bitPattern: level.size.millionths))
        return key.value
    }
}
