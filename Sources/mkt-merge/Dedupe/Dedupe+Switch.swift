import MarketModel

/// Which source's book is shown, and when another's.
extension Dedupe {
    /// How long a change that one source has may be under way to another; after that the other's book is an old one.
    static let lagMicrosMax: Int64 = 1_000_000

    /// A source's book is no good any more: if it is the one shown, another's is shown at once, or none.
    func lose(_ number: Int, of shown: Int, _ cause: SwitchCause) {
        let merged = books[number]
        guard merged.isShown(shown) else { return }
        if let next = bestSource(for: merged, insteadOf: shown) { return move(number, to: next, received: cause.received) }
        merged.showing = .lost(last: shown)
        merged.behind = nil
        counts.losses += 1
        outcome.losses.append(number)
    }

    /// The same for every book of the source.
    func loseAll(of source: Int, _ cause: SwitchCause) {
        for number in books.indices { lose(number, of: source, cause) }
        tell(cause)
    }

    /// Shows what a source has of every instrument of which nothing is shown.
    func recoverAll(of source: Int) {
        let received = time.streamMicros
        for number in books.indices {
            let merged = books[number]
            if case .source = merged.showing { continue }
            guard let book = merged.book(of: source), book.state == .known, isGood(book, for: merged) else { continue }
            move(number, to: source, received: received)
        }
        tell(SwitchCause(received: received, since: received, words: ""))
    }

    /// Shows the book of a source by a snapshot.
    func move(_ number: Int, to source: Int, received: Int64) {
        let merged = books[number]
        guard let book = merged.book(of: source) else { return }
        let isFirst = merged.showing == .nothing
        if case .source = merged.showing { counts.switches += 1 }
        merged.showing = .source(source)
        merged.behind = nil
        merged.seq += 1
        lines.snapshot(
            book, seq: merged.seq, received: received, venueTime: nil, reason: isFirst ? .initial : .resync, isVerified: false)
        if !isFirst { outcome.moves.append(SwitchOutcome.Move(book: number, source: source)) }
    }

    // MARK: Choosing

    /// The source with the newest good book; of equals the first.
    ///
    /// - Parameter isAhead: Only one by which the book shown is an old one.
    func bestSource(for merged: MergedBook, insteadOf shown: Int, isAhead: Bool = false) -> Int? {
        var best: (source: Int, venueTime: Timestamp)?
        for source in sources.indices where source != shown && sources[source].isTrusted {
            guard let book = merged.book(of: source), book.state == .known, isGood(book, for: merged) else { continue }
            if isAhead, !isBehind(shown, source, merged) { continue }
            let venueTime = book.venueTime ?? Timestamp(micros: .min)
            if best.map({ venueTime > $0.venueTime }) ?? true { best = (source, venueTime) }
        }
        return best?.source
    }

    /// Whether a known book is as new as the one that is shown, or was last, give or take what may be under way.
    ///
    /// Its source may be sure of it and yet be behind, and we know better.
    func isGood(_ book: SourceBook, for merged: MergedBook) -> Bool {
        guard let reference = merged.reference, reference !== book, book.snapshotAtMicros < reference.newsAtMicros else { return true }
        let age = Timestamp(micros: time.nowMicros).micros(since: Timestamp(micros: reference.newsAtMicros))
        if age <= Dedupe.lagMicrosMax { return true }
        if let reached = book.venueTime, let wanted = reference.venueTime, reached != wanted {
            return reached > wanted || book.hasSameLevels(as: reference)
        }
        return book.newsAtMicros >= reference.newsAtMicros || book.hasSameLevels(as: reference)
    }

    // MARK: Being behind

    /// A source that is not shown has told something of a book: the one shown may lack it.
    ///
    /// - Parameter isTimeless: It is a new book without a venue's time.
    func watch(_ number: Int, _ book: SourceBook, isTimeless: Bool, against shown: Int) {
        let merged = books[number]
        guard merged.behind == nil, let other = merged.book(of: shown) else { return }
        if let reached = book.venueTime, other.venueTime.map({ reached > $0 }) ?? true {
            merged.behind = MergedBook.Behind(sinceMicros: time.nowMicros, venueTime: reached)
        } else if isTimeless {
            merged.behind = MergedBook.Behind(sinceMicros: time.nowMicros, venueTime: nil)
        } else {
            return
        }
        guard !merged.isWatched else { return }
        merged.isWatched = true
        watched.append(number)
        if watched.count == 1 { tickMicros = Timestamp(micros: time.nowMicros).advanced(byMicros: Dedupe.tickMicrosMax).micros }
        time.expect(tickMicros)
    }

    /// Looks after the books that are behind: those that were so for too long are shown from the source that is ahead.
    func lookAfterWatched() {
        let cause = SwitchCause(received: time.streamMicros, since: time.streamMicros, words: "the other was behind")
        watched.removeAll { number in
            let merged = books[number]
            if let behind = merged.behind, case .source(let shown) = merged.showing {
                let since = Timestamp(micros: behind.sinceMicros)
                if Timestamp(micros: time.nowMicros).micros(since: since) < Dedupe.lagMicrosMax { return false }
                if let next = bestSource(for: merged, insteadOf: shown, isAhead: true) { move(number, to: next, received: cause.received) }
            }
            merged.behind = nil
            merged.isWatched = false
            return true
        }
        tell(cause)
    }

    /// Whether a book is old by what another tells: by the venue's time of both, or, if the other is a whole new one, of their sources.
    private func isBehind(_ shown: Int, _ other: Int, _ merged: MergedBook) -> Bool {
        guard let mine = merged.book(of: shown), let theirs = merged.book(of: other), !theirs.hasSameLevels(as: mine) else { return false }
        let earliest = Timestamp(micros: .min)
        let (reached, ahead) = (mine.venueTime ?? earliest, theirs.venueTime ?? earliest)
        if ahead > reached { return true }
        guard theirs.snapshotAtMicros > mine.newsAtMicros else { return false }
        return sources[other].venueTime ?? earliest > sources[shown].venueTime ?? earliest
    }

    // MARK: Telling

    /// Tells what an event has done: `live` for what is shown from elsewhere or again, `gap` for what is shown from nowhere.
    func tell(_ cause: SwitchCause) {
        guard !outcome.isEmpty else { return }
        for source in sources.indices {
            let moved = outcome.moves.filter { $0.source == source }.map { books[$0.book].instrument }
            guard !moved.isEmpty else { continue }
            let words = "books of \(sources[source].feed)\(cause.words.isEmpty ? "" : ": \(cause.words)")"
            lines.status(.live, venue: sources[source].venue, reason: words, since: nil, instruments: moved, received: cause.received)
        }
        var lost = outcome.losses
        while let venue = lost.first.map({ books[$0].venue }) {
            let words = "\(cause.words), and nobody else has a good book"
            lines.status(
                .gap, venue: venue, reason: words, since: cause.since,
                instruments: lost.filter { books[$0].venue == venue }.map { books[$0].instrument }, received: cause.received)
            lost.removeAll { books[$0].venue == venue }
        }
        outcome = SwitchOutcome()
    }
}
