/// How long things took, in microseconds, to within one part in eight, in fixed memory.
public struct LatencyHistogram: Sendable {
    // Eight steps for each doubling: 64 doublings hold every Int64.
    private var counts = [Int64](repeating: 0, count: 64 * 8)
    public private(set) var total: Int64 = 0
    /// The largest value, exactly.
    public private(set) var max: Int64 = 0

    public init() {}

    /// Counts a value; one below zero (two clocks that disagree) counts as zero.
    public mutating func record(_ micros: Int64) {
        let value = Swift.max(micros, 0)
        counts[LatencyHistogram.slot(value)] += 1
        total += 1
        max = Swift.max(max, value)
    }

    /// The upper edge of the step in which `percent` of the values have come together; 0 without values.
    public func percentile(_ percent: Int64) -> Int64 {
        guard total > 0 else { return 0 }
        let rank = (total * percent + 99) / 100
        var seen: Int64 = 0
        for (slot, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return Swift.min(LatencyHistogram.upperEdge(slot), max) }
        }
        return max
    }

    public mutating func removeAll() { self = LatencyHistogram() }

    private static func slot(_ value: Int64) -> Int {
        guard value >= 8 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return (exponent - 2) * 8 + Int((value >> (exponent - 3)) & 7)
    }

    private static func upperEdge(_ slot: Int) -> Int64 {
        guard slot >= 8 else { return Int64(slot) }
        let exponent = slot / 8 + 2
        let step = Int64(slot % 8) + 8
        // The last step's edge is 2^63, which wraps to one above Int64.max.
        return ((step + 1) << (exponent - 3)) &- 1
    }
}
