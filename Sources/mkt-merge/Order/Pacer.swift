/// Plays recorded lines at the pace they were received, or a multiple of it.
struct Pacer {
    private static let one: Int128 = 1_000_000

    /// A speed of 1 is 1,000,000.
    private let speedMillionths: Int64
    private var first: (received: Int64, micros: Int64)?

    init(speedMillionths: Int64) { self.speedMillionths = speedMillionths }

    /// When a line may go, in the same clock as `nowMicros`. The first line goes at once and the others by it.
    ///
    /// A line older than the first is due at once.
    mutating func dueMicros(received: Int64, nowMicros: Int64) -> Int64 {
        guard let first else {
            self.first = (received, nowMicros)
            return nowMicros
        }
        let distance = (Int128(received) - Int128(first.received)) * Pacer.one / Int128(speedMillionths)
        return Int64(clamping: Int128(first.micros) + max(distance, 0))
    }
}
