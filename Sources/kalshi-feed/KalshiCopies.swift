import FeedSession
import MarketModel

/// Tells copies from news where several connections carry one book: the changes that counted, the book's state before and after each, and
/// how far along them each connection is.
///
/// The connections send the same changes in the same order, and each one's sequence shows that nothing is missing. So a connection's next
/// message must be the change that follows its place, or news if nothing follows. Where a connection joins with a whole book, its place is
/// where the book was like that. That may be several places (an order that came and went leaves no trace); the next message tells which.
/// A connection that has come further than all others has no place yet: its own book is followed until ours is like it. That it is not
/// behind instead follows from when it was opened: what the venue says there is not older than what we knew by then; or from the venue's
/// times.
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
        /// The state of its own book, while that is followed beside ours; nil once its place is certain, or lost.
        var own: UInt64?
        /// What it says is not older than where our order of changes begins, and was found nowhere in it.
        var isYoung: Bool
        /// Its last change since its whole book.
        var last: (key: UInt64, time: Timestamp)?
        /// How many of its messages in a row were where they had to be.
        var proofs = 0
        /// The venue's time of the first change that it said without a place; nil while it has one.
        var lostSince: Timestamp?

        /// It is behind the change before this one, and nowhere else.
        mutating func stand(at number: Int) {
            if candidates.count == 1 { candidates[0] = number } else { candidates = [number] }
            lostSince = nil
        }
    }

    /// So many messages in the right places are no accident.
    private static let proofsMax = 8
    /// How long the others may be behind a connection before the book goes on with its own.
    private static let lagMicros: Int64 = 1_000_000

    private var keys: [UInt64] = []
    /// `states[i]` is the book before `keys[i]`; the last one is the book now.
    private var states: [UInt64]
    /// The number of `keys[0]`.
    private var base = 0
    private var places: [Place]
    /// The venue's time of the last change that counted; nil where none did since the book began.
    private var time: Timestamp?
    /// When the first of `states` was already ours.
    private var begun: Timestamp

    /// The book begins with what a connection said.
    init(conn: Int64, state: UInt64, at time: Timestamp) {
        states = [state]
        begun = time
        places = [Place(conn: conn, candidates: [0], isYoung: false)]
    }

    private var head: Int { base + keys.count }

    /// Whether the connection has said all that counted.
    func isAtHead(_ conn: Int64) -> Bool { places.contains { $0.conn == conn && $0.candidates == [head] } }

    /// Whether the connection can carry the book on: its next message will be understood.
    func isPlaced(_ conn: Int64) -> Bool { places.contains { $0.conn == conn && !$0.candidates.isEmpty } }

    /// Whether a whole book that a connection says now is the one that we have of it there; nil where its place is not known.
    func agrees(_ state: UInt64, conn: Int64) -> Bool? {
        guard let place = places.first(where: { $0.conn == conn }) else { return nil }
        if let own = place.own { return own == state }
        guard place.candidates.count == 1 else { return nil }
        return states[place.candidates[0] - base] == state
    }

    /// Another connection whose next message will be understood; the one that is the furthest.
    func standIn(for conn: Int64) -> Int64? {
        places.filter { $0.conn != conn && !$0.candidates.isEmpty }
            .max { ($0.candidates.last ?? 0, $1.conn) < ($1.candidates.last ?? 0, $0.conn) }?.conn
    }

    /// The book begins anew with what a connection said. How far the others are is not known.
    mutating func startOver(with conn: Int64, state: UInt64, at time: Timestamp) {
        base = head
        begun = time
        keys.removeAll(keepingCapacity: true)
        states = [state]
        self.time = nil
        for index in places.indices {
            places[index].candidates = []
            places[index].own = nil
        }
        set(Place(conn: conn, candidates: [base], isYoung: false))
    }

    /// A connection has said a whole book, which is followed as its own until `isSettled`.
    ///
    /// - Parameter opened: When the connection was.
    mutating func join(_ conn: Int64, state: UInt64, opened: Timestamp) {
        let candidates = states.indices.filter { states[$0] == state }.map { base + $0 }
        set(Place(conn: conn, candidates: candidates, own: state, isYoung: opened >= begun))
    }

    /// A level of a connection's own book is another now: call it with each of its messages, before `judge`.
    mutating func follow(_ conn: Int64, change: UInt64) {
        guard let index = places.firstIndex(where: { $0.conn == conn }), let own = places[index].own else { return }
        places[index].own = own ^ change
    }

    /// Whether the connection's own book is followed, and has come further than all that counted.
    func isAhead(_ conn: Int64) -> Bool {
        guard let place = places.first(where: { $0.conn == conn }), place.candidates.isEmpty, place.own != nil else { return false }
        guard let last = place.last, let time else { return place.isYoung }
        return last.time > time || (place.isYoung && last.time == time)
    }

    /// Whether the connection has been ahead for so long that the others must be silent or slow.
    func isFarAhead(_ conn: Int64) -> Bool {
        guard let place = places.first(where: { $0.conn == conn }), let since = place.lostSince, let last = place.last else { return false }
        return last.time.micros(since: since) > KalshiCopies.lagMicros && isAhead(conn)
    }

    /// Whether the connection's own book need not be followed any more: its place was seen often enough, or is lost.
    mutating func isSettled(_ conn: Int64) -> Bool {
        guard let index = places.firstIndex(where: { $0.conn == conn }), places[index].own != nil else { return true }
        guard places[index].proofs >= KalshiCopies.proofsMax, places[index].candidates.count == 1 else { return false }
        places[index].own = nil
        return true
    }

    /// The connection does not carry the book any more.
    mutating func leave(_ conn: Int64) { places.removeAll { $0.conn == conn } }

    private mutating func set(_ place: Place) {
        if let index = places.firstIndex(where: { $0.conn == place.conn }) { places[index] = place } else { places.append(place) }
    }

    /// Judges a message. News is to be handed to `append` when it was applied.
    mutating func judge(_ key: UInt64, _ time: Timestamp?, from conn: Int64) -> Verdict {
        guard let index = places.firstIndex(where: { $0.conn == conn }) else { return .unplaced }
        places[index].last = time.map { (key, $0) }
        if places[index].candidates.isEmpty {
            places[index].lostSince = places[index].lostSince ?? time
            level(index)
            return .unplaced
        }
        if follows(key, index) {
            places[index].proofs += 1
            return .copy
        }
        if places[index].candidates.last == head, !isOld(time, index) { return .news }
        places[index].candidates = []
        guard places[index].own != nil else { return .torn }
        // It was at none of these places: the book had been the same once before, or has come to be the same once more; or another
        // connection has passed over changes that left no trace, and this one tells them.
        places[index].isYoung = false
        places[index].lostSince = time
        level(index)
        return .unplaced
    }

    /// Moves a connection behind the change that it has just said, if that follows one of the places where it may be.
    private mutating func follows(_ key: UInt64, _ index: Int) -> Bool {
        if places[index].candidates.count == 1 {
            let number = places[index].candidates[0]
            guard number < head, keys[number - base] == key else { return false }
            places[index].candidates[0] = number + 1
            return true
        }
        let followed = places[index].candidates.filter { $0 < head && keys[$0 - base] == key }
        guard !followed.isEmpty else { return false }
        places[index].candidates = followed.map { $0 + 1 }
        return true
    }

    /// Whether a connection, whose place is not certain, says what we must have had long since. Where the times do not tell, there is time to
    /// wait for a connection whose place is.
    private func isOld(_ said: Timestamp?, _ index: Int) -> Bool {
        let place = places[index]
        guard place.own != nil else { return false }
        if let said, let time, said != time { return said < time }
        return (time != nil || !place.isYoung) && places.contains { $0.conn != place.conn && !$0.candidates.isEmpty }
    }

    /// A connection without a place is level with us where the books are the same, unless its book is the older one.
    private mutating func level(_ index: Int) {
        places[index].proofs = 0
        guard places[index].own == state else { return }
        if places[index].isYoung { return places[index].stand(at: head) }
        guard let last = places[index].last, let time else { return }
        if last.time > time || (last.time == time && last.key == keys.last) { places[index].stand(at: head) }
    }

    /// A connection's message counted.
    mutating func append(_ key: UInt64, _ time: Timestamp?, state: UInt64, from conn: Int64, at now: Timestamp) {
        if keys.count == KalshiCopies.keysMax { forgetHalf(at: now) }
        keys.append(key)
        states.append(state)
        self.time = time
        for index in places.indices {
            if places[index].conn == conn {
                places[index].stand(at: head)
                places[index].proofs += 1
            } else if places[index].candidates.isEmpty, places[index].own == state {
                if places[index].last == nil { places[index].stand(at: head) } else { level(index) }
            }
        }
    }

    /// The book as it is now.
    var state: UInt64 { states[states.count - 1] }

    private mutating func forgetHalf(at now: Timestamp) {
        let count = KalshiCopies.keysMax / 2
        begun = now
        keys.removeFirst(count)
        states.removeFirst(count)
        base += count
        for index in places.indices where !places[index].candidates.isEmpty {
            places[index].candidates.removeAll { $0 < base }
            if places[index].candidates.isEmpty { places[index].own = nil }
        }
    }
}
