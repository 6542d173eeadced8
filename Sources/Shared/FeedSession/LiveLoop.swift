import Curl
import Glibc
import JSON
import Logging
import MarketModel
import OpenSSL
import UnixTool
import WebSocketClient

/// Runs a live session: one loop over the sockets, the REST calls and the reader of our lines; none of them waits for another.
///
/// Everything that comes or goes is one entry: it is recorded, then the engine takes it, as a replay would. What is decided meanwhile
/// (when to connect, what to ask for) shows itself in entries only, so the recording of a run gives the run's lines again.
public final class LiveLoop<V: Venue, A: LiveAdapter> {
    /// A poll that was asked to wait longer looks whether anything else is to be done.
    private static var waitMicrosMax: Int64 { 1_000_000 }

    let engine: FeedEngine<V>
    let adapter: A
    let control: LiveControl
    let settings: LiveSettings
    let logger: Logger
    let tls: TLSContext
    let rest: RESTClient
    let environment: [String: String]
    var recorder: RecorderBox?
    let secrets: Secrets
    /// The frame or answer in hand, if secrets were masked in it.
    var masked = ByteBuffer(capacity: 0)
    var sockets: [LiveSocket] = []
    var requests: [Int: LiveRequest] = [:]
    /// What only a live run can count; not in the stream, which a replay must give again.
    var counters = Counters()
    /// From the read of a frame to the write of its lines.
    var latency = LatencyHistogram()
    /// The time of the last entry that was taken.
    var lastEntry: Timestamp?
    /// When the oldest frame was read whose lines are not written yet.
    var unwrittenSince: Timestamp?
    private var clock = SteadyClock(realMicros: Clock.now().micros, monotonicMicros: Clock.monotonicMicros())
    private var wasClockWarned = false
    private var polls: [pollfd] = []
    /// `--on-slow block`: sockets are not read until the reader has caught up.
    var isPaused = false
    private let metrics: MetricsFile?
    private var metricsDueMicros: Int64 = 0

    public init(
        _ engine: FeedEngine<V>, _ adapter: A, _ settings: LiveSettings, rules: SessionRules, environment: [String: String]
    ) throws {
        self.engine = engine
        self.adapter = adapter
        self.settings = settings
        self.environment = environment
        secrets = adapter.secrets
        logger = engine.output.logger
        let start = clock.read(realMicros: Clock.now().micros, monotonicMicros: Clock.monotonicMicros())
        control = LiveControl(Session(rules, at: start.micros), random: SecureRandom())
        tls = try TLSContext.make(caPath: settings.caPath)
        rest = try RESTClient.make(caPath: settings.caPath)
        recorder = try settings.recordPath.map { RecorderBox(try Recorder(path: $0)) }
        let feed = engine.output.settings
        metrics = feed.common.metricsPath.map { MetricsFile(path: $0, tool: feed.tool, feed: feed.name) }
    }

    /// The time of everything that happens now.
    func now() -> Timestamp {
        let time = clock.read(realMicros: Clock.now().micros, monotonicMicros: Clock.monotonicMicros())
        if clock.behindMicros > 1_000_000, !wasClockWarned {
            wasClockWarned = true
            logger.warning(
                "this machine's clock was set back by \(clock.behindMicros / 1000) ms; times go on slowly until it has caught up")
        }
        return time
    }

    // MARK: The run

    /// Runs until a signal, `--duration`, `--limit`, or the adapter's word; throws what ends it otherwise.
    public func run() throws {
        LargeMemory.giveBack()
        let start = now()
        let end = engine.output.settings.common.durationMicros.map { start.advanced(byMicros: $0) }
        do {
            try step(at: start) { try self.adapter.start(self.control, at: start) }
            while !Signals.isStopAsked, !engine.output.isFull, control.finishReason == nil {
                let time = now()
                if let end, time >= end { break }
                try service(at: time)
                try wait(until: end)
                try readSockets()
                try readAnswers()
            }
            if let reason = control.finishReason { logger.notice("\(reason)") }
            try finish(drainMicros: engine.output.settings.common.drainMicros)
        } catch let failure as ToolFailure {
            // The lines that were made are worth having; what ends the run is told after them.
            try? finish(drainMicros: 1_000_000)
            throw failure
        }
    }

    /// Timers, wishes, openings, and lines to the reader.
    private func service(at time: Timestamp) throws {
        try engine.pass(to: time)
        try settle(at: time)
        try step(at: time) { try self.adapter.act(self.control, at: time) }
        try openSockets(at: time)
        if Signals.takeReport() { logger.notice("counters: \(allCounters.line)") }
        if Signals.takeReopen() {
            try engine.output.faults.reopen()
            try recorder?.recorder.reopen()
            try step(at: time) { try self.adapter.reload(self.control, at: time) }
        }
        if let metrics, let heartbeat = engine.output.settings.common.heartbeatMicros, time.micros >= metricsDueMicros {
            metricsDueMicros = time.micros + heartbeat
            try metrics.write(allCounters)
        }
        try engine.output.flush(at: time)
        if let since = unwrittenSince {
            unwrittenSince = nil
            latency.record(now().micros(since: since))
        }
        try recorder?.recorder.flush()
    }

    var allCounters: Counters {
        var all = engine.output.allCounters
        for (name, count) in counters.sorted { all.add(name, count) }
        all.set(latency)
        return all
    }

    /// Calls the adapter and carries out what it asks for, until it asks for nothing more.
    func step(at time: Timestamp, _ call: () throws -> Void) throws {
        control.nowMicros = time.micros
        try call()
        for wish in control.takeWishes() { try carryOut(wish, at: time) }
        if let failure = control.failure { throw failure }
    }

    private func carryOut(_ wish: LiveControl.Wish, at time: Timestamp) throws {
        switch wish {
        case .send(let conn, let text, let masked): try send(text, masked: masked, on: conn, at: time)
        case .drop(let conn, let reason): try drop(conn, SocketTrouble(.lost, reason), at: time)
        case .request(let live, let request):
            requests[live.id] = live
            rest.start(request, id: live.id)
        }
    }

    /// What the engine has found: sockets that are stale are replaced, those that are live have proved themselves.
    func settle(at time: Timestamp) throws {
        for conn in engine.takeStaleConns() { try drop(conn, SocketTrouble(.lost, "silent, so it is replaced"), at: time) }
        for conn in engine.output.takeLiveConns() {
            for old in control.session.noteLive(conn) { try drop(old, SocketTrouble(.lost, "renewed", code: 1000), at: time) }
        }
    }

    // MARK: Waiting

    private func wait(until end: Timestamp?) throws {
        polls.removeAll(keepingCapacity: true)
        polls.append(pollfd(fd: Signals.wakeDescriptor, events: Int16(POLLIN), revents: 0))
        isPaused = engine.output.wantsPause || (isPaused && !engine.output.canResume)
        var isPending = false
        if !isPaused {
            for socket in sockets {
                if socket.client.hasPending { isPending = true }
                socket.client.appendPolls(&polls)
            }
        }
        rest.appendPolls(&polls)
        let others = polls.count
        engine.output.appendPoll(&polls)
        let millis = isPending ? 0 : Int32(clamping: (waitMicros(until: end) + 999) / 1000)
        _ = poll(&polls, nfds_t(polls.count), millis)
        if polls[0].revents != 0 { Signals.takeWake() }
        if polls.count > others { try engine.output.take(polls[others], at: now()) }
    }

    private func waitMicros(until end: Timestamp?) -> Int64 {
        let time = now().micros
        let monotonic = Clock.monotonicMicros()
        var wait = LiveLoop.waitMicrosMax
        func note(_ due: Int64?) {
            if let due { wait = min(wait, due - time) }
        }
        note(end?.micros)
        note(engine.nextDeadline?.micros)
        note(adapter.nextDeadline?.micros)
        note(control.session.nextDeadlineMicros)
        for socket in sockets {
            if let due = socket.client.deadlineMicros { wait = min(wait, due - monotonic) }
        }
        if let due = rest.deadlineMicros { wait = min(wait, due - monotonic) }
        return max(0, wait)
    }

    // MARK: The end

    /// Takes nothing more in: says goodbye to every socket, tells `stopped`, and gives the reader time to take what was written.
    private func finish(drainMicros: Int64) throws {
        let deadline = Clock.monotonicMicros() + drainMicros
        _ = try engine.output.catchUp(at: now(), untilMonotonicMicros: deadline)
        let time = now()
        if sockets.isEmpty { try tellEnd(at: time) }
        for socket in sockets { try close(socket, SocketTrouble(.lost, "stopped", code: 1000), retryMicros: nil, at: time) }
        // A run that was refused before its first socket has nothing to tell in the stream.
        if engine.hasBegun { try engine.stop() }
        try engine.output.drain(untilMonotonicMicros: deadline)
        try recorder?.recorder.flush()
        try metrics?.write(allCounters)
        logger.info("done: \(allCounters.line)")
    }
}

/// Holds the recorder, whose descriptor is its own, inside a class.
final class RecorderBox {
    var recorder: Recorder

    init(_ recorder: consuming Recorder) { self.recorder = recorder }
}
