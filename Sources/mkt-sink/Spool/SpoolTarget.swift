import Glibc
import Logging
import MarketModel
import UnixTool

/// `--spool`: takes lines into the log, and has databases follow it, each on a thread of its own.
final class SpoolTarget: Target {
    /// A database of the spool.
    struct Member: Sendable {
        /// For counters: `sqlite`, `postgres_2`.
        let name: String
        /// `sqlite`, `postgres`.
        let kind: String
        /// The database, without password.
        let target: String
        let open: @Sendable () throws -> any Target
    }

    private static let tellMicros: Int64 = 60_000_000
    private static let joinMillisMax: Int32 = 1000
    /// A database that hangs holds up the start no longer.
    private static let openingMicrosMax: Int64 = 2_000_000

    private let settings: SpoolSettings
    private let members: [Member]
    private let drainMicros: Int64
    private let logger: Logger
    private let lock: DirectoryLock
    private let shelf: SpoolShelf
    private let log: SpoolLog
    private var threads: [BackgroundThread] = []
    /// By when all must be over; nil for whenever.
    private var endMicros: Int64?
    /// Another target has failed: nothing is waited for.
    private var isGivenUp = false
    private var isEnded = false

    init(_ settings: SpoolSettings, _ members: [Member], _ common: CommonSettings, _ logger: Logger) throws(ToolFailure) {
        (self.settings, self.members, self.logger) = (settings, members, logger)
        drainMicros = common.drainMicros
        try DiskWrite.makeDirectory(settings.directory, option: "--spool")
        lock = try DirectoryLock(settings.directory, option: "--spool")
        let positions = members.map { SpoolPosition(directory: settings.directory, kind: $0.kind, target: $0.target) }
        let recovery = try SpoolRecovery(settings.directory, positions, logger)
        shelf = try SpoolShelf(
            settings.directory, files: recovery.files, end: recovery.end, positions: positions, next: recovery.next)
        log = SpoolLog(settings, shelf, logger)
        for (place, member) in members.enumerated() {
            let waiting = recovery.end - recovery.next[place]
            if waiting > 0 { logger.notice("\(member.target) still gets \(SpoolTarget.lines(waiting)) of the spool") }
            let plan = SpoolFollower.Plan(place: place, position: positions[place], next: recovery.next[place], open: member.open)
            threads.append(try SpoolTarget.start(plan, settings, common, shelf, logger))
        }
        // What will not pass by waiting is told before a line is read.
        try shelf.waitForOpenings(micros: SpoolTarget.openingMicrosMax)
        try shelf.removeStored(withLast: true)
    }

    deinit { shelf.go(to: .stopped) }

    private static func start(
        _ plan: SpoolFollower.Plan, _ settings: SpoolSettings, _ common: CommonSettings, _ shelf: SpoolShelf, _ logger: Logger
    ) throws(ToolFailure) -> BackgroundThread {
        try BackgroundThread {
            do throws(ToolFailure) {
                try SpoolFollower(plan, settings, common, shelf, logger).run()
            } catch {
                shelf.fail(error)
            }
        }
    }

    // MARK: Lines

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {
        let hasOccurrence = EventTable.all[Int(row.kind.rawValue)].ordinal == .occurrence
        try log.take(line, occurrence: hasOccurrence ? row.integer(.ordinal) ?? 0 : 0)
    }

    /// More is about to be read: what came before is written, and there must be room for what comes.
    ///
    /// So lines of one read are one write, and databases see them then.
    func willRead() throws {
        try log.flush()
        try log.lookForRoom()
    }

    func idle() throws { try log.flush() }
    func commit() throws { try log.flush() }

    func pass(monotonicMicros: Int64) throws {
        shelf.writerWake.takeRings()
        if let failure = shelf.failure { throw failure }
        try log.flush()
        if log.hindrance != nil { try log.lookForRoom() }
        try log.syncIfDue(nowMicros: monotonicMicros)
    }

    func settle() {
        isGivenUp = true
        try? log.flush()
        try? log.sync()
    }

    /// Whether no line can be taken before `pass` was called again.
    var isHeld: Bool { log.hindrance != nil }
    var deadlineMicros: Int64? { log.deadlineMicros }
    var waits: [pollfd] { [pollfd(fd: shelf.writerWake.descriptor, events: Int16(POLLIN), revents: 0)] }

    func hurry(untilMicros: Int64) {
        endMicros = max(untilMicros, Clock.monotonicMicros() + min(settings.graceMicros, drainMicros))
    }

    // MARK: The end

    /// Waits for the databases as long as one of them takes something, or until the time is up.
    func end() throws {
        guard !isEnded else { return }
        isEnded = true
        shelf.setWriterWaiting(true)
        shelf.go(to: .ending)
        defer { shelf.go(to: .stopped) }
        // Without haste, what came before the reader of another target went away is stored all the same.
        if isGivenUp { endMicros = Clock.monotonicMicros() + min(settings.graceMicros, drainMicros) }
        try waitForAll()
        shelf.go(to: .stopped)
        for thread in threads { _ = thread.join(millisMax: SpoolTarget.joinMillisMax) }
        if log.groupLines == 0, shelf.isAllStored, shelf.failure == nil { return try shelf.removeStored(withLast: true) }
        if isGivenUp || shelf.failure != nil, !behind.isEmpty {
            logger.notice("the spool \(settings.directory) keeps lines for \(linesLeft); run again with the same --spool and --to")
        }
        if let failure = shelf.failure { throw failure }
        if isGivenUp { return }
        throw try leftOver()
    }

    /// Until all is stored, the time is up, or none of those that have not all has taken anything for too long.
    private func waitForAll() throws {
        let startMicros = Clock.monotonicMicros()
        let patienceMicros = max(drainMicros, settings.graceMicros)
        var toldMicros = startMicros
        while true {
            shelf.writerWake.takeRings()
            if shelf.failure != nil { return }
            try log.flush()
            if log.groupLines == 0, shelf.isAllStored { return }
            let now = Clock.monotonicMicros()
            if endMicros == nil, Signals.isStopAsked { endMicros = now + drainMicros }
            if let endMicros, now >= endMicros { return }
            let last = behind.map(\.progress.takenMicros).max() ?? 0
            if now - max(last, startMicros) >= patienceMicros { return }
            if Signals.takeReport() { logger.notice("counters: \(counters.line)") }
            if now - toldMicros >= SpoolTarget.tellMicros {
                toldMicros = now
                logger.notice("waiting for \(linesLeft)")
            }
            Descriptor.wait(for: waits, timeoutMillis: 100)
        }
    }

    private var counters: Counters {
        var counters = Counters()
        count(in: &counters)
        return counters
    }

    private var behind: [(member: Member, progress: SpoolShelf.Progress)] {
        let end = shelf.end
        return zip(members, shelf.progress).filter { $1.next < end }.map { (member: $0, progress: $1) }
    }

    private var linesLeft: String {
        let end = shelf.end
        return behind.map { "\($0.member.target) (\(SpoolTarget.lines(end - $0.progress.next)))" }.joined(separator: ", ")
    }

    private static func lines(_ count: Int64) -> String { count == 1 ? "1 line" : "\(count) lines" }

    /// What a run comes to that could not bring all lines where they belong.
    private func leftOver() throws -> ToolFailure {
        try log.sync()
        let behind = behind
        let trouble = behind.compactMap(\.progress.trouble).first
        var parts: [String] = []
        if log.groupLines > 0 {
            parts.append(
                "\(SpoolTarget.lines(log.groupLines)) did not get into the spool (\(log.hindrance ?? "no room")): give what came last again"
            )
        }
        if !behind.isEmpty {
            let reason = trouble.map { " (\($0.message))" } ?? ""
            parts.append("the spool keeps lines for \(linesLeft)\(reason); run again with the same --spool and --to, also without input")
        }
        return ToolFailure(behind.isEmpty ? .ioError : trouble?.status ?? .tryLater, parts.joined(separator: "; "))
    }

    // MARK: Counters

    func count(in counters: inout Counters) {
        counters.set("spool_lines", log.lineCount)
        counters.set("spool_bytes_now", shelf.bytes)
        if log.waitCount > 0 { counters.set("spool_waits", log.waitCount) }
        let (end, now) = (shelf.end + log.groupLines, Clock.monotonicMicros())
        for (member, progress) in zip(members, shelf.progress) {
            for (name, count) in progress.counters.sorted { counters.add(name, count) }
            counters.set("lag_lines_\(member.name)_now", end - progress.next)
            counters.set("lag_ms_\(member.name)_now", progress.behindSinceMicros.map { (now - $0) / 1000 } ?? 0)
            if progress.retries > 0 { counters.set("retries_\(member.name)", progress.retries) }
        }
    }
}
