import FeedSession
import Logging
import UnixTool

/// `kalshi-feed`: Kalshi's market data as MarketEvents.
@main
struct KalshiFeed {
    static func main() {
        Doorway.enter(KalshiOptions.self, help: KalshiOptions.help) { options, common, settings in
            try KalshiConfiguration(options, common, &settings)
        } run: { configuration, logger in
            guard let path = configuration.feed.replayPath else {
                throw ToolFailure(
                    .unavailable, "live sessions are not in this version yet; give --replay FILE, or try make demo")
            }
            let writer = LineWriter(
                isLineBuffered: configuration.feed.common.isLineBuffered, linesMax: configuration.feed.common.linesMax)
            let output = try FeedOutput(configuration.feed, logger: logger, writer: writer)
            let venue = KalshiVenue(configuration, output)
            var replay = Replay(FeedEngine(venue, output))
            try replay.run(path: path)
            venue.tellUnmatched()
        }
    }
}
