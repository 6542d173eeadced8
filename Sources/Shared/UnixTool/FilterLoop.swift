public import Glibc
public import Logging
import MarketModel

/// A stage that reads lines from standard input.
public protocol LineStage: AnyObject {
    /// Takes the next line, without its newline.
    func take(_ line: UnsafeBufferPointer<UInt8>) throws
    /// What lines will need can be asked for.
    ///
    /// - Parameters:
    ///   - line: The one that is taken next.
    ///   - following: Bytes that begin with the second line behind it, as far as they are here.
    func expect(_ line: UnsafeBufferPointer<UInt8>, _ following: UnsafeBufferPointer<UInt8>)
    /// Notes a line that could not be taken.
    func skip(_ line: UnsafeBufferPointer<UInt8>, counter: String, message: String) throws
    /// More is about to be read: what must be safe before that is made so.
    func willRead() throws
    /// Nothing waits to be read: whatever is held back goes out.
    func idle() throws
    /// Some time has passed while lines keep coming.
    func pass(monotonicMicros: Int64) throws
    /// A heartbeat is due. Status lines go out only if `isLive`.
    func beat(isLive: Bool) throws
    /// The run was asked to end, by a signal or by `--duration`: `finish` must not take longer than until then.
    func hurry(untilMicros: Int64)
    /// The end: all goes out.
    func finish(isLive: Bool) throws
    /// The tool's counters, for `--metrics`, SIGUSR1 and the last line on stderr.
    var counters: Counters { get }
    /// SIGHUP came.
    func reopen() throws
    /// `--limit` is reached.
    var isFull: Bool { get }
    /// The monotonic time at which `pass` must be called at the latest, though no line comes; nil for whenever.
    var deadlineMicros: Int64? { get }
    /// What `pass` must be called for beside the time: descriptors that the stage looks at, and for what.
    var waits: [pollfd] { get }
    /// Whether the next line has to wait until `pass` was called again, though it may be here.
    var isHeld: Bool { get }
}

extension LineStage {
    public var deadlineMicros: Int64? { nil }
    public var waits: [pollfd] { [] }
    public var isHeld: Bool { false }
    public func hurry(untilMicros: Int64) {}
    public func willRead() throws {}
    public func expect(_ line: UnsafeBufferPointer<UInt8>, _ following: UnsafeBufferPointer<UInt8>) {}
}

/// A stage whose lines are MarketEvents, so that another thread can decode them ahead.
public protocol EventStage: LineStage {
    /// Takes the line `index` of the batch, as `take(_:)` would take its bytes.
    func take(_ index: Int, of batch: EventBatch) throws
    /// Line `index` of the batch comes next, and others behind it: what they need can be asked for.
    func expect(_ index: Int, of batch: EventBatch)
}

extension EventStage {
    public func expect(_ index: Int, of batch: EventBatch) {}
}

/// Feeds a stage from standard input until its end, a limit, or a signal and the drain after it.
public struct FilterLoop<Stage: LineStage> {
    let stage: Stage
    private let settings: CommonSettings
    private let metrics: MetricsFile?
    private let logger: Logger
    private let startMicros = Clock.monotonicMicros()
    private var lastBeatMicros = Clock.monotonicMicros()
    private var stopMicros: Int64?
    private var isLive = true

    public init(_ stage: Stage, tool: String, _ settings: CommonSettings, _ logger: Logger) {
        self.stage = stage
        self.settings = settings
        self.logger = logger
        metrics = settings.metricsPath.map { MetricsFile(path: $0, tool: tool, feed: tool) }
    }

    /// Runs to the end.
    public mutating func run(descriptor: Int32 = 0) throws {
        var reader = LineReader(descriptor: descriptor, name: "standard input")
        try run(isLive: !Descriptor.isRegularFile(descriptor)) { (loop) in try loop.takeLines(&reader) }
    }

    /// Runs to the end.
    ///
    /// - Parameter takeSome: Takes some lines, or waits; false at the end of input.
    mutating func run(isLive: Bool, _ takeSome: (inout FilterLoop) throws -> Bool) throws {
        self.isLive = isLive
        var isOpen = true
        while isOpen, !stage.isFull, try !isOver() {
            isOpen = try takeSome(&self)
            try serviceClock()
        }
        if let endMicros { stage.hurry(untilMicros: endMicros) }
        try stage.finish(isLive: isLive)
        try metrics?.write(stage.counters)
        logger.info("done: \(stage.counters.line)")
    }

    /// Takes every line that is here, then waits for more. False at the end of input.
    private mutating func takeLines(_ reader: inout LineReader) throws -> Bool {
        while true {
            if try waitIfHeld() { return true }
            switch reader.next() {
            case .line(let line):
                stage.expect(line, reader.behindNext())
                try stage.take(line)
                if stage.isFull { return false }
            case .unterminated(let line):
                try stage.take(line)
            case .tooLong(let bytes): try skip(tooLong: bytes)
            case .none:
                if reader.isAtEnd { return false }
                try stage.willRead()
                if !stage.isHeld { try fill(&reader) }
                return true
            }
        }
    }

    /// Whether the stage has to do something else first; then some time has passed.
    @inline(__always)
    func waitIfHeld() throws -> Bool {
        guard stage.isHeld else { return false }
        try stage.idle()
        Descriptor.wait(for: stage.waits, timeoutMillis: waitMillis())
        return true
    }

    func skip(tooLong bytes: Int) throws {
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        try stage.skip(nothing, counter: "too_long", message: "a line of \(bytes) bytes is longer than 4 MiB")
    }

    private mutating func fill(_ reader: inout LineReader) throws {
        if isLive, !Descriptor.isReadable(reader.descriptor) {
            try stage.idle()
            let isHere = Descriptor.waitReadable([reader.descriptor], others: stage.waits, timeoutMillis: waitMillis())[0]
            guard isHere else { return }
        }
        _ = try reader.fill()
    }

    /// How long the loop may sleep: to the next heartbeat, the stage's own deadline, or the end of `--duration` or of the drain.
    private func waitMillis() -> Int32 {
        let now = Clock.monotonicMicros()
        var wait: Int64 = 60_000_000
        if let heartbeat = settings.heartbeatMicros { wait = min(wait, lastBeatMicros + heartbeat - now) }
        if let duration = settings.durationMicros { wait = min(wait, startMicros + duration - now) }
        if let stopMicros { wait = min(wait, stopMicros + settings.drainMicros - now) }
        if let deadline = stage.deadlineMicros { wait = min(wait, deadline - now) }
        return Int32(max(wait / 1000 + 1, 0))
    }

    /// Whether time is up: `--duration`, or the drain after a signal.
    private mutating func isOver() throws -> Bool {
        let now = Clock.monotonicMicros()
        if Signals.isStopAsked, stopMicros == nil {
            stopMicros = now
            logger.info("stopping: reading on to the end of input for at most \(Durations.text(settings.drainMicros))")
        }
        if let stopMicros, now - stopMicros >= settings.drainMicros { return true }
        if let duration = settings.durationMicros, now - startMicros >= duration { return true }
        return false
    }

    /// When all must be over; nil where nobody asked for an end.
    private var endMicros: Int64? {
        if let stopMicros { return stopMicros + settings.drainMicros }
        guard let duration = settings.durationMicros else { return nil }
        let now = Clock.monotonicMicros()
        return now - startMicros >= duration ? now + settings.drainMicros : nil
    }

    private mutating func serviceClock() throws {
        let now = Clock.monotonicMicros()
        try stage.pass(monotonicMicros: now)
        if Signals.takeReport() { logger.notice("counters: \(stage.counters.line)") }
        if Signals.takeReopen() { try stage.reopen() }
        guard let heartbeat = settings.heartbeatMicros, now - lastBeatMicros >= heartbeat else { return }
        lastBeatMicros = now
        try stage.beat(isLive: isLive)
        try metrics?.write(stage.counters)
    }
}
