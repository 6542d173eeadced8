import Testing

@testable import mkt_decide

struct ExactTextTests {
    @Test(arguments: [(0, "0"), (1, "0.000001"), (60_000, "0.06"), (1_000_000, "1"), (-50_000, "-0.05"), (120_500_000, "120.5")])
    func millionths(value: Int64, text: String) { #expect(ExactText.millionths(value) == text) }

    @Test(arguments: [(855_001, "0.4275005"), (1, "0.0000005"), (2_000_000, "1"), (-1, "-0.0000005")])
    func half(value: Int64, text: String) { #expect(ExactText.half(value) == text) }

    @Test func limits() {
        #expect(ExactText.millionths(.max) == "9223372036854.775807")
        #expect(ExactText.millionths(.min) == "-9223372036854.775808")
        #expect(ExactText.decimal(33_333_299_999_666_667, decimals: 12) == "33333.299999666667")
    }
}
