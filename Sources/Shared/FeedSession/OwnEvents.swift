public import JSON
public import MarketModel

/// Buying or selling, in terms of an instrument.
public enum OwnSide: UInt8, Sendable {
    case buy, sell

    var name: StaticString {
        switch self {
        case .buy: "buy"
        case .sell: "sell"
        }
    }
}

/// An order of the account's owner as it stands; nil is "not told".
public struct OwnOrder {
    public enum State: UInt8, Sendable {
        case open, filled, canceled, rejected, unknown

        var name: StaticString {
            switch self {
            case .open: "open"
            case .filled: "filled"
            case .canceled: "canceled"
            case .rejected: "rejected"
            case .unknown: "unknown"
            }
        }
    }

    public var id: JSONText
    public var clientID: JSONText?
    public var side: OwnSide?
    public var price: Price?
    public var size: Size?
    public var filled: Size?
    public var remaining: Size?
    public var state: State
    /// The venue's own text.
    public var reason: JSONText?

    public init(
        id: JSONText, clientID: JSONText?, side: OwnSide?, price: Price?, size: Size?, filled: Size?, remaining: Size?, state: State,
        reason: JSONText?
    ) {
        self.id = id
        self.clientID = clientID
        self.side = side
        self.price = price
        self.size = size
        self.filled = filled
        self.remaining = remaining
        self.state = state
        self.reason = reason
    }
}

/// An order of the account's owner was filled, or some of it; nil is "not told".
public struct OwnFill {
    public enum State: UInt8, Sendable {
        case matched, mined, confirmed, retrying, failed, unknown

        var name: StaticString {
            switch self {
            case .matched: "matched"
            case .mined: "mined"
            case .confirmed: "confirmed"
            case .retrying: "retrying"
            case .failed: "failed"
            case .unknown: "unknown"
            }
        }
    }

    public var tradeID: JSONText
    public var orderID: JSONText?
    public var clientID: JSONText?
    public var side: OwnSide
    public var price: Price
    public var size: Size
    public var isTaker: Bool?
    /// Millionths of a dollar; below zero for a rebate.
    public var fee: Int64?
    /// nil where a fill is final at once.
    public var state: State?
    public var transaction: JSONText?

    public init(
        tradeID: JSONText, orderID: JSONText?, clientID: JSONText?, side: OwnSide, price: Price, size: Size, isTaker: Bool?, fee: Int64?,
        state: State?, transaction: JSONText?
    ) {
        self.tradeID = tradeID
        self.orderID = orderID
        self.clientID = clientID
        self.side = side
        self.price = price
        self.size = size
        self.isTaker = isTaker
        self.fee = fee
        self.state = state
        self.transaction = transaction
    }
}

/// What the account holds of an instrument. All in millionths; nil is "not told".
public struct OwnPosition: Equatable, Sendable {
    /// Shares; below zero where more of the complement is held.
    public var size: Int64
    public var cost: Int64?
    public var realizedPnl: Int64?
    public var feesPaid: Int64?

    public init(size: Int64, cost: Int64?, realizedPnl: Int64?, feesPaid: Int64?) {
        self.size = size
        self.cost = cost
        self.realizedPnl = realizedPnl
        self.feesPaid = feesPaid
    }
}
