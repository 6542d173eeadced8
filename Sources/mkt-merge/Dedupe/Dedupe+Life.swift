import JSON
import MarketModel

/// Sources: what they say of themselves, and whether anything is heard of them.
extension Dedupe {
    /// How long a source that was silent must have talked again before its books may be shown.
    static let returnMicros: Int64 = 1_000_000
    /// When to ask again for a silence that cannot be proved.
    private static let probeMicros: Int64 = 50_000

    /// A line of the source is there.
    func hear(_ source: Int) throws(EventError) {
        sources[source].hear(
            at: arrivals[sources[source].input], received: time.lineReceived, venueTime: try decoder.integer(.venueUs),
            returnMicros: Dedupe.returnMicros)
        time.expect(sources[source].dueMicros(settings.deadAfter))
    }

    /// Takes the decoder's `feed_status`.
    func takeStatus(from source: Int) throws(EventError) {
        if try decoder.requireText(.state).isEqual(to: "heartbeat") {
            sources[source].heartbeat.note(received: time.lineReceived)
            return time.expect(sources[source].dueMicros(settings.deadAfter))
        }
        let since = try decoder.integer(.sinceUs)
        guard let broken = try BookBreak(decoder) else { return }
        sources[source].hasStopped = broken.isEnd
        let cause = SwitchCause(
            received: time.lineReceived, since: since ?? time.lineReceived, words: "\(sources[source].feed) says \(broken.state)")
        if let instruments = broken.instruments {
            let venue = try decoder.requireText(.venue)
            for instrument in instruments {
                if let number = find(venue, instrument) { apply(broken, to: number, of: source, cause) }
            }
        } else {
            for number in books.indices { apply(broken, to: number, of: source, cause) }
        }
        tell(received: cause.received)
    }

    private func apply(_ broken: BookBreak, to number: Int, of source: Int, _ cause: SwitchCause) {
        guard let book = books[number].book(of: source), book.state != .unknown, book.isConcerned(byBreakOf: broken.conn) else { return }
        book.markUnknown()
        lose(number, of: source, cause)
    }

    /// An input has come to its end, or a FIFO has lost its writer, and with it its sources.
    func end(input: Int, nowMicros: Int64) {
        guard !areCut[input] else { return }
        if isLive { time.pass(to: nowMicros) }
        latest[input] = nil
        for source in sources.indices where sources[source].input == input && sources[source].isOpen {
            sources[source].isOpen = false
            for merged in books {
                guard let book = merged.book(of: source) else { continue }
                // A file may go on in the next one; a process that comes back begins with snapshots.
                if sources[source].isRecorded { book.suspend() } else { book.markUnknown() }
            }
            let words = "\(sources[source].feed) has ended"
            loseAll(of: source, SwitchCause(received: time.streamMicros, since: sources[source].received, words: words))
        }
    }

    // MARK: Timers

    /// Whether `pass(to:)` has anything to do.
    func isDue(at nowMicros: Int64) -> Bool { nowMicros >= time.nextDueMicros }

    /// How long nothing is due.
    func waitMicros(nowMicros: Int64) -> Int64 {
        max(Timestamp(micros: time.nextDueMicros).micros(since: Timestamp(micros: nowMicros)), 0)
    }

    /// Runs what was due up to a time.
    ///
    /// - Parameters:
    ///   - nowMicros: The clock of the run; for files the `recv_us` of the next line.
    ///   - isQuiet: By input, whether it was looked at and had nothing. Files are quiet up to their next line.
    func pass(to nowMicros: Int64, isQuiet: (Int) -> Bool) {
        while true {
            let next = nextTimer()
            guard let next, next.dueMicros <= nowMicros else {
                time.expectNothing()
                return time.expect(next?.dueMicros)
            }
            time.pass(to: isLive ? nowMicros : next.dueMicros)
            if let source = next.source {
                look(after: source, isQuiet)
            } else {
                lookAfterWatched()
            }
        }
    }

    /// What is due first: something with a source, or (nil) with the books that are looked after.
    private func nextTimer() -> (dueMicros: Int64, source: Int?)? {
        var next: (dueMicros: Int64, source: Int?)?
        if let tickMicros { next = (tickMicros, nil) }
        for source in sources.indices {
            guard let due = sources[source].dueMicros(settings.deadAfter), due < next?.dueMicros ?? .max else { continue }
            next = (due, source)
        }
        return next
    }

    private func look(after source: Int, _ isQuiet: (Int) -> Bool) {
        let patience = sources[source].patienceMicros(settings.deadAfter)
        let heard = Timestamp(micros: sources[source].heardMicros)
        let silence = Timestamp(micros: time.nowMicros).micros(since: heard)
        if case .returning = sources[source].voice {
            guard patience.map({ silence < $0 }) ?? true else { return sources[source].voice = .silent }
            sources[source].voice = .talking
            return recoverAll(of: source)
        }
        let input = sources[source].input
        // Others spoke through the same input, and it did not.
        let isProved = Timestamp(micros: arrivals[input]).micros(since: heard) >= patience ?? .max
        guard isProved || isQuiet(input) else {
            return sources[source].probeMicros = Timestamp(micros: time.nowMicros).advanced(byMicros: Dedupe.probeMicros).micros
        }
        if settings.deadAfter == .heartbeat, !sources[source].heartbeat.isBeating, !isAnotherTrusted(than: source) {
            return sources[source].isExcused = true
        }
        sources[source].voice = .silent
        let words = "\(sources[source].feed) is silent"
        loseAll(of: source, SwitchCause(received: time.streamMicros, since: sources[source].received, words: words))
    }

    private func isAnotherTrusted(than source: Int) -> Bool {
        sources.indices.contains { $0 != source && sources[$0].isTrusted && sources[$0].venue == sources[source].venue }
    }
}
