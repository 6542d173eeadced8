/// How a venue rounds the fee of one leg.
enum FeeRounding: String, CaseIterable, Sendable {
    /// To five decimals, half up.
    case halfUp5 = "half_up_5"
    /// Up to the next cent.
    case centUp = "cent_up"
    /// Up to the next 0.0001.
    case up4 = "up_4"
    /// Up to the next millionth.
    case up6 = "up_6"

    /// What the venues are known to do; a rule may say otherwise. Sources: docs/strategies.md.
    static let byVenue: [String: FeeRounding] = ["kalshi": .centUp, "polymarket": .halfUp5]

    /// Units of a `FeeSum` in a millionth of a dollar: 10^36.
    private static let unitsPerMillionth = UInt128(1_000_000_000_000_000_000) * UInt128(1_000_000_000_000_000_000)

    /// The fee in millionths of a dollar; nil where it is beyond 64 bits.
    func millionths(of sum: FeeSum) -> Int64? {
        switch self {
        case .halfUp5: halfUp(sum, to: 10)
        case .centUp: up(sum, to: 10_000)
        case .up4: up(sum, to: 100)
        case .up6: up(sum, to: 1)
        }
    }

    /// Twice up, first to the millionth, is up once: nothing lies between.
    private func up(_ sum: FeeSum, to step: UInt128) -> Int64? {
        guard let (whole, rest) = sum.divided(by: FeeRounding.unitsPerMillionth) else { return nil }
        let millionths = whole + (rest > 0 ? 1 : 0)
        return FeeRounding.int64((millionths + step - 1) / step, times: step)
    }

    private func halfUp(_ sum: FeeSum, to step: UInt128) -> Int64? {
        let unit = FeeRounding.unitsPerMillionth * step
        guard let (whole, rest) = sum.divided(by: unit) else { return nil }
        return FeeRounding.int64(whole + (rest >= unit / 2 ? 1 : 0), times: step)
    }

    private static func int64(_ steps: UInt128, times step: UInt128) -> Int64? {
        let (product, overflow) = steps.multipliedReportingOverflow(by: step)
        return overflow ? nil : Int64(exactly: product)
    }
}
