import MarketModel

/// Books to look after again and again: those that wait for another source, and those that may be behind one.
extension Dedupe {
    /// How often.
    private static let tickMicrosMax: Int64 = 100_000

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
        look(after: number)
    }

    /// From now on a book is looked after.
    func look(after number: Int) {
        let merged = books[number]
        guard !merged.isWatched else { return }
        merged.isWatched = true
        watched.append(number)
        if watched.count == 1 { tickMicros = Timestamp(micros: time.nowMicros).advanced(byMicros: Dedupe.tickMicrosMax).micros }
        time.expect(tickMicros)
    }

    /// Looks after them all.
    func lookAfterWatched() {
        let received = time.streamMicros
        // A book that waits is given up on time, not a tick later.
        var next = Timestamp(micros: time.nowMicros).advanced(byMicros: Dedupe.tickMicrosMax).micros
        // Whatever is decided here puts no book on the list.
        let numbers = watched
        watched = []
        for number in numbers {
            books[number].isWatched = isStillWatched(number, received)
            guard books[number].isWatched else { continue }
            watched.append(number)
            if let until = books[number].wait?.untilMicros, until > time.nowMicros { next = min(next, until) }
        }
        tickMicros = watched.isEmpty ? nil : next
        tell(received: received)
    }

    /// Decides about one; gives whether it is to be looked after further.
    private func isStillWatched(_ number: Int, _ received: Int64) -> Bool {
        let merged = books[number]
        switch merged.showing {
        case .nothing: return false
        case .source(let shown):
            guard let behind = merged.behind else { return false }
            let age = Timestamp(micros: time.nowMicros).micros(since: Timestamp(micros: behind.sinceMicros))
            if age < Dedupe.lagMicrosMax { return true }
            merged.behind = nil
            guard let ahead = sourceAhead(of: shown, merged) else { return false }
            let cause = SwitchCause(received: received, since: received, words: "the other was behind")
            move(number, to: ahead, received: received, because: cause)
            return false
        case .waiting:
            settle(number, received: received)
            return merged.showing == .waiting
        case .lost:
            guard let last = merged.last else { return false }
            if let next = bestSource(for: merged) {
                move(number, to: next, received: received)
                return false
            }
            let since = Timestamp(micros: last.progress.newsAtMicros)
            return candidates(for: merged).contains {
                Timestamp(micros: seenMicros($0.source)).micros(since: since) < Dedupe.lagMicrosMax
            }
        }
    }

    /// Whether a book is old by what another tells: by the venue's time of both, or, if the other is a whole new one, of their sources.
    func isBehind(_ shown: Int, _ other: Int, _ merged: MergedBook) -> Bool {
        guard let mine = merged.book(of: shown), let theirs = merged.book(of: other) else { return false }
        guard !theirs.hasSameLevels(as: mine.levels) else { return false }
        let earliest = Timestamp(micros: .min)
        let (reached, ahead) = (mine.venueTime ?? earliest, theirs.venueTime ?? earliest)
        if ahead > reached { return true }
        guard theirs.snapshotAtMicros > mine.newsAtMicros else { return false }
        return sources[other].venueTime ?? earliest > sources[shown].venueTime ?? earliest
    }
}
