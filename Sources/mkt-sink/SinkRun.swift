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
        let isLive = !Descriptor.isRegularFile(STDIN_FILENO)
        // Targets first: a wrong path is told before a line is read.
        let targets = try configuration.targets.map { try makeTarget($0, isLive: isLive) }
        if case .prepare = configuration.mode { return logger.info("ready: schema version \(Schema().version)") }
        let faults = try InputFaults(configuration.common, logger: logger)
        let stage = SinkStage(configuration, targets: targets, faults: faults, isLive: isLive)
        var loop = FilterLoop(stage, tool: MktSink.name, configuration.common, logger)
        do {
            try loop.run()
        } catch {
            stage.settle()
            throw error
        }
    }

    private func makeTarget(_ address: TargetAddress, isLive: Bool) throws -> any Target {
        switch address {
        case .sqlite(let path): try SQLiteTarget(path: path)
        case .ndjson(let directory): try NDJSONTarget(configuration.segments(in: directory, isLive: isLive), logger)
        case .standardOutput: StandardOutputTarget(isLineBuffered: configuration.common.isLineBuffered)
        }
    }

    private func printSchema() throws {
        var writer = LineWriter()
        writer.buffer.append(utf8: Schema().sql)
        try writer.flush()
    }
}
