import JSON
import TestSupport
import Testing

@Suite struct Decimal6Tests {
    private let page = GuardedPage()

    private func parse(_ text: String, bareFraction: Bool = false) -> DecimalOracle.Outcome {
        do {
            return .value(try Decimal6.parse(JSONText(page.place(Array(text.utf8))), bareFraction: bareFraction))
        } catch {
            return .fault(error)
        }
    }

    @Test(
        arguments: [
            ("0.5", 500_000), ("5e-1", 500_000), ("0.50", 500_000), ("120.5", 120_500_000), ("3", 3_000_000), ("-3", -3_000_000), ("-0", 0),
            ("0.000001", 1), ("1e-6", 1), ("0.0000010", 1), ("10e-7", 1), ("999999999999.999999", 999_999_999_999_999_999),
            ("9223372036854.775807", .max), ("-9223372036854.775807", -.max), ("9223372036854775807e-6", .max), ("0e999999999999", 0),
            ("0.000000e-99999999999999999999", 0), ("1000000000000", 1_000_000_000_000_000_000),
            ("0.10000000000000000000000000000000000000", 100_000),
            ("100000000000000000000000000000000000000000e-41", 1_000_000),
        ] as [(String, Int64)])
    func exactText_givesItsMillionths(_ text: String, _ value: Int64) {
        #expect(parse(text) == .value(value))
    }

    @Test(arguments: [
        ("", Decimal6.Fault.notANumber), ("-", .notANumber), (".5", .notANumber), ("5.", .notANumber), ("01", .notANumber),
        ("-01", .notANumber),
        ("+1", .notANumber), ("1e", .notANumber), ("1e+", .notANumber), ("0x1", .notANumber), (" 1", .notANumber), ("1 ", .notANumber),
        ("1,5", .notANumber), ("NaN", .notANumber), ("1.5.5", .notANumber), ("00.5", .notANumber), ("0.5x", .notANumber),
        ("1234567890123x", .notANumber), ("0.0000001", .tooPrecise), ("0.1234567", .tooPrecise), ("1e-7", .tooPrecise),
        ("1e-999999999999", .tooPrecise),
        ("9223372036854.775808", .outOfRange), ("-9223372036854.775808", .outOfRange), ("9223372036855", .outOfRange),
        ("1e13", .outOfRange),
        ("1e999999999999999999999", .outOfRange), ("99999999999999999999999999999999999999", .outOfRange),
        ("1234567890123456789012345678901234", .outOfRange), ("-1234567890123456789012345678901", .outOfRange),
        ("0.00000000000000000000000000000000000000000000000000000000001", .tooPrecise),
    ])
    func otherText_isRefused_neverRounded(_ text: String, _ fault: Decimal6.Fault) {
        #expect(parse(text) == .fault(fault))
    }

    @Test func bareFraction_isTakenOnlyWhereAskedFor() {
        #expect(parse(".48", bareFraction: true) == .value(480_000))
        #expect(parse("-.48", bareFraction: true) == .value(-480_000))
        #expect(parse(".48") == .fault(.notANumber))
        for text in ["", ".", "-", "-.", ".e1", "5."] { #expect(parse(text, bareFraction: true) == .fault(.notANumber)) }
    }

    @Test func randomSpellings_agreeWithExactArithmetic() {
        var random = SeededGenerator(seed: 6)
        for round in 0..<40_000 {
            let text = Self.spelling(&random)
            let isBare = random.below(2) == 0
            if parse(text, bareFraction: isBare) != DecimalOracle.parse(text, bareFraction: isBare) {
                Issue.record("round \(round): \(text) is \(parse(text, bareFraction: isBare))")
            }
        }
    }

    /// Decimals of every shape: short, long, with rows of zeros, near the borders, and a few that are none.
    static func spelling(_ random: inout SeededGenerator) -> String {
        var text = random.below(3) == 0 ? "-" : ""
        switch random.below(8) {
        case 0: text += random.pick(["9223372036854", "9223372036853", "9223372036855", "922337203685477580", "922337203685"])
        case 1: text += digits(&random, random.below(45))
        case 2: text += "0"
        case 3: text += "1" + String(repeating: "0", count: random.below(40))
        default: text += digits(&random, random.below(14))
        }
        switch random.below(6) {
        case 0: text += "." + random.pick(["775807", "775808", "775806", "7758070", "7758071", "77580700000000000000000000000000000001"])
        case 1: text += "." + String(repeating: "0", count: random.below(40)) + digits(&random, random.below(4))
        case 2: text += "." + digits(&random, random.below(8)) + String(repeating: "0", count: random.below(40))
        case 3: text += "." + digits(&random, random.below(9))
        default: break
        }
        switch random.below(6) {
        case 0: text += random.pick(["e", "E", "e-", "E+"]) + "\(random.below(50))"
        case 1: text += random.pick(["e", "e-", "e+"]) + digits(&random, random.below(30))
        default: break
        }
        if random.below(40) == 0 { text += random.pick(["x", ".", "-", "e", " "]) }
        return text
    }

    private static func digits(_ random: inout SeededGenerator, _ count: Int) -> String {
        String((0..<count).map { _ in random.pick(Array("0000123456789")) })
    }

    @Test func everyLengthOfWholeAndFraction_agreesWithExactArithmetic() {
        for whole in 1...34 {
            for fraction in 0...34 {
                for text in [
                    String(repeating: "1", count: whole) + (fraction > 0 ? "." + String(repeating: "1", count: fraction) : ""),
                    String(repeating: "9", count: whole) + (fraction > 0 ? "." + String(repeating: "0", count: fraction) : ""),
                    "0." + String(repeating: "0", count: fraction) + String(repeating: "9", count: whole) + "e\(fraction)",
                ] where parse(text) != DecimalOracle.parse(text) {
                    Issue.record("\(text) is \(parse(text))")
                }
            }
        }
    }

    @Test func millionDigits_takeNoTimeAndNoMemory() {
        let zeros = String(repeating: "0", count: 60_000)
        #expect(parse("0." + zeros + "1") == .fault(.tooPrecise))
        #expect(parse("1" + zeros + "e-60000") == .value(1_000_000))
        #expect(parse("1" + zeros + "1") == .fault(.outOfRange))
        #expect(parse("1." + zeros) == .value(1_000_000))
    }
}

extension JSONText {
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.init(base: bytes.baseAddress!, count: bytes.count)
    }
}
