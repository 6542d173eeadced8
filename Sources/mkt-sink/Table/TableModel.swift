import JSON
import MarketModel

/// All that the table knows: instruments, feeds, decisions and counts. Reads no clock; its memory is bounded.
struct TableModel {
    /// Instruments that are followed; beyond, the half that was silent longest is forgotten.
    static let instrumentsMax = 32_768
    static let feedsMax = 64
    static let decisionsMax = 32
    /// Identifiers of venues have less; what is longer is not followed.
    private static let keyBytesMax = 512

    private let instrumentsMax: Int
    private var instrumentKeys = ByteTable()
    private var feedKeys = ByteTable()
    /// The key of the line's feed, then of its instrument: used again for every line.
    private var key: [UInt8] = []

    var instruments: [TableInstrument] = []
    private(set) var feeds: [TableFeed] = []
    /// The newest last.
    private(set) var decisions: [TableDecision] = []
    private(set) var lineCount: Int64 = 0
    private(set) var malformedCount: Int64 = 0
    private(set) var rate = RateWindow()
    /// The latest receive time: the stream's clock.
    private(set) var latest = Timestamp(micros: .min)
    /// Grows when the places of instruments change.
    private(set) var epoch = 0

    init(instrumentsMax: Int = TableModel.instrumentsMax) {
        self.instrumentsMax = instrumentsMax
    }

    /// What a line has brought, for whoever tells news line by line.
    enum News {
        case nothing
        /// A book of the instrument at this place has had a line.
        case book(Int)
        case trade(Int)
        /// A feed or stage at this place said something; `isBreak` if books may have become unknown.
        case status(Int, isBreak: Bool)
        case decision
    }

    /// Counts a line that was left out.
    mutating func takeMalformed(at second: Int64?) {
        lineCount += 1
        malformedCount += 1
        rate.count(at: second ?? latest.second)
    }

    /// Takes a line.
    ///
    /// - Parameter second: When it came; nil for the stream's own clock.
    mutating func take(_ decoder: borrowing EventDecoder, at second: Int64?) throws(EventError) -> News {
        latest = max(latest, decoder.received)
        let second = second ?? latest.second
        lineCount += 1
        rate.count(at: second)
        guard let kind = decoder.kind, let feed = feedPlace(try decoder.requireText(.feed)) else { return .nothing }
        feeds[feed].count(at: second, received: decoder.received)
        switch kind {
        case .feedStatus: return try takeStatus(decoder, feed)
        case .stageStatus: return try feeds[feed].takeStage(decoder) ? .status(feed, isBreak: false) : .nothing
        case .decision:
            if decisions.count == TableModel.decisionsMax { decisions.removeFirst() }
            decisions.append(try TableDecision(decoder))
            return .decision
        case _ where kind.isMarketData: return try takeMarketData(decoder, kind, feed, second)
        default: return .nothing
        }
    }

    private mutating func takeMarketData(
        _ decoder: borrowing EventDecoder, _ kind: EventKind, _ feed: Int, _ second: Int64
    ) throws(EventError) -> News {
        guard let place = try instrumentPlace(decoder) else { return .nothing }
        instruments[place].count(at: second, received: decoder.received)
        if !instruments[place].isLabelled, let label = try decoder.text(.label) { instruments[place].take(label: SafeText.make(label)) }
        switch kind {
        case .bookSnapshot, .bookDelta:
            let conn = try decoder.integer(.conn)
            let seq = try decoder.integer(.seq) ?? 0
            if kind == .bookSnapshot, let conn { feeds[feed].open(conn) }
            instruments[place].withBook(ofFeed: feed) { book in
                if kind == .bookSnapshot {
                    book.replace(decoder, conn: conn, seq: seq)
                } else {
                    book.change(decoder, conn: conn, seq: seq)
                }
            }
            return .book(place)
        case .trade:
            instruments[place].trade = try LastTrade(decoder)
            return .trade(place)
        default: return .nothing
        }
    }

    // MARK: Feeds

    private mutating func takeStatus(_ decoder: borrowing EventDecoder, _ feed: Int) throws(EventError) -> News {
        let isNew = try feeds[feed].takeStatus(decoder)
        var isBreak = false
        if let broken = try BookBreak(decoder) { isBreak = try apply(broken, feed, decoder) }
        return isNew ? .status(feed, isBreak: isBreak) : .nothing
    }

    /// Breaks are rare; looking at every instrument does no harm.
    private mutating func apply(_ broken: BookBreak, _ feed: Int, _ decoder: borrowing EventDecoder) throws(EventError) -> Bool {
        var wasKnown = false
        guard let names = broken.instruments else {
            for place in instruments.indices where instruments[place].markUnknown(feed: feed, conn: broken.conn) { wasKnown = true }
            return wasKnown
        }
        for name in names {
            makeKey(try decoder.requireText(.venue), name)
            guard let place = findKey(), instruments[place].markUnknown(feed: feed, conn: broken.conn) else { continue }
            wasKnown = true
        }
        return wasKnown
    }

    /// The place of a feed; nil if it is not followed.
    private mutating func feedPlace(_ name: JSONText) -> Int? {
        key.removeAll(keepingCapacity: true)
        append(name)
        if let place = key.withUnsafeBufferPointer({ feedKeys.find(JSONText($0)) }) { return place }
        guard feeds.count < TableModel.feedsMax, key.count <= TableModel.keyBytesMax else { return nil }
        feeds.append(TableFeed(name: SafeText.make(name)))
        return key.withUnsafeBufferPointer { feedKeys.intern(JSONText($0)).index }
    }

    // MARK: Instruments

    /// The place of the line's instrument; nil if it is not followed.
    private mutating func instrumentPlace(_ decoder: borrowing EventDecoder) throws(EventError) -> Int? {
        let venue = try decoder.requireText(.venue)
        let instrument = try decoder.requireText(.instrument)
        makeKey(venue, instrument)
        if let place = findKey() { return place }
        guard key.count <= TableModel.keyBytesMax else { return nil }
        if instruments.count >= instrumentsMax { forgetTheSilent() }
        let label = try decoder.text(.label)
        instruments.append(
            TableInstrument(venue: SafeText.make(venue), name: SafeText.make(label ?? instrument), isLabelled: label != nil))
        return key.withUnsafeBufferPointer { instrumentKeys.intern(JSONText($0)).index }
    }

    private mutating func makeKey(_ venue: JSONText, _ instrument: JSONText) {
        key.removeAll(keepingCapacity: true)
        append(venue)
        // No byte of UTF-8.
        key.append(0xFF)
        append(instrument)
    }

    private mutating func append(_ text: JSONText) {
        if text.hasEscapes { key.append(contentsOf: text.string.utf8) } else { key.append(contentsOf: text.bytes) }
    }

    private func findKey() -> Int? {
        key.withUnsafeBufferPointer { instrumentKeys.find(JSONText($0)) }
    }

    /// Forgets the half of the instruments whose last lines are the oldest. Their books are unknown when they come again.
    private mutating func forgetTheSilent() {
        let times = instruments.map(\.received).sorted()
        let edge = times[times.count / 2]
        var kept = ByteTable()
        var left: [TableInstrument] = []
        for (place, instrument) in instruments.enumerated() where instrument.received > edge && left.count < instrumentsMax - 1 {
            instrumentKeys.withBytes(place) { _ = kept.intern(JSONText($0)) }
            left.append(instrument)
        }
        instrumentKeys = kept
        instruments = left
        epoch += 1
    }
}

extension Timestamp {
    /// The whole second that it is in, since 1970.
    var second: Int64 { micros >= 0 ? micros / 1_000_000 : (micros + 1) / 1_000_000 - 1 }
}
