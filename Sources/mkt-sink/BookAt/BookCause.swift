import MarketModel

/// Why a book is unknown, and since when.
struct BookCause: Equatable {
    enum Kind: Equatable {
        /// A break that its feed told: `gap`, `stale` …
        case told(state: String)
        /// A line's number does not follow that of the line before.
        case sequence(last: Int64, next: Int64)
        /// A change of another connection than the snapshot's.
        case connection(Int64)
        /// Changes of it are there, and no snapshot before them.
        case noSnapshot
    }

    let kind: Kind
    /// The receive time of the line that says so.
    let received: Timestamp

    /// In words, for people.
    var words: String {
        switch kind {
        case .told(let state): "its feed says \(state)"
        case .sequence(let last, let next): "its line \(next) does not follow line \(last)"
        case .connection(let conn): "its changes are those of connection \(conn), of which there is no snapshot"
        case .noSnapshot: "there is no snapshot before its changes"
        }
    }
}
