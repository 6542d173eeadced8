import JSON

/// The origins of lines that were read before, from `,"feed":` to the end of `label`: two thirds of a line, and the same ones again and again.
///
/// What stands in front of an origin does not change how its bytes are read, so equal bytes say the same again, and only they are compared:
/// by their digest (`KeyedDigest`), so that an origin is one line of the processor's cache and not five.
/// Each origin has a small number, in the order in which they came. Memory is bounded: beyond `originsMax` no more are learnt.
struct OriginTable: ~Copyable {
    static let originsMax = 1 << 16
    /// A longer origin is not kept.
    static let bytesMax = KeyedDigest.bytesMax
    /// Where to look before an origin counts as new: a table that hostile names have filled must not slow every line.
    private static let probesMax = 16
    private static let guessesMax = 3
    private static let placeBytes = 64

    /// Where the inside of a string stands in an origin.
    private struct Span: BitwiseCopyable {
        var start: UInt16 = 0
        /// Twice the count, and one more where it has escapes.
        private var countAndEscapes: UInt16 = 0

        init() {}

        init(_ text: JSONText, in origin: UnsafePointer<UInt8>) {
            start = UInt16(text.base - origin)
            countAndEscapes = UInt16(text.count) << 1 | (text.hasEscapes ? 1 : 0)
        }

        @inline(__always)
        func text(in origin: UnsafePointer<UInt8>) -> JSONText {
            JSONText(base: origin + Int(start), count: Int(countAndEscapes >> 1), hasEscapes: countAndEscapes & 1 != 0)
        }
    }

    /// An origin, where its hash leads to. All of it lies within 64 bytes; all of it zero is none.
    private struct Place: BitwiseCopyable {
        var hash: UInt64 = 0
        var digest = KeyedDigest()
        /// From 1 on.
        var numberBehind: Int32 = 0
        var count: UInt16 = 0
        var hasLabel = false
        /// Feed, venue, market, instrument, label.
        var spans = InlineArray<5, Span>(repeating: Span())
        /// Up to the end of the line of the cache.
        private var filling: UInt64 = 0
    }

    /// An origin is at the low bits of its hash or at one of the next places.
    private var places: UnsafeMutablePointer<Place>
    private var placeCount: Int
    private(set) var count = 0
    private let key = KeyedDigest.Key.shared

    init() {
        placeCount = 1024
        places = OriginTable.allocate(placeCount)
    }

    deinit { places.deallocate() }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Place> {
        precondition(MemoryLayout<Place>.stride == placeBytes)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * placeBytes, alignment: placeBytes)
        let places = memory.bindMemory(to: Place.self, capacity: count)
        places.initialize(repeating: Place(), count: count)
        return places
    }

    /// The place of the origin that begins at `start`, whose market's comma is at `market`; nil for a new one. Valid until the next `add`.
    @inline(__always)
    func find(_ start: UnsafePointer<UInt8>, market: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> Int? {
        guard let hash = OriginHash.of(market, before: end) else { return nil }
        var place = Int(truncatingIfNeeded: hash) & (placeCount - 1)
        for _ in 0..<OriginTable.probesMax {
            if places[place].numberBehind == 0 { return nil }
            if isEqual(place, hash, start, before: end) { return place }
            place = (place + 1) & (placeCount - 1)
        }
        return nil
    }

    @inline(__always)
    private func isEqual(_ place: Int, _ hash: UInt64, _ start: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> Bool {
        let count = Int(places[place].count)
        guard places[place].hash == hash, end - start >= count else { return false }
        return key.digest(start, count: count) == places[place].digest
    }

    /// The hash of the origin whose market's comma may be at `market`, and asks for its place; 0 for none.
    @inline(__always)
    func askForPlace(market: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> UInt64 {
        guard let hash = OriginHash.of(market, before: end) else { return 0 }
        NearMemory.ask(lineOf: places + (Int(truncatingIfNeeded: hash) & (placeCount - 1)))
        return hash
    }

    /// The number of the origin that has this hash, as far as the first places tell; nil for who knows.
    ///
    /// A hint: it may be another one. Where the first place has another origin, the next one is not near; but who reads the line will look
    /// there, too.
    @inline(__always)
    func guess(hash: UInt64) -> Int? {
        var place = Int(truncatingIfNeeded: hash) & (placeCount - 1)
        for _ in 0..<OriginTable.guessesMax {
            if places[place].hash == hash { return places[place].numberBehind > 0 ? number(at: place) : nil }
            place = (place + 1) & (placeCount - 1)
        }
        return nil
    }

    @inline(__always)
    func number(at place: Int) -> Int { Int(places[place].numberBehind) - 1 }

    /// How many fields an origin has, from `feed` on.
    @inline(__always)
    func fieldCount(at place: Int) -> Int { places[place].hasLabel ? 5 : 4 }

    /// Sets the values of an origin that was found at `start`, and gives how many bytes it has.
    @inline(__always)
    func read(_ place: Int, at start: UnsafePointer<UInt8>, line: UInt32, into values: UnsafeMutablePointer<EventValue>) -> Int {
        for index in 0..<fieldCount(at: place) {
            var value = EventValue(places[place].spans[index].text(in: start), .string)
            value.line = line
            values[Int(EventField.feed.rawValue) + index] = value
        }
        return Int(places[place].count)
    }

    /// Learns an origin that was read the long way, its values being strings; gives its number, nil if it is not kept.
    ///
    /// - Parameter market: Where the market's comma is.
    mutating func add(
        _ start: UnsafePointer<UInt8>, market: UnsafePointer<UInt8>, upTo originEnd: UnsafePointer<UInt8>,
        before end: UnsafePointer<UInt8>, hasLabel: Bool, _ values: UnsafePointer<EventValue>
    ) -> Int? {
        let byteCount = originEnd - start
        guard byteCount <= OriginTable.bytesMax, count < OriginTable.originsMax, let hash = OriginHash.of(market, before: end),
            let free = freePlace(hash)
        else { return nil }
        var place = Place()
        place.hash = hash
        place.digest = key.digest(start, count: byteCount)
        place.numberBehind = Int32(count + 1)
        place.count = UInt16(byteCount)
        place.hasLabel = hasLabel
        for index in 0..<(hasLabel ? 5 : 4) {
            place.spans[index] = Span(values[Int(EventField.feed.rawValue) + index].text, in: start)
        }
        places[free] = place
        count += 1
        if count * 2 > placeCount { grow() }
        return count - 1
    }

    private func freePlace(_ hash: UInt64) -> Int? {
        var place = Int(truncatingIfNeeded: hash) & (placeCount - 1)
        for _ in 0..<OriginTable.probesMax {
            if places[place].numberBehind == 0 { return place }
            place = (place + 1) & (placeCount - 1)
        }
        return nil
    }

    /// An origin that finds no place any more is found no more; it will be learnt anew under another number.
    private mutating func grow() {
        let (old, oldCount) = (places, placeCount)
        placeCount = oldCount * 4
        places = OriginTable.allocate(placeCount)
        for index in 0..<oldCount where old[index].numberBehind > 0 {
            if let place = freePlace(old[index].hash) { places[place] = old[index] }
        }
        old.deallocate()
    }
}
