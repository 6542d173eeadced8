import JSON
import MarketModel

/// Tells decisions of one rule on one instrument apart that stand on lines which say the same.
///
/// In a stream whose time rises, the ordinal counts the decisions of one microsecond: it depends on nothing but the lines of that
/// microsecond. Where time runs backwards, a count that is never reset keeps all ordinals of a moment different. Constant memory.
struct DecisionOrdinals {
    enum Ordinal: Equatable {
        /// The time is the latest so far; how many came before in the same microsecond.
        case inOrder(Int64)
        /// The time is before the latest; how many such came before.
        case late(Int64)

        /// For the identity of a decision: `0`, `late 0`.
        func append(to buffer: inout ByteBuffer) {
            switch self {
            case .inOrder(let count): buffer.append(integer: count)
            case .late(let count):
                buffer.append("late ")
                buffer.append(integer: count)
            }
        }
    }

    private var latest: Timestamp?
    private var inOrderCount: Int64 = 0
    private var lateCount: Int64 = 0

    mutating func next(at time: Timestamp) -> Ordinal {
        if let latest, time < latest {
            lateCount += 1
            return .late(lateCount - 1)
        }
        inOrderCount = time == latest ? inOrderCount + 1 : 0
        latest = time
        return .inOrder(inOrderCount)
    }
}
