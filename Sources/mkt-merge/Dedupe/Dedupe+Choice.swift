import MarketModel

/// Which sources' books may be shown, and which of them is.
extension Dedupe {
    /// How long a change that one source has may be under way to another; after that the other's book is an old one.
    static let lagMicrosMax: Int64 = 1_000_000

    /// The sources that are sure of a book and trusted.
    func candidates(for merged: MergedBook) -> some Sequence<(source: Int, book: SourceBook)> {
        sources.indices.lazy.compactMap { [sources] source in
            guard sources[source].isTrusted, let book = merged.book(of: source), book.state == .known else { return nil }
            return (source, book)
        }
    }

    /// The source with the newest book among those that have come as far as what was shown; of equals the first.
    func bestSource(for merged: MergedBook) -> Int? {
        newest(of: merged) { source, book in hasCome(book, of: source, asFarAs: merged.last) }
    }

    /// The same among those by which the book shown is an old one.
    func sourceAhead(of shown: Int, _ merged: MergedBook) -> Int? {
        guard let book = merged.book(of: shown) else { return nil }
        let last = ShownBook(book, of: shown)
        return newest(of: merged) { source, book in
            source != shown && isBehind(shown, source, merged) && hasCome(book, of: source, asFarAs: last)
        }
    }

    private func newest(of merged: MergedBook, _ isWanted: (Int, SourceBook) -> Bool) -> Int? {
        var best: (source: Int, venueTime: Timestamp)?
        for (source, book) in candidates(for: merged) where isWanted(source, book) {
            let venueTime = book.progress.venueTime ?? Timestamp(micros: .min)
            if best.map({ venueTime > $0.venueTime }) ?? true { best = (source, venueTime) }
        }
        return best?.source
    }

    /// Whether a known book is no older than what is shown, or was last: its source may be sure of it and yet be behind.
    ///
    /// - Parameter shown: nil if nothing was.
    func hasCome(_ book: SourceBook, of source: Int, asFarAs shown: ShownBook?) -> Bool {
        guard let shown else { return true }
        // The same book, which has only gone on.
        if source == shown.source, book.breakCount == shown.breakCount { return true }
        let since = shown.progress.newsAtMicros
        // Whatever was under way to the source when the newest of what is shown came has come by now.
        let isAllThere = Dedupe.micros(from: since, to: seenMicros(source)) >= Dedupe.lagMicrosMax
        let isSnapshotLater = book.snapshotAtMicros > since
        switch book.progress.standing(to: shown.progress) {
        case .ahead: return true
        case .behind:
            // Equal levels may be those of a state before, which soon goes on to another one that was shown.
            if isAllThere, book.hasSameLevels(as: shown.levels) { return true }
            guard isSnapshotLater, Dedupe.micros(from: since, to: book.snapshotAtMicros) >= Dedupe.lagMicrosMax else { return false }
            return source == shown.source || hasTold(source, shown.progress.venueTime)
        case .level:
            return book.hasSameLevels(as: shown.levels) || (isAllThere && book.progress.newsAtMicros >= since)
        case .unclear:
            // A feed's own next book is a later one.
            if source == shown.source, isSnapshotLater { return true }
            let isLater = book.progress.newsAtMicros >= since
            if isAllThere, isLater { return true }
            return (isAllThere || isLater) && book.hasSameLevels(as: shown.levels)
        }
    }

    /// Whether a source has told of something, of whatever instrument, that happened at a time or later.
    private func hasTold(_ source: Int, _ venueTime: Timestamp?) -> Bool {
        guard let venueTime, let told = sources[source].venueTime else { return false }
        return told >= venueTime
    }

    /// Up to when all that has come of a source was looked at, by the clock of the run.
    ///
    /// Live that is not now: its lines may have waited while we were held up.
    func seenMicros(_ source: Int) -> Int64 {
        let input = sources[source].input
        return inputs[input] == .live ? max(arrivals[input], quietMicros[input]) : time.nowMicros
    }

    private static func micros(from since: Int64, to micros: Int64) -> Int64 {
        Timestamp(micros: micros).micros(since: Timestamp(micros: since))
    }
}
