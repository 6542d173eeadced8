import FeedSession
import JSON
import MarketModel

/// `price_change`: what happens most.
extension PolymarketMapper {
    /// The message in hand: its entries, and where its texts are.
    struct Changes {
        let envelope: PolymarketChanges
        let entries: UnsafeBufferPointer<PolymarketChange>
        /// Where its frame begins.
        let base: UnsafePointer<UInt8>
        let stamp: JSONText

        /// nil for no timestamp, which no envelope is without.
        init?(_ envelope: PolymarketChanges, _ entries: UnsafeBufferPointer<PolymarketChange>, from base: UnsafePointer<UInt8>) {
            guard let stamp = envelope.stamp.text(from: base) else { return nil }
            (self.envelope, self.entries, self.base, self.stamp) = (envelope, entries, base, stamp)
        }
    }

    func mapPriceChange(_ message: borrowing PolymarketMessage, _ conn: Int64, _ time: Timestamp) throws {
        let envelope: PolymarketChanges
        do throws(PolymarketFault) {
            envelope = try PolymarketChanges(message)
        } catch {
            try loseMentioned(message, conn, time)
            throw error
        }
        if let changes = Changes(envelope, message.changes.elements, from: message.base) { try take(changes, conn, time) }
    }

    /// A change that cannot be read is a change that is lost: the books that it names are wrong from here on.
    private func loseMentioned(_ message: borrowing PolymarketMessage, _ conn: Int64, _ time: Timestamp) throws {
        guard message.hasChanges || message.hasRetiredKey || message.price != nil else { return }
        let base = message.base
        let changed = message.changes.elements.compactMap { $0.assetID.text(from: base) } + message.mentioned
        for assetID in changed + [message.assetID].compactMap({ $0 }) {
            guard let book = registry.find(assetID), book.isCarried(by: conn) else { continue }
            if book.standIn(for: conn, isGone: false) { continue }
            try verifier.loseBook(book, reason: "a change of this book cannot be read", at: time)
        }
    }

    /// Takes the changes of one message.
    func take(_ changes: Changes, _ conn: Int64, _ time: Timestamp) throws {
        output.counters.count("frames_price_change")
        try apply(changes, conn, time)
        for index in 0..<touched.count {
            try touched[index]._withUnsafeGuaranteedRef { book in try tell(book, changes, time) }
        }
    }

    /// Puts every entry into its book and notes what each book got.
    private func apply(_ changes: Changes, _ conn: Int64, _ time: Timestamp) throws {
        touched.removeAll(keeping: PolymarketMapper.keptBooks)
        if !refused.isEmpty { refused.removeAll(keepingCapacity: true) }
        for index in changes.entries.indices {
            let book = try registry.book(
                changes.entries[index].token, changes.entries[index].assetID, market: changes.envelope.market, from: changes.base, at: time)
            book._withUnsafeGuaranteedRef { apply(index, of: changes, to: $0, conn, time) }
        }
    }

    @inline(__always)
    private func apply(_ index: Int, of changes: Changes, to book: PolymarketBook, _ conn: Int64, _ time: Timestamp) {
        let venueTime = changes.envelope.venueTime
        // A token whose whole book is still to come: the venue leaves some out, and REST gives them.
        if book.instrument.conn == nil, !subscriptions.isDropped(book.instrument.id, on: conn) { book.startOver(conn: conn) }
        if book.lastEntry < 0, !isTaken(book, changes, from: index, conn) { return }
        book.lastWord = time
        guard book.hasBook else {
            output.counters.add("changes_before_book")
            // The whole books come first: this one was left out.
            verifier.noteLost(book)
            return book.noteMissed(changes.entries[index], from: changes.base, stamp: changes.stamp, venueTime: venueTime)
        }
        if book.lastEntry < 0 {
            touched.append(Unmanaged.passUnretained(book))
            book.changed.begin()
        }
        book.lastEntry = index
        book.set(changes.entries[index], from: changes.base)
        book.changed.put(changes.entries[index].side, changes.entries[index].level)
        if book.instrument.book.isKnown {
            book.knownTo = max(book.knownTo, venueTime)
        } else {
            book.noteMissed(changes.entries[index], from: changes.base, stamp: changes.stamp, venueTime: venueTime)
        }
    }

    /// Whether the entries of a token in the message in hand count, asked at the first of them.
    private func isTaken(_ book: PolymarketBook, _ changes: Changes, from index: Int, _ conn: Int64) -> Bool {
        if book.ring == nil {
            if book.instrument.conn == conn { return true }
            output.counters.count("changes_of_other_connection")
            return false
        }
        guard !refused.contains(where: { $0 === book }) else { return false }
        // A book that is unknown is mended from one connection, not from two that stand in different places.
        guard book.instrument.book.isKnown else { return book.instrument.conn == conn }
        var key = MessageKey()
        for other in index..<changes.entries.count
        where other == index || changes.entries[other].isOfToken(of: changes.entries[index], from: changes.base) {
            changes.entries[other].add(to: &key, from: changes.base)
        }
        key.add(UInt64(bitPattern: changes.envelope.venueTime.micros))
        if admit(book, key.value, conn) { return true }
        refused.append(book)
        return false
    }

    /// Checks a book after its changes, and shows them if it can still be believed.
    private func tell(_ book: PolymarketBook, _ changes: Changes, _ time: Timestamp) throws {
        let last = book.lastEntry
        let venueTime = changes.envelope.venueTime
        book.lastEntry = -1
        let wasKnown = book.instrument.book.isKnown
        var isVerified = false
        if verifier.checksHashes, hasHash(changes, last), verifier.isDue(book) {
            gatherHashes(changes, last)
            isVerified = try verifier.checkHash(book, hashes, changes.stamp, venueTime, time, isWhole: false)
        }
        if !isVerified {
            try verifier.checkTop(book, bid: changes.entries[last].bid, ask: changes.entries[last].ask, venueTime: venueTime, at: time)
        }
        if wasKnown {
            guard book.instrument.book.isKnown else { return }
            if let (side, level) = book.changed.only {
                return try output.delta(
                    book.instrument, side, level, received: time, venueTime: venueTime, isVerified: isVerified)
            }
            book.changed.sort()
            try output.delta(
                book.instrument, bids: book.changed.bids, asks: book.changed.asks, received: time, venueTime: venueTime,
                isVerified: isVerified)
        } else if isVerified {
            // The hash is over the whole book: what was in doubt is proved right, and readers get it whole.
            book.instrument.book.markKnown()
            book.knownTo = max(book.knownTo, venueTime)
            book.beginOrder()
            book.isStalled = false
            book.missedChanges.removeAll()
            try output.snapshot(book.instrument, reason: .resync, received: time, venueTime: venueTime, isVerified: true)
            try tellLive(book, at: time)
        }
    }

    /// Whether an entry of a token tells a hash.
    private func hasHash(_ changes: Changes, _ last: Int) -> Bool {
        if changes.entries[last].hasHash { return true }
        return changes.entries.contains { $0.hasHash && $0.isOfToken(of: changes.entries[last], from: changes.base) }
    }

    /// The hashes that the entries of a token tell, the last one first.
    private func gatherHashes(_ changes: Changes, _ last: Int) {
        hashes.removeAll(keepingCapacity: true)
        for index in changes.entries.indices.reversed()
        where index == last || changes.entries[index].isOfToken(of: changes.entries[last], from: changes.base) {
            guard let hash = changes.entries[index].hash.text(from: changes.base), !hash.isEmpty else { continue }
            if !hashes.contains(where: { $0.isEqual(to: hash) }) { hashes.append(hash) }
        }
    }
}
