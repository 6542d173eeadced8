import Logging
import Segments
import UnixTool

/// The run: reads the inputs, lets `MergeOrder` decide, writes, and waits in one place.
///
/// A turn takes lines until there is none to take or there were enough, then looks at the live inputs: without waiting while lines may
/// go, else for as long as nothing is due. Every decision of a turn is taken at the time of the last look, so no line goes by the
/// window while an older one has already arrived unread.
struct MergeLoop: ~Copyable {
    /// Lines between two looks: well below a millisecond of work.
    private static let turnLines = 1024
    /// Reads of a recorded input that bring no line to merge, between two looks at signals and clocks.
    private static let turnReads = 16

    let configuration: MergeConfiguration
    private let logger: Logger
    private let metrics: MetricsFile?
    private let segmentFaults: SegmentFaults
    let inputs: [MergeInput]
    /// nil: every line passes.
    private let dedupe: Dedupe?
    /// Whether anything comes in as it happens.
    let isLive: Bool
    /// Whether the stream carries status lines: only a live one, and not under `--heartbeat 0`.
    private let isStatusTold: Bool
    private var liveInputs: [Int]
    /// Recorded inputs whose next line is not known.
    private var restingRecorded: [Int]
    var order: MergeOrder
    var output: MergeOutput
    var faults: InputFaults
    private var pacer: Pacer?
    private var clock: RunClock
    private var watch = InputWatch()
    private var lineCount: Int64 = 0
    /// Nothing is read any more; what is here goes out.
    private var isClosing = false

    init(_ configuration: MergeConfiguration, _ sources: [InputSource], _ segmentFaults: SegmentFaults, _ logger: Logger) throws {
        let now = Clock.monotonicMicros()
        self.configuration = configuration
        self.logger = logger
        self.segmentFaults = segmentFaults
        metrics = configuration.common.metricsPath.map { MetricsFile(path: $0, tool: "mkt-merge", feed: "mkt-merge") }
        // Where the times are cut must be seen by `--dedupe`.
        let times = LineFilter(from: configuration.inputFilter.from, to: configuration.dedupe == nil ? configuration.inputFilter.to : nil)
        inputs = sources.map { MergeInput($0, times: times) }
        dedupe = configuration.dedupe.map { Dedupe($0, inputs: sources.map(\.kind)) }
        liveInputs = sources.indices.filter { sources[$0].kind == .live }
        restingRecorded = sources.indices.filter { sources[$0].kind == .recorded }
        isLive = !liveInputs.isEmpty
        isStatusTold = isLive && configuration.common.heartbeatMicros != nil
        order = MergeOrder(sources.map(\.kind), windowMicros: configuration.windowMicros, startMicros: now)
        output = MergeOutput(configuration.common)
        faults = try InputFaults(configuration.common, logger: logger)
        pacer = configuration.speedMillionths.map { Pacer(speedMillionths: $0) }
        clock = RunClock(configuration.common, startMicros: now)
    }

    mutating func run() throws {
        while !output.isFull {
            let now = Clock.monotonicMicros()
            try serve(now)
            if clock.isOver(nowMicros: now) || (pacer != nil && clock.isStopping) { break }
            let step = try takeLines(now)
            if step == .done { break }
            try look(after: step, now)
        }
        try close()
        if isStatusTold { try output.writeStatus("stopped", counters) }
        try output.flush()
        try metrics?.write(counters)
        logger.info("done: \(counters.line)")
    }

    // MARK: Lines out

    /// Writes lines as long as one may go; gives what stands in the way of the next.
    private mutating func takeLines(_ now: Int64) throws -> MergeOrder.Step {
        let wall = isLive ? Clock.now().micros : 0
        for _ in 0..<MergeLoop.turnLines {
            let step = order.next(nowMicros: now)
            guard case .take(let place) = step else { return step }
            let input = inputs[place]
            if pacer != nil, input.isHeadPassed, let due = pacer?.dueMicros(received: input.headReceived, nowMicros: now), due > now {
                return .hold(untilMicros: due)
            }
            if let dedupe {
                try write(headOf: input, place, by: dedupe, now, wall)
            } else {
                try output.write(headOf: input, wallMicros: wall)
            }
            if output.isFull { return .done }
            try advance(place, isLooking: false)
        }
        return .look
    }

    /// Tells the order what comes behind the line that went, or what a look has found.
    @inline(__always)
    private mutating func advance(_ place: Int, isLooking: Bool) throws {
        let input = inputs[place]
        var reads = 0
        while true {
            switch input.advance(configuration.inputFilter) {
            case .line:
                lineCount += 1
                return order.arrive(place, received: input.headReceived, arrivedMicros: input.headArrivedMicros())
            case .fault(let fault):
                lineCount += 1
                let message = "\(input.name):\(input.lineNumber): \(fault.reason)"
                try faults.note(fault.bytes, counter: fault.counter, message: message)
            case .none where isClosing:
                return order.end(place)
            case .none where input.kind == .live:
                return isLooking ? order.findSilent(place) : order.rest(place)
            case .none:
                guard reads < MergeLoop.turnReads else {
                    restingRecorded.append(place)
                    return order.rest(place)
                }
                let hasCome = try input.fill(keepingHead: false, nowMicros: 0)
                reads = hasCome ? reads + 1 : MergeLoop.turnReads
            case .ended:
                return try finish(place)
            }
        }
    }

    /// The end of an input, or, for a FIFO that is followed, of its writer.
    private mutating func finish(_ place: Int) throws {
        if let dedupe {
            dedupe.end(input: place, nowMicros: Clock.monotonicMicros())
            try write(dedupe, wallMicros: nil)
        }
        if configuration.isFollowing, inputs[place].isNamedPipe, !clock.isStopping, !isClosing {
            if inputs[place].reopen() { return order.detach(place) }
            logger.warning("\(inputs[place].name) is no FIFO any more; it is not followed further")
        }
        inputs[place].close()
        liveInputs.removeAll { $0 == place }
        order.end(place)
    }

    // MARK: Bytes in

    /// Reads what is there: at once where lines may go, else waiting for as long as nothing is due.
    private mutating func look(after step: MergeOrder.Step, _ now: Int64) throws {
        let resting = restingRecorded
        restingRecorded = []
        for place in resting { try advance(place, isLooking: true) }
        var wait: Int64 = 0
        if case .hold(let deadline) = step {
            try output.flush()
            wait = min(deadline.map { $0 - now } ?? .max, clock.waitMicros(nowMicros: now))
            if isLive, let dedupe { wait = min(wait, dedupe.waitMicros(nowMicros: now)) }
        }
        guard !liveInputs.isEmpty || wait > 0 else { return }
        watch.begin()
        for place in liveInputs where inputs[place].isReadWorthwhile { watch.add(place, descriptor: inputs[place].descriptor) }
        guard try watch.wait(micros: wait) else { return }
        let arrived = Clock.monotonicMicros()
        for (entry, place) in watch.watched.enumerated() {
            guard watch.isReadable(at: entry) else {
                order.findNothing(place)
                if order.isQuiet(place) { dedupe?.findQuiet(input: place, at: arrived) }
                continue
            }
            try read(place, arrived)
        }
    }

    private mutating func read(_ place: Int, _ now: Int64) throws {
        let isWaited = order.isWaited(place)
        try inputs[place].fill(keepingHead: !isWaited, nowMicros: now)
        if isWaited { try advance(place, isLooking: true) }
    }

    // MARK: Clocks and signals

    private mutating func serve(_ now: Int64) throws {
        try output.flushIfDue(nowMicros: now)
        if Signals.takeReport() { logger.notice("counters: \(counters.line)") }
        if Signals.takeReopen() { try faults.reopen() }
        if Signals.isStopAsked, !clock.isStopping { try stop(now) }
        if isLive, let dedupe { try pass(dedupe, to: now) }
        guard clock.takeBeat(nowMicros: now) else { return }
        let counters = counters
        if isStatusTold { try output.writeStatus("heartbeat", counters) }
        try metrics?.write(counters)
    }

    /// The first signal: everything is read to its end. A FIFO that no writer has open is at its end now.
    private mutating func stop(_ now: Int64) throws {
        clock.stop(nowMicros: now)
        logger.info("stopping: reading on to the end of input for at most \(Durations.text(configuration.common.drainMicros))")
        for place in liveInputs where inputs[place].isNamedPipe && order.isWaited(place) {
            // Reading such a FIFO gives its end without a writer, and EAGAIN with a silent one.
            try read(place, now)
        }
    }

    /// Time is up or the limit reached: what live inputs have brought goes out; recorded ones are left where they are.
    private mutating func close() throws {
        for path in inputs.compactMap(\.stalledPath) {
            let what = "time was up while the program that decompresses \(path) gave nothing"
            logger.warning("\(what); lines of it, and those behind them, are missing: raise --duration or --drain, or decompress it first")
        }
        guard pacer == nil, !output.isFull else { return }
        isClosing = true
        for place in inputs.indices where inputs[place].kind == .recorded || order.isWaited(place) { order.end(place) }
        while case .take(let place) = order.next(nowMicros: .max) {
            if let dedupe {
                try write(headOf: inputs[place], place, by: dedupe, Clock.monotonicMicros(), Clock.now().micros)
            } else {
                try output.write(headOf: inputs[place], wallMicros: Clock.now().micros)
            }
            if output.isFull { return }
            try advance(place, isLooking: false)
        }
    }

    /// What is told in heartbeats, `--metrics`, on SIGUSR1 and at the end.
    private var counters: Counters {
        var counters = faults.counters
        counters.add(segmentFaults.counters)
        counters.set("lines_in", lineCount)
        counters.set("lines_out", output.lineCount)
        counters.set("out_of_order", order.outOfOrderCount)
        counters.set("late", output.lateCount)
        if configuration.filter.isActive { counters.set("filtered", output.filteredCount) }
        if let dedupe { counters.set(dedupe.counts) }
        counters.set(output.latency)
        return counters
    }
}
