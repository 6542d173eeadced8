public import JSON

/// What is known of an instrument apart from its book: the payload of an `instrument` event. nil is "not known".
public struct InstrumentFacts: Equatable, Sendable {
    public var outcome: String?
    public var question: String?
    public var event: String?
    public var slug: String?
    /// The instrument of the other outcome, in a market of two.
    public var complement: String?
    public var state: MarketState?
    public var tickSize: Price?
    public var minSize: Size?
    /// In rising order.
    public var priceRanges: [PriceRange]?
    public var opens: Timestamp?
    public var closes: Timestamp?
    public var fee: Fee?
    public var negRisk: NegativeRisk?

    public init() {}
}

/// A stretch of prices with one tick size.
public struct PriceRange: Equatable, Sendable {
    public var start: Price
    public var end: Price
    public var step: Price

    public init(start: Price, end: Price, step: Price) {
        self.start = start
        self.end = end
        self.step = step
    }
}

/// What the venue takes of a trade.
public struct Fee: Equatable, Sendable {
    public enum Model: UInt8, Sendable {
        case free
        /// Shares × rate × (price × (1 - price))^exponent × multiplier.
        case quadratic
        case unknown
    }

    public var model: Model
    /// Rates and the multiplier in millionths; nil is "not told".
    public var takerRate: Int64?
    public var makerRate: Int64?
    public var exponent: Int64?
    public var multiplier: Int64?

    public init(
        _ model: Model, takerRate: Int64? = nil, makerRate: Int64? = nil, exponent: Int64? = nil, multiplier: Int64? = nil
    ) {
        self.model = model
        self.takerRate = takerRate
        self.makerRate = makerRate
        self.exponent = exponent
        self.multiplier = multiplier
    }
}

/// How the markets of one event hang together where a NO of one can be turned into a YES of all others.
public enum NegativeRisk: UInt8, Sendable {
    /// They do not: each market stands alone.
    case none
    /// One of the markets that are listed comes true.
    case standard
    /// One of them comes true, or one that is not listed yet: buying all of them is no sure thing.
    case augmented

    public var name: StaticString {
        switch self {
        case .none: "none"
        case .standard: "standard"
        case .augmented: "augmented"
        }
    }
}

/// Where a market stands in its life.
public enum MarketState: UInt8, CaseIterable, Sendable {
    case unopened, open, paused, closed, determined, settled

    public var name: StaticString {
        switch self {
        case .unopened: "unopened"
        case .open: "open"
        case .paused: "paused"
        case .closed: "closed"
        case .determined: "determined"
        case .settled: "settled"
        }
    }
}

extension ByteBuffer {
    /// The payload of an `instrument` event.
    public mutating func append(_ facts: InstrumentFacts) {
        append(.outcome, string: facts.outcome)
        append(.question, string: facts.question)
        append(.event, string: facts.event)
        append(.slug, string: facts.slug)
        append(.complement, string: facts.complement)
        append(.state, word: facts.state?.name)
        append(.tickSize, millionths: facts.tickSize?.millionths)
        append(.minSize, millionths: facts.minSize?.millionths)
        if let ranges = facts.priceRanges { append(ranges) }
        append(.openUs, integer: facts.opens?.micros)
        append(.closeUs, integer: facts.closes?.micros)
        if let fee = facts.fee { append(fee) }
        append(.negRisk, word: facts.negRisk?.name)
    }

    private mutating func append(_ ranges: [PriceRange]) {
        appendKey(.priceRanges)
        append(UInt8(ascii: "["))
        for (index, range) in ranges.enumerated() {
            append(index > 0 ? ",{\"start\":" : "{\"start\":")
            append(millionths: range.start.millionths)
            append(",\"end\":")
            append(millionths: range.end.millionths)
            append(",\"step\":")
            append(millionths: range.step.millionths)
            append(UInt8(ascii: "}"))
        }
        append(UInt8(ascii: "]"))
    }

    private mutating func append(_ fee: Fee) {
        appendKey(.fee)
        switch fee.model {
        case .free: append("{\"model\":\"none\"")
        case .quadratic: append("{\"model\":\"quadratic\"")
        case .unknown: append("{\"model\":\"unknown\"")
        }
        appendMember(",\"taker_rate\":", fee.takerRate)
        appendMember(",\"maker_rate\":", fee.makerRate)
        appendMember(",\"exponent\":", fee.exponent)
        appendMember(",\"multiplier\":", fee.multiplier)
        append(UInt8(ascii: "}"))
    }

    private mutating func appendMember(_ key: StaticString, _ millionths: Int64?) {
        guard let millionths else { return }
        append(key)
        append(millionths: millionths)
    }
}
