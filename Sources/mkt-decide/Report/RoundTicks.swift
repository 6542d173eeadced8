/// Ticks of an axis of numbers: 1, 2 or 5 times a power of ten apart, zero among them where it is in range.
struct RoundTicks {
    let step: Int128
    /// Multiples of the step around all values.
    let low: Int128
    let high: Int128

    /// - Parameters:
    ///   - least: The smallest step that means anything: a millionth, or one where things are counted.
    ///   - countMax: How many steps the axis may have, before it is widened to whole ones.
    init(from low: Int128, to high: Int128, least: Int128 = 1, countMax: Int128 = 5) {
        var step = least
        var next = 0
        while (high - low + step - 1) / step > countMax {
            step = next == 1 ? step / 2 * 5 : step * 2
            next = (next + 1) % 3
        }
        self.step = step
        let below = RoundTicks.floor(low, step)
        self.low = below * step
        let above = -RoundTicks.floor(-high, step)
        self.high = max(above, below + 1) * step
    }

    var ticks: [Int128] { (0...Int((high - low) / step)).map { low + Int128($0) * step } }

    private static func floor(_ value: Int128, _ step: Int128) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: step)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
