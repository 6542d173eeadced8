import JSON
import MarketModel

/// The venue's word for the best price of a side, in four bytes.
///
/// `""`, `0` and `1` say that the side is empty: no order can rest there.
struct PolymarketTop {
    private static let untold: Int32 = -1
    private static let empty: Int32 = -2
    private static let unreadable: Int32 = -3

    /// Millionths, or one of the words above.
    private let code: Int32

    init(_ text: JSONText?) {
        guard let text else {
            code = PolymarketTop.untold
            return
        }
        if text.isEmpty {
            code = PolymarketTop.empty
        } else if let price = try? PolymarketDecimal.price(text, "best") {
            code = Int32(truncatingIfNeeded: price.millionths)
        } else {
            code = PolymarketTop.unreadable
        }
    }

    /// nil is that the side is empty.
    init(_ price: Price?) { code = price.map { Int32(truncatingIfNeeded: $0.millionths) } ?? PolymarketTop.empty }

    var isTold: Bool { code != PolymarketTop.untold }

    /// The price; nil where none was told, or none that can be read.
    var price: Price? { code >= 0 ? Price(millionths: Int64(code)) : nil }

    /// Whether it fits ours. nil if it is no price.
    func agrees(with own: Price?) -> Bool? {
        if code == PolymarketTop.empty { return own == nil }
        guard let price else { return nil }
        return own == nil ? price == .zero || price == .one : price == own
    }
}
