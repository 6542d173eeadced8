import JSON
import MarketModel

/// A decision as it is shown; all texts safe for a terminal.
struct TableDecision {
    let feed: String
    let rule: String
    let action: String
    let note: String
    let received: Timestamp

    /// Reads a `decision` line.
    init(_ decoder: borrowing EventDecoder) throws(EventError) {
        feed = SafeText.make(try decoder.requireText(.feed))
        rule = SafeText.make(try decoder.requireText(.rule))
        action = SafeText.make(try decoder.requireText(.action))
        note = try decoder.text(.note).map { SafeText.make($0) } ?? ""
        received = decoder.received
    }
}
