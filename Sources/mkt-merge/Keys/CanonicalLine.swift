import Glibc
import JSON

/// The fast way to the keys of a line that one of our writers printed: the envelope in its order, no blank, no escape.
///
/// It walks the envelope as far as `recv_us` and then proves with word-wide arithmetic that nothing behind it could change what was
/// found: no escape, no control character, closed quotes, balanced brackets, and none of the rare letter pairs in the keys' names.
/// Wherever the proof fails, the answer is nil and `LineKeyScanner` decides.
struct CanonicalLine {
    private var at: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    /// The keys, or nil: not such a line, or not surely.
    @inline(__always)
    static func keys(of line: UnsafeBufferPointer<UInt8>, names: Bool) -> LineKeys? {
        // Shorter than any envelope; and what is loaded for the proof must lie within the line.
        guard let base = line.baseAddress, line.count >= 40 else { return nil }
        var end = base + line.count
        if end[-1] == UInt8(ascii: "\r") { end -= 1 }
        guard end[-1] == UInt8(ascii: "}") else { return nil }
        var walk = CanonicalLine(at: base, end: end)
        guard let keys = walk.envelope(), TailProof.holds(from: walk.at, to: end, names: names) else { return nil }
        return keys
    }

    @inline(__always)
    private mutating func envelope() -> LineKeys? {
        guard take("{\"v\":1,\"type\":\""), let type = takeString() else { return nil }
        guard take(",\"feed\":\""), takeString() != nil, take(",\"venue\":\""), takeString() != nil else { return nil }
        var keys = LineKeys(received: 0, type: type)
        if take(",\"market\":\"") {
            guard let market = takeString(), take(",\"instrument\":\""), let instrument = takeString() else { return nil }
            keys.market = market
            keys.instrument = instrument
        }
        if take(",\"label\":\"") { guard takeString() != nil else { return nil } }
        if take(",\"conn\":") { guard takeInteger() != nil else { return nil } }
        if take(",\"seq\":") { guard takeInteger() != nil else { return nil } }
        guard take(",\"recv_us\":"), let received = takeInteger() else { return nil }
        // A point or an exponent would go on with the number; more text behind the object would be none of it.
        guard at.pointee == UInt8(ascii: ",") || (at.pointee == UInt8(ascii: "}") && at == end - 1) else { return nil }
        keys.received = received
        return keys
    }

    @inline(__always)
    private mutating func take(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard end - at >= count, memcmp(at, literal.utf8Start, count) == 0 else { return false }
        at += count
        return true
    }

    /// The rest of a string whose opening quote is taken, and its closing quote.
    @inline(__always)
    private mutating func takeString() -> JSONText? {
        let start = at
        at = StringScan.stop(from: at, to: end)
        guard at < end, at.pointee == UInt8(ascii: "\"") else { return nil }
        defer { at += 1 }
        return JSONText(base: start, count: at - start)
    }

    /// At most 18 plain digits; the byte after them is inside the line, which ends with a bracket.
    @inline(__always)
    private mutating func takeInteger() -> Int64? {
        let start = at
        var value: Int64 = 0
        while at.pointee &- UInt8(ascii: "0") <= 9 {
            value = value &* 10 &+ Int64(at.pointee &- UInt8(ascii: "0"))
            at += 1
        }
        let digits = at - start
        let isPlain = digits == 1 || (digits > 1 && digits <= 18 && start.pointee != UInt8(ascii: "0"))
        return isPlain ? value : nil
    }
}
