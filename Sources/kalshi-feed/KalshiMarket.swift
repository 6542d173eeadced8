import FeedSession
import MarketModel

/// One market of the venue: its YES side is our instrument.
///
/// Its book may be carried by several connections at a time: by two under `--redundant 2`, and while a socket is renewed. Each sends
/// the same changes; the first arrival counts (`KalshiCopies`).
final class KalshiMarket {
    /// A connection that has sent the whole book, and every change since.
    struct Carrier {
        let conn: Int64
        let sid: Int64
        /// When the connection last spoke of the book.
        var lastWord: Timestamp
    }

    /// Its place in the registry.
    let index: Int
    let instrument: FeedInstrument
    /// The series' ticker: what stands before the first `-`, until somebody tells better.
    var series: String
    private(set) var carriers: [Carrier] = []
    /// Which changes counted; nil while there is one connection only.
    private(set) var copies: KalshiCopies?
    /// Connections on which it had a snapshot, the latest few.
    private var snapshotConns: [Int64] = []
    /// Statistics that counted, where several connections send them.
    var tickerRing: CopyRing?
    /// The connection of which it was told that deltas came without a snapshot: once is enough.
    var strayConn: Int64?
    /// A subscription named it.
    var isAsked = false
    /// A subscription to trades named it: what REST tells of its trades is told.
    var isTradeAsked = false

    init(index: Int, _ instrument: FeedInstrument) {
        self.index = index
        self.instrument = instrument
        series = String(instrument.id.prefix { $0 != "-" })
    }

    // MARK: Snapshots

    var hadSnapshot: Bool { !snapshotConns.isEmpty }

    @inline(__always)
    func hadSnapshot(on conn: Int64) -> Bool { snapshotConns.contains(conn) }

    func noteSnapshot(on conn: Int64) {
        guard !hadSnapshot(on: conn) else { return }
        if snapshotConns.count == 8 { snapshotConns.removeFirst() }
        snapshotConns.append(conn)
    }

    /// The connection's number means another socket now.
    func forgetSnapshot(on conn: Int64) { snapshotConns.removeAll { $0 == conn } }

    // MARK: Carriers

    @inline(__always)
    func carrierIndex(_ conn: Int64) -> Int? {
        for index in carriers.indices where carriers[index].conn == conn { return index }
        return nil
    }

    func isCarried(by conn: Int64) -> Bool { carrierIndex(conn) != nil }

    func isCarried(by conn: Int64, sid: Int64) -> Bool { carriers.contains { $0.conn == conn && $0.sid == sid } }

    /// Whether its book is known, and this connection carries it.
    func isKnown(on conn: Int64) -> Bool { instrument.book.isKnown && isCarried(by: conn) }

    /// Whether its book is known, and was told with this connection or stands on it.
    func isTold(with conn: Int64) -> Bool {
        instrument.book.isKnown && (instrument.conn == conn || instrument.shownConn == conn)
    }

    @inline(__always)
    func noteWord(_ index: Int, at time: Timestamp) { carriers[index].lastWord = time }

    private func put(_ conn: Int64, sid: Int64, at time: Timestamp) {
        carriers.removeAll { $0.conn == conn }
        carriers.append(Carrier(conn: conn, sid: sid, lastWord: time))
    }

    /// The book begins anew with what a connection said. Where the others stand is to be found.
    func begin(_ conn: Int64, sid: Int64, at time: Timestamp) {
        put(conn, sid: sid, at: time)
        instrument.conn = conn
        copies?.startOver(with: conn, state: KalshiCopies.state(instrument.book))
        if carriers.count > 1 { keepOrder() }
    }

    /// A connection carries the book too: it has said this whole book.
    func join(_ conn: Int64, sid: Int64, state: UInt64, at time: Timestamp) {
        put(conn, sid: sid, at: time)
        keepOrder()
        copies?.join(conn, state: state)
    }

    /// Several connections may carry the book from now on: what counts is remembered in its order.
    func keepOrder() {
        guard copies == nil, let home = instrument.conn, instrument.book.isKnown else { return }
        copies = KalshiCopies(conn: home, state: KalshiCopies.state(instrument.book))
    }

    /// Whether all that counted was said by the connection too.
    func isAtHead(_ conn: Int64) -> Bool { copies?.isAtHead(conn) ?? (instrument.conn == conn) }

    /// Whether it is known how far the connection is.
    func isPlaced(_ conn: Int64) -> Bool { copies?.isPlaced(conn) ?? (instrument.conn == conn) }

    /// Whether a change counts: the first arrival does.
    func judge(_ key: UInt64, from conn: Int64) -> KalshiCopies.Verdict {
        guard copies != nil else { return instrument.conn == conn ? .news : .unplaced }
        return copies?.judge(key, from: conn) ?? .unplaced
    }

    /// A change counted, and made one level another.
    @inline(__always)
    func noteNews(_ key: UInt64, from conn: Int64, _ side: Side, before: Level, after: Level) {
        instrument.conn = conn
        guard let state = copies?.state else { return }
        copies?.append(key, state: state ^ KalshiCopies.state(side, before) ^ KalshiCopies.state(side, after), from: conn)
    }

    /// A connection has lost something of the book, or speaks of it no more. Whether the book is what it was: another one carries it on, or
    /// it was unknown.
    func lose(_ conn: Int64) -> Bool {
        carriers.removeAll { $0.conn == conn }
        copies?.leave(conn)
        guard instrument.conn == conn else { return true }
        if instrument.book.isKnown, let other = copies?.standIn(for: conn) {
            instrument.conn = other
            return true
        }
        let wasKnown = instrument.book.isKnown
        instrument.book.markUnknown()
        copies = nil
        if let other = carriers.first?.conn { instrument.conn = other }
        return !wasKnown
    }

    /// One connection alone needs no order, once it has said all that the others had said before they went.
    func forgetOrder() {
        guard carriers.count < 2, carriers.first.map({ isAtHead($0.conn) }) ?? true else { return }
        copies = nil
    }
}
