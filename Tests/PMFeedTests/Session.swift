import FeedSession
import Glibc
import JSON
import Logging
import MarketModel
import TestSupport
import Testing
import UnixTool

@testable import pm_feed

/// A feed on paper: the test says what happens and when, and reads what is printed.
///
/// Every line that comes out is held against the contract's canonical form on its way.
final class Session {
    static let start: Int64 = 1_790_000_000_000_000

    let configuration: PolymarketConfiguration
    let output: FeedOutput
    let venue: PolymarketVenue
    let engine: FeedEngine<PolymarketVenue>
    /// The receive time of the last thing.
    private(set) var now = Session.start
    private let descriptor: Int32
    private var readBytes = 0
    private let folder = TemporaryFolder()

    init(_ arguments: [String] = [], isSilent: Bool = true) throws {
        descriptor = Glibc.open(folder.path + "/out", O_RDWR | O_CREAT, 0o600)
        precondition(descriptor >= 0)
        let quiet = isSilent ? ["--heartbeat", "0", "--checkpoint", "0"] : []
        let options = try PolymarketOptions.parse(quiet + ["--rejects", folder.path + "/rejects"] + arguments)
        var settings = Settings(tool: "pm-feed", environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        configuration = try PolymarketConfiguration(options, common, &settings)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        output = try FeedOutput(
            configuration.feed, logger: logger, writer: LineWriter(descriptor: descriptor, linesMax: common.linesMax))
        venue = PolymarketVenue(configuration, output)
        engine = FeedEngine(venue, output)
    }

    deinit { close(descriptor) }

    /// A moment after the last thing, 1 ms if nothing else is said.
    private func tick(_ after: Int64) -> Timestamp {
        now += after
        return Timestamp(micros: now)
    }

    @discardableResult
    func open(_ conn: Int64 = 1, after: Int64 = 1000) throws -> [String] {
        try engine.take(.opened(conn: conn, at: tick(after)))
        return try lines()
    }

    @discardableResult
    func drop(_ conn: Int64 = 1, code: Int64 = 1006, after: Int64 = 1000) throws -> [String] {
        try engine.take(.closed(conn: conn, code: code, reason: nil, retryMicros: nil, at: tick(after)))
        return try lines()
    }

    @discardableResult
    func send(_ frame: String, conn: Int64 = 1, after: Int64 = 1000) throws -> [String] {
        let time = tick(after)
        try Session.withText(Array(frame.utf8)) { try engine.take(.sent(conn: conn, frame: $0, at: time)) }
        return try lines()
    }

    @discardableResult
    func receive(_ frame: String, conn: Int64 = 1, after: Int64 = 1000) throws -> [String] {
        try receive(bytes: Array(frame.utf8), conn: conn, after: after)
    }

    @discardableResult
    func receive(bytes: [UInt8], conn: Int64 = 1, after: Int64 = 1000) throws -> [String] {
        let time = tick(after)
        try Session.withText(bytes) { try engine.take(.received(conn: conn, frame: $0, at: time)) }
        return try lines()
    }

    @discardableResult
    func answer(_ body: String, path: String = "/book?token_id=1", status: Int64 = 200, after: Int64 = 1000) throws -> [String] {
        let time = tick(after)
        try Session.withText(Array(path.utf8)) { path in
            try Session.withText(Array(body.utf8)) {
                try engine.take(.answered(path: path, status: status, body: $0, at: time))
            }
        }
        return try lines()
    }

    /// Lets time pass in which nothing happens.
    @discardableResult
    func wait(micros: Int64) throws -> [String] {
        try engine.pass(to: tick(micros))
        return try lines()
    }

    /// Memory exactly as long as the frame: what reads beyond it is found by the address sanitizer.
    static func withText(_ bytes: [UInt8], _ body: (JSONText) throws -> Void) rethrows {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        defer { copy.deallocate() }
        copy.update(from: bytes, count: bytes.count)
        try body(JSONText(base: copy, count: bytes.count))
    }

    /// The lines printed since the last call.
    func lines() throws -> [String] {
        try output.writer.flush()
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = pread(descriptor, &chunk, chunk.count, off_t(readBytes)), count > 0 {
            readBytes += count
            text += chunk[..<count]
        }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        for line in lines {
            if let fault = CanonicalForm.fault(line) { Issue.record("\(fault) in \(line)") }
        }
        return lines
    }

    /// What stands in `--rejects`, a line an input.
    var rejects: [String] { (folder.text("rejects") ?? "").split(separator: "\n").map(String.init) }

    subscript(counter: String) -> Int64 { output.allCounters[counter] }

    /// The book as the feed has it; nil if it may not be used.
    func knownBook(_ token: String) -> OrderBook? {
        var found: OrderBook?
        try? venue.forEachKnownBook { if $0.id == token { found = $0.book } }
        return found
    }

    /// A text over the known books, in order: the same text is the same books.
    var books: String {
        var text = ""
        try? venue.forEachKnownBook { text += "\($0.id) \($0.book.bids.levels) \($0.book.asks.levels)\n" }
        return text
    }
}

extension [String] {
    /// Lines in short, `instrument` lines left out.
    var brief: [String] { filter { !$0.contains("\"type\":\"instrument\"") }.map(\.brief) }

    /// A line, or words that no line has: a test that gets too few fails and does not crash.
    subscript(line index: Int) -> String { indices.contains(index) ? self[index] : "(no such line)" }

    /// `instrument` lines in short.
    var instruments: [String] { filter { $0.contains("\"type\":\"instrument\"") }.map(\.brief) }
}

extension String {
    /// A line as `type instrument key=value …`: without feed, venue, market, label, connection and receive time.
    var brief: String {
        var head: [String] = []
        var rest: [String] = []
        for (key, value) in CanonicalForm.members(self) {
            switch key {
            case "v", "feed", "venue", "market", "label", "conn", "recv_us": break
            case "type", "instrument": head.append(String(value.dropFirst().dropLast().prefix(8 + (key == "type" ? 20 : 0))))
            default: rest.append("\(key)=\(value)")
            }
        }
        return (head + rest).joined(separator: " ")
    }

    /// The raw text of a member of a line; nil if it is not there.
    func member(_ key: String) -> String? { CanonicalForm.members(self).first { $0.key == key }?.value }
}
