import MarketModel

/// The level changes of a book that is unknown, with the venue's times, in bounded memory.
struct MissedChanges {
    /// So many are kept; of more, the oldest half goes.
    static let countMax = 4096

    struct Entry {
        let venueTime: Timestamp
        let side: Side
        let level: Level
        let price: String
        let size: String
    }

    /// What the last of them says of the whole book after it: two witnesses of a book that REST gives.
    struct Word {
        let venueTime: Timestamp
        let stamp: String
        let hash: String?
        let bestBid: String?
        let bestAsk: String?
    }

    private(set) var entries: [Entry] = []
    var last: Word?
    /// The venue's time of the last change that was not kept: a REST book must be as new as that.
    private(set) var forgottenTo = Timestamp(micros: 0)

    mutating func append(_ entry: Entry) {
        if entries.count == MissedChanges.countMax {
            forgottenTo = entries[MissedChanges.countMax / 2 - 1].venueTime
            entries.removeFirst(MissedChanges.countMax / 2)
        }
        entries.append(entry)
    }

    mutating func removeAll() {
        entries.removeAll()
        last = nil
        forgottenTo = Timestamp(micros: 0)
    }
}
