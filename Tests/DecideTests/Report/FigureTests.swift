import TestSupport
import Testing

@testable import mkt_decide

@Suite struct FigureTests {
    @Test(arguments: [
        (0, "0"), (1, "0.000001"), (-999_000_000, "-999"), (1_000_000_000, "1,000"), (-1_234_567_890_001, "-1,234,567.890001"),
        (12_000_000_000, "12,000"),
    ])
    func exact(value: Int128, text: String) { #expect(Figure.exact(value) == text) }

    @Test(arguments: [
        (0, "0.00"), (4999, "0.004999"), (-1, "-0.000001"), (10_000, "0.01"), (14_999, "0.01"), (15_000, "0.02"), (-15_000, "-0.02"),
        (999_995_000, "1,000.00"), (1_234_567_891, "1,234.57"), (5_000_000, "5.00"),
    ])
    func short(value: Int128, text: String) { #expect(Figure.short(value, decimals: 2) == text) }

    @Test func edges_haveFourDecimals() {
        #expect(Figure.short(109_116, decimals: 4) == "0.1091")
        #expect(Figure.short(-50, decimals: 4) == "-0.00005")
        #expect(
            !Figure.isShortened(109_100, decimals: 4) && Figure.isShortened(109_116, decimals: 4) && !Figure.isShortened(50, decimals: 4))
    }

    /// The oracle reads the text back and looks how far it is off.
    @Test(arguments: UInt64(1)...200)
    func short_isWithinHalfItsLastDecimal_andExactUnlessItSaysOtherwise(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let value = Int128(random.below([100_000, 100_000_000, Int.max][random.below(3)])) * (random.chance(2) ? 1 : -1)
        for decimals in [2, 4] {
            let text = Figure.short(value, decimals: decimals).filter { $0 != "," }
            let parts = text.split(separator: ".")
            let digits = parts.joined() + String(repeating: "0", count: 6 - parts[1].count)
            let told = Int128(digits)!
            let unit: Int128 = decimals == 2 ? 10_000 : 100
            #expect(abs(told - value) * 2 <= unit)
            #expect((told != value) == Figure.isShortened(value, decimals: decimals) || Figure.isShortened(value, decimals: decimals))
            #expect(told == value || Figure.isShortened(value, decimals: decimals))
        }
    }

    @Test func percent_isAllOnlyIfItIs() {
        #expect(Figure.percent(1, of: 1) == "100.00%")
        #expect(Figure.percent(999_999_999, of: 1_000_000_000) == "99.99%")
        #expect(Figure.percent(1, of: 3) == "33.33%")
        #expect(Figure.percent(0, of: 3) == "0.00%")
        #expect(Figure.percent(506, of: 10_000) == "5.06%")
    }
}
