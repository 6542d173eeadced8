import Glibc
import MarketModel
import UnixTool

/// `table` into a pipe or a file: a line for each change worth telling (`docs/unix.md`).
///
/// Trades, decisions and words of feeds are told at once; best bid and best ask of an instrument at most once a second, with what they are
/// at the end of it.
final class PlainTableTarget: EventFollower {
    private var model = TableModel()
    private var clock: LineClock
    private var writer: LineWriter
    private let lines: PlainLines
    /// Instruments whose books have changed since they were told.
    private var pending: [Int] = []
    private var pendingEpoch = 0
    private var second = Int64.min

    init(isLive: Bool, isColoured: Bool, isLineBuffered: Bool, descriptor: Int32 = STDOUT_FILENO) {
        clock = LineClock(isLive: isLive)
        lines = PlainLines(isColoured: isColoured)
        writer = LineWriter(descriptor: descriptor, isLineBuffered: isLineBuffered)
    }

    func follow(_ decoder: borrowing EventDecoder) throws {
        let lineSecond = clock.lineSecond()
        try advance(to: lineSecond ?? model.latest.followed(by: decoder.received).second)
        let news: TableModel.News
        do { news = try model.take(decoder, at: lineSecond) } catch { return model.countFault() }
        keepPlaces()
        switch news {
        case .nothing: break
        case .book(let place): try takeBook(place, at: decoder.received)
        case .trade(let place): try write { $0.appendTrade(model.instruments[place], to: &writer.buffer) }
        case .decision: try write { $0.appendDecision(model.decisions[model.decisions.count - 1], to: &writer.buffer) }
        case .status(let place, let unknown):
            try write { $0.appendStatus(model.feeds[place], to: &writer.buffer) }
            for place in unknown { try takeBook(place, at: decoder.received) }
        case .unknown(let places): for place in places { try takeBook(place, at: decoder.received) }
        }
    }

    func skip(_ decoder: borrowing EventDecoder) throws {
        let unknown = model.takeMalformed(decoder, at: clock.lineSecond())
        // Its own time may be what is wrong with it.
        for place in unknown { try takeBook(place, at: model.latest) }
    }

    func skip() { model.takeMalformed(at: clock.lineSecond()) }

    private func write(_ append: (PlainLines) -> Void) throws {
        let start = writer.buffer.count
        append(lines)
        try writer.endLine(from: start)
    }

    // MARK: Books

    /// Tells what has waited for the second to be over.
    private func advance(to now: Int64) throws {
        guard now != second else { return }
        second = now
        try tellPending()
    }

    private func tellPending() throws {
        let waiting = pending
        pending.removeAll(keepingCapacity: true)
        for place in waiting {
            model.instruments[place].told.isPending = false
            if model.instruments[place].told.now != model.instruments[place].told.top { try tell(place) }
        }
    }

    private func takeBook(_ place: Int, at time: Timestamp) throws {
        let top = model.instruments[place].top
        model.instruments[place].told.note(top, at: time)
        let told = model.instruments[place].told
        // A book that was never known is no news.
        guard !told.isPending, top != told.top, top.isKnown || told.top != nil else { return }
        if told.second != second { return try tell(place) }
        model.instruments[place].told.isPending = true
        pending.append(place)
    }

    private func tell(_ place: Int) throws {
        let top = model.instruments[place].told.now
        model.instruments[place].told.top = top
        model.instruments[place].told.second = second
        try write { $0.appendBook(model.instruments[place], top, to: &writer.buffer) }
    }

    /// Instruments have got other places.
    private func keepPlaces() {
        guard pendingEpoch != model.epoch else { return }
        pendingEpoch = model.epoch
        pending = model.instruments.indices.filter { model.instruments[$0].told.isPending }
    }

    // MARK: The run

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {}

    func idle() throws { try writer.flush() }

    func pass(monotonicMicros: Int64) throws {
        clock.forget()
        if clock.isLive { try advance(to: LineClock.liveSecond()) }
        try writer.flushIfDue(nowMicros: monotonicMicros)
    }

    /// What waits is told soon after its second is over.
    var deadlineMicros: Int64? {
        guard clock.isLive, !pending.isEmpty else { return nil }
        return (second + 1) * 1_000_000
    }

    func commit() throws { try writer.flush() }

    func end() throws {
        try tellPending()
        try writer.flush()
    }

    func count(in counters: inout Counters) {
        counters.add("table_lines", writer.lineCount)
        if model.faultCount > 0 { counters.add("table_faults", model.faultCount) }
    }
}
