import FeedSession
import FuzzSupport
import UnixTool

@testable import kalshi_feed

/// Any frames, answers and silences into kalshi-feed (the lines of `FeedScript`); the first byte chooses its options.
@main
struct KalshiFuzz {
    static func main() throws {
        let always = ["--heartbeat", "0", "--checkpoint", "0"]
        let venues = try [
            [], ["--channels", "book,trade,ticker,lifecycle", "--quotes", "--user"], ["--books-only"],
            ["--depth", "1", "--heartbeat", "10s"],
            ["KXA-1", "event:KXB-2"],
        ].map { try venue(always + $0) }
        Fuzzer.run { FeedFuzz.run($0, venues) }
    }

    private static func venue(_ arguments: [String]) throws -> (FeedSettings, (FeedOutput) -> KalshiVenue) {
        let options = try KalshiOptions.parse(arguments)
        var settings = Settings(tool: "kalshi-feed", environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        let configuration = try KalshiConfiguration(options, common, &settings)
        return (configuration.feed, { KalshiVenue(configuration, $0) })
    }
}
