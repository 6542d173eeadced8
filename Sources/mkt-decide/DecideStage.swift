import Glibc
import Logging
import MarketModel
import Reference
import UnixTool

/// mkt-decide as a stage: its lines, its counters, its word in the stream.
final class DecideStage: EventStage {
    /// One line in so many is timed; the first after every wait too.
    private static let latencyStride: Int64 = 16

    private let rules: RuleSet
    private let isPassThrough: Bool
    private let isPaper: Bool
    private let isLive: Bool
    private let tellsStatus: Bool
    private let now: () -> Timestamp
    /// What keeps reference data new; nil without a database.
    private let feed: ReferenceFeed<ReferenceSet>?
    private let isReading: Bool
    /// The programs of rules; nil where no rule has one, or none may run.
    private let programs: ExternalRules?
    /// Data with the line behind which they come, the earliest first.
    private var waiting: [(lines: Int64, set: ReferenceSet)]
    /// How many of them are in force already.
    private var adopted = 0
    private let status = StageStatus(stage: DecideOptions.tool)
    // Unchecked: only the loop calls in, one call at a time, and the run-time check would cost more than a rule.
    @exclusivity(unchecked) private var engine: DecideEngine
    @exclusivity(unchecked) private var writer: LineWriter
    @exclusivity(unchecked) private var faults: InputFaults
    private var latency = LatencyHistogram()
    private var linesIn: Int64 = 0
    private var isLatencyDue = true
    /// A heartbeat has told the latencies; the next sample begins anew. Until then they stand, for `--metrics`.
    private var isLatencyTold = false
    /// When the end must be over; nil for whenever programs end.
    private var endMicros: Int64?

    init(
        _ configuration: DecideConfiguration, _ logger: Logger, input: Int32 = 0, output: Int32 = 1,
        now: @escaping () -> Timestamp = Clock.now
    ) throws(ToolFailure) {
        let start = try ReferenceStart(configuration, logger)
        feed = start.feed
        isReading = start.feed != nil || !start.waiting.isEmpty
        waiting = start.waiting
        if let feed, !Descriptor.isRegularFile(input) { try feed.start() }
        // What a program answers depends on its own time: it cannot be proved.
        let runsPrograms = configuration.verifiedPath == nil
        programs = runsPrograms ? try ExternalRules(configuration.rules, isFile: Descriptor.isRegularFile(input), logger) : nil
        rules = configuration.rules
        isPassThrough = configuration.isPassThrough
        isPaper = configuration.paperLatencyMicros != nil
        isLive = !Descriptor.isRegularFile(input)
        tellsStatus = configuration.common.heartbeatMicros != nil
        self.now = now
        engine = DecideEngine(
            configuration.rules, configuration.links, telling: logger, isExplaining: configuration.isExplaining,
            paperLatencyMicros: configuration.paperLatencyMicros, reading: start.reading)
        writer = LineWriter(
            descriptor: output, isLineBuffered: configuration.common.isLineBuffered, linesMax: configuration.common.linesMax)
        faults = try InputFaults(configuration.common, logger: logger, now: now)
    }

    func take(_ line: UnsafeBufferPointer<UInt8>) throws {
        try take(line) { (engine) throws(EventError) in try engine.read(line) }
    }

    func take(_ index: Int, of batch: EventBatch) throws {
        try take(batch.lines.bytes(index)) { (engine) throws(EventError) in try engine.take(index, of: batch.lines) }
    }

    func expect(_ line: UnsafeBufferPointer<UInt8>, _ following: UnsafeBufferPointer<UInt8>) { engine.expect(line, following) }

    func expect(_ index: Int, of batch: EventBatch) {
        engine.expect(index, of: batch.lines)
    }

    @inline(__always)
    private func take(_ line: UnsafeBufferPointer<UInt8>, _ read: (inout DecideEngine) throws(EventError) -> Void) throws {
        linesIn += 1
        do throws(EventError) {
            try read(&engine)
        } catch {
            return try faults.note(line, counter: error.counter, message: "line \(linesIn): \(error)")
        }
        if engine.isUnknownType { try faults.keep(line, reason: "line \(linesIn): unknown type", at: engine.received) }
        try engine.advance(&writer)
        if isReading, engine.isCounted { try adoptNews() }
        if isPassThrough { try pass(line) }
        try engine.act(&writer)
        if let programs {
            let concerned = try engine.programs()
            if !concerned.isEmpty { programs.give(line, to: concerned, at: engine.received) }
        }
        if isLive { time() }
    }

    private func takeAnswer(_ answer: ProgramAnswer, ofRule index: Int) throws {
        try engine.decide(answer, ofRule: index, &writer)
    }

    /// Between two lines that count: what has come since the last one.
    private func adoptNews() throws {
        // The line that was read is counted already.
        if let set = feed?.takeNews() { waiting.append((engine.lineCount - 1, set)) }
        while adopted < waiting.count, waiting[adopted].lines < engine.lineCount {
            let (lines, set) = waiting[adopted]
            try engine.adopt(set, after: lines, at: engine.received, &writer)
            adopted += 1
        }
        guard adopted > 0, adopted == waiting.count else { return }
        waiting.removeAll()
        adopted = 0
    }

    private func pass(_ line: UnsafeBufferPointer<UInt8>) throws {
        let start = writer.buffer.count
        writer.buffer.append(line)
        writer.buffer.append(UInt8(ascii: "\n"))
        try writer.endLine(from: start)
    }

    /// Reading the clock costs as much as a small line; a sample tells the same.
    private func time() {
        guard isLatencyDue || linesIn % DecideStage.latencyStride == 0 else { return }
        isLatencyDue = false
        forgetToldLatency()
        latency.record(now().micros(since: engine.received))
    }

    private func forgetToldLatency() {
        guard isLatencyTold else { return }
        latency.removeAll()
        isLatencyTold = false
    }

    func skip(_ line: UnsafeBufferPointer<UInt8>, counter: String, message: String) throws {
        linesIn += 1
        try faults.note(line, counter: counter, message: "line \(linesIn): \(message)")
    }

    func idle() throws {
        isLatencyDue = true
        try writer.flush()
    }

    func pass(monotonicMicros: Int64) throws {
        isLatencyDue = true
        try programs?.serve(nowMicros: monotonicMicros, takeAnswer)
        try writer.flushIfDue(nowMicros: monotonicMicros)
    }

    func beat(isLive: Bool) throws {
        forgetToldLatency()
        if isLive { try status.write("heartbeat", counters, at: now(), to: &writer) }
        isLatencyTold = true
    }

    func hurry(untilMicros: Int64) { endMicros = untilMicros }

    func finish(isLive: Bool) throws {
        feed?.stop()
        // With --limit reached nobody waits for more.
        if isFull { programs?.abandon() } else { try programs?.finish(untilMicros: endMicros, takeAnswer) }
        try engine.finish(&writer)
        if isLive, tellsStatus { try status.write("stopped", counters, at: now(), to: &writer) }
        try writer.flush()
    }

    func reopen() throws {
        try faults.reopen()
        feed?.refreshNow()
    }

    var isFull: Bool { writer.isFull }

    /// Something has failed: what was decided goes out if it can, and programs end.
    func abandon() {
        try? writer.flush()
        programs?.abandon()
    }

    var isHeld: Bool { programs?.isHeld ?? false }

    var waits: [pollfd] { programs?.waits ?? [] }

    var deadlineMicros: Int64? { programs?.deadlineMicros }

    var counters: Counters {
        var counters = faults.counters
        counters.set("lines_in", linesIn)
        counters.set("lines_out", writer.lineCount)
        counters.set("decisions", engine.decisions.reduce(0, +))
        for (rule, count) in zip(rules.rules, engine.decisions) { counters.set("decisions_\(rule.name)", count) }
        if isPaper { counters.set("fills", engine.fills) }
        counters.set("books_known_now", Int64(engine.router.booksKnown))
        counters.set("unknown_type", engine.unknownTypes)
        programs?.count(in: &counters)
        feed?.count(in: &counters, nowMicros: Clock.monotonicMicros())
        counters.set(latency)
        return counters
    }
}
