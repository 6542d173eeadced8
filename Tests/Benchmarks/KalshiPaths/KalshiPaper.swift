import BenchSupport
import FeedSession
import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

/// A kalshi-feed without sockets, whose lines go nowhere: everything is subscribed to and every book is there already.
final class KalshiPaper {
    private static let descriptor = open("/dev/null", O_WRONLY)
    private static let channels = [
        "orderbook_delta", "trade", "ticker", "market_lifecycle_v2", "fill", "user_orders", "market_positions",
    ]

    let output: FeedOutput
    private let venue: KalshiVenue
    private var micros: Int64 = 1_790_267_100_000_000

    init(_ tickers: [[UInt8]], books: [UnsafeBufferPointer<UInt8>]) throws {
        let options = try KalshiOptions.parse(
            ["--heartbeat", "0", "--checkpoint", "0", "--channels", "book,trade,ticker,lifecycle", "--user"])
        var settings = Settings(tool: "kalshi-feed", environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        let configuration = try KalshiConfiguration(options, common, &settings)
        output = try FeedOutput(
            configuration.feed, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() },
            writer: LineWriter(descriptor: KalshiPaper.descriptor))
        venue = KalshiVenue(configuration, output)
        venue.opened(conn: 1, at: Timestamp(micros: micros))
        try subscribe(tickers.map { String(decoding: $0, as: UTF8.self) })
        _ = try take(books)
        try BenchFailure.expect(knownBooks == books.count, "\(knownBooks) books are known, not \(books.count)")
    }

    private func subscribe(_ tickers: [String]) throws {
        let names = tickers.map { "\"\($0)\"" }.joined(separator: ",")
        for (index, channel) in KalshiPaper.channels.enumerated() {
            let about = index < 3 ? ",\"market_tickers\":[\(names)],\"use_yes_price\":true" : ""
            let number = index + 1
            let command = "{\"id\":\(number),\"cmd\":\"subscribe\",\"params\":{\"channels\":[\"\(channel)\"]\(about)}}"
            try text(command) { try venue.sent(conn: 1, frame: $0, at: Timestamp(micros: micros)) }
            try text("{\"type\":\"subscribed\",\"id\":\(number),\"msg\":{\"channel\":\"\(channel)\",\"sid\":\(number)}}") {
                _ = try venue.received(conn: 1, frame: $0, at: Timestamp(micros: micros))
            }
        }
    }

    private func text(_ text: String, _ body: (JSONText) throws -> Void) throws {
        var text = text
        try text.withUTF8 { try body(JSONText($0)) }
    }

    /// Gives each frame to the venue, a quarter of a millisecond apart; the lines that came of it.
    func take(_ frames: [UnsafeBufferPointer<UInt8>]) throws -> Int {
        let before = output.writer.lineCount
        for frame in frames {
            micros += 250
            _ = try venue.received(conn: 1, frame: JSONText(frame), at: Timestamp(micros: micros))
        }
        return Int(output.writer.lineCount - before)
    }

    private var knownBooks: Int {
        var known = 0
        try? venue.forEachKnownBook { _ in known += 1 }
        return known
    }

    /// Nothing was left out.
    func expectNoFault() throws {
        let faults = output.faults.counters.sorted
        try BenchFailure.expect(faults.isEmpty, "frames were left out: \(faults)")
    }

    /// So many messages were counted under a name.
    func expectCount(_ name: String, _ count: Int) throws {
        let found = output.counters.sorted.first { $0.name == name }?.count ?? 0
        try BenchFailure.expect(found == Int64(count), "\(found) messages \(name) were taken, not \(count)")
    }
}
