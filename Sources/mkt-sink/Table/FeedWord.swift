import MarketModel

/// What a feed or a stage said last of itself, or of one of its connections.
struct FeedWord {
    /// Safe for a terminal, as is the reason.
    let state: String
    let reason: String
    let received: Timestamp
    /// How bad it is; 0: all is well.
    let rank: Int

    init(_ state: String, reason: String = "", at received: Timestamp) {
        self.state = state
        self.reason = reason
        self.received = received
        rank =
            switch state {
            case "live", "heartbeat": 0
            case "connecting": 1
            case "resyncing": 3
            case "stale": 4
            case "gap": 5
            case "disconnected": 6
            case "stopped": 7
            // `lagging`, and words that this version does not know.
            default: 2
            }
    }

    /// The worst of some words, of equals the one that was said last; nil of none.
    static func worst(of words: [FeedWord]) -> FeedWord? {
        words.max { ($0.rank, $0.received) < ($1.rank, $1.received) }
    }
}
