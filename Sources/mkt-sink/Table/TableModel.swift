import JSON
import MarketModel

/// All that the table knows: instruments, feeds, decisions and counts. Reads no clock.
///
/// Its memory is bounded in instruments, feeds and decisions; a book has as many levels as its feed tells.
struct TableModel {
    /// Instruments that are followed; beyond, the half that was silent longest is forgotten.
    static let instrumentsMax = 32_768
    static let feedsMax = 64
    static let decisionsMax = 32
    /// Identifiers of venues have less; what is longer is counted, but not followed. So are feeds beyond `feedsMax`.
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
    /// Lines of which something that concerns the table could not be read, though they were events.
    private(set) var faultCount: Int64 = 0
    private(set) var rate = RateWindow()
    /// The stream's clock: the latest receive time, until one lies far behind it.
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
        /// A feed or stage at this place said something that may have made books unknown: those of the instruments at `unknown`.
        case status(Int, unknown: [Int])
        /// Books of these instruments are not known any more; else nothing is told.
        case unknown([Int])
        case decision
    }

    /// Counts a line that was left out.
    mutating func takeMalformed(at second: Int64?) {
        lineCount += 1
        malformedCount += 1
        rate.count(at: second ?? latest.second)
    }

    /// Counts a line that was left out as malformed. If it may have been a break, all books of its feed are unknown from here on: of their
    /// instruments the places are given.
    mutating func takeMalformed(_ decoder: borrowing EventDecoder, at second: Int64?) -> [Int] {
        takeMalformed(at: second)
        guard BookBreak.isPossible(decoder), let name = try? decoder.requireText(.feed), let feed = findFeed(name) else { return [] }
        faultCount += 1
        return markUnknown(feed: feed, conn: nil)
    }

    /// Counts a line that could not be taken.
    mutating func countFault() { faultCount += 1 }

    /// Takes a line.
    ///
    /// - Parameter second: When it came; nil for the stream's own clock.
    mutating func take(_ decoder: borrowing EventDecoder, at second: Int64?) throws(EventError) -> News {
        latest = latest.followed(by: decoder.received)
        let second = second ?? latest.second
        lineCount += 1
        rate.count(at: second)
        guard let kind = decoder.kind, let feed = feedPlace(try decoder.requireText(.feed)) else { return .nothing }
        feeds[feed].count(at: second, received: decoder.received)
        switch kind {
        case .feedStatus: return try takeStatus(decoder, feed)
        case .stageStatus: return try feeds[feed].takeStage(decoder) ? .status(feed, unknown: []) : .nothing
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
        var unknown: [Int] = []
        do throws(EventError) {
            if let broken = try BookBreak(decoder) { unknown = try apply(broken, feed, decoder) }
        } catch {
            // Better too many books unknown than one known that is not.
            faultCount += 1
            if BookBreak.isPossible(decoder) { unknown = markUnknown(feed: feed, conn: nil) }
        }
        guard let isNew = try? feeds[feed].takeStatus(decoder) else {
            faultCount += 1
            return .unknown(unknown)
        }
        return isNew ? .status(feed, unknown: unknown) : .nothing
    }

    /// The places of the instruments of which a known book has become unknown.
    private mutating func apply(_ broken: BookBreak, _ feed: Int, _ decoder: borrowing EventDecoder) throws(EventError) -> [Int] {
        guard let names = broken.instruments else { return markUnknown(feed: feed, conn: broken.conn) }
        var unknown: [Int] = []
        for name in names {
            makeKey(try decoder.requireText(.venue), name)
            guard let place = findKey(), instruments[place].markUnknown(feed: feed, conn: broken.conn) else { continue }
            unknown.append(place)
        }
        return unknown
    }

    /// Breaks are rare; looking at every instrument does no harm.
    private mutating func markUnknown(feed: Int, conn: Int64?) -> [Int] {
        var unknown: [Int] = []
        for place in instruments.indices where instruments[place].markUnknown(feed: feed, conn: conn) { unknown.append(place) }
        return unknown
    }

    private mutating func findFeed(_ name: JSONText) -> Int? {
        key.removeAll(keepingCapacity: true)
        append(name)
        return key.withUnsafeBufferPointer { feedKeys.find(JSONText($0)) }
    }

    /// The place of a feed; nil if it is not followed.
    private mutating func feedPlace(_ name: JSONText) -> Int? {
        if let place = findFeed(name) { return place }
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
        instruments.append(TableInstrument(venue: SafeText.make(venue), id: SafeText.make(instrument)))
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

    /// Forgets the half of the instruments whose last lines are the oldest, of equals those that came first. Their books are unknown when
    /// they come again.
    private mutating func forgetTheSilent() {
        let places = instruments.indices.sorted { (instruments[$0].received, $0) < (instruments[$1].received, $1) }
        var kept = ByteTable()
        var left: [TableInstrument] = []
        for place in places.suffix(instruments.count / 2).sorted() {
            instrumentKeys.withBytes(place) { _ = kept.intern(JSONText($0)) }
            left.append(instruments[place])
        }
        instrumentKeys = kept
        instruments = left
        epoch += 1
    }
}

extension Timestamp {
    /// The whole second that it is in, since 1970.
    var second: Int64 { micros >= 0 ? micros / 1_000_000 : (micros + 1) / 1_000_000 - 1 }

    /// The later of two receive times; but the second one where it lies more than eight seconds back: a clock was set back, or the one
    /// before was a slip.
    func followed(by time: Timestamp) -> Timestamp {
        if time >= self { return time }
        let (back, isHuge) = micros.subtractingReportingOverflow(time.micros)
        return isHuge || back > 8_000_000 ? time : self
    }
}
