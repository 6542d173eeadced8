import MarketModel
import Segments

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
        /// Lines that may be of it cannot be read, or not as they were sealed.
        case lost(SegmentFault)
    }

    let kind: Kind
    /// The receive time of the line that says so; of what is lost, that of the latest line that is there.
    let received: Timestamp

    /// Whether it is known since when the book is unknown.
    var hasBegin: Bool {
        switch kind {
        case .told, .sequence, .connection: true
        case .noSnapshot, .lost: false
        }
    }

    private static func words(_ fault: SegmentFault) -> String {
        switch fault.kind {
        case .missing: "\(fault.path), which may hold lines of it, is missing"
        case .unreadable: "\(fault.path), which may hold lines of it, cannot be read"
        case .differing: "\(fault.path), which may hold lines of it, is not what was sealed"
        case .manifest: "\(fault.path), which may tell of more lines of it, cannot be read as a whole"
        }
    }

    /// In words, for people.
    var words: String {
        switch kind {
        case .told(let state): "its feed says \(state)"
        case .sequence(let last, let next): "its line \(next) does not follow line \(last)"
        case .connection(let conn): "its changes are those of connection \(conn), of which there is no snapshot"
        case .noSnapshot: "there is no snapshot before its changes"
        case .lost(let fault): BookCause.words(fault)
        }
    }
}
