import Glibc
import Logging
import UnixTool

/// One run of the tool: makes the targets, then feeds them.
struct SinkRun {
    private let configuration: SinkConfiguration
    private let logger: Logger

    init(_ configuration: SinkConfiguration, _ logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    func run() throws {
        if case .schema = configuration.mode { return try printSchema() }
        // Targets first: a wrong path is told before a line is read.
        let targets = try configuration.targets.map(makeTarget)
        if case .prepare = configuration.mode { return logger.info("ready: schema version \(Schema().version)") }
        let faults = try InputFaults(configuration.common, logger: logger)
        let isLive = !Descriptor.isRegularFile(STDIN_FILENO)
        let stage = SinkStage(configuration, targets: targets, faults: faults, isLive: isLive)
        var loop = FilterLoop(stage, tool: MktSink.name, configuration.common, logger)
        do {
            try loop.run()
        } catch {
            stage.settle()
            throw error
        }
    }

    private func makeTarget(_ address: TargetAddress) throws -> any Target {
        switch address {
        case .sqlite(let path): try SQLiteTarget(path: path)
        case .ndjson(let directory): try NDJSONTarget(directory: directory, logger)
        case .table: makeTable()
        case .standardOutput: StandardOutputTarget(isLineBuffered: configuration.common.isLineBuffered)
        }
    }

    private func makeTable() -> any Target {
        let isLive = !Descriptor.isRegularFile(STDIN_FILENO)
        let isTerminal = Descriptor.isTerminal(STDOUT_FILENO)
        let isColoured = configuration.colour.isOn(isTerminal: isTerminal, isRefused: configuration.isColourRefused)
        guard BorrowedTerminal.isPossible(STDOUT_FILENO) else {
            return PlainTableTarget(isLive: isLive, isColoured: isColoured, isLineBuffered: configuration.common.isLineBuffered)
        }
        return ScreenTableTarget(isLive: isLive, isColoured: isColoured)
    }

    private func printSchema() throws {
        var writer = LineWriter()
        writer.buffer.append(utf8: Schema().sql)
        try writer.flush()
    }
}
