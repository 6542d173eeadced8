public import JSON
public import MarketModel

/// Gives texts numbers from 1 up, so that whoever takes frames in need not look at the texts again: for the names of instruments.
public final class TextNumbers {
    /// So many get numbers; what comes with more names than that is no market.
    static let countMax = 1 << 16

    private let countMax: Int
    private var texts = ByteTable()

    public convenience init() { self.init(countMax: TextNumbers.countMax) }

    init(countMax: Int) { self.countMax = countMax }

    /// Asks for the memory where the number of a text is found (`ByteTable.ask`).
    public func ask(for text: JSONText) -> ByteTable.Sought { texts.ask(for: text) }

    /// The number of a text, by its bytes as they stand; 0 for none.
    ///
    /// - Parameter sought: Of this text, if it was asked for before.
    public func number(_ text: JSONText?, _ sought: ByteTable.Sought = ByteTable.Sought()) -> UInt32 {
        guard let text else { return 0 }
        if texts.count >= countMax { return texts.find(text).map { UInt32($0 + 1) } ?? 0 }
        return UInt32(texts.intern(text, sought).index + 1)
    }
}
