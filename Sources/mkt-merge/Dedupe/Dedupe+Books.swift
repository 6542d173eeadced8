import JSON
import MarketModel

/// Books: whose is shown, and what of it is told.
extension Dedupe {
    /// A source's book line: the values of it that are not levels.
    private struct BookLine {
        let mark: SourceBook.Mark
        /// nil: a delta.
        let reason: SnapshotReason?
        let isVerified: Bool

        /// A snapshot of the venue's is news; what the feed repeats of its own is as old as it was.
        var isNewBook: Bool { reason != nil && reason != .checkpoint }
    }

    /// Takes the decoder's book line.
    func takeBook(isSnapshot: Bool, of number: Int, from source: Int) throws(EventError) {
        let merged = books[number]
        let line = BookLine(
            mark: try bookMark(), reason: isSnapshot ? try SnapshotReason(decoder) : nil,
            isVerified: try decoder.bool(.verified) ?? false)
        let label = try decoder.text(.label)
        let book = try book(of: merged, from: source)
        if book.take(label: label, ofOrigin: decoder.originNumber), let origin = decoder.originNumber {
            early.note(book, of: merged, origin)
        }
        let (since, wasKnown) = (book.received, book.state == .known)
        if let reason = line.reason {
            book.replace(line.mark, bids: decoder.bids, asks: decoder.asks, isCheckpoint: reason == .checkpoint)
        } else {
            book.change(line.mark, bids: decoder.bids, asks: decoder.asks)
        }
        guard book.state == .known else {
            counts.bookLinesUnused += 1
            guard wasKnown, merged.isShown(source) || merged.showing == .waiting else { return }
            lose(number, of: source, SwitchCause(received: line.mark.received, since: since, words: "\(sources[source].feed) has a hole"))
            return tell(received: line.mark.received)
        }
        switch merged.showing {
        case .source(source): show(merged, book, line)
        case .source(let shown):
            counts.bookLinesUnused += 1
            watch(number, book, isTimeless: line.isNewBook && line.mark.venueTime == nil, against: shown)
        case .nothing, .waiting, .lost: introduce(number, book, of: source, line)
        }
    }

    private func bookMark() throws(EventError) -> SourceBook.Mark {
        SourceBook.Mark(
            seq: try decoder.integer(.seq) ?? 0, conn: try decoder.integer(.conn), received: decoder.received.micros,
            venueTime: try decoder.integer(.venueUs).map { Timestamp(micros: $0) }, nowMicros: time.nowMicros)
    }

    private func book(of merged: MergedBook, from source: Int) throws(EventError) -> SourceBook {
        if let book = merged.book(of: source) { return book }
        let market = try decoder.requireText(.market).string
        let origin = MergedOrigin(feed: settings.name, venue: merged.venue, market: market, instrument: merged.instrument)
        let book = SourceBook(origin)
        merged.add(book, of: source)
        return book
    }

    // MARK: Telling a book

    /// Tells the line of the source that is shown.
    private func show(_ merged: MergedBook, _ book: SourceBook, _ line: BookLine) {
        if let behind = merged.behind, behind.isOver(for: book) { merged.behind = nil }
        guard let reason = line.reason else {
            merged.seq += 1
            return lines.delta(
                book, bids: decoder.bids, asks: decoder.asks, seq: merged.seq, received: line.mark.received,
                venueTime: line.mark.venueTime, isVerified: line.isVerified)
        }
        tellSnapshot(merged, book, line, reason)
    }

    private func tellSnapshot(_ merged: MergedBook, _ book: SourceBook, _ line: BookLine, _ reason: SnapshotReason) {
        merged.seq += 1
        lines.snapshot(
            book, seq: merged.seq, received: line.mark.received, venueTime: line.mark.venueTime, reason: reason,
            isVerified: line.isVerified)
    }

    /// A known book of an instrument of which nothing is shown, or an old book: shows it if it may be.
    private func introduce(_ number: Int, _ book: SourceBook, of source: Int, _ line: BookLine) {
        let merged = books[number]
        guard sources[source].isTrusted, hasCome(book, of: source, asFarAs: merged.last) else {
            counts.bookLinesUnused += 1
            // It may be shown once nothing can be under way to it any more.
            return look(after: number)
        }
        guard line.reason != nil else {
            move(number, to: source, received: line.mark.received)
            return tell(received: line.mark.received)
        }
        let isFirst = merged.showing == .nothing
        take(merged, number, from: source)
        tellSnapshot(merged, book, line, isFirst ? .initial : .resync)
        tell(received: line.mark.received)
    }
}
