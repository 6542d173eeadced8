import MarketModel
import Testing

@testable import mkt_decide

struct TakerFeeTests {
    private func quadratic(_ rate: Int64?, exponent: Int64? = 1_000_000, multiplier: Int64? = 1_000_000) -> Fee {
        Fee(.quadratic, takerRate: rate, makerRate: 0, exponent: exponent, multiplier: multiplier)
    }

    /// The fee of so many shares as it is rounded, in dollars.
    private func fee(_ fee: Fee, shares: Int64, at price: Int64, _ rounding: FeeRounding) throws -> String {
        var sum = FeeSum()
        sum.add(size: shares, perShare: try TakerFee(fee).perShare(at: price))
        return ExactText.millionths(try #require(rounding.millionths(of: sum)))
    }

    @Test(arguments: [(500_000, "1.75"), (300_000, "1.47"), (100_000, "0.63"), (10_000, "0.0693"), (0, "0"), (1_000_000, "0")])
    func polymarket_hundredSharesAtSevenPercent(price: Int64, expected: String) throws {
        #expect(try fee(quadratic(70_000), shares: 100_000_000, at: price, .halfUp5) == expected)
    }

    @Test func kalshi_isExactBeforeItIsRounded() throws {
        let raw = try TakerFee(quadratic(70_000)).perShare(at: 55_000)
        #expect(ExactText.decimal(raw, decimals: 36) == "0.00363825")
        #expect(try fee(quadratic(70_000), shares: 1_000_000, at: 55_000, .centUp) == "0.01")
        #expect(try fee(quadratic(70_000), shares: 1_000_000, at: 55_000, .up4) == "0.0037")
        #expect(try fee(quadratic(70_000), shares: 1_000_000, at: 55_000, .up6) == "0.003639")
        #expect(try fee(quadratic(70_000), shares: 1_000_000, at: 55_000, .halfUp5) == "0.00364")
        #expect(try fee(quadratic(70_000, multiplier: 500_000), shares: 100_000_000, at: 500_000, .centUp) == "0.88")
    }

    @Test func exponents() throws {
        #expect(try fee(quadratic(10_000, exponent: 0), shares: 3_000_000, at: 999_999, .up6) == "0.03")
        // 0.25 × (0.25)^2
        #expect(try fee(quadratic(250_000, exponent: 2_000_000), shares: 1_000_000, at: 500_000, .up6) == "0.015625")
        let all = try TakerFee(quadratic(999_999, exponent: 2_000_000, multiplier: 999_999)).perShare(at: 499_999)
        #expect(ExactText.decimal(all, decimals: 36) == "0.062499874999562501000000499998000001")
    }

    @Test func rounding_tiesAndExactValues() throws {
        func rounded(_ rounding: FeeRounding, rate: Int64, size: Int64) throws -> String {
            try fee(quadratic(rate, exponent: 0), shares: size, at: 0, rounding)
        }
        #expect(try rounded(.halfUp5, rate: 5, size: 1_000_000) == "0.00001")
        #expect(try rounded(.halfUp5, rate: 4, size: 1_249_999) == "0")
        #expect(try rounded(.halfUp5, rate: 5, size: 2_999_999) == "0.00001")
        #expect(try rounded(.halfUp5, rate: 5, size: 3_000_000) == "0.00002")
        #expect(try rounded(.centUp, rate: 10_000, size: 1_000_000) == "0.01")
        #expect(try rounded(.centUp, rate: 10_000, size: 1_000_001) == "0.02")
        #expect(try rounded(.centUp, rate: 1, size: 1) == "0.01")
        #expect(try rounded(.up6, rate: 1, size: 1) == "0.000001")
        for rounding in FeeRounding.allCases { #expect(try rounded(rounding, rate: 0, size: .max) == "0") }
    }

    @Test func sum_isExactBeyond128Bits() throws {
        var sum = FeeSum()
        let perShare = try TakerFee(quadratic(1_000_000, exponent: 2_000_000)).perShare(at: 500_000)
        for _ in 0..<3 { sum.add(size: .max, perShare: perShare) }
        // 3 × 9,223,372,036,854.775807 × 0.0625 = 1,729,382,256,910.270463 8125
        #expect(FeeRounding.up6.millionths(of: sum) == 1_729_382_256_910_270_464)
        #expect(FeeRounding.halfUp5.millionths(of: sum) == 1_729_382_256_910_270_460)
        #expect(FeeRounding.centUp.millionths(of: sum) == 1_729_382_256_910_280_000)
        for _ in 0..<60 { sum.add(size: .max, perShare: perShare) }
        #expect(FeeRounding.up6.millionths(of: sum) == nil)
    }

    @Test func whatIsNotKnown_isAFault_neverZero() throws {
        func fault(_ fee: Fee?) -> TakerFee.Fault? {
            do {
                _ = try TakerFee(fee)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(nil) == .missing)
        #expect(fault(Fee(.unknown)) == .unknownModel)
        #expect(fault(quadratic(nil)) == .incomplete)
        #expect(fault(quadratic(1, exponent: nil)) == .incomplete)
        #expect(fault(quadratic(1, multiplier: nil)) == .incomplete)
        #expect(fault(quadratic(1, exponent: 1_500_000)) == .exponent)
        #expect(fault(quadratic(1, exponent: 3_000_000)) == .exponent)
        #expect(fault(quadratic(1, exponent: -1_000_000)) == .exponent)
        #expect(fault(quadratic(-1)) == .rate)
        #expect(fault(quadratic(1_000_001)) == .rate)
        #expect(fault(quadratic(.max, multiplier: .max)) == .rate)
        #expect(fault(quadratic(-1, multiplier: -1)) == .rate)
        #expect(try TakerFee(Fee(.free)).isZero)
        #expect(try TakerFee(quadratic(0)).isZero)
    }
}
