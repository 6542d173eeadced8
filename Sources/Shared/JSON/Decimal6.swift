/// Decimal text as whole millionths: exact, or an error; never rounded.
public enum Decimal6 {
    /// Why a text has no exact value in millionths.
    public enum Fault: Error, Equatable, Sendable {
        case notANumber
        /// More than six decimals that are not zero.
        case tooPrecise
        /// Beyond ±9,223,372,036,854.775807.
        case outOfRange
    }

    @inlinable public static var one: Int64 { 1_000_000 }

    /// The value of a JSON number (`5e-1`, `0.50`, `-3`) in millionths.
    ///
    /// With `bareFraction`, `.48` is taken too: venues have written it.
    @inlinable
    public static func parse(_ text: JSONText, bareFraction: Bool = false) throws(Fault) -> Int64 {
        // Nearly every price and size: at most twelve whole digits, a point, at most six decimals.
        let base = text.base
        let count = text.count
        var at = 0
        var whole: Int64 = 0
        while at < count, at < 12 {
            let digit = base[at] &- UInt8(ascii: "0")
            if digit > 9 { break }
            whole = whole &* 10 &+ Int64(digit)
            at &+= 1
        }
        let zeroLed = at > 1 && base[0] == UInt8(ascii: "0")
        guard at > 0, !zeroLed else { return try parseSlowly(text, bareFraction: bareFraction, decimals: 6) }
        if at == count { return whole &* one }
        guard base[at] == UInt8(ascii: "."), count - at >= 2, count - at <= 7 else {
            return try parseSlowly(text, bareFraction: bareFraction, decimals: 6)
        }
        at &+= 1
        var scale: Int64 = one
        while at < count {
            let digit = base[at] &- UInt8(ascii: "0")
            if digit > 9 { return try parseSlowly(text, bareFraction: bareFraction, decimals: 6) }
            whole = whole &* 10 &+ Int64(digit)
            scale /= 10
            at &+= 1
        }
        return whole &* scale
    }

    /// Any JSON number, digit by digit, with a sign, an exponent or many zeros; in units of its `decimals`th decimal.
    @usableFromInline
    static func parseSlowly(_ text: JSONText, bareFraction: Bool, decimals: Int) throws(Fault) -> Int64 {
        var reader = DigitReader(text)
        let isNegative = reader.take("-")
        var digits = DecimalDigits()
        let whole = reader.takeDigits(into: &digits)
        guard whole.count == 1 || (whole.count > 1 && !whole.startsWithZero) || (whole.count == 0 && bareFraction) else {
            throw .notANumber
        }
        if reader.take(".") {
            let fraction = reader.takeDigits(into: &digits)
            guard fraction.count > 0 else { throw .notANumber }
            digits.exponent -= fraction.count
        } else if whole.count == 0 {
            throw .notANumber
        }
        if reader.take("e") || reader.take("E") {
            guard let exponent = reader.takeExponent() else { throw .notANumber }
            digits.exponent += exponent
        }
        guard reader.isAtEnd else { throw .notANumber }
        return try digits.scaled(decimals: decimals, isNegative: isNegative)
    }
}

/// The digits of a decimal up to its last one that is not zero; the zeros after it only move the point.
struct DecimalDigits {
    private var value: UInt64 = 0
    private var zeroCount = 0
    /// More digits than any value in range has.
    private var isTooLong = false
    /// The power of ten of the last digit that was appended.
    var exponent = 0

    mutating func append(_ digit: UInt8) {
        guard digit > 0 else { return zeroCount += 1 }
        if value > 0 { shift(places: zeroCount + 1) }
        let (sum, overflow) = value.addingReportingOverflow(UInt64(digit))
        if overflow { isTooLong = true } else { value = sum }
        zeroCount = 0
    }

    private mutating func shift(places: Int) {
        var places = places
        while places > 0, !isTooLong {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { isTooLong = true } else { value = product }
            places -= 1
        }
    }

    /// The value in units of the `decimals`th decimal. What is not whole then is `tooPrecise`, also where it is out of range too.
    func scaled(decimals: Int, isNegative: Bool) throws(Decimal6.Fault) -> Int64 {
        guard value > 0 else { return 0 }
        var power = exponent + zeroCount + decimals
        guard power >= 0 else { throw .tooPrecise }
        guard !isTooLong else { throw .outOfRange }
        var result = value
        while power > 0 {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw .outOfRange }
            result = product
            power -= 1
        }
        guard result <= UInt64(Int64.max) else { throw .outOfRange }
        return isNegative ? -Int64(result) : Int64(result)
    }
}

/// Steps through the text of a number.
struct DigitReader {
    private let text: JSONText
    private var at = 0

    init(_ text: JSONText) { self.text = text }

    var isAtEnd: Bool { at == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < text.count, text.base[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func takeDigits(into digits: inout DecimalDigits) -> (count: Int, startsWithZero: Bool) {
        let start = at
        while at < text.count, text.base[at] &- UInt8(ascii: "0") <= 9 {
            digits.append(text.base[at] - UInt8(ascii: "0"))
            at += 1
        }
        return (at - start, at > start && text.base[start] == UInt8(ascii: "0"))
    }

    /// A signed exponent; one with absurdly many digits stops growing at a value that nothing in range has.
    mutating func takeExponent() -> Int? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        let start = at
        var value = 0
        while at < text.count, text.base[at] &- UInt8(ascii: "0") <= 9 {
            value = min(value * 10 + Int(text.base[at] - UInt8(ascii: "0")), 1_000_000_000)
            at += 1
        }
        return at == start ? nil : (isNegative ? -value : value)
    }
}
