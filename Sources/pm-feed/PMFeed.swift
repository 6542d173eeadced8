import FeedSession
import UnixTool

/// `pm-feed`: Polymarket's market data as MarketEvents.
@main
struct PMFeed {
    static func main() {
        Doorway.enter(PolymarketOptions.self, help: PolymarketOptions.help) { options, common, settings in
            try PolymarketConfiguration(options, common, &settings)
        } run: { configuration, logger in
            try PolymarketRun.run(configuration, logger)
        }
    }
}
