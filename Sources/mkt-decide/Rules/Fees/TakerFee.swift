import JSON
import MarketModel

/// What a venue takes of a share from whoever takes what rests: `rate × multiplier × (p × (1 - p))^exponent`, exact.
struct TakerFee: Equatable, Sendable {
    /// Why nothing may be decided on a fee. None of them is ever taken for zero.
    enum Fault: Error, Equatable, Sendable {
        /// No `instrument` line came, or its latest has none.
        case missing
        /// The model is not told, is one that this version does not know, or its numbers cannot be read.
        case unknownModel
        /// A rate, multiplier or exponent is missing.
        case incomplete
        /// Beyond what 128 bits hold exactly.
        case exponent
        /// A rate below zero, or one that takes more than the share.
        case rate
        /// Nobody said how the venue rounds.
        case rounding
    }

    /// Fees of a share are whole numbers of this part of a dollar: six decimals each of rate, multiplier and, twice, `p` and `1 - p`.
    static let unitsPerDollar = Int128(Decimal6.one) * Int128(Decimal6.one) * Int128(Decimal6.one) * unitsPerCube
    /// The same for a millionth of a dollar.
    static let unitsPerMillionth = unitsPerDollar / Int128(Decimal6.one)
    private static let unitsPerCube = Int128(1_000_000_000_000_000_000)

    /// Rate × multiplier in millionths of millionths.
    private let coefficient: Int128
    /// 0, 1 or 2.
    private let exponent: Int

    static let zero = TakerFee(coefficient: 0, exponent: 0)

    private init(coefficient: Int128, exponent: Int) {
        self.coefficient = coefficient
        self.exponent = exponent
    }

    /// - Parameter fee: As the latest `instrument` line tells it; nil where it tells none.
    init(_ fee: Fee?) throws(Fault) {
        guard let fee else { throw .missing }
        switch fee.model {
        case .free: self = .zero
        case .unknown: throw .unknownModel
        case .quadratic:
            guard let rate = fee.takerRate, let multiplier = fee.multiplier, let exponent = fee.exponent else { throw .incomplete }
            let (power, rest) = exponent.quotientAndRemainder(dividingBy: Decimal6.one)
            guard rest == 0, (0...2).contains(power) else { throw .exponent }
            let coefficient = Int128(rate) * Int128(multiplier)
            guard rate >= 0, multiplier >= 0, coefficient <= Int128(Decimal6.one) * Int128(Decimal6.one) else { throw .rate }
            self.init(coefficient: coefficient, exponent: Int(power))
        }
    }

    var isZero: Bool { coefficient == 0 }

    /// The fee of one share at a price in millionths, 0 to 1; in units of `unitsPerDollar`.
    func perShare(at price: Int64) -> Int128 {
        let spread = Int128(price) * Int128(Decimal6.one - price)
        let scale = Int128(Decimal6.one) * Int128(Decimal6.one)
        return switch exponent {
        case 0: coefficient * scale * scale
        case 1: coefficient * spread * scale
        default: coefficient * spread * spread
        }
    }
}

extension TakerFee.Fault {
    /// Behind "no decision: ".
    var reason: String {
        switch self {
        case .missing: "its fee is not told"
        case .unknownModel: "its fee is of a model that is not known here"
        case .incomplete: "its fee lacks taker_rate, multiplier or exponent"
        case .exponent: "the exponent of its fee is not 0, 1 or 2"
        case .rate: "its taker_rate x multiplier is below 0 or above 1"
        case .rounding: "fee_rounding does not name its venue"
        }
    }
}
