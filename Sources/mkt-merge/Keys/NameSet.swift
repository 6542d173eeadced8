import JSON

/// A fixed set of names that texts of lines are looked up in, without an allocation.
struct NameSet {
    /// Names by a cheap hash; a power of two of buckets.
    private var buckets: [[[UInt8]]]
    let isEmpty: Bool

    init(_ names: [String]) {
        isEmpty = names.isEmpty
        var size = 16
        while size < names.count * 2 { size *= 2 }
        buckets = [[[UInt8]]](repeating: [], count: size)
        for name in names {
            let bytes = Array(name.utf8)
            let slot = bytes.withUnsafeBufferPointer { NameSet.hash($0) } & (size - 1)
            if !buckets[slot].contains(bytes) { buckets[slot].append(bytes) }
        }
    }

    func contains(_ text: JSONText) -> Bool {
        guard !isEmpty else { return false }
        guard !text.hasEscapes else {
            var plain = ByteBuffer(capacity: text.count)
            plain.append(unescaping: text)
            return contains(plain.text)
        }
        for name in buckets[NameSet.hash(text.bytes) & (buckets.count - 1)] where text.isEqual(to: name) { return true }
        return false
    }

    /// From the length and the last bytes: ids of a venue differ there.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash = UInt32(truncatingIfNeeded: bytes.count)
        for byte in bytes.suffix(8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int(hash ^ hash >> 15)
    }
}
