import JSON
import MarketModel
import UnixTool

/// Gives the rows of a database that a question needs to its collector, as the lines that they were.
///
/// Each look-up goes by the key of its table, which begins with instrument and time. What stands between two snapshots of a book is read,
/// and of the instruments and feeds no more than is needed to find them.
struct StoredBooks<Store: BookStore> {
    let store: Store
    let collector: BookCollector
    /// For messages.
    let name: String

    private var question: BookQuestion { collector.question }

    func read() throws {
        for instrument in try instruments() {
            let feeds = try store.rows(
                "SELECT DISTINCT feed_id, venue_id FROM book_snapshots WHERE instrument_id = $1 AND recv_us BETWEEN $2 AND $3",
                [instrument, question.first.micros, question.time.micros])
            if feeds.isEmpty { try readBare(instrument) }
            for feed in feeds {
                guard let feedNumber = feed[0].flatMap(Int64.init), let venue = feed[1].flatMap(Int64.init) else { continue }
                try readBook(instrument, feedNumber, venue)
            }
        }
    }

    // MARK: Which

    /// The numbers of the instruments that are meant, each once.
    ///
    /// Tables have no order by market. So of each instrument the latest row is looked at for its market: an instrument belongs to one.
    private func instruments() throws -> [Int64] {
        let names = Set(try question.names.compactMap(store.number(of:)))
        guard !names.isEmpty else { return [] }
        var found: [Int64] = []
        for table in ["book_snapshots", "book_deltas"] {
            for row in try store.rows(everyInstrument(of: table), [question.first.micros, question.time.micros]) {
                guard let instrument = row[0].flatMap(Int64.init), let market = row[1].flatMap(Int64.init) else { continue }
                if names.contains(instrument) || names.contains(market), !found.contains(instrument) { found.append(instrument) }
            }
        }
        return found
    }

    /// Steps from each instrument to the next one, which the key finds at once: no table is read as a whole.
    ///
    /// Where tables are parted by time, only the parts that may hold an answer are looked at.
    private func everyInstrument(of table: String) -> String {
        let inTime = store.isPartedByTime ? "t.recv_us BETWEEN $1 AND $2" : "true"
        return """
            WITH RECURSIVE each (id) AS (
                SELECT min(t.instrument_id) FROM \(table) AS t WHERE \(inTime)
                UNION ALL
                SELECT (SELECT min(t.instrument_id) FROM \(table) AS t WHERE t.instrument_id > each.id AND \(inTime)) FROM each WHERE each.id IS NOT NULL
            )
            SELECT id, (SELECT t.market_id FROM \(table) AS t WHERE t.instrument_id = each.id AND t.recv_us BETWEEN $1 AND $2 ORDER BY t.recv_us DESC LIMIT 1)
            FROM each WHERE id IS NOT NULL
            """
    }

    // MARK: Lines

    /// An instrument without a snapshot: its latest changes say that it is there.
    private func readBare(_ instrument: Int64) throws {
        let rows = try store.rows(
            bookRows("book_deltas") + " WHERE t.instrument_id = $1 AND t.recv_us BETWEEN $2 AND $3 ORDER BY t.recv_us DESC LIMIT 1",
            [instrument, question.first.micros, question.time.micros])
        for row in rows { _ = try give(row, .bookDelta) }
    }

    private func readBook(_ instrument: Int64, _ feed: Int64, _ venue: Int64) throws {
        let ofBook = " WHERE t.instrument_id = $1 AND t.feed_id = $2 AND t.venue_id = $3 AND t.recv_us BETWEEN $4 AND $5"
        let snapshots = try store.rows(
            bookRows("book_snapshots") + ofBook + " ORDER BY t.recv_us DESC, t.seq DESC, t.conn DESC LIMIT 1",
            [instrument, feed, venue, question.first.micros, question.time.micros])
        guard let snapshot = snapshots.first, let received = snapshot[StoredColumn.received.rawValue].flatMap(Int64.init) else { return }
        let key = try give(snapshot, .bookSnapshot)
        try readBreaks(feed, from: received)
        // Behind its first break nothing makes it known again, or there would be a later snapshot.
        let last = collector.brokenMicros(key) ?? question.time.micros
        for row in try store.rows(bookRows("book_deltas") + ofBook, [instrument, feed, venue, received, last]) {
            _ = try give(row, .bookDelta)
        }
    }

    private func readBreaks(_ feed: Int64, from received: Int64) throws {
        let states = BookBreak.states.map { "'\($0)'" }.joined(separator: ", ")
        let rows = try store.rows(
            """
            SELECT feed.text, venue.text, t.conn, t.recv_us, t.state, t.instruments FROM feed_statuses AS t
                JOIN \(store.texts) AS feed ON feed.text_id = t.feed_id JOIN \(store.texts) AS venue ON venue.text_id = t.venue_id
            WHERE t.feed_id = $1 AND t.recv_us BETWEEN $2 AND $3 AND t.state IN (\(states))
            """, [feed, received, question.time.micros])
        for row in rows {
            let line = StoredLine.make(status: row)
            try collector.take(line.bytes, from: name)
        }
    }

    private func give(_ row: [String?], _ kind: EventKind) throws -> BookKey {
        let line = StoredLine.make(kind, row, levels: store.append(levels:to:))
        try collector.take(line.bytes, from: name)
        func bytes(_ column: StoredColumn) -> [UInt8] { Array((row[column.rawValue] ?? "").utf8) }
        return BookKey(feed: bytes(.feed), venue: bytes(.venue), instrument: bytes(.instrument))
    }

    /// The columns of `StoredColumn`.
    private func bookRows(_ table: String) -> String {
        """
        SELECT feed.text, venue.text, market.text, instrument.text, label.text, t.conn, t.seq, t.recv_us, t.venue_us, t.bids, t.asks, t.verified
        FROM \(table) AS t
            JOIN \(store.texts) AS feed ON feed.text_id = t.feed_id JOIN \(store.texts) AS venue ON venue.text_id = t.venue_id
            JOIN \(store.texts) AS market ON market.text_id = t.market_id
            JOIN \(store.texts) AS instrument ON instrument.text_id = t.instrument_id
            LEFT JOIN \(store.texts) AS label ON label.text_id = t.label_id
        """
    }
}
