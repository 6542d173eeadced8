public import Glibc
public import MarketModel
import UnixTool

/// A reader that cannot keep up, and the sockets that do not wait for it.
///
/// When more waits than `limits.slowBytes`, `lagging` is told and books are folded: their lines are not written, the instruments are
/// noted. When the reader has caught up each noted book is written once, whole, and the end of `lagging` is told. `seq` counts written
/// lines only, so readers see no hole.
///
/// A reader is told each break at once, ahead of the books that follow it, and every break is written before a book that it does not
/// concern any more. Where lines had to be left out for want of memory, a `gap` stands in their place.
extension FeedOutput {
    // MARK: For the loop of a live session

    /// Adds standard output to what a loop waits for: one entry, to be handed to `take`. None if the writer is one that waits.
    public func appendPoll(_ polls: inout [pollfd]) { writer.appendPoll(&polls, isWanted: lag.phase != .none) }

    /// Takes what `poll` said of standard output. `ReaderGone` if nobody reads any more.
    public func take(_ polled: pollfd, at time: Timestamp) throws {
        try writer.take(polled)
        if polled.revents != 0 { try relieve(at: time) }
    }

    /// Writes what the reader takes now, never waiting; when it has caught up, some of the books that were folded.
    ///
    /// - Parameter time: The receive time of these books: now. Everything that was read from the sockets until then is in them.
    public func flush(at time: Timestamp) throws {
        try writer.flush()
        try relieve(at: time)
    }

    /// Tells what was kept back, if the reader has come so far.
    private func relieve(at time: Timestamp) throws {
        guard lag.phase != .none else { return }
        try endOverflowIfDrained(at: time)
        guard writer.pendingCount < limits.caughtUpBytes else { return }
        lag.catchUp()
        try writeFolded(at: time)
        try writer.flush()
    }

    /// `--on-slow block`: too much waits; no socket should be read until `canResume`.
    public var wantsPause: Bool { isQueued && settings.onSlow == .block && writer.pendingCount > limits.slowBytes }

    /// So little waits that sockets that were paused can be read again.
    public var canResume: Bool { writer.pendingCount < limits.caughtUpBytes }

    /// Waits until the reader has got every book that was folded, for the end of a run. False if `deadline` came first.
    ///
    /// The `stopped` line comes after it; then `drain`.
    public func catchUp(at time: Timestamp, untilMonotonicMicros deadline: Int64) throws -> Bool {
        try flush(at: time)
        while lag.phase != .none, !isFull {
            guard try writer.wait(untilMonotonicMicros: deadline) else { return false }
            try flush(at: time)
        }
        return true
    }

    /// Waits until the last line is written, but not beyond `deadline` of the monotonic clock: then says what is lost.
    public func drain(untilMonotonicMicros deadline: Int64) throws {
        let lines = try writer.flush(untilMonotonicMicros: deadline)
        guard lines > 0 else { return }
        throw ToolFailure(
            .ioError, "the reader of standard output did not take the last \(lines) lines in time; they are lost: see --drain")
    }

    // MARK: Books

    /// Whether a book line is kept back; it is noted then.
    func folds(
        _ instrument: FeedInstrument, _ reason: SnapshotReason, _ received: Timestamp, _ venueTime: Timestamp?, _ isVerified: Bool
    ) throws -> Bool {
        guard settings.onSlow == .conflate else {
            // Late joiners can wait for the next one; the socket that waits brings nothing new.
            return reason == .checkpoint && wantsPause
        }
        lag.list(instrument)
        try noteLag(at: received)
        switch lag.phase {
        case .none: return false
        case .catchingUp where !instrument.folded.isWaiting: return false
        case .folding, .catchingUp: break
        }
        lag.fold(instrument, reason, venueTime: venueTime, isVerified: isVerified)
        return true
    }

    /// Begins to fold if too much waits.
    private func noteLag(at time: Timestamp) throws {
        guard lag.phase != .folding, writer.pendingCount > limits.slowBytes else { return }
        let isNew = lag.phase == .none
        lag.begin(at: time)
        guard isNew else { return }
        logger.warning("the reader of standard output is slow: changes of books are folded until it has caught up")
        try write(FeedStatus(.lagging, reason: "our reader is slow: changes of books are folded from here on"), at: time)
    }

    /// Writes folded books up to `limits.burstBytes`, and the end of the lag behind the last.
    private func writeFolded(at time: Timestamp) throws {
        var lost: [String] = []
        while writer.pendingCount < limits.burstBytes, lost.count < FeedOutput.lostMax, let (instrument, folded) = lag.next() {
            if try !write(folded, of: instrument, at: time) { lost.append(instrument.id) }
        }
        if !lost.isEmpty {
            try write(
                FeedStatus(.gap, reason: "lost while our reader was slow", since: lag.since, instruments: lost), at: time)
        }
        guard !lag.hasWaiting else { return }
        lag.end()
        try write(
            FeedStatus(.lagging, reason: "our reader has caught up", since: lag.since), at: time, counters: lag.foldedCounters)
    }

    /// So that a list of lost books stays a short line.
    private static var lostMax: Int { 1000 }

    /// Writes what stands for the folded lines of an instrument. False if its reader holds a book that nothing has made unknown for it,
    /// though it is.
    private func write(_ folded: FoldedLines, of instrument: FeedInstrument, at time: Timestamp) throws -> Bool {
        guard instrument.isShown, instrument.book.isKnown || !hasOldBook(instrument) else {
            defer { instrument.isTakenBack = true }
            return instrument.isTakenBack || instrument.shownConn == nil
        }
        try announce(instrument, at: time)
        guard var reason = folded.reason, instrument.book.isKnown else { return true }
        // It went to another connection and came back, unseen.
        if reason == .initial, instrument.shownConn == instrument.conn { reason = .resync }
        try writeSnapshot(instrument, reason, time, folded.venueTime, folded.isVerified)
        lag.countSnapshot()
        return true
    }

    /// A break of the book's connection is no word about the book that its reader has, if that is of an older one.
    private func hasOldBook(_ instrument: FeedInstrument) -> Bool {
        instrument.shownConn != nil && instrument.shownConn != instrument.conn && !instrument.isTakenBack
    }

    // MARK: What cannot be folded

    /// Whether there is room for a line; one that has none is counted, and its place is told when there is room again.
    func admits(_ kind: EventKind, at time: Timestamp) throws -> Bool {
        guard settings.onSlow == .conflate else { return true }
        try noteLag(at: time)
        try endOverflowIfDrained(at: time)
        let isData = kind == .trade || kind == .ticker || kind == .quote
        let bytesMax = isData ? limits.dataBytesMax : limits.bytesMax
        let level: ReaderLag.Overflow = isData ? .data : .all
        guard lag.overflow >= level || writer.pendingCount > bytesMax else { return true }
        // Facts are not lost: they are told when there is room.
        if kind != .instrument { lag.drop(kind, level, at: time) } else { lag.beginOverflow(level, at: time) }
        return false
    }

    /// The same for what the feed says of itself. A break is never lost: it is told for all books at once if there is no room for it.
    func admits(_ status: FeedStatus, at time: Timestamp) throws -> Bool {
        switch status.state {
        case .heartbeat:
            return settings.onSlow == .conflate ? lag.overflow == .none : !wantsPause
        case .stopped:
            try tellOverflow(at: time)
            return true
        case .gap, .stale, .resyncing, .disconnected:
            guard try admits(.feedStatus, at: time) else {
                if status.instruments?.isEmpty != true { lag.noteBreak(since: status.since ?? time) }
                return false
            }
            return true
        case .connecting, .live, .lagging, .drift:
            return try admits(.feedStatus, at: time)
        }
    }

    private func endOverflowIfDrained(at time: Timestamp) throws {
        guard lag.overflow != .none, writer.pendingCount < limits.resumeBytes else { return }
        try tellOverflow(at: time)
    }

    /// Tells in the place of the lines that were left out that they were.
    private func tellOverflow(at time: Timestamp) throws {
        guard lag.overflow != .none else { return }
        let (since, broken, counters) = (lag.overflowSince, lag.brokenSince, lag.droppedCounters)
        lag.endOverflow()
        logger.error("the reader of standard output was too slow, lines were left out: \(counters.line)")
        if let broken {
            lag.mendAll()
            try write(FeedStatus(.gap, reason: "breaks that there was no room to tell", since: broken), at: time)
        }
        guard !counters.sorted.isEmpty else { return }
        try write(
            FeedStatus(.gap, reason: "lines were left out for a slow reader", since: since, instruments: []), at: time,
            counters: counters)
    }
}
