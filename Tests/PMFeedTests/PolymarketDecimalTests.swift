import MarketModel
import Testing

@testable import pm_feed

@Suite struct PolymarketDecimalTests {
    private func price(_ text: String) -> Result<Int64, PolymarketFault> {
        var result: Result<Int64, PolymarketFault> = .failure(.priceTwice)
        Session.withText(Array(text.utf8)) { text in
            do throws(PolymarketFault) { result = .success(try PolymarketDecimal.price(text, "price").millionths) } catch {
                result = .failure(error)
            }
        }
        return result
    }

    private func isCanonical(_ text: String) -> Bool {
        var result = false
        Session.withText(Array(text.utf8)) { result = PolymarketDecimal.isCanonical($0) }
        return result
    }

    @Test(
        arguments: [("0", 0), ("1", 1_000_000), ("0.5", 500_000), (".48", 480_000), ("0.20", 200_000), ("5e-1", 500_000), ("0.000001", 1)]
            as [(String, Int64)])
    func price_isTaken(text: String, millionths: Int64) { #expect(price(text) == .success(millionths)) }

    @Test(arguments: ["", " ", "abc", "0x1", "1,5", "0.5 ", "+0.5", "NaN", "-", ".", "5.", "00.5"])
    func price_thatIsNoNumber_isWrong(text: String) { #expect(price(text) == .failure(.wrong("price"))) }

    @Test(arguments: ["1.000001", "2", "-0.1", "0.1234567", "99999999999999999999", "-1"])
    func price_outsideZeroToOneOrTooFine_isOutOfRange(text: String) { #expect(price(text) == .failure(.outOfRange("price"))) }

    @Test(arguments: ["0", "1", "0.5", "12", "120.55", "1000000", "0.000001"])
    func ourSpelling_isCanonical(text: String) { #expect(isCanonical(text)) }

    @Test(arguments: ["", ".5", "0.50", "00", "01", "1.", "1.0", "5e1", "-1", "+1", "1.2.3", "0.5 ", "0x1"])
    func otherSpelling_isNot(text: String) { #expect(!isCanonical(text)) }

    @Test func timestamp_isMillisecondsInAStringOrFaulty() {
        for (text, micros) in [("0", 0), ("1790267321830", 1_790_267_321_830_000)] as [(String, Int64)] {
            Session.withText(Array(text.utf8)) { text in #expect((try? PolymarketDecimal.timestamp(text))?.micros == micros) }
        }
        for text in ["", "-1", "1.5", "x", "9223372036854775807", "9223372036854775", "99999999999999999999"] {
            Session.withText(Array(text.utf8)) { text in
                #expect(throws: PolymarketFault.wrong("timestamp")) { try PolymarketDecimal.timestamp(text) }
            }
        }
        #expect(throws: PolymarketFault.missing("timestamp")) { try PolymarketDecimal.timestamp(nil) }
    }
}
