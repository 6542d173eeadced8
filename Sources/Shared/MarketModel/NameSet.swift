public import JSON

/// A fixed set of names that texts of lines are looked up in, byte by byte and without an allocation.
public struct NameSet: Sendable {
    private struct Entry {
        let name: [UInt8]
        let place: Int
    }

    /// Names by a cheap hash; a power of two of buckets.
    private var buckets: [[Entry]]
    /// The names in the order in which they were given, each once.
    public private(set) var names: [String] = []
    /// Whether no name is in it.
    public let isEmpty: Bool

    /// Takes names of which some may come twice; two that look alike are two, unless they are the same bytes.
    public init(_ names: [String]) {
        isEmpty = names.isEmpty
        var size = 16
        while size < names.count * 2 { size *= 2 }
        buckets = [[Entry]](repeating: [], count: size)
        for name in names {
            let bytes = Array(name.utf8)
            let slot = bytes.withUnsafeBufferPointer { NameSet.hash($0) } & (size - 1)
            if buckets[slot].contains(where: { $0.name == bytes }) { continue }
            buckets[slot].append(Entry(name: bytes, place: self.names.count))
            self.names.append(name)
        }
    }

    /// Which of `names` a text is, escapes resolved; nil if none.
    public func place(of text: JSONText) -> Int? {
        guard !isEmpty else { return nil }
        guard !text.hasEscapes else {
            var plain = ByteBuffer(capacity: text.count)
            plain.append(unescaping: text)
            return place(of: plain.text)
        }
        for entry in buckets[NameSet.hash(text.bytes) & (buckets.count - 1)] where text.isEqual(to: entry.name) { return entry.place }
        return nil
    }

    /// Whether a text is one of the names, escapes resolved.
    public func contains(_ text: JSONText) -> Bool { place(of: text) != nil }

    /// From the length and the last bytes: ids of a venue differ there.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash = UInt32(truncatingIfNeeded: bytes.count)
        for byte in bytes.suffix(8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int(hash ^ hash >> 15)
    }
}
