import Glibc
import JSON

/// Small numbers for names: 0, 1, 2, … in the order in which they were first seen.
///
/// A name is up to three texts of a line (`feed`, `venue`, `instrument`). A look-up reads their bytes once and allocates nothing; only
/// names spelled with escapes take the slow path. Open addressing, at most half full; names are never taken out.
struct NameTable: ~Copyable {
    struct Name {
        var first: JSONText
        var second = JSONText.nothing
        var third = JSONText.nothing

        var hasEscapes: Bool { first.hasEscapes || second.hasEscapes || third.hasEscapes }
    }

    private struct Entry {
        let hash: UInt64
        let offset: Int
        let firstCount: Int
        let secondCount: Int
        let thirdCount: Int
    }

    private var entries: [Entry] = []
    /// The number of a name, or -1; the place is the low bits of its hash or the next free one.
    private var places = [Int32](repeating: -1, count: 1024)
    private var bytes = ByteBuffer(capacity: 1 << 14)
    private var plain = ByteBuffer(capacity: 256)

    init() {}

    var count: Int { entries.count }

    /// The number of a name that was seen before, or nil.
    mutating func find(_ name: Name) -> Int? {
        name.hasEscapes ? withPlain(name) { $0.lookUp($1).number } : lookUp(name).number
    }

    /// The same for a name without escapes.
    func find(plain name: Name) -> Int? {
        precondition(!name.hasEscapes, "the name has escapes")
        return lookUp(name).number
    }

    /// The number of a name. A new one gets the next number, which is then the old `count`.
    mutating func number(of name: Name) -> Int {
        name.hasEscapes ? withPlain(name) { $0.lookUpOrAdd($1) } : lookUpOrAdd(name)
    }

    private mutating func lookUpOrAdd(_ name: Name) -> Int {
        let found = lookUp(name)
        if let number = found.number { return number }
        add(name, found.hash, at: found.place)
        return entries.count - 1
    }

    @inline(__always)
    private func lookUp(_ name: Name) -> (number: Int?, hash: UInt64, place: Int) {
        let hash = NameTable.hash(name)
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let number = Int(places[place])
            if number < 0 { return (nil, hash, place) }
            if isEqual(entries[number], name, hash) { return (number, hash, place) }
            place = (place + 1) & mask
        }
    }

    @inline(__always)
    private func isEqual(_ entry: Entry, _ name: Name, _ hash: UInt64) -> Bool {
        guard entry.hash == hash, entry.firstCount == name.first.count, entry.secondCount == name.second.count,
            entry.thirdCount == name.third.count, let base = bytes.bytes.baseAddress
        else { return false }
        let first = base + entry.offset
        let second = first + entry.firstCount
        return memcmp(first, name.first.base, entry.firstCount) == 0 && memcmp(second, name.second.base, entry.secondCount) == 0
            && memcmp(second + entry.secondCount, name.third.base, entry.thirdCount) == 0
    }

    private mutating func add(_ name: Name, _ hash: UInt64, at place: Int) {
        places[place] = Int32(entries.count)
        entries.append(
            Entry(
                hash: hash, offset: bytes.count, firstCount: name.first.count, secondCount: name.second.count,
                thirdCount: name.third.count))
        bytes.append(raw: name.first)
        bytes.append(raw: name.second)
        bytes.append(raw: name.third)
        if entries.count * 2 > places.count { grow() }
    }

    private mutating func grow() {
        places = [Int32](repeating: -1, count: places.count * 4)
        let mask = places.count - 1
        for (number, entry) in entries.enumerated() {
            var place = Int(truncatingIfNeeded: entry.hash) & mask
            while places[place] >= 0 { place = (place + 1) & mask }
            places[place] = Int32(number)
        }
    }

    /// The same name with its escapes resolved, so that every spelling has one number.
    private mutating func withPlain<Result>(_ name: Name, _ body: (inout NameTable, Name) -> Result) -> Result {
        plain.removeAll()
        plain.append(unescaping: name.first)
        let second = plain.count
        plain.append(unescaping: name.second)
        let third = plain.count
        plain.append(unescaping: name.third)
        // Only `bytes` changes below, so what points into `plain` stays valid.
        guard let base = plain.bytes.baseAddress.map(UnsafePointer.init) else { return body(&self, name) }
        let resolved = Name(
            first: JSONText(base: base, count: second), second: JSONText(base: base + second, count: third - second),
            third: JSONText(base: base + third, count: plain.count - third))
        return body(&self, resolved)
    }
}

extension NameTable {
    /// Eight bytes at a time, each mixed in by a multiplication; the lengths too, so that no text runs into the next.
    private static func hash(_ name: Name) -> UInt64 {
        let first = mix(name.first, into: 0x9E37_79B9_7F4A_7C15)
        let second = mix(name.second, into: first)
        let third = mix(name.third, into: second)
        return third ^ (third >> 29)
    }

    @inline(__always)
    private static func mix(_ text: JSONText, into seed: UInt64) -> UInt64 {
        let start = UnsafeRawPointer(text.base)
        var hash = seed ^ UInt64(truncatingIfNeeded: text.count)
        guard text.count >= 8 else {
            return step(hash ^ text.bytes.reduce(0) { $0 << 8 | UInt64($1) })
        }
        var at = 0
        while text.count - at > 8 {
            hash = step(hash ^ start.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian)
            at += 8
        }
        // The last eight bytes, some of them for the second time.
        return step(hash ^ start.loadUnaligned(fromByteOffset: text.count - 8, as: UInt64.self).littleEndian)
    }

    @inline(__always)
    private static func step(_ value: UInt64) -> UInt64 {
        let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }
}

extension JSONText {
    /// Of no bytes.
    static var nothing: JSONText {
        let literal: StaticString = ""
        return JSONText(base: literal.utf8Start, count: 0)
    }
}
