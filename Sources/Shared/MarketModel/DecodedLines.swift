import JSON

/// Lines that one decoder has read, with all that it found in them, for another decoder to take up later, on another thread perhaps.
///
/// It points into the bytes of the lines: they stay where they are until `removeAll`. Its memory is used again, so what has warmed up
/// allocates nothing.
public struct DecodedLines: ~Copyable {
    /// A value of a line in two thirds of the room that it has in a decoder.
    struct Value {
        private let base: UnsafePointer<UInt8>
        // A line has 4 MiB at most.
        private let count: UInt32
        private let kind: JSONScanner.Kind
        private let hasEscapes: Bool
        /// The raw value of its field.
        let place: UInt8

        @inline(__always)
        init(_ value: EventValue, at place: Int) {
            base = value.text.base
            count = UInt32(truncatingIfNeeded: value.text.count)
            hasEscapes = value.text.hasEscapes
            kind = value.kind
            self.place = UInt8(truncatingIfNeeded: place)
        }

        @inline(__always)
        var value: EventValue { EventValue(JSONText(base: base, count: Int(count), hasEscapes: hasEscapes), kind) }
    }

    /// What a decoder's own members said behind the line. Places are of 32 bits: a batch of lines is no larger than a line may be.
    struct Line {
        let start: UnsafePointer<UInt8>?
        let received: Timestamp
        let bookSequence: Int64
        let count: UInt32
        /// -1 for none.
        let originNumber: Int32
        /// Where its values and levels stand; asks are behind bids.
        let firstValue: UInt32
        let endOfValues: UInt32
        let firstBid: UInt32
        let firstAsk: UInt32
        let endOfLevels: UInt32
        /// Why it is no event: a place in `faults`; -1 for one that is.
        let fault: Int32
        let kind: EventKind?
    }

    /// One huge line must not hold its memory for ever.
    private static let keptCapacity = 1 << 14

    private(set) var lines = PlainArray<Line>(capacity: 512)
    private(set) var values = PlainArray<Value>(capacity: 4096)
    private(set) var levels = PlainArray<Level>(capacity: 1024)
    private(set) var faults: [EventError] = []

    public init() {}

    public var count: Int { lines.count }

    /// The bytes of a line.
    @inline(__always)
    public func bytes(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: lines[index].start, count: Int(lines[index].count))
    }

    /// The number of a line's origin; nil where it has none.
    @inline(__always)
    public func originNumber(_ index: Int) -> Int? { lines[index].originNumber < 0 ? nil : Int(lines[index].originNumber) }

    /// The sides of which a line has levels.
    @inline(__always)
    public func sides(_ index: Int) -> (bid: Bool, ask: Bool) {
        (lines[index].firstAsk > lines[index].firstBid, lines[index].endOfLevels > lines[index].firstAsk)
    }

    public mutating func removeAll() {
        lines.removeAll(keeping: DecodedLines.keptCapacity)
        values.removeAll(keeping: DecodedLines.keptCapacity)
        levels.removeAll(keeping: DecodedLines.keptCapacity)
        if !faults.isEmpty { faults.removeAll() }
    }

    /// Puts the values of the fields, which stand at the places of their raw values, behind the others.
    @inline(__always)
    mutating func append(_ fields: EventFieldSet, of found: UnsafeMutablePointer<EventValue>) {
        let room = values.spare(EventField.allCount)
        var (rest, count) = (fields, 0)
        while let place = rest.popFirst() {
            (room + count).initialize(to: Value(found[place], at: place))
            count += 1
        }
        values.commit(count)
    }

    @inline(__always)
    mutating func append(_ more: [Level]) {
        for index in more.indices { levels.append(more[index]) }
    }

    /// Notes what is wrong with a line; gives where, -1 for nothing.
    @inline(__always)
    mutating func append(_ fault: EventError?) -> Int32 {
        guard let fault else { return -1 }
        faults.append(fault)
        return Int32(faults.count - 1)
    }

    @inline(__always)
    mutating func append(_ line: Line) { lines.append(line) }
}
