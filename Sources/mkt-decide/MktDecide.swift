import Logging
import UnixTool

/// The doorway of mkt-decide: rules over MarketEvents, `decision` lines out.
@main
struct MktDecide {
    static func main() {
        Doorway.enter(DecideOptions.self, help: DecideOptions.help, configure: DecideConfiguration.init(_:_:_:), run: run)
    }

    private static func run(_ configuration: DecideConfiguration, _ logger: Logger) throws {
        if let match = configuration.match {
            let stage = try MatchStage(match, configuration.common, logger)
            var loop = FilterLoop(stage, tool: DecideOptions.tool, configuration.common, logger)
            return try loop.run()
        }
        guard !configuration.isCheckOnly else { return try printCheck(configuration) }
        if let path = configuration.verifiedPath {
            var proof = try DecisionProof(path: path)
            return try proof.run(configuration, logger)
        }
        let stage = try DecideStage(configuration, logger)
        var loop = FilterLoop(stage, tool: DecideOptions.tool, configuration.common, logger)
        try loop.run()
    }

    private static func printCheck(_ configuration: DecideConfiguration) throws {
        var writer = LineWriter()
        writer.buffer.append(utf8: configuration.report)
        try writer.flush()
    }
}
