import JSON

/// Short plain words with exact numbers, put together without a `String`: rules that fire often would spend most of their time on one.
///
/// `"spread \(millionths: spread) >= \(millionths: least)"`. One allocation; UTF-8, nothing escaped.
struct Note: Equatable, Sendable, ExpressibleByStringInterpolation {
    let bytes: [UInt8]

    init(stringLiteral text: String) { bytes = Array(text.utf8) }

    init(stringInterpolation: StringInterpolation) { bytes = stringInterpolation.bytes }

    /// For those who want a string.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Note {
    /// What a note is written into: in place up to its room, then on the heap.
    struct StringInterpolation: StringInterpolationProtocol {
        private static let room = 160

        private var inPlace = InlineArray<160, UInt8>(repeating: 0)
        private var count = 0
        /// All of it, once it is longer than the room in place.
        private var long: [UInt8] = []

        init(literalCapacity: Int, interpolationCount: Int) {}

        fileprivate var bytes: [UInt8] {
            long.isEmpty ? inPlace.span.withUnsafeBufferPointer { Array($0.prefix(count)) } : long
        }

        mutating func appendLiteral(_ literal: String) { append(literal) }

        mutating func appendInterpolation(_ text: String) { append(text) }

        mutating func appendInterpolation(_ integer: Int) { append(Int64(integer), decimals: 0) }

        mutating func appendInterpolation(_ integer: Int64) { append(integer, decimals: 0) }

        /// Millionths: 60,000 is `0.06`.
        mutating func appendInterpolation(millionths value: Int64) { append(value, decimals: 6) }

        /// Half of a number of millionths: 855,001 is `0.4275005`.
        mutating func appendInterpolation(half doubled: Int64) {
            let (value, overflow) = doubled.multipliedReportingOverflow(by: 5)
            if overflow { append(ExactText.half(doubled)) } else { append(value, decimals: 7) }
        }

        /// A whole number of the last of so many decimals, at most 18 of them.
        mutating func appendInterpolation(_ value: Int128, decimals: Int) {
            if let small = Int64(exactly: value) {
                append(small, decimals: decimals)
            } else {
                append(ExactText.decimal(value, decimals: decimals))
            }
        }
    }
}

extension Note.StringInterpolation {
    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            for byte in bytes { append(byte) }
        }
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        if long.isEmpty, count < Self.room {
            inPlace[count] = byte
            count += 1
        } else {
            appendOutside(byte)
        }
    }

    private mutating func appendOutside(_ byte: UInt8) {
        if long.isEmpty { long = bytes }
        long.append(byte)
    }

    /// A whole number of the last of so many decimals, without trailing zeros.
    private mutating func append(_ value: Int64, decimals: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var scale: UInt64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: scale)
        append(digitsOf: whole)
        guard fraction > 0 else { return }
        append(UInt8(ascii: "."))
        var rest = fraction
        while rest > 0 {
            scale /= 10
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest / scale))
            rest %= scale
        }
    }

    private mutating func append(digitsOf value: UInt64) {
        var scale: UInt64 = 1
        while value / scale >= 10 { scale *= 10 }
        var rest = value
        while scale > 0 {
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest / scale))
            rest %= scale
            scale /= 10
        }
    }
}
