import FeedSession
import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

@testable import kalshi_feed

/// A feed on paper: what happens is said in the test, and what it prints is read back.
final class Session {
    let output: FeedOutput
    let venue: KalshiVenue
    let engine: FeedEngine<KalshiVenue>
    let configuration: KalshiConfiguration
    private let descriptor: Int32
    private var readBytes = 0
    /// The receive time of the next thing; every one is 1 ms after the last.
    var now: Int64 = 1_790_000_000_000_000
    let rejectsPath: String?

    init(_ arguments: [String] = [], environment: [String: String] = [:], rejects: Bool = false) throws {
        var template = Array("/tmp/kalshi-feed-test-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        unlink(template)
        rejectsPath = rejects ? "/tmp/kalshi-feed-rejects-\(getpid())-\(descriptor)" : nil
        let extra = rejectsPath.map { ["--rejects", $0] } ?? []
        let options = try KalshiOptions.parse(["--heartbeat", "0", "--checkpoint", "0"] + extra + arguments)
        var settings = Settings(tool: "kalshi-feed", environment: environment, file: nil)
        let common = try CommonSettings(options.common, &settings)
        configuration = try KalshiConfiguration(options, common, &settings)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        output = try FeedOutput(
            configuration.feed, logger: logger, writer: LineWriter(descriptor: descriptor, linesMax: common.linesMax))
        venue = KalshiVenue(configuration, output)
        engine = FeedEngine(venue, output)
    }

    deinit {
        Glibc.close(descriptor)
        if let rejectsPath { unlink(rejectsPath) }
    }

    private func tick() -> Timestamp {
        now += 1000
        return Timestamp(micros: now)
    }

    @discardableResult
    func open(_ conn: Int64 = 1) throws -> [String] {
        try engine.take(.opened(conn: conn, at: tick()))
        return try lines()
    }

    @discardableResult
    func close(_ conn: Int64 = 1) throws -> [String] {
        try engine.take(.closed(conn: conn, code: 1006, reason: nil, retryMicros: nil, at: tick()))
        return try lines()
    }

    @discardableResult
    func send(_ frame: String, conn: Int64 = 1) throws -> [String] {
        let time = tick()
        try text(frame) { try self.engine.take(.sent(conn: conn, frame: $0, at: time)) }
        return try lines()
    }

    @discardableResult
    func receive(_ frame: String, conn: Int64 = 1) throws -> [String] {
        try receive(Array(frame.utf8), conn: conn)
    }

    @discardableResult
    func receive(_ frame: [UInt8], conn: Int64 = 1) throws -> [String] {
        let time = tick()
        try bytes(frame) { try self.engine.take(.received(conn: conn, frame: $0, at: time)) }
        return try lines()
    }

    @discardableResult
    func answer(_ path: String, _ body: String, status: Int64 = 200) throws -> [String] {
        let time = tick()
        try text(path) { path in
            try self.text(body) { try self.engine.take(.answered(path: path, status: status, body: $0, at: time)) }
        }
        return try lines()
    }

    /// Lets time pass without anything happening.
    @discardableResult
    func wait(seconds: Int64) throws -> [String] {
        now += seconds * 1_000_000
        try engine.pass(to: Timestamp(micros: now))
        return try lines()
    }

    private func text(_ string: String, _ body: (JSONText) throws -> Void) throws {
        try bytes(Array(string.utf8), body)
    }

    private func bytes(_ array: [UInt8], _ body: (JSONText) throws -> Void) throws {
        // Exactly as long as the frame: a read beyond its end is found by the address sanitizer.
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(array.count, 1))
        defer { copy.deallocate() }
        for (index, byte) in array.enumerated() { copy[index] = byte }
        let hasEscapes = array.contains(UInt8(ascii: "\\"))
        try body(JSONText(base: copy, count: array.count, hasEscapes: hasEscapes))
    }

    /// The lines printed since the last call, whole.
    func lines() throws -> [String] {
        try output.writer.flush()
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(readBytes))
            if count <= 0 { break }
            readBytes += count
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// What stands in `--rejects`.
    func rejects() -> [String] {
        guard let rejectsPath, let file = fopen(rejectsPath, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    subscript(counter: String) -> Int64 { output.allCounters[counter] }
}

extension [String] {
    /// Lines as `type key=value …` without the keys that are the same everywhere, `instrument` lines left out.
    var brief: [String] { self.map { $0.brief }.filter { !$0.hasPrefix("instrument ") } }

    /// `instrument` lines alone.
    var instruments: [String] { self.map { $0.brief }.filter { $0.hasPrefix("instrument ") } }
}

extension String {
    /// A line as `type key=value …`.
    var brief: String {
        var parts: [String] = []
        var line = self
        try? line.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                let value = try scanner.value().string
                let name = key.string
                if ["v", "feed", "venue", "market", "label", "recv_us"].contains(name) { continue }
                let plain = value.first == "\"" ? String(value.dropFirst().dropLast()) : value
                parts.append(name == "type" ? plain : "\(name)=\(plain)")
            }
        }
        return parts.joined(separator: " ")
    }
}

// MARK: Frames

/// Levels as the wire has them.
func ladder(_ levels: [(String, String)]) -> String {
    "[" + levels.map { "[\"\($0.0)\",\"\($0.1)\"]" }.joined(separator: ",") + "]"
}

func snapshot(
    _ ticker: String, seq: UInt64, yes: [(String, String)]? = nil, no: [(String, String)]? = nil, sid: Int = 1, id: Int? = nil
) -> String {
    var msg = "\"market_ticker\":\"\(ticker)\",\"market_id\":\"\""
    if let yes { msg += ",\"yes_dollars_fp\":\(ladder(yes))" }
    if let no { msg += ",\"no_dollars_fp\":\(ladder(no))" }
    let answer = id.map { "\"id\":\($0)," } ?? ""
    return "{\"type\":\"orderbook_snapshot\",\(answer)\"sid\":\(sid),\"seq\":\(seq),\"msg\":{\(msg)}}\n"
}

func delta(_ ticker: String, seq: UInt64, _ side: String, _ price: String, _ change: String, sid: Int = 1, more: String = "") -> String {
    """
    {"type":"orderbook_delta","sid":\(sid),"seq":\(seq),"msg":{"market_ticker":"\(ticker)","market_id":"",\
    "price_dollars":"\(price)","delta_fp":"\(change)","side":"\(side)"\(more)}}

    """
}

func trade(_ ticker: String, seq: UInt64, sid: Int = 2, yes: String = "0.3600", no: String = "0.6400", more: String = "") -> String {
    """
    {"type":"trade","sid":\(sid),"seq":\(seq),"msg":{"trade_id":"t-\(seq)","market_ticker":"\(ticker)","yes_price_dollars":"\(yes)",\
    "no_price_dollars":"\(no)","count_fp":"2.00"\(more)}}

    """
}

func subscribed(_ channel: String, sid: Int, id: Int = 1) -> String {
    "{\"type\":\"subscribed\",\"id\":\(id),\"msg\":{\"channel\":\"\(channel)\",\"sid\":\(sid)}}\n"
}

func subscribe(_ tickers: [String], id: Int = 1, usesYesPrice: Bool? = false, channels: [String] = ["orderbook_delta"]) -> String {
    let names = tickers.map { "\"\($0)\"" }.joined(separator: ",")
    let list = channels.map { "\"\($0)\"" }.joined(separator: ",")
    let mode = usesYesPrice.map { ",\"use_yes_price\":\($0)" } ?? ""
    return "{\"id\":\(id),\"cmd\":\"subscribe\",\"params\":{\"channels\":[\(list)],\"market_tickers\":[\(names)]\(mode)}}"
}
