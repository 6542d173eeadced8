import JSON
public import MarketModel
import UnixTool

/// A feed without its sockets: what happened goes in with its time, lines come out.
///
/// A live session and a replay drive the same engine, so a recording gives the lines of the run that it was taken from. Every timer
/// runs on the times that are handed in.
public final class FeedEngine<V: Venue> {
    public let venue: V
    public let output: FeedOutput
    private let connections: Connections
    private var now: Timestamp?
    private var staleConns: [Int64] = []
    private var checkpointDue: Timestamp?
    private var heartbeatDue: Timestamp?

    public init(_ venue: V, _ output: FeedOutput) {
        self.venue = venue
        self.output = output
        connections = Connections(output)
    }

    /// The latest time that was handed in.
    public var time: Timestamp { now ?? Timestamp(micros: 0) }

    /// Takes in the next thing that happened, after every timer that was due before it. Gives whether it was data.
    @discardableResult
    public func take(_ entry: RecordingEntry) throws -> Bool {
        try moveOn(to: entry.time)
        switch entry {
        case .opened(let conn, let time):
            if connections.isOpen(conn) { try close(conn, reason: "opened again without a close", retryMicros: nil, at: time) }
            try connections.opened(conn, at: time)
            try venue.opened(conn: conn, at: time)
        case .sent(let conn, let frame, let time):
            try venue.sent(conn: conn, frame: frame, at: time)
            if venue.isSilentByNature(conn) { connections.exempt(conn) }
        case .received(let conn, let frame, let time):
            output.counters.count("frames_in")
            return try noteReceived(try venue.received(conn: conn, frame: frame, at: time), conn, at: time)
        case .closed(let conn, let code, let reason, let retryMicros, let time):
            let words = reason.map { $0.isEmpty ? "" : " \($0.string)" } ?? ""
            try close(conn, reason: "close \(code)\(words)", retryMicros: retryMicros, at: time)
        case .answered(let path, let status, let body, let time):
            output.counters.count("rest_answers")
            let proof = try venue.answered(path: path, status: status, body: body, at: time)
            for conn in proof.quiet { connections.noteQuiet(conn, at: time) }
            for conn in proof.dead { try tellStale(conn, reason: "silent while REST has moved on", at: time) }
        }
        return false
    }

    /// The same for a frame that was read ahead: it is number `index` of `read`.
    @discardableResult
    func take(_ frame: JSONText, read: V.Reader.Frames, _ index: Int, conn: Int64, at time: Timestamp) throws -> Bool {
        try moveOn(to: time)
        output.counters.count("frames_in")
        return try noteReceived(try venue.received(conn: conn, frame: frame, read: read, index, at: time), conn, at: time)
    }

    /// Only the venue can tell data from a heartbeat, so a silent socket's return is told behind its first data.
    private func noteReceived(_ isData: Bool, _ conn: Int64, at time: Timestamp) throws -> Bool {
        if isData { try connections.noteData(conn, at: time) }
        return isData
    }

    private func moveOn(to time: Timestamp) throws {
        if now == nil { start(at: time) }
        try pass(to: time)
    }

    private func close(_ conn: Int64, reason: String, retryMicros: Int64?, at time: Timestamp) throws {
        let lost = try venue.closed(conn: conn, at: time)
        try connections.closed(conn, reason: reason, instruments: lost, retryMicros: retryMicros, at: time)
    }

    private func tellStale(_ conn: Int64, reason: String, at time: Timestamp) throws {
        guard connections.isOpen(conn) else { return }
        let lost = try venue.staled(conn: conn, at: time)
        try connections.tellStale(conn, reason: reason, instruments: lost, at: time)
        staleConns.append(conn)
    }

    /// Connections that were told to be stale since the last call: their sockets are to be replaced.
    public func takeStaleConns() -> [Int64] {
        guard !staleConns.isEmpty else { return [] }
        defer { staleConns.removeAll() }
        return staleConns
    }

    /// When data came last on a connection; nil if it is not up.
    public func lastData(_ conn: Int64) -> Timestamp? { connections.lastData(conn) }

    /// A day: what is missed in a longer leap of time is not made up for, or one wrong time would be a million heartbeats.
    private static var leapMicros: Int64 { 86_400_000_000 }

    /// Runs every timer up to and including `time`, in order. They all begin with the first thing that happens.
    public func pass(to time: Timestamp) throws {
        guard let before = now, time > before else { return }
        if time.micros(since: before) > FeedEngine.leapMicros { startPeriods(at: time) }
        while let due = nextDeadline, due <= time {
            // A deadline that was found late is told at the time when it was found: time never runs backwards.
            let moment = max(due, self.time)
            now = moment
            try runTimers(at: moment)
            guard nextDeadline != due else { break }
        }
        now = time
    }

    private func start(at time: Timestamp) {
        now = time
        startPeriods(at: time)
    }

    private func startPeriods(at time: Timestamp) {
        checkpointDue = output.settings.checkpointMicros.map { time.advanced(byMicros: $0) }
        heartbeatDue = output.settings.common.heartbeatMicros.map { time.advanced(byMicros: $0) }
    }

    /// When something is due next, for whoever waits.
    public var nextDeadline: Timestamp? {
        .earliest(.earliest(venue.nextDeadline, connections.nextDeadline), .earliest(checkpointDue, heartbeatDue))
    }

    private func runTimers(at due: Timestamp) throws {
        if let deadline = venue.nextDeadline, deadline <= due { try venue.passed(to: due) }
        for conn in connections.tooSilent(at: due) { try tellStale(conn, reason: "no data", at: due) }
        if let checkpoint = checkpointDue, checkpoint <= due {
            checkpointDue = output.settings.checkpointMicros.map { checkpoint.advanced(byMicros: $0) }
            try venue.forEachKnownBook { instrument in
                try output.snapshot(instrument, reason: .checkpoint, received: due, venueTime: nil, isVerified: false)
            }
        }
        if let heartbeat = heartbeatDue, heartbeat <= due {
            heartbeatDue = output.settings.common.heartbeatMicros.map { heartbeat.advanced(byMicros: $0) }
            try output.status(FeedStatus(.heartbeat), at: due, counters: output.allCounters)
        }
    }

    /// Whether anything has happened yet.
    public var hasBegun: Bool { now != nil }

    /// The last line of the feed.
    public func stop() throws {
        try output.status(FeedStatus(.stopped), at: time, counters: output.allCounters)
        try output.writer.flush()
    }
}
