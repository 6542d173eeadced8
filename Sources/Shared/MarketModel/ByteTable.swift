import Glibc
public import JSON

/// Gives each distinct run of bytes a small number, 0, 1, 2, …, and finds it again without making a String.
///
/// For identifiers: instruments, markets, tickers. Entries are never taken out. Looking up allocates nothing.
public struct ByteTable: Sendable {
    /// Where an entry is found: all that it takes to look at its bytes and nothing between, since each step may be one to far memory.
    private struct Slot {
        /// 0 for a free one.
        var entryPlusOne: UInt32 = 0
        /// Of the hash, so that hardly ever the bytes of another entry are looked at.
        var tag: UInt32 = 0
        var start: UInt32 = 0
        var count: UInt32 = 0
    }

    /// An entry is at the low bits of its hash or behind. The count is a power of two.
    private var slots = [Slot](repeating: Slot(), count: 64)
    private var hashes: [UInt64] = []
    private var starts: [Int] = [0]
    private var bytes: [UInt8] = []

    public init() {}

    public var count: Int { hashes.count }

    /// The number of `key`, or nil if it was never put in.
    public func find(_ key: JSONText) -> Int? { find(key, ByteTable.hash(key)) }

    @inline(__always)
    private func find(_ key: JSONText, _ hash: UInt64) -> Int? {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while slots[place].entryPlusOne != 0 {
            if slots[place].tag == ByteTable.tag(hash), isEqual(slots[place], key) { return Int(slots[place].entryPlusOne) - 1 }
            place = (place + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func isEqual(_ slot: Slot, _ key: JSONText) -> Bool {
        guard Int(slot.count) == key.count else { return false }
        return key.isEmpty || bytes.withUnsafeBufferPointer { memcmp($0.baseAddress! + Int(slot.start), key.base, key.count) == 0 }
    }

    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

    /// The number of `key`, put in if it is new.
    public mutating func intern(_ key: JSONText) -> (index: Int, isNew: Bool) {
        let hash = ByteTable.hash(key)
        if let index = find(key, hash) { return (index, false) }
        precondition(bytes.count + key.count <= Int(UInt32.max), "more than 4 GiB of names")
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

    private mutating func place(_ entry: Int) {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hashes[entry]) & mask
        while slots[place].entryPlusOne != 0 { place = (place + 1) & mask }
        slots[place] = Slot(
            entryPlusOne: UInt32(entry + 1), tag: ByteTable.tag(hashes[entry]), start: UInt32(starts[entry]),
            count: UInt32(starts[entry + 1] - starts[entry]))
    }

    private mutating func grow() {
        slots = [Slot](repeating: Slot(), count: slots.count * 2)
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
