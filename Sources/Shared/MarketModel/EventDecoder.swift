public import JSON

/// Reads one line at a time as a MarketEvent.
///
/// One decoder serves a whole stream: its memory is used again for every line, so a warmed-up decoder allocates nothing. What it gives
/// (`JSONText`, levels) points into the line and into itself and is valid until the next `decode`.
public struct EventDecoder: ~Copyable {
    let values: UnsafeMutablePointer<EventValue>
    private let guesses = EventGuesses()
    /// The number of the line; a value is of the line that has its number.
    private var line: UInt32 = 0
    /// Levels of the line, as they stand: best first in lines of ours. Empty where it has none.
    public internal(set) var bids: [Level] = []
    public internal(set) var asks: [Level] = []
    private var bidsFault: EventError?
    private var asksFault: EventError?
    /// The fields of the line, each once.
    private(set) var fieldsSeen = EventFieldSet()
    /// nil for a type that this version does not know.
    public internal(set) var kind: EventKind?
    public internal(set) var received = Timestamp(micros: 0)
    /// `seq` of a book line, from 1 on; 0 where the line that was read by `decodeEvent` is none.
    public internal(set) var bookSequence: Int64 = 0
    private var origins = OriginTable()
    /// With so many origins what is kept of one is probably not in the processor's own caches: some kilobytes each.
    public static let originsNear = 1000
    /// How far behind the end of its type the market of the last line stood that had a known origin; 0 before any had one.
    private var marketBehindType = 0
    /// A small number for the line's feed, venue, market and instrument together: one number always means the same four, though several
    /// numbers may. nil where the line has none; numbers of one decoder mean nothing to another.
    public internal(set) var originNumber: Int?
    /// Of the origin that the line of the last call of `expect` probably has; 0 for none.
    private var expectedHash: UInt64 = 0

    public init() {
        values = UnsafeMutablePointer<EventValue>.allocate(capacity: EventField.allCount)
        values.initialize(repeating: EventValue(), count: EventField.allCount)
    }

    deinit { values.deallocate() }

    /// Reads a line, with or without its newline.
    ///
    /// Checks the grammar of all of it, the envelope, and the levels of book lines. The other values are checked when they are asked for.
    public mutating func decode(_ line: UnsafeBufferPointer<UInt8>) throws(EventError) {
        beginLine()
        kind = nil
        originNumber = nil
        if !bids.isEmpty { bids.removeAll(keepingCapacity: true) }
        if !asks.isEmpty { asks.removeAll(keepingCapacity: true) }
        bidsFault = nil
        asksFault = nil
        do {
            try scan(line)
        } catch {
            throw .json(error)
        }
        try checkEnvelope()
    }

    private mutating func scan(_ line: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var scanner = JSONScanner(line)
        try scanner.beginObject()
        var guess = guesses[.v]
        var walk = OriginWalk()
        while true {
            let before = scanner.position
            let field: EventField
            if scanner.takeKey(spelled: guess.pointee.spelling) {
                field = guess.pointee.field
            } else {
                guard let key = try scanner.nextKey() else { break }
                guard let found = EventField(key) else {
                    try scanner.skipValue()
                    continue
                }
                field = found
            }
            guess = guesses[guesses[field].pointee.next]
            switch field {
            case .bids:
                let (value, fault) = try EventDecoder.levels(&scanner, into: &bids, field)
                bidsFault = fault
                keep(value, field)
            case .asks:
                let (value, fault) = try EventDecoder.levels(&scanner, into: &asks, field)
                asksFault = fault
                keep(value, field)
            default:
                let value = try EventDecoder.readValue(&scanner)
                keep(value, field)
                guard field.isOfOrigin else { break }
                originNumber = nil
                walk.take(field, isString: value.kind == .string, before: before, after: scanner.position)
                if walk.isBeforeMarket, takeKnownOrigin(&scanner, &walk) { guess = guesses[.conn] }
            }
        }
        try scanner.finish()
        if walk.isComplete { learnOrigin(walk, before: scanner.position) }
    }

    /// Takes the rest of an origin that is known, market and all, in one step.
    @inline(__always)
    private mutating func takeKnownOrigin(_ scanner: inout JSONScanner, _ walk: inout OriginWalk) -> Bool {
        guard let start = walk.start, let place = origins.find(start, market: scanner.position, before: scanner.endPosition) else {
            return false
        }
        // Nobody asks for it before (`expect`). Behind the market of an origin there are more bytes than `typeMax`.
        if origins.count >= EventDecoder.originsNear {
            marketBehindType = scanner.offset - EventDecoder.typeEnd(scanner.position - scanner.offset)
        }
        scanner.moveBehind(start + origins.read(place, at: start, line: line, into: values))
        originNumber = origins.number(at: place)
        fieldsSeen.insert(first: .feed, count: origins.fieldCount(at: place))
        walk.leave()
        return true
    }

    /// Asks for the memory that a line will need which begins at `bytes` and is soon to be read, if it is like the last one: where its origin
    /// is found, and at the next call the origin itself. Gives the number that the origin of the call before probably has; nil for who knows.
    ///
    /// What follows the line, and whether it is one, is of no account. While there are few origins all is near anyway, and nobody knows.
    @inline(__always) @discardableResult
    public mutating func expect(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard origins.count >= EventDecoder.originsNear else { return nil }
        let number = expectedHash == 0 ? nil : origins.guess(hash: expectedHash)
        expectedHash = 0
        // Before any line had a known origin, nothing is known of where markets stand.
        guard marketBehindType > 0, let base = bytes.baseAddress, bytes.count > EventDecoder.typeMax + marketBehindType else {
            return number
        }
        expectedHash = origins.askForPlace(market: base + EventDecoder.typeEnd(base) + marketBehindType, before: base + bytes.count)
        return number
    }

    /// `{"v":1,"type":"`, with which lines of the contract's own spelling begin.
    private static let typeStart = 15
    /// No type ends later.
    private static let typeMax = typeStart + 16

    /// Where the type of a line ends that has `typeMax` bytes and more, if it is spelled as the contract's own: types are of different
    /// lengths, and what stands between them and the market is nearly always the same.
    @inline(__always)
    private static func typeEnd(_ line: UnsafePointer<UInt8>) -> Int {
        typeStart + QuoteSearch.distance(from: line + typeStart, upTo: 16)
    }

    private mutating func learnOrigin(_ walk: OriginWalk, before lineEnd: UnsafePointer<UInt8>) {
        guard let start = walk.start, let market = walk.market, let end = walk.end else { return }
        originNumber = origins.add(start, market: market, upTo: end, before: lineEnd, hasLabel: walk.hasLabel, values)
    }

    /// Forgets the values of the line before.
    mutating func beginLine() {
        line &+= 1
        fieldsSeen = EventFieldSet()
        guard line == 0 else { return }
        // The numbers begin anew: none of four thousand million lines ago may pass for one of now.
        values.update(repeating: EventValue(), count: EventField.allCount)
        line = 1
    }

    /// Behind the value: what a torn line did not tell to its end must not be that of the line before.
    @inline(__always)
    private mutating func keep(_ value: EventValue, _ field: EventField) {
        fieldsSeen.insert(field)
        put(value, at: Int(field.rawValue))
    }

    @inline(__always)
    func put(_ value: EventValue, at place: Int) {
        var value = value
        value.line = line
        values[place] = value
    }

    static func readValue(_ scanner: inout JSONScanner) throws(JSONError) -> EventValue {
        let (text, kind) = try scanner.typedValue()
        return EventValue(text, kind)
    }

    private func checkEnvelope() throws(EventError) {
        // Nearly always the digit itself.
        if let value = value(.v), value.kind == .number, value.text.count == 1, value.text.base[0] == UInt8(ascii: "1") { return }
        guard try integer(.v) == 1 else { throw .version }
    }

    // MARK: Access

    /// Whether the line has the key, be it `null`.
    public func has(_ field: EventField) -> Bool { values[Int(field.rawValue)].line == line }

    @inline(__always)
    func value(_ field: EventField) -> EventValue? {
        has(field) ? values[Int(field.rawValue)] : nil
    }

    /// The inside of a string; nil where the key is absent or `null`.
    @inline(__always)
    public func text(_ field: EventField) throws(EventError) -> JSONText? {
        guard let value = value(field), value.kind != .null else { return nil }
        guard value.kind == .string else { throw .wrongValue(field) }
        return value.text
    }

    /// The inside of a string that must be there.
    @inline(__always)
    public func requireText(_ field: EventField) throws(EventError) -> JSONText {
        guard let text = try text(field) else { throw .missing(field) }
        return text
    }

    /// A whole number; nil where the key is absent or `null`.
    public func integer(_ field: EventField) throws(EventError) -> Int64? {
        guard let value = value(field), value.kind != .null else { return nil }
        guard value.kind == .number || value.kind == .string, let integer = value.text.integer else {
            throw .wrongValue(field)
        }
        return integer
    }

    /// Millionths of a decimal; nil where the key is absent or `null`.
    public func millionths(_ field: EventField) throws(EventError) -> Int64? {
        guard let value = value(field), value.kind != .null else { return nil }
        guard value.kind == .number || value.kind == .string else { throw .wrongValue(field) }
        do {
            return try Decimal6.parse(value.text)
        } catch {
            throw error == .notANumber ? .wrongValue(field) : .outOfRange(field)
        }
    }

    /// A price, 0 to 1, that must be there.
    public func requirePrice(_ field: EventField) throws(EventError) -> Price {
        guard let millionths = try millionths(field) else { throw .missing(field) }
        guard Price(millionths: millionths).isProbability else { throw .outOfRange(field) }
        return Price(millionths: millionths)
    }

    /// A size, not below zero, that must be there.
    public func requireSize(_ field: EventField) throws(EventError) -> Size {
        guard let millionths = try millionths(field) else { throw .missing(field) }
        guard millionths >= 0 else { throw .outOfRange(field) }
        return Size(millionths: millionths)
    }

    /// `true` or `false`; nil where the key is absent or `null`.
    public func bool(_ field: EventField) throws(EventError) -> Bool? {
        guard let value = value(field), value.kind != .null else { return nil }
        guard value.kind == .bool else { throw .wrongValue(field) }
        return value.text.count == 4
    }

    /// The text of an object or array as it stands; nil where the key is absent or `null`.
    public func container(_ field: EventField) throws(EventError) -> JSONText? {
        guard let value = value(field), value.kind != .null else { return nil }
        guard value.kind == .object || value.kind == .array else { throw .wrongValue(field) }
        return value.text
    }
}

extension EventDecoder {
    /// Reads the line's type and time and, for market data, that it says of what; book levels are checked.
    ///
    /// After it `kind` and `received` are set. A type that is not known passes with `kind` nil.
    public mutating func decodeEvent(_ line: UnsafeBufferPointer<UInt8>) throws(EventError) {
        try decode(line)
        let type = try requireText(.type)
        guard let micros = try integer(.recvUs) else { throw .missing(.recvUs) }
        received = Timestamp(micros: micros)
        bookSequence = 0
        let found = EventKind(type)
        if let found {
            _ = try requireText(.feed)
            _ = try requireText(.venue)
            if found.isMarketData {
                _ = try requireText(.market)
                _ = try requireText(.instrument)
            }
            if found.isBook { try checkBook() }
        }
        kind = found
    }

    private mutating func checkBook() throws(EventError) {
        guard has(.bids) else { throw .missing(.bids) }
        guard has(.asks) else { throw .missing(.asks) }
        if let bidsFault { throw bidsFault }
        if let asksFault { throw asksFault }
        guard let seq = try integer(.seq) else { throw .missing(.seq) }
        guard seq >= 1 else { throw .outOfRange(.seq) }
        bookSequence = seq
    }
}
