public import JSON
import MarketModel

/// Gives texts numbers from 1 up, so that whoever takes frames in need not look at the texts again: for the names of instruments.
public final class TextNumbers {
    /// So many get numbers; what comes with more names than that is no market.
    static let countMax = 1 << 16

    private let countMax: Int
    private var texts = ByteTable()

    public convenience init() { self.init(countMax: TextNumbers.countMax) }

    init(countMax: Int) { self.countMax = countMax }

    /// The number of a text, by its bytes as they stand; 0 for none.
    public func number(_ text: JSONText?) -> UInt32 {
        guard let text else { return 0 }
        if texts.count >= countMax { return texts.find(text).map { UInt32($0 + 1) } ?? 0 }
        return UInt32(texts.intern(text).index + 1)
    }
}
