import Glibc
import JSON
import MarketModel
import UnixTool

/// Takes lines, checks each once, and hands them to the targets in batches.
final class SinkStage: EventStage {
    private let settings: SinkConfiguration
    private let targets: [any Target]
    /// Those of the targets that look at events.
    private let followers: [any EventFollower]
    /// Whether lines come as they happen, so that their age says something.
    private let isLive: Bool
    private let lagNames: [String]
    /// That of the targets which must have what was read before more is.
    private let spool: SpoolTarget?
    private var decoder = EventDecoder()
    private var encoder = RowEncoder()
    private var row = EventRow()
    private var faults: InputFaults
    private var latency = LatencyHistogram()
    /// The latency of the heartbeat before, for whoever asks before a line has come since.
    private var latencyTold = LatencyHistogram()
    private var linesIn: Int64 = 0
    private var unknownTypes: Int64 = 0
    private var uncommittedLines: Int64 = 0
    /// The monotonic time at which the batch must be over; nil while it is empty.
    private var batchDeadlineMicros: Int64?
    /// The feed of a line of an unknown type, without escapes.
    private var feedName = ByteBuffer(capacity: 64)

    /// - Parameter lagNames: What counters call the targets whose lag is told here.
    init(
        _ settings: SinkConfiguration, targets: [any Target], faults: consuming InputFaults, isLive: Bool, lagNames: [String] = []
    ) {
        self.lagNames = lagNames
        self.settings = settings
        self.targets = targets
        followers = targets.compactMap { $0 as? any EventFollower }
        spool = targets.lazy.compactMap { $0 as? SpoolTarget }.first
        self.faults = faults
        self.isLive = isLive
    }

    var isFull: Bool { settings.common.linesMax.map { linesIn >= $0 } ?? false }

    func take(_ line: UnsafeBufferPointer<UInt8>) throws {
        try take(line) { (decoder) throws(EventError) in try decoder.decodeEvent(line) }
    }

    func take(_ index: Int, of batch: EventBatch) throws {
        try take(batch.lines.bytes(index)) { (decoder) throws(EventError) in try decoder.take(index, of: batch.lines) }
    }

    @inline(__always)
    private func take(_ line: UnsafeBufferPointer<UInt8>, _ read: (inout EventDecoder) throws(EventError) -> Void) throws {
        if isFull { return }
        linesIn += 1
        do throws(EventError) {
            try read(&decoder)
            if let kind = decoder.kind { try encoder.encode(line, kind, decoder, into: &row) }
        } catch {
            for follower in followers { try follower.skip(decoder) }
            return try faults.note(line, counter: error.counter, message: "line \(linesIn): \(error)")
        }
        if isLive { latency.record(Clock.now().micros(since: decoder.received)) }
        let refusal = try handOn(line)
        // What a target cannot store is true all the same.
        for follower in followers { try follower.follow(decoder) }
        if let refusal { try faults.note(line, counter: "refused_row", message: "line \(linesIn): \(refusal.reason)") }
        // Of a line that one target refused, others may hold the row.
        try endLine()
    }

    /// Hands the line and its row to the targets; gives what one of them has against it.
    ///
    /// What one target cannot store the others keep all the same.
    private func handOn(_ line: UnsafeBufferPointer<UInt8>) throws -> RowRefusal? {
        if decoder.kind == nil {
            try takeUnknown(line)
            return nil
        }
        var refusal: RowRefusal?
        for target in targets {
            do {
                try target.take(line, row)
            } catch let refused as RowRefusal {
                refusal = refused
            }
        }
        return refusal
    }

    private func takeUnknown(_ line: UnsafeBufferPointer<UInt8>) throws {
        unknownTypes += 1
        feedName.removeAll()
        let feed = try? decoder.text(.feed)
        if let feed { feedName.append(unescaping: feed) }
        for target in targets { try target.takeUnknown(line, feed: feed == nil ? nil : feedName.bytes, at: decoder.received) }
        try faults.keep(line, reason: "unknown type", at: decoder.received)
    }

    private func endLine() throws {
        uncommittedLines += 1
        if uncommittedLines >= settings.batchLines { return try commit() }
        if batchDeadlineMicros == nil { batchDeadlineMicros = Clock.monotonicMicros() + settings.batchDelayMicros }
    }

    func skip(_ line: UnsafeBufferPointer<UInt8>, counter: String, message: String) throws {
        linesIn += 1
        for follower in followers { follower.skip() }
        try faults.note(line, counter: counter, message: "line \(linesIn): \(message)")
    }

    private func commit() throws {
        for target in targets { try target.commit() }
        uncommittedLines = 0
        batchDeadlineMicros = nil
    }

    /// Keeps what was taken before a fault that was no target's, so that going on from there loses nothing; and ends.
    func settle() {
        for target in targets { target.settle() }
        for target in targets { try? target.end() }
    }

    var deadlineMicros: Int64? {
        targets.reduce(batchDeadlineMicros) { least, target in
            guard let next = target.deadlineMicros else { return least }
            return min(least ?? next, next)
        }
    }

    var waits: [pollfd] { targets.flatMap(\.waits) }

    var isHeld: Bool { spool?.isHeld ?? false }

    func hurry(untilMicros: Int64) {
        for target in targets { target.hurry(untilMicros: untilMicros) }
    }

    func willRead() throws { try spool?.willRead() }

    func idle() throws {
        for target in targets { try target.idle() }
    }

    func pass(monotonicMicros: Int64) throws {
        for target in targets { try target.pass(monotonicMicros: monotonicMicros) }
        if let batchDeadlineMicros, monotonicMicros >= batchDeadlineMicros { try commit() }
    }

    func beat(isLive: Bool) throws {
        try tell("heartbeat", isLive)
        latencyTold = latency
        latency.removeAll()
    }

    func finish(isLive: Bool) throws {
        try commit()
        try tell("stopped", isLive)
        try commit()
        for target in targets { try target.end() }
    }

    private func tell(_ state: StaticString, _ isLive: Bool) throws {
        guard isLive, settings.common.heartbeatMicros != nil else { return }
        let counters = counters
        for target in targets { try target.tell(state, counters, at: Clock.now()) }
    }

    func reopen() throws {
        for target in targets { try target.reopen() }
        try faults.reopen()
    }

    var counters: Counters {
        var counters = faults.counters
        counters.set("lines_in", linesIn)
        if unknownTypes > 0 { counters.set("unknown_type", unknownTypes) }
        for target in targets { target.count(in: &counters) }
        for name in lagNames { counters.set("lag_lines_\(name)_now", uncommittedLines) }
        counters.set(latency.total > 0 ? latency : latencyTold)
        return counters
    }
}
