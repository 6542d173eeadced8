import FeedSession
import Logging
import UnixTool

/// What `pm-feed` does: replay a recording, list markets, check, or run a live session.
enum PolymarketRun {
    static func run(_ configuration: PolymarketConfiguration, _ logger: Logger) throws {
        guard configuration.feed.replayPath == nil else {
            try FeedRun.replay(configuration.feed, logger) { PolymarketVenue(configuration, $0) }
            return
        }
        if configuration.isListing { return try PolymarketLister(configuration, logger).run() }
        if configuration.live.isChecking { return try check(configuration) }
        guard !configuration.session.isEmpty else {
            throw ToolFailure(
                .usage, "which markets? give at least one MARKET, --top N, --all or --markets-file; pm-feed --list TEXT finds them")
        }
        let credentials = configuration.session.userAddress == nil ? nil : try PolymarketCredentials(configuration.credentials)
        try FeedRun.live(configuration.feed, configuration.live, logger) { output in
            let venue = PolymarketVenue(configuration, output)
            return (
                venue,
                PolymarketLive(
                    configuration.session, venue, credentials, redundancy: configuration.live.redundancy,
                    staleMicros: configuration.feed.staleMicros, logger: logger)
            )
        }
    }

    private static func check(_ configuration: PolymarketConfiguration) throws {
        var check = try PolymarketCheck(configuration, report: CheckReport.standardOutput())
        try check.run()
    }
}
