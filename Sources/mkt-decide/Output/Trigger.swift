import JSON
import MarketModel

/// The line that made a rule fire, as decisions name it. Points into the line.
struct Trigger {
    let feed: JSONText
    let venue: JSONText
    let market: JSONText
    let instrument: JSONText
    let label: JSONText?
    let conn: Int64?
    /// nil at a trade.
    let seq: Int64?
    let tradeID: JSONText?
    let received: Timestamp

    init(_ decoder: borrowing EventDecoder) throws(EventError) {
        feed = try decoder.requireText(.feed)
        venue = try decoder.requireText(.venue)
        market = try decoder.requireText(.market)
        instrument = try decoder.requireText(.instrument)
        label = try decoder.text(.label)
        conn = try decoder.integer(.conn)
        let isBook = decoder.kind?.isBook ?? false
        seq = isBook ? decoder.bookSequence : nil
        tradeID = isBook ? nil : try decoder.text(.tradeID)
        received = decoder.received
    }
}
