import JSON
import UnixTool

/// Dollars of an account on paper, exact: whole millionths of millionths.
enum PaperMoney {
    /// In millionths, rounded up or down.
    static func millionths(_ money: Int128, isUp: Bool) throws -> Int64 {
        guard let value = Int64(exactly: BasketTotal.quotient(money, by: Int128(Decimal6.one), isUp: isUp)) else {
            throw ToolFailure(.badData, "a sum on paper is beyond 9,223,372,036,854 dollars; give the rules a smaller max_size or max_cost")
        }
        return value
    }

    /// `money × part / whole` of any sign, rounded up; `part` and `whole` are above zero and `part ≤ whole`.
    static func share(_ money: Int128, _ part: UInt64, of whole: UInt64) -> Int128 {
        let product = money.magnitude.multipliedFullWidth(by: UInt128(part))
        // The quotient is at most the money itself.
        let (quotient, rest) = UInt128(whole).dividingFullWidth((product.high, product.low))
        return money < 0 ? -Int128(quotient) : Int128(quotient) + (rest > 0 ? 1 : 0)
    }
}
