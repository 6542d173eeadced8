public import JSON

/// A number over all that a message says, for `CopyRing`: equal messages have equal ones, and others almost never.
///
/// Eight bytes at a time through a multiplication of 128 bits. Nothing but our own processes depends on the values, and a venue
/// that made two messages collide would gain one message of its own that we drop.
public struct MessageKey: Sendable {
    public private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    public init() {}

    public mutating func add(_ number: UInt64) {
        let product = (value ^ number).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        value = product.high ^ product.low ^ 0xA076_1D64_78BD_642F
    }

    /// The same for a text that may not be told: then nothing is added.
    public mutating func add(_ text: JSONText?) {
        if let text { add(text) }
    }

    /// The bytes and how many they are.
    public mutating func add(_ text: JSONText) {
        add(UInt64(truncatingIfNeeded: text.count))
        let raw = UnsafeRawPointer(text.base)
        var at = 0
        while text.count - at >= 8 {
            add(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < text.count {
            rest = rest << 8 | UInt64(text.base[at])
            at += 1
        }
        add(rest)
    }
}
