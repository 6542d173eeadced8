import JSON
import Reference

/// How far a mid is from the mean of a history, in deviations of it; compared without a root or a division.
struct ZScore {
    /// `(n × 2·mid - 2 × sum)²`.
    private let distanceSquared: UInt128
    /// `n - 1`.
    private let freedom: UInt128
    /// `4n × (n × squares - sum²)`, as two factors.
    private let count: UInt128
    private let spread: UInt128

    /// - Parameters:
    ///   - doubleMid: Twice the mid, in millionths.
    ///   - history: Of prices from 0 to 1 dollar, fewer than 10^9 of them, so that all products fit.
    init(doubleMid: Int64, _ history: HistoryStatistics) {
        let (n, sum) = (Int128(history.count), history.sum)
        let distance = (n * Int128(doubleMid) - 2 * sum).magnitude
        distanceSquared = distance * distance
        freedom = UInt128(max(history.count - 1, 0))
        count = UInt128(history.count)
        spread = UInt128(max(n * history.squareSum - sum * sum, 0))
    }

    /// Whether it is so many deviations (in millionths) or more. Where all prices are the same there is no deviation, and so no answer but no.
    func reaches(_ deviations: Int64) -> Bool {
        guard spread > 0 else { return false }
        let wanted = UInt128(deviations.magnitude)
        let scale = UInt128(Decimal6.one)
        let left = distanceSquared.multipliedFullWidth(by: freedom * scale * scale)
        let right = spread.multipliedFullWidth(by: 4 * count * wanted * wanted)
        return (left.high, left.low) >= (right.high, right.low)
    }

    /// In hundredths, cut; nil beyond 1000 deviations or where there is no deviation.
    var hundredths: Int64? {
        guard spread > 0, !reaches(1_000_000_000) else { return nil }
        var (low, high): (Int64, Int64) = (0, 100_000)
        while high - low > 1 {
            let middle = (low + high) / 2
            if reaches(middle * 10_000) { low = middle } else { high = middle }
        }
        return low
    }
}
