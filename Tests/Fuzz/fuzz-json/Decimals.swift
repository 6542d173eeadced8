import FuzzSupport
import JSON
import TestSupport

/// Numbers against arithmetic on their digits.
enum Decimals {
    static func check(_ text: JSONText) {
        guard text.count < 200 else { return }
        let digits = String(decoding: text.bytes, as: UTF8.self)
        for isBare in [false, true] {
            var outcome: DecimalOracle.Outcome
            do throws(Decimal6.Fault) {
                outcome = .value(try Decimal6.parse(text, bareFraction: isBare))
            } catch {
                outcome = .fault(error)
            }
            let expected = DecimalOracle.parse(digits, bareFraction: isBare)
            Fuzzer.expect(outcome == expected, "\(digits) is \(outcome), not \(expected)")
            if case .value(let millionths) = outcome { checkSpelling(millionths) }
        }
        // The least integer is the one value without a counterpart above zero; the oracle's range has none such.
        if text.integer == .min { return Fuzzer.expect(digits == "-9223372036854775808", "\(digits) is taken for the least integer") }
        let whole = DecimalOracle.parse(digits, decimals: 0)
        Fuzzer.expect(text.integer.map { .value($0) } ?? whole == whole, "\(digits) is the integer \(text.integer as Any), not \(whole)")
        if case .value = whole { Fuzzer.expect(text.integer != nil, "\(digits) is no integer") }
    }

    /// What we print is read as the same.
    private static func checkSpelling(_ millionths: Int64) {
        var written = ByteBuffer(capacity: 1)
        written.append(millionths: millionths)
        Fuzzer.expect((try? Decimal6.parse(written.text)) == millionths, "\(millionths) is printed as \(written.text.string)")
    }
}
