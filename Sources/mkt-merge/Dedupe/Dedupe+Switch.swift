import MarketModel

/// Which source's book is shown, and when another's.
extension Dedupe {
    /// A source's book is no good any more: if it is the one shown, another's is shown as soon as it has come as far, or none.
    func lose(_ number: Int, of source: Int, _ cause: SwitchCause) {
        let merged = books[number]
        switch merged.showing {
        case .source(source):
            guard let book = merged.book(of: source) else { return }
            let until = Timestamp(micros: time.nowMicros).advanced(byMicros: Dedupe.lagMicrosMax).micros
            merged.last = ShownBook(book, of: source)
            merged.behind = nil
            merged.wait = MergedBook.Wait(cause: cause, untilMicros: until)
            merged.showing = .waiting
            settle(number, received: cause.received)
        case .waiting: settle(number, received: cause.received)
        case .nothing, .source, .lost: return
        }
    }

    /// The same for every book of the source.
    func loseAll(of source: Int, _ cause: SwitchCause) {
        for number in books.indices { lose(number, of: source, cause) }
        tell(received: cause.received)
    }

    /// A book that waits: shows one that has come as far, goes on waiting while there is one that may, or gives it up.
    func settle(_ number: Int, received: Int64) {
        let merged = books[number]
        if let next = bestSource(for: merged) { return move(number, to: next, received: received) }
        guard canWait(merged) else { return giveUp(number) }
        look(after: number)
    }

    /// Whether there is still a book to wait for, and time. Who has lines that came in time and were not looked at yet is waited for.
    private func canWait(_ merged: MergedBook) -> Bool {
        guard let wait = merged.wait else { return false }
        return candidates(for: merged).contains { seenMicros($0.source) < wait.untilMicros }
    }

    private func giveUp(_ number: Int) {
        let merged = books[number]
        guard let wait = merged.wait else { return }
        merged.showing = .lost
        merged.wait = nil
        counts.losses += 1
        outcome.add(number, venue: merged.venue, source: nil, wait.cause)
    }

    /// Shows what a source has of every instrument of which nothing is shown.
    func recoverAll(of source: Int) {
        let received = time.streamMicros
        for number in books.indices {
            let merged = books[number]
            if case .source = merged.showing { continue }
            guard let book = merged.book(of: source), book.state == .known else { continue }
            if hasCome(book, of: source, asFarAs: merged.last) {
                move(number, to: source, received: received)
            } else {
                look(after: number)
            }
        }
        tell(received: received)
    }

    /// Shows the book of a source by a snapshot.
    func move(_ number: Int, to source: Int, received: Int64, because cause: SwitchCause? = nil) {
        let merged = books[number]
        guard let book = merged.book(of: source) else { return }
        let isFirst = merged.showing == .nothing
        take(merged, number, from: source, cause)
        merged.seq += 1
        lines.snapshot(
            book, seq: merged.seq, received: received, venueTime: nil, reason: isFirst ? .initial : .resync, isVerified: false)
    }

    /// From now on the book of a source is shown.
    func take(_ merged: MergedBook, _ number: Int, from source: Int, _ cause: SwitchCause? = nil) {
        switch merged.showing {
        case .source: counts.switches += 1
        case .waiting where merged.last?.source != source: counts.switches += 1
        case .waiting, .nothing, .lost: break
        }
        if merged.showing != .nothing { outcome.add(number, venue: merged.venue, source: source, cause ?? merged.wait?.cause) }
        merged.showing = .source(source)
        merged.behind = nil
        merged.wait = nil
        merged.last = nil
    }

    // MARK: Telling

    /// Tells what an event has done: `live` for what is shown from elsewhere or again, `gap` for what is shown from nowhere.
    func tell(received: Int64) {
        guard !outcome.isEmpty else { return }
        for change in outcome.changes {
            let instruments = change.books.map { books[$0].instrument }
            if let source = change.source {
                let words = "books of \(sources[source].feed)\(change.words.isEmpty ? "" : ": \(change.words)")"
                lines.status(.live, venue: change.venue, reason: words, since: nil, instruments: instruments, received: received)
            } else {
                let words = "\(change.words), and nobody else has a good book"
                lines.status(.gap, venue: change.venue, reason: words, since: change.since, instruments: instruments, received: received)
            }
        }
        outcome = SwitchOutcome()
    }
}
