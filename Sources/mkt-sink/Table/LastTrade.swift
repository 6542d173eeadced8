import MarketModel

/// The trade that an instrument had last.
struct LastTrade {
    let price: Price
    let size: Size
    let side: AggressorSide
    let received: Timestamp

    /// The word of `aggressor_side`.
    enum AggressorSide {
        case buy, sell, unknown

        var name: String {
            switch self {
            case .buy: "buy"
            case .sell: "sell"
            case .unknown: "-"
            }
        }
    }

    /// Reads a `trade` line.
    init(_ decoder: borrowing EventDecoder) throws(EventError) {
        price = try decoder.requirePrice(.price)
        size = try decoder.requireSize(.size)
        let word = try decoder.requireText(.aggressorSide)
        side = word.isEqual(to: "buy") ? .buy : word.isEqual(to: "sell") ? .sell : .unknown
        received = decoder.received
    }
}
