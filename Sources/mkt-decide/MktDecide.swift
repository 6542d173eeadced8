import Logging
import UnixTool

/// The doorway of mkt-decide: rules over MarketEvents, `decision` lines out.
@main
struct MktDecide {
    static func main() {
        Doorway.enter(DecideOptions.self, help: DecideOptions.help, configure: DecideConfiguration.init(_:_:_:), run: run)
    }

    private static func run(_ configuration: DecideConfiguration, _ logger: Logger) throws {
        guard !configuration.isCheckOnly else { return try printCheck(configuration, logger) }
        if configuration.isReport {
            var loop = FilterLoop(try ReportStage(configuration.common, logger), tool: DecideOptions.tool, configuration.common, logger)
            return try loop.run()
        }
        if let path = configuration.verifiedPath {
            var proof = try DecisionProof(path: path, isPaper: configuration.paperLatencyMicros != nil)
            return try proof.run(configuration, logger)
        }
        let stage = try DecideStage(configuration, logger)
        var loop = FilterLoop(stage, tool: DecideOptions.tool, configuration.common, logger)
        try loop.run()
    }

    private static func printCheck(_ configuration: DecideConfiguration, _ logger: Logger) throws {
        var writer = LineWriter()
        writer.buffer.append(utf8: configuration.report(try ReferenceStart(configuration, logger).waiting.last?.set))
        try writer.flush()
    }
}
