import JSON

/// The prices of one instrument in the window that ends with its newest one.
public struct HistoryStatistics: Equatable, Sendable {
    public let venue: String
    public let instrument: String
    /// No entry is shorter as JSON.
    static let jsonBytesMin = 100

    /// The length of the window: a price counts if `newestMicros - windowMicros < at_us <= newestMicros`.
    public let windowMicros: Int64
    /// Prices in the window, 1 or more.
    public internal(set) var count: Int64
    /// Of the prices in millionths.
    public internal(set) var sum: Int128
    /// Of their squares.
    public internal(set) var squareSum: Int128
    /// The earliest price that counts.
    public internal(set) var oldestMicros: Int64
    /// The latest price that the instrument has.
    public let newestMicros: Int64

    /// More prices than any database gives; sums of that many leave room for what is worked out of them.
    static let countMax: Int64 = 1_000_000_000

    /// Whether the sums can be those of prices from 0 to 1: a stream may hold any numbers.
    var isPossible: Bool {
        (1...HistoryStatistics.countMax).contains(count) && (0...Int128(count) * Int128(Decimal6.one)).contains(sum)
            && (0...Int128(count) * Int128(Decimal6.one) * Int128(Decimal6.one)).contains(squareSum)
    }

    public init(
        venue: String, instrument: String, windowMicros: Int64, count: Int64, sum: Int128, squareSum: Int128, oldestMicros: Int64,
        newestMicros: Int64
    ) {
        self.venue = venue
        self.instrument = instrument
        self.windowMicros = windowMicros
        self.count = count
        self.sum = sum
        self.squareSum = squareSum
        self.oldestMicros = oldestMicros
        self.newestMicros = newestMicros
    }
}
