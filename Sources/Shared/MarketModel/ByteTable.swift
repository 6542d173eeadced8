import Glibc
public import JSON

/// Gives each distinct run of bytes a small number, 0, 1, 2, …, and finds it again without making a String.
///
/// For identifiers: instruments, markets, tickers. Entries are never taken out. Looking up allocates nothing.
public struct ByteTable: Sendable {
    /// Slot → entry number + 1; 0 is free. The count is a power of two.
    private var slots: [Int32] = [Int32](repeating: 0, count: 64)
    private var hashes: [UInt64] = []
    private var starts: [Int] = [0]
    private var bytes: [UInt8] = []

    public init() {}

    public var count: Int { hashes.count }

    /// The number of `key`, or nil if it was never put in.
    public func find(_ key: JSONText) -> Int? {
        let hash = ByteTable.hash(key)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let entry = Int(slots[slot]) - 1
            if hashes[entry] == hash, isEntry(entry, equalTo: key) { return entry }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The number of `key`, put in if it is new.
    public mutating func intern(_ key: JSONText) -> (index: Int, isNew: Bool) {
        if let index = find(key) { return (index, false) }
        let hash = ByteTable.hash(key)
        hashes.append(hash)
        bytes.append(contentsOf: key.bytes)
        starts.append(bytes.count)
        if hashes.count * 2 > slots.count { grow() } else { place(hashes.count - 1) }
        return (hashes.count - 1, true)
    }

    /// The bytes of an entry as text. Allocates.
    public func string(_ index: Int) -> String {
        String(decoding: bytes[starts[index]..<starts[index + 1]], as: UTF8.self)
    }

    /// The bytes of an entry, valid inside `body`.
    public func withBytes<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[starts[index]..<starts[index + 1]])) }
    }

    private func isEntry(_ entry: Int, equalTo key: JSONText) -> Bool {
        let start = starts[entry]
        guard starts[entry + 1] - start == key.count else { return false }
        return key.isEmpty || bytes.withUnsafeBufferPointer { memcmp($0.baseAddress! + start, key.base, key.count) == 0 }
    }

    private mutating func place(_ entry: Int) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hashes[entry]) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(entry + 1)
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for entry in hashes.indices { place(entry) }
    }

    /// Eight bytes a step, multiplied and folded; good enough for identifiers, not against an attacker.
    ///
    /// Of a long key only the length, the first sixteen bytes, eight in the middle and the last sixteen count: more do not tell tokens
    /// of 77 random digits apart any better.
    private static func hash(_ key: JSONText) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(key.count)
        let raw = UnsafeRawPointer(key.base)
        guard key.count <= 40 else {
            hash = fold(hash ^ raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
            hash = fold(hash ^ raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            hash = fold(hash ^ raw.loadUnaligned(fromByteOffset: key.count / 2, as: UInt64.self))
            hash = fold(hash ^ raw.loadUnaligned(fromByteOffset: key.count - 16, as: UInt64.self))
            return fold(hash ^ raw.loadUnaligned(fromByteOffset: key.count - 8, as: UInt64.self))
        }
        var at = 0
        while key.count - at >= 8 {
            hash = fold(hash ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < key.count {
            rest = rest << 8 | UInt64(key.base[at])
            at += 1
        }
        return fold(hash ^ rest)
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return high ^ low
    }
}
