public import JSON
public import MarketModel

/// One print, as a venue tells it.
public struct Trade {
    public enum Aggressor: UInt8, BitwiseCopyable, Sendable {
        case buy, sell, unknown

        var name: StaticString {
            switch self {
            case .buy: "buy"
            case .sell: "sell"
            case .unknown: "unknown"
            }
        }
    }

    public var price: Price
    public var size: Size
    public var aggressor: Aggressor
    public var id: JSONText?
    public var transaction: JSONText?

    public init(price: Price, size: Size, aggressor: Aggressor, id: JSONText? = nil, transaction: JSONText? = nil) {
        self.price = price
        self.size = size
        self.aggressor = aggressor
        self.id = id
        self.transaction = transaction
    }
}

/// Statistics that a venue pushes. nil is "not told"; a side that is nil is empty.
public struct Ticker: Equatable, Sendable {
    public var lastPrice: Price?
    public var volume: Size?
    public var openInterest: Size?
    public var bid: Quote?
    public var ask: Quote?

    public init(lastPrice: Price?, volume: Size?, openInterest: Size?, bid: Quote?, ask: Quote?) {
        self.lastPrice = lastPrice
        self.volume = volume
        self.openInterest = openInterest
        self.bid = bid
        self.ask = ask
    }
}
