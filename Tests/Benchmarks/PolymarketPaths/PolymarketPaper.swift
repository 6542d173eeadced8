import BenchSupport
import FeedSession
import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

/// A pm-feed without sockets, whose lines go nowhere: every book is there already.
final class PolymarketPaper {
    private static let descriptor = open("/dev/null", O_WRONLY)

    let output: FeedOutput
    let venue: PolymarketVenue
    private var micros: Int64 = 1_790_267_100_000_000

    init(_ arguments: [String], books: [UnsafeBufferPointer<UInt8>]) throws {
        let options = try PolymarketOptions.parse(["--heartbeat", "0", "--checkpoint", "0"] + arguments)
        var settings = Settings(tool: "pm-feed", environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        let configuration = try PolymarketConfiguration(options, common, &settings)
        output = try FeedOutput(
            configuration.feed, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() },
            writer: LineWriter(descriptor: PolymarketPaper.descriptor))
        venue = PolymarketVenue(configuration, output)
        venue.opened(conn: 1, at: Timestamp(micros: micros))
        _ = try take(books)
        try send("{\"auth\":{\"apiKey\":\"sha256:0a\",\"secret\":\"****\",\"passphrase\":\"****\"},\"type\":\"user\"}", conn: 2)
        // The first word on it makes the channel live, which is a line of its own.
        var word = "PONG"
        _ = try word.withUTF8 { try take([$0], conn: 2) }
        try BenchFailure.expect(knownBooks == books.count, "\(knownBooks) books are known, not \(books.count)")
    }

    private func send(_ text: String, conn: Int64) throws {
        venue.opened(conn: conn, at: Timestamp(micros: micros))
        var text = text
        try text.withUTF8 { try venue.sent(conn: conn, frame: JSONText($0), at: Timestamp(micros: micros)) }
    }

    /// Gives each frame to the venue, a quarter of a millisecond apart; the lines that came of it.
    func take(_ frames: [UnsafeBufferPointer<UInt8>], conn: Int64 = 1) throws -> Int {
        let before = output.writer.lineCount
        for frame in frames {
            micros += 250
            _ = try venue.received(conn: conn, frame: JSONText(frame), at: Timestamp(micros: micros))
        }
        return Int(output.writer.lineCount - before)
    }

    var knownBooks: Int {
        var known = 0
        try? venue.forEachKnownBook { _ in known += 1 }
        return known
    }

    /// Nothing was left out.
    func expectNoFault() throws {
        let faults = output.faults.counters.sorted
        try BenchFailure.expect(faults.isEmpty, "frames were left out: \(faults)")
    }
}
