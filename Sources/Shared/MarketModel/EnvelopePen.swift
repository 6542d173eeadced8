import Glibc
import JSON

/// Writes an envelope into room that was made for all of it, so that nothing is asked of the buffer in between.
struct EnvelopePen {
    private(set) var at: UnsafeMutablePointer<UInt8>

    /// - Parameter room: As much as all that is put will take, and `DigitText.roomMax` more for each number.
    init(_ room: UnsafeMutablePointer<UInt8>) { at = room }

    @inline(__always)
    mutating func put(_ literal: StaticString) {
        memcpy(at, literal.utf8Start, literal.utf8CodeUnitCount)
        at += literal.utf8CodeUnitCount
    }

    @inline(__always)
    mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        memcpy(at, source, bytes.count)
        at += bytes.count
    }

    @inline(__always)
    mutating func put(_ key: StaticString, _ number: Int64) {
        put(key)
        at += DigitText.put(integer: number, to: at)
    }

    @inline(__always)
    mutating func put(millionths value: Int64) { at += DigitText.put(millionths: value, to: at) }
}
