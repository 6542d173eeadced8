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
