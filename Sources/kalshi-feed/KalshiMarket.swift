import FeedSession
import JSON
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
        /// The book as this connection alone tells it, and since when, until its place among the others is certain.
        var own: (book: OrderBook, since: Timestamp)?
    }

    /// What the loss of a connection does to the book.
    enum Loss {
        /// It is what it was: another connection carries it on, or it was unknown.
        case covered
        /// Another connection had come further: its book is ours now, and is to be told.
        case replaced
        case lost
    }

    // What every change needs comes first, side by side: with thousands of markets each of these is far away in memory.

    let instrument: FeedInstrument
    private(set) var carriers: [Carrier] = []
    /// Connections on which it had a snapshot, the latest few but for the very latest.
    private var snapshotConns: [Int64] = []
    private var latestSnapshotConn: Int64?
    /// Its place in the registry.
    let index: Int
    /// Which changes counted; nil while there is one connection only.
    private(set) var copies: KalshiCopies?
    /// When its book was last told as a whole by the venue, and not taken for a copy.
    private var begun = Timestamp(micros: .min)
    /// The series' ticker: what stands before the first `-`, until somebody tells better.
    var series: String
    /// What the venue says of the question, and what tells it from the others of its event; empty before it is told.
    private var title = ""
    private var subtitle = ""
    /// Statistics that counted, where several connections send them.
    var tickerRing: CopyRing?
    /// The connection of which it was told that deltas came without a snapshot: once is enough.
    var strayConn: Int64?
    /// A subscription named it.
    var isAsked = false
    /// A subscription to trades named it: what REST tells of its trades is told.
    var isTradeAsked = false

    /// Bytes from its beginning that every change needs.
    static var hotBytes: Int { 128 }

    /// Asks for the memory of those who carry its book.
    func askForCarriers() {
        // Nearly always it is one; a look at how many there are would wait for what is asked for.
        NearMemory.ask(for: &carriers, last: 1, of: 1)
    }

    init(index: Int, _ instrument: FeedInstrument) {
        self.index = index
        self.instrument = instrument
        series = String(instrument.id.prefix { $0 != "-" })
    }

    /// Takes what is told of its question; nil is not told. Markets of one event may share a title: only both together are the question.
    func learn(title newTitle: JSONText?, subtitle newSubtitle: JSONText?) {
        if let newTitle, !newTitle.isEmpty { title = newTitle.string }
        if let newSubtitle { subtitle = newSubtitle.string }
        guard !title.isEmpty else { return }
        let isTold = subtitle.isEmpty || title.lowercased().contains(subtitle.lowercased())
        instrument.facts.question = isTold ? title : "\(title) (\(subtitle))"
    }

    // MARK: Snapshots

    var hadSnapshot: Bool { latestSnapshotConn != nil || !snapshotConns.isEmpty }

    @inline(__always)
    func hadSnapshot(on conn: Int64) -> Bool { latestSnapshotConn == conn || snapshotConns.contains(conn) }

    func noteSnapshot(on conn: Int64) {
        guard !hadSnapshot(on: conn) else { return }
        if let latestSnapshotConn {
            if snapshotConns.count == 7 { snapshotConns.removeFirst() }
            snapshotConns.append(latestSnapshotConn)
        }
        latestSnapshotConn = conn
    }

    /// The connection's number means another socket now.
    func forgetSnapshot(on conn: Int64) {
        if latestSnapshotConn == conn { latestSnapshotConn = nil }
        snapshotConns.removeAll { $0 == conn }
    }

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

    /// Whether what a connection says of the known book has to be placed among what others say or said.
    func isOrdered(beside conn: Int64) -> Bool {
        instrument.book.isKnown && (carriers.contains { $0.conn != conn } || (isCarried(by: conn) && !isAtHead(conn)))
    }

    @inline(__always)
    func noteWord(_ index: Int, at time: Timestamp) { carriers[index].lastWord = time }

    private func put(_ conn: Int64, sid: Int64, at time: Timestamp) {
        carriers.removeAll { $0.conn == conn }
        carriers.append(Carrier(conn: conn, sid: sid, lastWord: time, own: nil))
    }

    /// Follows what a connection says of its own book, where that is kept. False, and no change, if less than nothing would rest there.
    @inline(__always)
    func followOwn(_ index: Int, _ delta: KalshiDelta, _ ladder: KalshiLadder) -> Bool {
        carriers[index].own == nil || applyOwn(index, delta, ladder)
    }

    private func applyOwn(_ index: Int, _ delta: KalshiDelta, _ ladder: KalshiLadder) -> Bool {
        guard var own = carriers[index].own else { return true }
        carriers[index].own = nil
        defer { carriers[index].own = own }
        guard let (side, before, after) = ladder.apply(delta, to: &own.book) else { return false }
        copies?.follow(carriers[index].conn, change: KalshiCopies.state(side, before) ^ KalshiCopies.state(side, after))
        return true
    }

    /// The book begins anew with what a connection said. Where the others stand is to be found.
    func begin(_ conn: Int64, sid: Int64, at time: Timestamp) {
        put(conn, sid: sid, at: time)
        instrument.conn = conn
        copies?.startOver(with: conn, state: KalshiCopies.state(instrument.book), at: time)
        for index in carriers.indices { carriers[index].own = nil }
        begun = time
        if carriers.count > 1 { keepOrder() }
    }

    /// A connection carries the book too: it has said this whole book.
    ///
    /// - Parameter opened: When the connection was.
    func join(_ conn: Int64, sid: Int64, _ book: OrderBook, state: UInt64, opened: Timestamp, at time: Timestamp) {
        put(conn, sid: sid, at: time)
        carriers[carriers.count - 1].own = (book, time)
        keepOrder()
        copies?.join(conn, state: state, opened: opened)
    }

    /// Several connections may carry the book from now on: what counts is remembered in its order.
    ///
    /// Until now nothing came that could be a copy: the order begins where the book did.
    func keepOrder() {
        guard copies == nil, let home = instrument.conn, instrument.book.isKnown else { return }
        copies = KalshiCopies(conn: home, state: KalshiCopies.state(instrument.book), at: begun)
    }

    /// Whether all that counted was said by the connection too.
    func isAtHead(_ conn: Int64) -> Bool { copies?.isAtHead(conn) ?? (instrument.conn == conn) }

    /// Whether it is known how far the connection is.
    func isPlaced(_ conn: Int64) -> Bool { copies?.isPlaced(conn) ?? (instrument.conn == conn) }

    /// Whether a change counts: the first arrival does.
    func judge(_ key: UInt64, _ time: Timestamp?, from conn: Int64) -> KalshiCopies.Verdict {
        guard copies != nil else { return instrument.conn == conn ? .news : .unplaced }
        return copies?.judge(key, time, from: conn) ?? .unplaced
    }

    /// The connection that the book stands on has lost its place. Gives whether another carries the book on.
    func handOver(from conn: Int64) -> Bool {
        guard let other = copies?.standIn(for: conn) else { return false }
        instrument.conn = other
        return true
    }

    /// Whether the connection has been ahead of the others for so long that its own book is the one to show.
    func isFarAhead(_ conn: Int64) -> Bool { copies?.isFarAhead(conn) ?? false }

    /// Whether the connection's place is lost, and nothing that it says will show it: only its whole book will.
    func isLost(_ carrier: Carrier) -> Bool { carrier.own == nil && !isPlaced(carrier.conn) }

    /// The book as a connection alone tells it, where that is followed.
    func own(of conn: Int64) -> OrderBook? { carrierIndex(conn).flatMap { carriers[$0].own?.book } }

    /// A connection's message was judged, and applied if it counted: its own book is followed no longer than needed.
    func settle(_ index: Int) {
        if carriers[index].own != nil, copies?.isSettled(carriers[index].conn) ?? true { carriers[index].own = nil }
    }

    /// A change counted, and made one level another.
    @inline(__always)
    func noteNews(_ key: UInt64, _ time: Timestamp?, from conn: Int64, _ side: Side, before: Level, after: Level, at now: Timestamp) {
        instrument.conn = conn
        guard let state = copies?.state else { return }
        copies?.append(key, time, state: state ^ KalshiCopies.state(side, before) ^ KalshiCopies.state(side, after), from: conn, at: now)
    }

    /// A connection has lost something of the book, or speaks of it no more.
    func lose(_ conn: Int64, at time: Timestamp) -> Loss {
        carriers.removeAll { $0.conn == conn }
        copies?.leave(conn)
        guard instrument.conn == conn else { return .covered }
        let wasKnown = instrument.book.isKnown
        if wasKnown, let other = copies?.standIn(for: conn) {
            instrument.conn = other
            return .covered
        }
        if wasKnown, let index = carriers.lastIndex(where: { copies?.isAhead($0.conn) ?? false }), let own = carriers[index].own {
            (instrument.book, instrument.conn, instrument.agreed) = (own.book, carriers[index].conn, own.since)
            carriers[index].own = nil
            begun = time
            copies?.startOver(with: carriers[index].conn, state: KalshiCopies.state(own.book), at: time)
            return .replaced
        }
        instrument.book.markUnknown()
        for index in carriers.indices { carriers[index].own = nil }
        copies = nil
        if let other = carriers.first?.conn { instrument.conn = other }
        return wasKnown ? .lost : .covered
    }

    /// One connection alone needs no order, once it has said all that the others had said before they went.
    func forgetOrder() {
        guard carriers.count < 2, carriers.first.map({ isAtHead($0.conn) }) ?? true else { return }
        if !carriers.isEmpty { carriers[0].own = nil }
        copies = nil
    }
}
