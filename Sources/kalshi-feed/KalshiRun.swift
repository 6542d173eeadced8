import FeedSession
import Logging
import UnixTool

/// What `kalshi-feed` does: replay a recording, list markets, check, or run a live session.
enum KalshiRun {
    static func run(_ configuration: KalshiConfiguration, _ logger: Logger) throws {
        guard configuration.feed.replayPath == nil else {
            try FeedRun.replay(configuration.feed, logger) { KalshiVenue(configuration, $0) }.tellUnmatched()
            return
        }
        if configuration.isListing { return try KalshiLister(configuration, logger).run() }
        if configuration.live.isChecking {
            var check = try KalshiCheck(configuration, report: CheckReport.standardOutput())
            return try check.run()
        }
        guard !configuration.session.isEmpty else {
            throw ToolFailure(
                .usage, "which markets? give at least one MARKET, --top N, --all or --markets-file; kalshi-feed --list TEXT finds them")
        }
        let credentials = try KalshiCredentials(configuration.credentials)
        _ = try configuration.session.wishes()
        try FeedRun.live(configuration.feed, configuration.live, logger) { output in
            let venue = KalshiVenue(configuration, output)
            return (venue, KalshiLive(configuration, credentials, venue, logger: logger))
        }
    }
}
