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
        if let question = configuration.bookAt {
            return try BookAtRun(question: question, target: configuration.targets[0], common: configuration.common, logger: logger).run()
        }
        if case .schema = configuration.mode { return try printSchema() }
        let isLive = !Descriptor.isRegularFile(STDIN_FILENO)
        // Targets first: a wrong path is told before a line is read.
        if case .prepare = configuration.mode { try preparePostgres() }
        var (targets, lagNames): ([any Target], [String]) = ([], [])
        for (address, name) in zip(configuration.targets, configuration.targetNames) where !isSpooled(address) {
            if case .ndjson(let directory) = address, targets.contains(where: { ($0 as? NDJSONTarget)?.isIn(directory) == true }) {
                throw ToolFailure(.usage, "--to names the directory \(directory) twice; give it once")
            }
            targets.append(try makeTarget(address, isLive: isLive))
            if configuration.spool != nil { lagNames.append(name) }
        }
        if case .prepare = configuration.mode { return logger.info("ready: \(readyText)") }
        let faults = try InputFaults(configuration.common, logger: logger)
        // Last: at the end it waits, and the others should have all by then.
        if let spool = configuration.spool { targets.append(try makeSpool(spool)) }
        let stage = SinkStage(configuration, targets: targets, faults: faults, isLive: isLive, lagNames: lagNames)
        var loop = FilterLoop(stage, tool: MktSink.name, configuration.common, logger)
        do {
            try loop.runEvents()
        } catch {
            stage.settle()
            throw (error as? BatchRefusal)?.failure ?? error
        }
    }

    private func makeTarget(_ address: TargetAddress, isLive: Bool) throws -> any Target {
        switch address {
        case .sqlite(let path): try SQLiteTarget(path: path)
        case .ndjson(let directory): try NDJSONTarget(configuration.segments(in: directory, isLive: isLive), logger)
        case .postgres(let address): try PostgresTarget(address, configuration.common, logger)
        case .table: makeTable(isLive: isLive)
        case .standardOutput: StandardOutputTarget(isLineBuffered: configuration.common.isLineBuffered)
        }
    }

    private func isSpooled(_ address: TargetAddress) -> Bool {
        configuration.mode == .take && configuration.spool != nil && address.isDatabase
    }

    private func makeSpool(_ spool: SpoolSettings) throws -> any Target {
        let (common, logger) = (configuration.common, logger)
        var members: [SpoolTarget.Member] = []
        for (address, name) in zip(configuration.targets, configuration.targetNames) where address.isDatabase {
            let open: @Sendable () throws -> any Target = { try SinkRun.openDatabase(address, common, logger) }
            let member = SpoolTarget.Member(name: name, kind: address.kind, target: SinkRun.lastingName(address), open: open)
            guard !members.contains(where: { $0.target == member.target }) else {
                throw ToolFailure(.usage, "--to names \(member.target) twice, which the spool cannot tell apart; give it once")
            }
            members.append(member)
        }
        return try SpoolTarget(spool, members, common, logger)
    }

    private static func openDatabase(_ address: TargetAddress, _ common: CommonSettings, _ logger: Logger) throws -> any Target {
        switch address {
        case .sqlite(let path): try SQLiteTarget(path: path, isSpooled: true)
        case .postgres(let server): try PostgresTarget(server, common, logger, isPatient: false)
        case .ndjson, .standardOutput, .table: throw ToolFailure(.bug, "\(address.kind) is no database")
        }
    }

    /// The same from wherever the tool is started.
    private static func lastingName(_ address: TargetAddress) -> String {
        switch address {
        case .sqlite(let path): "sqlite:\(FilePath.absolute(path))"
        case .postgres(let server): server.resolved
        case .ndjson, .standardOutput, .table: address.kind
        }
    }

    private func preparePostgres() throws {
        for case .postgres(let address) in configuration.targets {
            let gone = try PostgresTarget.prepare(
                address, isPartitioned: configuration.isPartitioned, retention: configuration.retention, now: Clock.now())
            if let gone { logger.notice("\(address): \(gone.count) old partitions \(gone.isDetached ? "detached" : "dropped")") }
        }
    }

    private var readyText: String {
        let isPostgres = { (address: TargetAddress) in if case .postgres = address { true } else { false } }
        let versions = [
            configuration.targets.contains { !isPostgres($0) } ? "schema version \(Schema().version)" : nil,
            configuration.targets.contains(where: isPostgres) ? "PostgreSQL schema version \(PostgresSchema.version)" : nil,
        ]
        return versions.compactMap { $0 }.joined(separator: ", ")
    }

    private func makeTable(isLive: Bool) -> any Target {
        let isTerminal = Descriptor.isTerminal(STDOUT_FILENO)
        let isColoured = configuration.colour.isOn(isTerminal: isTerminal, isRefused: configuration.isColourRefused)
        guard BorrowedTerminal.isPossible(STDOUT_FILENO) else {
            return PlainTableTarget(isLive: isLive, isColoured: isColoured, isLineBuffered: configuration.common.isLineBuffered)
        }
        return ScreenTableTarget(isLive: isLive, isColoured: isColoured)
    }

    private func printSchema() throws {
        var writer = LineWriter()
        let isPostgres = configuration.targets.contains { if case .postgres = $0 { true } else { false } }
        writer.buffer.append(utf8: isPostgres ? PostgresSchema.sql(isPartitioned: configuration.isPartitioned) : Schema().sql)
        try writer.flush()
    }
}
