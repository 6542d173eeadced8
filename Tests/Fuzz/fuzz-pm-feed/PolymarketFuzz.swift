import FeedSession
import FuzzSupport
import UnixTool

@testable import pm_feed

/// Any frames, answers and silences into pm-feed (the lines of `FeedScript`); the first byte chooses its options.
@main
struct PolymarketFuzz {
    static func main() throws {
        let always = ["--heartbeat", "0", "--checkpoint", "0"]
        let venues = try [
            ["--verify", "all"], ["--verify", "off", "--books-only"], ["--verify", "sample", "--quotes"],
            ["--verify", "all", "--depth", "1", "--heartbeat", "10s"], ["--verify", "off", "11", "slug-a"],
        ].map { try venue(always + $0) }
        Fuzzer.run { FeedFuzz.run($0, venues) }
    }

    private static func venue(_ arguments: [String]) throws -> (FeedSettings, (FeedOutput) -> PolymarketVenue) {
        let options = try PolymarketOptions.parse(arguments)
        var settings = Settings(tool: "pm-feed", environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        let configuration = try PolymarketConfiguration(options, common, &settings)
        return (configuration.feed, { PolymarketVenue(configuration, $0) })
    }
}
