import Glibc
import JSON

/// The origins of lines that were read before, from `,"feed":` to the end of `label`: two thirds of a line, and the same ones again and again.
///
/// What stands in front of an origin does not change how its bytes are read, so equal bytes say the same again, and only they are compared.
/// Each origin has a small number, in the order in which they came. Memory is bounded: beyond `originsMax` no more are learnt.
struct OriginTable: ~Copyable {
    static let originsMax = 1 << 16
    /// A longer origin is not kept.
    static let bytesMax = 1024
    /// Where to look before an origin counts as new: a table that hostile names have filled must not slow every line.
    private static let probesMax = 16
    /// The key of the market, `,"market":"`, is stepped over; what is behind tells origins apart.
    private static let hashed = (from: 11, bytes: 32)

    /// Where the inside of a string stands in an origin.
    private struct Span {
        var start: UInt16 = 0
        var count: UInt16 = 0
        var hasEscapes = false
    }

    private struct Origin {
        var hash: UInt64
        /// Where its bytes lie.
        var offset: Int
        var count: Int
        var hasLabel: Bool
        /// Feed, venue, market, instrument, label.
        var spans: InlineArray<5, Span>
    }

    private var origins: [Origin] = []
    /// Where to find an origin.
    private struct Place {
        /// -1 for none.
        var number: Int32 = -1
        /// Where its bytes lie, here once more: they can be asked for together with the origin.
        var offset: UInt32 = 0
    }

    /// An origin is at the low bits of its hash or at one of the next places.
    private var places = [Place](repeating: Place(), count: 1024)
    private var bytes = ByteBuffer(capacity: 1 << 12)

    init() {}

    var count: Int { origins.count }

    /// The number of the origin that begins at `start`, whose market's comma is at `market`; nil for a new one.
    @inline(__always)
    func find(_ start: UnsafePointer<UInt8>, market: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> Int? {
        guard let hash = OriginTable.hash(market, before: end) else { return nil }
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        for _ in 0..<OriginTable.probesMax {
            let number = Int(places[place].number)
            if number < 0 { return nil }
            if isEqual(number, hash, start, before: end) { return number }
            place = (place + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func isEqual(_ number: Int, _ hash: UInt64, _ start: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> Bool {
        guard origins[number].hash == hash, end - start >= origins[number].count, let base = bytes.bytes.baseAddress else { return false }
        return memcmp(base + origins[number].offset, start, origins[number].count) == 0
    }

    /// The hash of the origin whose market's comma may be at `market`, and asks for its place; 0 for none.
    @inline(__always)
    func askForPlace(market: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> UInt64 {
        guard let hash = OriginTable.hash(market, before: end) else { return 0 }
        let place = Int(truncatingIfNeeded: hash) & (places.count - 1)
        places.withUnsafeBufferPointer { NearMemory.ask(for: $0.baseAddress! + place, MemoryLayout<Place>.size) }
        return hash
    }

    /// The number of the origin that has this hash, as far as the first place tells, and asks for its memory; nil for none.
    ///
    /// A hint: it may be another one.
    @inline(__always)
    func guess(hash: UInt64) -> Int? {
        let place = places[Int(truncatingIfNeeded: hash) & (places.count - 1)]
        guard place.number >= 0, let base = bytes.bytes.baseAddress else { return nil }
        origins.withUnsafeBufferPointer { NearMemory.ask(for: $0.baseAddress! + Int(place.number), MemoryLayout<Origin>.size) }
        // Most are some 250 bytes.
        NearMemory.ask(for: base + Int(place.offset), 256)
        return Int(place.number)
    }

    /// How many fields an origin has, from `feed` on.
    @inline(__always)
    func fieldCount(_ number: Int) -> Int { origins[number].hasLabel ? 5 : 4 }

    /// Sets the values of an origin that was found at `start`, and gives how many bytes it has.
    @inline(__always)
    func read(_ number: Int, at start: UnsafePointer<UInt8>, line: UInt32, into values: UnsafeMutablePointer<EventValue>) -> Int {
        for index in 0..<fieldCount(number) {
            let span = origins[number].spans[index]
            var value = EventValue(
                JSONText(base: start + Int(span.start), count: Int(span.count), hasEscapes: span.hasEscapes), .string)
            value.line = line
            values[Int(EventField.feed.rawValue) + index] = value
        }
        return origins[number].count
    }

    /// Learns an origin that was read the long way, its values being strings; gives its number, nil if it is not kept.
    ///
    /// - Parameter market: Where the market's comma is.
    mutating func add(
        _ start: UnsafePointer<UInt8>, market: UnsafePointer<UInt8>, upTo originEnd: UnsafePointer<UInt8>,
        before end: UnsafePointer<UInt8>, hasLabel: Bool, _ values: UnsafePointer<EventValue>
    ) -> Int? {
        let count = originEnd - start
        guard count <= OriginTable.bytesMax, origins.count < OriginTable.originsMax, let hash = OriginTable.hash(market, before: end),
            let place = freePlace(hash)
        else { return nil }
        var origin = Origin(hash: hash, offset: bytes.count, count: count, hasLabel: hasLabel, spans: InlineArray(repeating: Span()))
        for index in 0..<(hasLabel ? 5 : 4) {
            let text = values[Int(EventField.feed.rawValue) + index].text
            origin.spans[index] = Span(start: UInt16(text.base - start), count: UInt16(text.count), hasEscapes: text.hasEscapes)
        }
        places[place] = Place(number: Int32(origins.count), offset: UInt32(bytes.count))
        origins.append(origin)
        bytes.append(UnsafeBufferPointer(start: start, count: count))
        if origins.count * 2 > places.count { grow() }
        return origins.count - 1
    }

    private func freePlace(_ hash: UInt64) -> Int? {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        for _ in 0..<OriginTable.probesMax {
            if places[place].number < 0 { return place }
            place = (place + 1) & mask
        }
        return nil
    }

    /// An origin that finds no place any more is found no more; it will be learnt anew under another number.
    private mutating func grow() {
        places = [Place](repeating: Place(), count: places.count * 4)
        for (number, origin) in origins.enumerated() {
            if let place = freePlace(origin.hash) { places[place] = Place(number: Int32(number), offset: UInt32(origin.offset)) }
        }
    }

    /// Over the beginning of the market and what is behind it; nil near the end of a line.
    @inline(__always)
    private static func hash(_ market: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> UInt64? {
        guard end - market >= hashed.from + hashed.bytes else { return nil }
        let text = UnsafeRawPointer(market + hashed.from)
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for word in 0..<hashed.bytes / 8 {
            let eight = text.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)
            let product = (hash ^ eight).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
            hash = product.high ^ product.low
        }
        return hash ^ hash >> 29
    }
}
