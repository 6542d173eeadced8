import Glibc
public import JSON

/// Gives each distinct run of bytes a small number, 0, 1, 2, …, and finds it again without making a String.
///
/// For identifiers: instruments, markets, tickers. Entries are never taken out. Looking up allocates nothing, and looks at no bytes of
/// the entries: they are known by their count and their digest under a key of this process, whoever chose them (`KeyedDigest`). Only
/// where they are longer than what a digest is of, the bytes are compared.
public struct ByteTable: Sendable {
    /// Where an entry is found: all that it takes to know it, since each step more may be one to far memory.
    ///
    /// Both words of the digest, and the count and the number. An array begins where it begins, so half of them lie across two lines of the
    /// processor's cache.
    private struct Slot {
        private var words = SIMD4<UInt64>()

        init() {}

        init(_ digest: KeyedDigest, count: Int, entry: Int) {
            words = SIMD4(digest.high, digest.low, UInt64(count), UInt64(entry + 1))
        }

        @inline(__always)
        var isFree: Bool { words.w == 0 }
        var entry: Int { Int(words.w) - 1 }
        var digest: KeyedDigest { KeyedDigest(high: words.x, low: words.y) }

        /// Whether an entry has this digest and so many bytes.
        @inline(__always)
        func fits(_ digest: KeyedDigest, count: Int) -> Bool {
            (words.x ^ digest.high) | (words.y ^ digest.low) | (words.z ^ UInt64(count)) == 0
        }
    }

    /// A key that will be looked for: its digest, made early, so that the memory where it is found is asked for by then.
    public struct Sought: BitwiseCopyable, Sendable {
        private var base: UInt = 0
        private var count = 0
        fileprivate var digest = KeyedDigest()

        /// Of no key.
        public init() {}

        fileprivate init(_ key: JSONText, _ digest: KeyedDigest) {
            base = UInt(bitPattern: key.base)
            count = key.count
            self.digest = digest
        }

        /// Whether it was made of these very bytes, where they are.
        @inline(__always)
        fileprivate func isOf(_ key: JSONText) -> Bool { base == UInt(bitPattern: key.base) && count == key.count }
    }

    /// An entry is at the low bits of its digest's hash or behind. The count is a power of two.
    private var slots = [Slot](repeating: Slot(), count: 64)
    private var starts: [Int] = [0]
    private var bytes: [UInt8] = []
    private let digestKey = KeyedDigest.Key.shared

    public init() {}

    public var count: Int { starts.count - 1 }

    /// The number of `key`, or nil if it was never put in.
    public func find(_ key: JSONText) -> Int? { find(key, digest(key)) }

    @inline(__always)
    private func find(_ key: JSONText, _ digest: KeyedDigest) -> Int? {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: digest.hash) & mask
        while !slots[place].isFree {
            if slots[place].fits(digest, count: key.count), isEqualBeyondDigest(slots[place].entry, key) { return slots[place].entry }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Whether what no digest is of is the same.
    @inline(__always)
    private func isEqualBeyondDigest(_ entry: Int, _ key: JSONText) -> Bool {
        guard key.count > KeyedDigest.bytesMax else { return true }
        return withBytes(entry) { memcmp($0.baseAddress!, key.base, key.count) == 0 }
    }

    /// Of a key, or of the beginning of a long one.
    @inline(__always)
    private func digest(_ key: JSONText) -> KeyedDigest { digestKey.digest(key.base, count: min(key.count, KeyedDigest.bytesMax)) }

    /// Asks for the memory where `key` is found. What it gives is of use for the same text as long as its bytes stay as they are.
    @inline(__always)
    public mutating func ask(for key: JSONText) -> Sought {
        let digest = digest(key)
        let place = Int(truncatingIfNeeded: digest.hash) & (slots.count - 1)
        // The whole of it, and the next one: that is looked at too, where another key has the first.
        NearMemory.ask(for: &slots, 2, at: place)
        return Sought(key, digest)
    }

    /// The number of `key`, put in if it is new.
    public mutating func intern(_ key: JSONText) -> (index: Int, isNew: Bool) { intern(key, digest(key)) }

    /// The same for a key that was asked for before, or was not.
    public mutating func intern(_ key: JSONText, _ sought: Sought) -> (index: Int, isNew: Bool) {
        intern(key, sought.isOf(key) ? sought.digest : digest(key))
    }

    @inline(__always)
    private mutating func intern(_ key: JSONText, _ digest: KeyedDigest) -> (index: Int, isNew: Bool) {
        if let index = find(key, digest) { return (index, false) }
        bytes.append(contentsOf: key.bytes)
        starts.append(bytes.count)
        if count * 2 > slots.count { grow() }
        place(Slot(digest, count: key.count, entry: count - 1))
        return (count - 1, true)
    }

    /// The bytes of an entry as text. Allocates.
    public func string(_ index: Int) -> String {
        String(decoding: bytes[starts[index]..<starts[index + 1]], as: UTF8.self)
    }

    /// The bytes of an entry, valid inside `body`.
    public func withBytes<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[starts[index]..<starts[index + 1]])) }
    }

    private mutating func place(_ slot: Slot) {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: slot.digest.hash) & mask
        while !slots[place].isFree { place = (place + 1) & mask }
        slots[place] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        for slot in old where !slot.isFree { place(slot) }
    }
}
