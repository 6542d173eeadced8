import Glibc
import JSON
import Logging
import MarketModel
import TestSupport
import UnixTool

@testable import FeedSession

/// A feed of many instruments with a reader that reads when it likes, and the truth of every book beside it.
///
/// Things happen as venues let them happen: changes, whole books, breaks of one book, of a connection, of its silence, books that move
/// to another connection. After each of them the truth is written down; what the reader has made of the lines is held against it.
final class SlowSession {
    /// One book as it truly is: nobody may know it while it has no connection that tells of it.
    private struct Truth {
        var isKnown = false
        var bids: [Int: Int] = [:]
        var asks: [Int: Int] = [:]
    }

    let output: FeedOutput
    let pipe = TestReader(.pipe)
    var chance: SeededGenerator
    var reader = StreamReader()
    private(set) var instruments: [FeedInstrument] = []
    private var truths: [Truth]
    private var conns: [Int64] = [1, 2, 3]
    private var lastConn: Int64 = 3
    private(set) var now = Timestamp(micros: 1_000_000)
    private(set) var tradeCount = 0
    private(set) var mostPending = 0
    private(set) var faults: [String] = []
    /// What every book was, in order; and how far the reader has come in that.
    private var histories: [[Int]]
    private var places: [Int]
    /// The digests of all books: what the truth was when so many lines had been written, and what the reader holds.
    private var truthNow: [Int]
    private var readerNow: [Int]
    private var truthSum = 0
    private var readerSum = 0
    private var sums: [Int: Int] = [:]
    private(set) var comparedSums = 0
    /// Changes of books that still had to be written, and of books that were written or did not need it.
    private(set) var changesWhileCatchingUp = 0
    private(set) var deltasWhileCatchingUp = 0

    init(seed: UInt64, _ arguments: [String] = [], limits: SlowReaderLimits, instrumentCount: Int = 50) throws {
        chance = SeededGenerator(seed: seed)
        let options = try PaperOptions.parse(["--heartbeat", "0"] + arguments)
        var settings = Settings(tool: "paper-feed", environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        let feed = try FeedSettings(options.feed, common: common, venue: "paper", defaultName: "pp", &settings)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        output = try FeedOutput(feed, logger: logger, writer: LineWriter(descriptor: pipe.writeEnd, isQueued: true), limits: limits)
        pipe.narrowPipe(bytes: 16 << 10)
        truths = Array(repeating: Truth(), count: instrumentCount)
        histories = Array(repeating: [], count: instrumentCount)
        places = Array(repeating: 0, count: instrumentCount)
        truthNow = Array(repeating: 0, count: instrumentCount)
        readerNow = truthNow
        for number in 0..<instrumentCount {
            instruments.append(FeedInstrument(feed: "pp", venue: "paper", market: "m", id: "i\(number)"))
        }
    }

    // MARK: The truth

    private static func digest(_ bids: [Int: Int], _ asks: [Int: Int], conn: Int?) -> Int {
        var hasher = Hasher()
        hasher.combine(bids)
        hasher.combine(asks)
        hasher.combine(conn)
        return hasher.finalize()
    }

    /// Writes down what a book is.
    private func note(_ number: Int) {
        let truth = truths[number]
        let digest = truth.isKnown ? SlowSession.digest(truth.bids, truth.asks, conn: instruments[number].conn.map { Int($0) }) : 0
        truthSum ^= (truthNow[number] &* (number + 1)) ^ (digest &* (number + 1))
        truthNow[number] = digest
        if truth.isKnown { histories[number].append(digest) }
    }

    /// To be called when something has happened and the output has told what it wants to tell of it.
    private func settle() {
        mostPending = max(mostPending, output.writer.pendingCount)
        if output.lag.phase == .none { sums[Int(output.writer.lineCount)] = truthSum }
        now = now.advanced(byMicros: Int64(chance.below(1000)))
    }

    // MARK: What happens

    private func level() -> (Int, Int) { (10_000 * (1 + chance.below(40)), 1_000_000 * chance.below(4)) }

    func change(_ number: Int) throws {
        guard truths[number].isKnown else { return try renew(number) }
        var (bids, asks): ([Int: Int], [Int: Int]) = ([:], [:])
        for _ in 0...chance.below(3) {
            let (price, size) = level()
            if chance.chance(2) { bids[price] = size } else { asks[500_000 + price] = size }
        }
        for (price, size) in bids { set(number, .bid, price, size) }
        for (price, size) in asks { set(number, .ask, price, size) }
        note(number)
        if output.lag.phase == .catchingUp {
            if instruments[number].folded.isWaiting { changesWhileCatchingUp += 1 } else { deltasWhileCatchingUp += 1 }
        }
        try output.delta(
            instruments[number], bids: levels(bids).sorted { $0.price > $1.price }, asks: levels(asks).sorted { $0.price < $1.price },
            received: now, venueTime: chance.chance(2) ? Timestamp(micros: now.micros - 5) : nil, isVerified: chance.chance(3))
        settle()
    }

    private func set(_ number: Int, _ side: Side, _ price: Int, _ size: Int) {
        if side == .bid { truths[number].bids[price] = size == 0 ? nil : size } else { truths[number].asks[price] = size == 0 ? nil : size }
        instruments[number].book.set(side, Level(Int64(price), Int64(size)))
    }

    private func levels(_ side: [Int: Int]) -> [Level] { side.map { Level(Int64($0.key), Int64($0.value)) } }

    /// A whole book, on the connection that it has or, if that is gone or on a whim, on another.
    func renew(_ number: Int) throws {
        let instrument = instruments[number]
        let wasKnown = truths[number].isKnown
        let isMoving = instrument.conn.map { !conns.contains($0) } ?? true || chance.chance(8)
        let conn = isMoving ? chance.pick(conns) : instrument.conn!
        let isFirst = conn != instrument.conn
        instrument.conn = conn
        truths[number] = Truth(isKnown: true)
        for _ in 0..<chance.below(12) {
            let (price, size) = level()
            truths[number].bids[price] = size + 1_000_000
            truths[number].asks[500_000 + price] = size + 2_000_000
        }
        instrument.book.replace(bids: levels(truths[number].bids), asks: levels(truths[number].asks))
        note(number)
        try output.snapshot(
            instrument, reason: isFirst ? .initial : wasKnown ? .refresh : .resync, received: now, venueTime: nil, isVerified: false)
        settle()
    }

    func checkpoint() throws {
        for (number, instrument) in instruments.enumerated() where truths[number].isKnown {
            try output.snapshot(instrument, reason: .checkpoint, received: now, venueTime: nil, isVerified: false)
        }
        settle()
    }

    /// One book is lost.
    func lose(_ number: Int) throws {
        guard truths[number].isKnown else { return }
        instruments[number].book.markUnknown()
        truths[number].isKnown = false
        note(number)
        try output.status(
            FeedStatus(.gap, conn: instruments[number].conn, reason: "test", since: now, instruments: [instruments[number].id]), at: now)
        settle()
    }

    /// All books of a connection are lost; the connection goes, unless it is only silent.
    func cut(_ conn: Int64, isGone: Bool) throws {
        try output.status(FeedStatus(isGone ? .disconnected : .stale, conn: conn, reason: "test", since: now), at: now)
        for number in instruments.indices where instruments[number].conn == conn && truths[number].isKnown {
            instruments[number].book.markUnknown()
            truths[number].isKnown = false
            note(number)
        }
        if isGone {
            lastConn += 1
            conns = conns.filter { $0 != conn } + [lastConn]
            try output.status(FeedStatus(.connecting, conn: lastConn), at: now)
        }
        settle()
    }

    func trade() throws {
        var text = "\(tradeCount)"
        tradeCount += 1
        try text.withUTF8 {
            let trade = Trade(
                price: Price(millionths: 500_000), size: Size(millionths: 1), aggressor: .buy,
                id: JSONText(base: $0.baseAddress!, count: $0.count))
            try output.trade(chance.pick(instruments), trade, conn: 1, received: now, venueTime: nil)
        }
        settle()
    }

    func other() throws {
        let instrument = chance.pick(instruments)
        switch chance.below(5) {
        case 0: try output.quote(instrument, bid: nil, ask: nil, conn: 1, received: now, venueTime: nil)
        case 1:
            let ticker = Ticker(lastPrice: .one, volume: nil, openInterest: nil, bid: nil, ask: nil)
            try output.ticker(instrument, ticker, conn: 1, received: now, venueTime: nil)
        case 2: try output.marketStatus(instrument, .paused, reason: nil, conn: 1, received: now, venueTime: nil)
        case 3: try output.status(FeedStatus(.heartbeat), at: now, counters: output.allCounters)
        default:
            instrument.facts.tickSize = Price(millionths: Int64(1000 * (1 + chance.below(9))))
            try output.announce(instrument, at: now)
        }
        settle()
    }

    func happen() throws {
        switch chance.below(1000) {
        case 0..<700: try change(chance.below(instruments.count))
        case 700..<740: try renew(chance.below(instruments.count))
        case 740..<900: try trade()
        case 900..<960: try other()
        case 960..<990: try lose(chance.below(instruments.count))
        case 990..<997: try cut(chance.pick(conns), isGone: chance.chance(2))
        default: try checkpoint()
        }
    }

    // MARK: The loop and the reader

    /// One turn of a loop, without waiting.
    func turn() throws {
        var polls: [pollfd] = []
        output.appendPoll(&polls)
        if poll(&polls, 1, 0) > 0 { try output.take(polls[0], at: now) }
        settle()
    }

    /// The reader reads some bytes and looks at each line.
    func read(atMost size: Int) throws {
        pipe.read(atMost: size)
        reader.take(pipe.takeBytes())
        while let touched = try reader.next() {
            for id in touched { check(reader.books[id]!, Int(id.dropFirst())!, reader.lineCount) }
            guard let sum = sums.removeValue(forKey: reader.lineCount) else { continue }
            comparedSums += 1
            if sum != readerSum { faults.append("line \(reader.lineCount): the reader's books are not the true ones") }
        }
    }

    /// A known book must be one that truly was, and not older than the one before.
    private func check(_ book: StreamReader.Book, _ number: Int, _ line: Int) {
        let digest = book.isKnown ? SlowSession.digest(book.bids, book.asks, conn: book.conn) : 0
        readerSum ^= (readerNow[number] &* (number + 1)) ^ (digest &* (number + 1))
        readerNow[number] = digest
        guard book.isKnown else { return }
        guard let place = histories[number][places[number]...].firstIndex(of: digest) else {
            return faults.append("line \(line): a book of i\(number) that never was")
        }
        places[number] = place
    }

    /// The reader reads on until nothing is left to tell.
    func finish() throws {
        while output.lag.phase != .none || output.writer.pendingCount > 0 {
            try turn()
            try read(atMost: 1 + chance.below(100_000))
        }
        try read(atMost: .max)
    }
}
