import JSON
import MarketModel

/// Why a snapshot is sent, in the contract's words.
enum SnapshotReason: CaseIterable {
    case initial, refresh, resync, checkpoint

    var name: StaticString {
        switch self {
        case .initial: "initial"
        case .refresh: "refresh"
        case .resync: "resync"
        case .checkpoint: "checkpoint"
        }
    }

    init(_ snapshot: borrowing EventDecoder) throws(EventError) {
        let text = try snapshot.requireText(.reason)
        guard let reason = SnapshotReason.allCases.first(where: { text.isEqual(to: $0.name) }) else { throw .wrongValue(.reason) }
        self = reason
    }
}
