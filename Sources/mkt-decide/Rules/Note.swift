import JSON

/// Short plain words with exact numbers, put together without a `String`: rules that fire often would spend most of their time on one.
///
/// `"spread \(millionths: spread) >= \(millionths: least)"`. One allocation; UTF-8, nothing escaped.
struct Note: Equatable, Sendable, ExpressibleByStringInterpolation {
    let bytes: [UInt8]

    init(stringLiteral text: StaticString) { bytes = text.withUTF8Buffer { Array($0) } }

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

        mutating func appendLiteral(_ literal: StaticString) { append(literal) }

        mutating func appendInterpolation(_ text: StaticString) { append(text) }

        mutating func appendInterpolation(_ text: String) { append(text) }

        mutating func appendInterpolation(_ text: ShortText) { text.withBytes { append($0) } }

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
    /// Enough for the longest number: 19 digits before the point, and 18 behind it.
    private static let numberRoom = 2 * DigitText.roomMax

    private mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard long.isEmpty, bytes.count <= Self.room - count else { return appendOutside(bytes) }
        for index in bytes.indices { inPlace[count + index] = bytes[index] }
        count += bytes.count
    }

    private mutating func appendOutside(_ more: UnsafeBufferPointer<UInt8>) {
        if long.isEmpty { long = bytes }
        long.append(contentsOf: more)
    }

    /// A whole number of the last of so many decimals, without trailing zeros.
    private mutating func append(_ value: Int64, decimals: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.numberRoom) { room in
            guard let start = room.baseAddress else { return }
            append(UnsafeBufferPointer(start: start, count: Self.put(value, decimals: decimals, to: start)))
        }
    }

    /// Gives how many bytes it has.
    private static func put(_ value: Int64, decimals: Int, to start: UnsafeMutablePointer<UInt8>) -> Int {
        if decimals == 0 { return DigitText.put(integer: value, to: start) }
        if decimals == 6 { return DigitText.put(millionths: value, to: start) }
        var scale: UInt64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: scale)
        var count = 0
        if value < 0 {
            start[0] = UInt8(ascii: "-")
            count = 1
        }
        count += DigitText.put(integer: Int64(whole), to: start + count)
        guard fraction > 0 else { return count }
        // All digits of the fraction, its leading zeros too, behind a one that the point takes the place of.
        let point = start + count
        count += DigitText.put(integer: Int64(scale + fraction), to: point)
        point.pointee = UInt8(ascii: ".")
        while start[count - 1] == UInt8(ascii: "0") { count -= 1 }
        return count
    }
}
