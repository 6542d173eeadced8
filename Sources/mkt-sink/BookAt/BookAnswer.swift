import JSON
import MarketModel

/// What can be said of one book at the moment.
struct BookAnswer {
    /// Its feed is empty where no feed has told a snapshot.
    let key: BookKey
    let market: String
    let label: String?
    let outcome: CollectedBook.Outcome

    /// The receive time of the line that it stands on.
    var received: Int64 {
        switch outcome {
        case .known(_, let last): last.received
        case .unknown(let cause): cause.received.micros
        }
    }

    /// In the order of a stream.
    static func precedes(_ left: BookAnswer, _ right: BookAnswer) -> Bool {
        left.received != right.received ? left.received < right.received : BookKey.precedes(left.key, right.key)
    }

    /// Writes a known book as a snapshot of its own: a checkpoint, since it repeats what the feed had told and is no news.
    ///
    /// It has the number and the times of the line after which the book was so, so that the next line follows it.
    static func append(
        _ book: OrderBook, after last: BookLine, _ key: BookKey, market: String, label: String?, to buffer: inout ByteBuffer
    ) {
        let origin = EventOrigin(
            feed: BookKey.text(key.feed), venue: BookKey.text(key.venue), market: market, instrument: BookKey.text(key.instrument),
            label: label)
        buffer.beginEvent(
            .bookSnapshot, origin, conn: last.conn == 0 ? nil : last.conn, seq: last.seq, received: Timestamp(micros: last.received),
            venueTime: last.venueTime)
        buffer.append(.bids, levels: book.bids.bestFirst)
        buffer.append(.asks, levels: book.asks.bestFirst)
        buffer.append(.reason, word: "checkpoint")
        buffer.append(.verified, bool: last.isVerified ? true : nil)
        buffer.endEvent()
    }

    /// For people, where it is unknown: `the book of btc-up/Up (7486…) in feed pm at 2026-… is unknown since …: its feed says gap`.
    func words(_ cause: BookCause, at time: Timestamp) -> String {
        let instrument = BookKey.text(key.instrument)
        let name = label.map { "\($0) (\(instrument))" } ?? instrument
        let feed = key.feed.isEmpty ? "" : " in feed \(BookKey.text(key.feed))"
        let since = cause.hasBegin ? " since \(CivilTime(cause.received).exact) (\(cause.received.micros))" : ""
        return "the book of \(name)\(feed) is unknown at \(CivilTime(time).exact)\(since): \(cause.words)"
    }
}
