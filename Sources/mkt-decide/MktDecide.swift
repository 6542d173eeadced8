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
            return try run(try MatchStage(match, configuration.common, logger), configuration.common, logger)
        }
        if configuration.isReport {
            return try run(try ReportStage(configuration.common, logger), configuration.common, logger)
        }
        guard !configuration.isCheckOnly else { return try printCheck(configuration, logger) }
        if let path = configuration.verifiedPath {
            var proof = try DecisionProof(path: path, isPaper: configuration.paperLatencyMicros != nil)
            return try proof.run(configuration, logger)
        }
        let stage = try DecideStage(configuration, logger)
        do {
            var loop = FilterLoop(stage, tool: DecideOptions.tool, configuration.common, logger)
            try loop.runEvents()
        } catch {
            stage.abandon()
            throw error
        }
        // The process ends here: to take thousands of books apart first would only cost time.
        _ = Unmanaged.passRetained(stage)
    }

    private static func run(_ stage: some LineStage, _ common: CommonSettings, _ logger: Logger) throws {
        var loop = FilterLoop(stage, tool: DecideOptions.tool, common, logger)
        try loop.run()
    }

    private static func printCheck(_ configuration: DecideConfiguration, _ logger: Logger) throws {
        var writer = LineWriter()
        writer.buffer.append(utf8: configuration.report(try ReferenceStart(configuration, logger).waiting.last?.set))
        try writer.flush()
    }
}
