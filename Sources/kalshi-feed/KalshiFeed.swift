import UnixTool

/// `kalshi-feed`: Kalshi's market data as MarketEvents.
@main
struct KalshiFeed {
    static func main() {
        Doorway.enter(KalshiOptions.self, help: KalshiOptions.help) { options, common, settings in
            try KalshiConfiguration(options, common, &settings)
        } run: { configuration, logger in
            try KalshiRun.run(configuration, logger)
        }
    }
}
