import JSON
public import Logging
public import MarketModel
public import UnixTool

/// The one place where a feed's events become lines.
///
/// Venues say what happened; here it is decided what of it is shown (`--books-only`, `--depth`, `--quotes` …), numbered and written.
/// With a writer that is queued, a slow reader gets books folded (`FeedOutput+SlowReader.swift`); with one that waits, all is written.
public final class FeedOutput {
    /// Why a snapshot is sent.
    public enum SnapshotReason: UInt8, Sendable {
        case initial, refresh, resync, checkpoint

        var name: StaticString {
            switch self {
            case .initial: "initial"
            case .refresh: "refresh"
            case .resync: "resync"
            case .checkpoint: "checkpoint"
            }
        }
    }

    /// Kinds of drift that are remembered, so that a venue gone wild cannot fill our memory.
    private static let driftsMax = 1000

    public let settings: FeedSettings
    public let logger: Logger
    public var writer: LineWriter
    public var faults: InputFaults
    public var counters = Counters()
    let limits: SlowReaderLimits
    /// Whether a slow reader is ours to care for.
    let isQueued: Bool
    var lag = ReaderLag()
    private let feedOrigin: EventOrigin
    private var drifts: Set<String> = []
    /// Connections that were told to be live, for the session.
    private var liveConns: [Int64] = []
    private var lineCounts = [Int64](repeating: 0, count: EventKind.allCases.count)

    public init(
        _ settings: FeedSettings, logger: Logger, writer: consuming LineWriter, limits: SlowReaderLimits = SlowReaderLimits()
    ) throws(ToolFailure) {
        self.settings = settings
        self.logger = logger
        self.limits = limits
        isQueued = writer.isQueued
        self.writer = writer
        faults = try InputFaults(settings.common, logger: logger)
        feedOrigin = EventOrigin(feed: settings.name, venue: settings.venue)
    }

    /// `--limit` is reached.
    public var isFull: Bool { writer.isFull }

    /// Everything that is counted: lines by type, what was skipped and why, and what the venue counts.
    public var allCounters: Counters {
        var all = counters
        for (name, count) in faults.counters.sorted { all.add(name, count) }
        for kind in EventKind.allCases where lineCounts[Int(kind.rawValue)] > 0 {
            all.set("lines_\(kind.name)", lineCounts[Int(kind.rawValue)])
        }
        lag.count(into: &all)
        return all
    }

    func end(_ kind: EventKind, from start: Int) throws {
        writer.buffer.endEvent()
        lineCounts[Int(kind.rawValue)] += 1
        try writer.endLine(from: start)
    }

    // MARK: Instruments

    /// Tells what is known of an instrument, if that is news. Comes before every other line of it.
    ///
    /// - Parameter evenIfHidden: own lines are told of every instrument.
    public func announce(_ instrument: FeedInstrument, evenIfHidden: Bool = false, at received: Timestamp) throws {
        guard !instrument.isToldAsItIs, instrument.isShown || evenIfHidden || instrument.announced != nil else { return }
        guard instrument.announced != instrument.currentFacts || instrument.announcedLabel != instrument.label else {
            instrument.isToldAsItIs = true
            return
        }
        if isQueued, try !admits(.instrument, at: received) { return lag.note(instrument) }
        instrument.announced = instrument.currentFacts
        instrument.announcedLabel = instrument.label
        instrument.isToldAsItIs = true
        let start = writer.buffer.count
        writer.buffer.beginEvent(.instrument, instrument.origin, conn: instrument.conn, received: received)
        writer.buffer.append(instrument.currentFacts)
        try end(.instrument, from: start)
    }

    /// Whether anything was told of it yet.
    public func isAnnounced(_ instrument: FeedInstrument) -> Bool { instrument.announced != nil }

    // MARK: Books

    /// The instrument's whole book as it stands.
    public func snapshot(
        _ instrument: FeedInstrument, reason: SnapshotReason, received: Timestamp, venueTime: Timestamp?, isVerified: Bool
    ) throws {
        guard settings.hasBooks, instrument.isShown else { return }
        if isQueued, try folds(instrument, reason, received, venueTime, isVerified) { return }
        try writeSnapshot(instrument, reason, received, venueTime, isVerified)
    }

    func writeSnapshot(
        _ instrument: FeedInstrument, _ reason: SnapshotReason, _ received: Timestamp, _ venueTime: Timestamp?, _ isVerified: Bool
    ) throws {
        try announce(instrument, at: received)
        instrument.shownConn = instrument.conn
        instrument.isTakenBack = false
        instrument.seq += 1
        let start = writer.buffer.count
        writer.buffer.beginEvent(
            .bookSnapshot, instrument.origin, conn: instrument.conn, seq: instrument.seq, received: received,
            venueTime: venueTime)
        writer.buffer.append(.bids, levels: instrument.book.bids.bestFirst, depth: settings.depth)
        writer.buffer.append(.asks, levels: instrument.book.asks.bestFirst, depth: settings.depth)
        writer.buffer.append(.reason, word: reason.name)
        if isVerified { writer.buffer.append(.verified, bool: true) }
        try end(.bookSnapshot, from: start)
        try quoteIfChanged(instrument, received: received, venueTime: venueTime)
    }

    /// The levels that one message changed, best first, no price twice on a side. The instrument's book holds them already.
    public func delta(
        _ instrument: FeedInstrument, bids: [Level], asks: [Level], received: Timestamp, venueTime: Timestamp?, isVerified: Bool
    ) throws {
        guard settings.hasBooks, instrument.isShown else { return }
        if isQueued, try folds(instrument, .refresh, received, venueTime, isVerified) { return }
        instrument.seq += 1
        let start = writer.buffer.count
        writer.buffer.beginEvent(
            .bookDelta, instrument.origin, conn: instrument.shownConn, seq: instrument.seq, received: received,
            venueTime: venueTime)
        writer.buffer.append(bids: bids, asks: asks)
        if isVerified { writer.buffer.append(.verified, bool: true) }
        try end(.bookDelta, from: start)
        try quoteIfChanged(instrument, received: received, venueTime: venueTime)
    }

    /// The one level that a message changed. The instrument's book holds it already.
    public func delta(
        _ instrument: FeedInstrument, _ side: Side, _ level: Level, received: Timestamp, venueTime: Timestamp?, isVerified: Bool
    ) throws {
        guard settings.hasBooks, instrument.isShown else { return }
        if isQueued, try folds(instrument, .refresh, received, venueTime, isVerified) { return }
        instrument.seq += 1
        let start = writer.buffer.count
        writer.buffer.append(
            delta: level, side, instrument.origin, conn: instrument.shownConn, seq: instrument.seq, received: received,
            venueTime: venueTime, isVerified: isVerified)
        lineCounts[Int(EventKind.bookDelta.rawValue)] += 1
        try writer.endLine(from: start)
        try quoteIfChanged(instrument, received: received, venueTime: venueTime)
    }

    /// `--quotes`: a line when the top of the book is another than last told.
    private func quoteIfChanged(_ instrument: FeedInstrument, received: Timestamp, venueTime: Timestamp?) throws {
        guard settings.isQuoting else { return }
        let (bid, ask) = (instrument.book.bestBid, instrument.book.bestAsk)
        if let quoted = instrument.quoted, quoted.bid == bid, quoted.ask == ask { return }
        instrument.quoted = (bid, ask)
        try writeQuote(instrument, bid: bid.map { Quote($0) }, ask: ask.map { Quote($0) }, conn: instrument.conn, received, venueTime)
    }

    // MARK: The other market data

    /// Best bid and ask as the venue tells them; not a source of books.
    public func quote(
        _ instrument: FeedInstrument, bid: Quote?, ask: Quote?, conn: Int64, received: Timestamp, venueTime: Timestamp?
    ) throws {
        guard settings.hasOthers, instrument.isShown else { return }
        if isQueued, try !admits(.quote, at: received) { return }
        try announce(instrument, at: received)
        try writeQuote(instrument, bid: bid, ask: ask, conn: conn, received, venueTime)
    }

    private func writeQuote(
        _ instrument: FeedInstrument, bid: Quote?, ask: Quote?, conn: Int64?, _ received: Timestamp, _ venueTime: Timestamp?
    ) throws {
        let start = writer.buffer.count
        writer.buffer.beginEvent(.quote, instrument.origin, conn: conn, received: received, venueTime: venueTime)
        writer.buffer.append(.bid, quote: bid)
        writer.buffer.append(.ask, quote: ask)
        try end(.quote, from: start)
    }

    /// One print. `conn` is nil where it did not come over a socket.
    public func trade(
        _ instrument: FeedInstrument, _ trade: Trade, conn: Int64?, received: Timestamp, venueTime: Timestamp?
    ) throws {
        guard settings.hasTrades, instrument.isShown else { return }
        if isQueued, try !admits(.trade, at: received) { return }
        try announce(instrument, at: received)
        let start = writer.buffer.count
        writer.buffer.beginEvent(.trade, instrument.origin, conn: conn, received: received, venueTime: venueTime)
        writer.buffer.append(.price, millionths: trade.price.millionths)
        writer.buffer.append(.size, millionths: trade.size.millionths)
        writer.buffer.append(.aggressorSide, word: trade.aggressor.name)
        writer.buffer.append(.tradeID, string: trade.id)
        writer.buffer.append(.tx, string: trade.transaction)
        try end(.trade, from: start)
    }

    public func marketStatus(
        _ instrument: FeedInstrument, _ state: MarketState, reason: StaticString?, conn: Int64?, received: Timestamp,
        venueTime: Timestamp?
    ) throws {
        guard settings.hasOthers, instrument.isShown else { return }
        if isQueued, try !admits(.marketStatus, at: received) { return }
        try announce(instrument, at: received)
        let start = writer.buffer.count
        writer.buffer.beginEvent(.marketStatus, instrument.origin, conn: conn, received: received, venueTime: venueTime)
        writer.buffer.append(.state, word: state.name)
        writer.buffer.append(.reason, word: reason)
        try end(.marketStatus, from: start)
    }

    public func resolution(
        _ instrument: FeedInstrument, settlementPrice: Price, hasWon: Bool?, conn: Int64?, received: Timestamp,
        venueTime: Timestamp?
    ) throws {
        guard settings.hasOthers, instrument.isShown else { return }
        if isQueued, try !admits(.resolution, at: received) { return }
        try announce(instrument, at: received)
        let start = writer.buffer.count
        writer.buffer.beginEvent(.resolution, instrument.origin, conn: conn, received: received, venueTime: venueTime)
        writer.buffer.append(.settlementPrice, millionths: settlementPrice.millionths)
        writer.buffer.append(.outcomeWon, bool: hasWon)
        try end(.resolution, from: start)
    }

    public func ticker(
        _ instrument: FeedInstrument, _ ticker: Ticker, conn: Int64, received: Timestamp, venueTime: Timestamp?
    ) throws {
        guard settings.hasOthers, instrument.isShown else { return }
        if isQueued, try !admits(.ticker, at: received) { return }
        try announce(instrument, at: received)
        let start = writer.buffer.count
        writer.buffer.beginEvent(.ticker, instrument.origin, conn: conn, received: received, venueTime: venueTime)
        writer.buffer.append(.lastPrice, millionths: ticker.lastPrice?.millionths)
        writer.buffer.append(.volume, millionths: ticker.volume?.millionths)
        writer.buffer.append(.openInterest, millionths: ticker.openInterest?.millionths)
        writer.buffer.append(.bid, quote: ticker.bid)
        writer.buffer.append(.ask, quote: ticker.ask)
        try end(.ticker, from: start)
    }

    // MARK: The feed itself

    public func status(_ status: FeedStatus, at time: Timestamp, counters: Counters? = nil) throws {
        // The session must hear of it though no reader does.
        if status.state == .live, status.instruments == nil, let conn = status.conn { liveConns.append(conn) }
        if isQueued, try !admits(status, at: time) { return }
        try write(status, at: time, counters: counters)
    }

    func write(_ status: FeedStatus, at time: Timestamp, counters: Counters? = nil) throws {
        self.counters.add("status_\(status.state.name)")
        let start = writer.buffer.count
        writer.buffer.beginEvent(.feedStatus, feedOrigin, conn: status.conn, received: time)
        writer.buffer.append(.state, word: status.state.name)
        writer.buffer.append(.reason, string: status.reason)
        writer.buffer.append(.sinceUs, integer: status.since?.micros)
        if let instruments = status.instruments { writer.buffer.append(.instruments, strings: instruments) }
        writer.buffer.append(.expectedSeq, integer: status.expectedSeq)
        writer.buffer.append(.gotSeq, integer: status.gotSeq)
        writer.buffer.append(.retryInUs, integer: status.retryMicros)
        if let counters { writer.buffer.append(.counters, counters: counters.sorted) }
        try end(.feedStatus, from: start)
    }

    /// Connections that were told to be live since the last call.
    func takeLiveConns() -> [Int64] {
        guard !liveConns.isEmpty else { return [] }
        defer { liveConns.removeAll() }
        return liveConns
    }

    /// Tells once that the venue does something that was never seen: an unknown type or field, a recipe that stopped matching.
    public func drift(_ what: String, conn: Int64?, at time: Timestamp) throws {
        guard drifts.count < FeedOutput.driftsMax, drifts.insert(what).inserted else { return }
        logger.warning("the venue has changed: \(what); books are still checked, please look at the rejects and report it")
        try status(FeedStatus(.drift, conn: conn, reason: what, instruments: []), at: time)
    }

    /// Notes a frame, or a part of one, that is no use.
    public func reject(
        _ frame: UnsafeBufferPointer<UInt8>, counter: String, message: String, at time: Timestamp
    ) throws {
        try faults.note(frame, counter: counter, message: message, at: time)
    }
}
