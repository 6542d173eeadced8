import FeedSession
import Glibc
import JSON
import Logging
import MarketModel
import TestSupport
import UnixTool

/// A venue of words: `+` is data, everything else a heartbeat; `book PRICE SIZE` is a snapshot, `trade` a trade.
final class PaperVenue: Venue {
    let output: FeedOutput
    let instrument: FeedInstrument
    /// What the session has told, in order.
    var calls: [String] = []
    var nextDeadline: Timestamp?
    /// What it answers when a connection breaks, and when REST answers.
    var lost: [String]?
    var proof = SilenceProof.none

    init(_ output: FeedOutput) {
        self.output = output
        instrument = FeedInstrument(feed: output.settings.name, venue: output.settings.venue, market: "m", id: "i")
    }

    func opened(conn: Int64, at time: Timestamp) { calls.append("open \(conn) \(time.micros)") }
    func sent(conn: Int64, frame: JSONText, at time: Timestamp) { calls.append("sent \(conn) \(frame.string) \(time.micros)") }

    func received(conn: Int64, frame: JSONText, at time: Timestamp) throws -> Bool {
        calls.append("raw \(conn) \(frame.string) \(time.micros)")
        let words = frame.string.split(separator: " ")
        if words.first == "book" {
            instrument.conn = conn
            instrument.book.replace(bids: [Level(Int64(words[1])!, Int64(words[2])!)], asks: [Level(900_000, 5_000_000)])
            try output.snapshot(instrument, reason: .initial, received: time, venueTime: nil, isVerified: false)
        } else if words.first == "trade" {
            let trade = Trade(price: Price(millionths: 500_000), size: Size(millionths: 1), aggressor: .unknown)
            try output.trade(instrument, trade, conn: conn, received: time, venueTime: nil)
        }
        return frame.string != "PONG"
    }

    func closed(conn: Int64, at time: Timestamp) -> [String]? {
        calls.append("close \(conn) \(time.micros)")
        return lost
    }
    func staled(conn: Int64, at time: Timestamp) -> [String]? {
        calls.append("stale \(conn) \(time.micros)")
        instrument.book.markUnknown()
        return lost
    }
    func answered(path: JSONText, status: Int64, body: JSONText, at time: Timestamp) -> SilenceProof {
        calls.append("get \(path.string) \(status) \(body.string) \(time.micros)")
        return proof
    }
    func passed(to time: Timestamp) {
        calls.append("passed \(time.micros)")
        nextDeadline = nil
    }
    func forEachKnownBook(_ body: (FeedInstrument) throws -> Void) throws {
        if instrument.book.isKnown { try body(instrument) }
    }
}

/// An engine over the paper venue, and what it prints.
final class Paper {
    let output: FeedOutput
    let venue: PaperVenue
    let engine: FeedEngine<PaperVenue>
    let folder = TemporaryFolder()
    private var readBytes = 0

    /// Timers are off except those that `arguments` set.
    init(_ arguments: [String] = [], venueName: String = "paper") throws {
        let quiet = ["--heartbeat", "--checkpoint", "--stale-after"].filter { !arguments.contains($0) }.flatMap { [$0, "0"] }
        let options = try PaperOptions.parse(quiet + arguments)
        var settings = Settings(tool: "paper-feed", environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        let feed = try FeedSettings(options.feed, common: common, venue: venueName, defaultName: "pp", &settings)
        let descriptor = Glibc.open(folder.file("out"), O_RDWR | O_CREAT, 0o600)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        output = try FeedOutput(feed, logger: logger, writer: LineWriter(descriptor: descriptor, linesMax: common.linesMax))
        venue = PaperVenue(output)
        engine = FeedEngine(venue, output)
    }

    deinit { close(output.writer.descriptor) }

    func open(_ conn: Int64 = 1, _ time: Int64) throws { try engine.take(.opened(conn: conn, at: Timestamp(micros: time))) }
    func drop(_ conn: Int64 = 1, _ time: Int64, reason: String? = nil) throws {
        guard var reason else {
            try engine.take(.closed(conn: conn, code: 1006, reason: nil, retryMicros: nil, at: Timestamp(micros: time)))
            return
        }
        try reason.withUTF8 {
            let text = JSONText(base: $0.baseAddress!, count: $0.count)
            _ = try engine.take(.closed(conn: conn, code: 1013, reason: text, retryMicros: nil, at: Timestamp(micros: time)))
        }
    }
    func receive(_ frame: String, conn: Int64 = 1, _ time: Int64) throws {
        var frame = frame
        try frame.withUTF8 {
            _ = try engine.take(.received(conn: conn, frame: JSONText(base: $0.baseAddress!, count: $0.count), at: Timestamp(micros: time)))
        }
    }

    /// The lines printed since the last call, without what is the same in all.
    func lines() throws -> [String] {
        try output.writer.flush()
        let all = folder.read("out") ?? []
        defer { readBytes = all.count }
        return String(decoding: all[readBytes...], as: UTF8.self).split(separator: "\n").map {
            String($0).replacing("{\"v\":1,\"type\":\"", with: "").replacing("\"feed\":\"pp\",\"venue\":\"paper\",", with: "")
                .replacing("\"market\":\"m\",\"instrument\":\"i\",", with: "").replacing("\",", with: ",", maxReplacements: 1)
        }
    }

    /// Replays a recording whole.
    func replay(_ recording: String) throws -> [String] {
        folder.write("recording", recording)
        var replay = Replay(engine)
        try replay.run(path: folder.file("recording"))
        return try lines()
    }
}
