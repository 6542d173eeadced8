/// Watches the sequence numbers of one subscription on one connection.
///
/// The venue's rules (venues dossier §4):
/// 1. `seq` counts per connection and sid; a new connection or a new `subscribed` starts it over.
/// 2. Every frame with a `seq` uses one up, whatever its type: `ok`, `error` and `unsubscribed` too.
/// 3. The first number seen is the anchor; `subscribed` has none.
/// 4. `seq` = last + 1 follows. `seq` > last + 1: what lies between is lost. `seq` ≤ last: a repetition, never to be applied.
/// 5. A frame without `seq` (ticker, private channels) does not touch the count.
/// 6. Nothing but a new subscription moves the count back; a snapshot does not.
struct KalshiSequencer: Sendable {
    /// What a number means.
    enum Verdict: Equatable, Sendable {
        case anchor
        case next
        /// Numbers from `expected` up to the one before this are lost.
        case hole(expected: UInt64)
        case repetition(last: UInt64)
    }

    /// The first number seen; nil before it. 1 where the subscription was seen from its start.
    private(set) var anchor: UInt64?
    /// The last number taken; nil before the first.
    private(set) var last: UInt64?

    /// Judges a number and counts it in, unless it is a repetition.
    mutating func take(_ seq: UInt64) -> Verdict {
        guard let last else {
            anchor = seq
            self.last = seq
            return .anchor
        }
        guard seq > last else { return .repetition(last: last) }
        self.last = seq
        return seq == last + 1 ? .next : .hole(expected: last + 1)
    }
}
