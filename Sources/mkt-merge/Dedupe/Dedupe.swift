import JSON
import MarketModel
import UnixTool

/// Makes one feed of several that show the same venue: each trade once, each book from one of them at a time.
///
/// It does no I/O and reads no clock. Lines go in with their place among the inputs and the time of the run's clock (our own if any input
/// is live, else the stream's `recv_us`); it says of each whether it passes, and leaves in `lines` what the merged feed has to say.
/// The rules are in `docs/dedupe.md`.
final class Dedupe {
    enum Verdict {
        /// The line goes on byte for byte, before what is in `lines`.
        case pass
        /// It is the copy of a trade.
        case copy
        /// It is a book line, which the merged feed tells in its own name or not at all.
        case absorbed
        /// It cannot be read, and what it says would be needed.
        case malformed(EventError)
    }

    let settings: DedupeSettings
    let inputs: [MergeOrder.Kind]
    /// Whether timers run on our clock.
    let isLive: Bool
    var decoder = EventDecoder()
    /// What the merged feed says, in order. Whoever takes it empties it.
    var lines: MergedLines
    var sources: [SourceFeed] = []
    /// By the number of the instrument.
    var books: [MergedBook] = []
    var time = DedupeTime()
    var counts = DedupeCounts()
    /// What the event at hand has done, told when it is over.
    var outcome = SwitchOutcome()
    /// Instruments whose book waits for another, or may be behind one.
    var watched: [Int] = []
    /// When to look after them.
    var tickMicros: Int64?
    private var trades = TradeCopies()
    private var instruments = ByteTable()
    private var key = ByteBuffer(capacity: 256)
    /// The source that spoke last through an input, which mostly speaks next.
    var latest: [Int?]
    /// By the decoder's number of an origin: the instrument and the source that it was the last time; -1 for none yet.
    private var instrumentsByOrigin: [Int32] = []
    private var sourcesByOrigin: [Int32] = []
    /// What is asked for early.
    var early = EarlyBooks()
    /// When the last line of an input arrived.
    private(set) var arrivals: [Int64]
    /// When an input was looked at last and had nothing; only live.
    private(set) var quietMicros: [Int64]
    /// Whether an input has gone beyond the time that the run is cut at: what happens there is not told.
    private(set) var areCut: [Bool]

    init(_ settings: DedupeSettings, inputs: [MergeOrder.Kind]) {
        self.settings = settings
        self.inputs = inputs
        isLive = inputs.contains(.live)
        lines = MergedLines(feed: settings.name)
        latest = Array(repeating: nil, count: inputs.count)
        arrivals = Array(repeating: .min, count: inputs.count)
        quietMicros = arrivals
        areCut = Array(repeating: false, count: inputs.count)
    }

    /// Takes the next line of the merge, after `pass(to:)` for its time.
    ///
    /// - Parameters:
    ///   - received: Its `recv_us`.
    ///   - arrivedMicros: When it arrived, by our clock; of no account for files.
    ///   - nowMicros: Our clock; of no account if all inputs are files.
    /// - Throws: If a source bears the name of the merged feed.
    func take(
        _ line: UnsafeBufferPointer<UInt8>, from input: Int, received: Int64, arrivedMicros: Int64, nowMicros: Int64
    ) throws(ToolFailure) -> Verdict {
        time.note(received: received, nowMicros: isLive ? nowMicros : received)
        arrivals[input] = inputs[input] == .live ? arrivedMicros : time.nowMicros
        let kind: EventKind
        let source: Int
        do throws(EventError) {
            try decoder.decodeEvent(line)
            guard let known = decoder.kind else { return .pass }
            let isAdded = known.isBook || known == .trade || known == .feedStatus
            guard let speaker = try self.source(from: input, isAdded: isAdded) else { return .pass }
            (kind, source) = (known, speaker)
        } catch {
            return isNeeded(line) ? .malformed(error) : .pass
        }
        guard !sources[source].isNamesake || !(kind.isBook || kind == .feedStatus) else {
            throw ToolFailure(.usage, "a feed of the input is named \(settings.name) too; give the merged feed another --name")
        }
        do throws(EventError) {
            try hear(source)
            return try take(kind, from: source)
        } catch {
            return isNeeded(line) ? .malformed(error) : .pass
        }
    }

    /// Asks for the memory that lines soon to come will need.
    ///
    /// - Parameter following: Bytes that begin with the line after the next one of an input, as far as they are here.
    func expect(_ following: UnsafeBufferPointer<UInt8>) { early.expect(decoder.expect(following)) }

    /// An input was looked at, and all that it had brought by then has been taken.
    func findQuiet(input: Int, at micros: Int64) { quietMicros[input] = micros }

    /// An input has a line of a time that is left out because it is too late.
    func cut(input: Int) { areCut[input] = true }

    private func take(_ kind: EventKind, from source: Int) throws(EventError) -> Verdict {
        switch kind {
        case .bookSnapshot, .bookDelta:
            try takeBook(isSnapshot: kind == .bookSnapshot, of: try instrument(), from: source)
            return .absorbed
        case .trade:
            let isNew = try trades.isNew(
                decoder, instrument: try instrument(), source: source, received: time.streamMicros)
            if !isNew { counts.tradeCopies += 1 }
            return isNew ? .pass : .copy
        case .feedStatus:
            try takeStatus(from: source)
            return .pass
        default: return .pass
        }
    }

    /// Whether a line that cannot be read says that it is one of those which are read here.
    private func isNeeded(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let type = LineKeys.find(in: line, names: true)?.type, let kind = EventKind(type) else { return false }
        return kind.isBook || kind == .trade || kind == .feedStatus
    }

    // MARK: Who speaks of what

    /// The source of the decoder's line; nil if there is none and it is not to be added.
    private func source(from input: Int, isAdded: Bool) throws(EventError) -> Int? {
        guard isAdded || !sources.isEmpty else { return nil }
        let origin = decoder.originNumber
        // Its names are those of the origin; which input it speaks through may have changed.
        if let origin, origin < sourcesByOrigin.count {
            let number = Int(sourcesByOrigin[origin])
            if number >= 0, sources[number].input == input { return number }
        }
        let number = try namedSource(from: input, isAdded: isAdded)
        if let number, let origin { Dedupe.note(Int32(number), origin, in: &sourcesByOrigin) }
        return number
    }

    private func namedSource(from input: Int, isAdded: Bool) throws(EventError) -> Int? {
        let feed = try decoder.requireText(.feed)
        let venue = try decoder.requireText(.venue)
        if let number = latest[input], sources[number].isNamed(feed, venue) { return number }
        let number = sources.firstIndex { $0.input == input && $0.isNamed(feed, venue) } ?? (isAdded ? add(feed, venue, input) : nil)
        if let number { latest[input] = number }
        return number
    }

    /// A source that was not heard of; or one whose file has ended and goes on in this one.
    private func add(_ feed: JSONText, _ venue: JSONText, _ input: Int) -> Int {
        let isRecorded = inputs[input] == .recorded
        if isRecorded, let ended = sources.firstIndex(where: { !$0.isOpen && $0.isRecorded && $0.isNamed(feed, venue) }) {
            sources[ended].input = input
            return ended
        }
        sources.append(
            SourceFeed(
                feed: feed.string, venue: venue.string, input: input, isRecorded: isRecorded,
                isNamesake: feed.string == settings.name))
        return sources.count - 1
    }

    /// The number of the decoder's instrument.
    private func instrument() throws(EventError) -> Int {
        let origin = decoder.originNumber
        if let origin, origin < instrumentsByOrigin.count, instrumentsByOrigin[origin] >= 0 { return Int(instrumentsByOrigin[origin]) }
        let number = try namedInstrument()
        if let origin { Dedupe.note(Int32(number), origin, in: &instrumentsByOrigin) }
        return number
    }

    private static func note(_ number: Int32, _ origin: Int, in numbers: inout [Int32]) {
        while numbers.count <= origin { numbers.append(-1) }
        numbers[origin] = number
    }

    private func namedInstrument() throws(EventError) -> Int {
        let venue = try decoder.requireText(.venue)
        let instrument = try decoder.requireText(.instrument)
        let (number, isNew) = instruments.intern(spell(venue, instrument))
        if isNew { books.append(MergedBook(venue: venue.string, instrument: instrument.string)) }
        return number
    }

    /// The number of an instrument of a venue, if it was ever spoken of.
    func find(_ venue: JSONText, _ instrument: JSONText) -> Int? { instruments.find(spell(venue, instrument)) }

    private func spell(_ venue: JSONText, _ instrument: JSONText) -> JSONText {
        key.removeAll()
        key.append(unescaping: venue)
        // No text holds it, so none runs into the next.
        key.append(0xFF)
        key.append(unescaping: instrument)
        return key.text
    }
}
