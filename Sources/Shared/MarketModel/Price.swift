public import JSON

/// What one share costs in dollars, in whole millionths: 0.5 is 500,000.
public struct Price: BitwiseCopyable, Hashable, Comparable, Sendable {
    public var millionths: Int64

    @inlinable
    public init(millionths: Int64) { self.millionths = millionths }

    public static let zero = Price(millionths: 0)
    public static let one = Price(millionths: Decimal6.one)

    @inlinable
    public static func < (left: Price, right: Price) -> Bool { left.millionths < right.millionths }

    /// The price of the opposite outcome: `1 - self`.
    @inlinable
    public var complement: Price { Price(millionths: Decimal6.one - millionths) }

    /// Whether it is a price of an outcome at all: 0 to 1.
    @inlinable
    public var isProbability: Bool { millionths >= 0 && millionths <= Decimal6.one }
}

/// A number of shares or contracts, in whole millionths.
public struct Size: BitwiseCopyable, Hashable, Comparable, Sendable {
    public var millionths: Int64

    @inlinable
    public init(millionths: Int64) { self.millionths = millionths }

    public static let zero = Size(millionths: 0)

    @inlinable
    public static func < (left: Size, right: Size) -> Bool { left.millionths < right.millionths }
}

/// What rests at one price.
public struct Level: BitwiseCopyable, Hashable, Sendable {
    public var price: Price
    /// Absolute, never a change; zero takes the level away.
    public var size: Size

    @inlinable
    public init(price: Price, size: Size) {
        self.price = price
        self.size = size
    }

    @inlinable
    public init(_ price: Int64, _ size: Int64) {
        self.init(price: Price(millionths: price), size: Size(millionths: size))
    }
}

/// A moment, in microseconds since 1970-01-01T00:00Z.
public struct Timestamp: BitwiseCopyable, Hashable, Comparable, Sendable {
    public var micros: Int64

    @inlinable
    public init(micros: Int64) { self.micros = micros }

    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.micros < right.micros }

    /// The moment `micros` later; a sum that does not fit stays at the end of time.
    @inlinable
    public func advanced(byMicros micros: Int64) -> Timestamp {
        let (sum, overflow) = self.micros.addingReportingOverflow(micros)
        return Timestamp(micros: overflow ? (micros > 0 ? .max : .min) : sum)
    }

    /// Microseconds from `earlier` to here; a difference that does not fit is the largest that does.
    @inlinable
    public func micros(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = micros.subtractingReportingOverflow(earlier.micros)
        return overflow ? (micros > earlier.micros ? .max : .min) : difference
    }
}
