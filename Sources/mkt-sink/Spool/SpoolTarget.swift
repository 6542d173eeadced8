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
    /// A database that keeps up gets so long for its last batch, however late it is.
    private static let graceMicros: Int64 = 2_000_000

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
    /// Another target has failed, or all is over: nothing is waited for.
    private var isGivenUp = false

    init(_ settings: SpoolSettings, _ members: [Member], _ common: CommonSettings, _ logger: Logger) throws(ToolFailure) {
        (self.settings, self.members, self.logger) = (settings, members, logger)
        drainMicros = common.drainMicros
        try DiskWrite.makeDirectory(settings.directory, option: "--spool")
        lock = try DirectoryLock(settings.directory, option: "--spool")
        let positions = members.map { SpoolPosition(directory: settings.directory, kind: $0.kind, target: $0.target) }
        let recovery = try SpoolRecovery(settings.directory, positions, logger)
        shelf = try SpoolShelf(
            settings.directory, files: recovery.files, end: recovery.end, positions: positions, next: recovery.next)
        try shelf.removeStored(withLast: true)
        log = SpoolLog(settings, shelf, logger)
        for (place, member) in members.enumerated() {
            let waiting = recovery.end - recovery.next[place]
            if waiting > 0 { logger.notice("\(member.target) still gets \(waiting) lines of the spool") }
            let plan = SpoolFollower.Plan(place: place, position: positions[place], next: recovery.next[place], open: member.open)
            threads.append(try SpoolTarget.start(plan, settings, common, shelf, logger))
        }
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

    /// Lines of one read are one write: databases see them when nothing more waits to be taken.
    func idle() throws { try log.flush() }
    func commit() throws { try log.flush() }

    func pass(monotonicMicros: Int64) throws {
        shelf.writerWake.takeRings()
        if let failure = shelf.failure { throw failure }
        try log.flush()
        try log.syncIfDue(nowMicros: monotonicMicros)
    }

    func settle() {
        isGivenUp = true
        try? log.flush()
        try? log.sync()
    }

    var isHeld: Bool { log.hindrance != nil }
    var deadlineMicros: Int64? { log.deadlineMicros }
    var waits: [pollfd] { [pollfd(fd: shelf.writerWake.descriptor, events: Int16(POLLIN), revents: 0)] }

    func hurry(untilMicros: Int64) {
        endMicros = max(untilMicros, Clock.monotonicMicros() + min(SpoolTarget.graceMicros, drainMicros))
    }

    // MARK: The end

    /// Waits for the databases as long as they take something, or until the time is up.
    func end() throws {
        shelf.setWriterWaiting(true)
        shelf.go(to: .ending)
        let isDone = try isGivenUp || waitForAll()
        let failure = isDone ? nil : giveUp()
        shelf.go(to: .stopped)
        for thread in threads { _ = thread.join(millisMax: SpoolTarget.joinMillisMax) }
        if isDone, !isGivenUp { try shelf.removeStored(withLast: true) }
        if let failure { throw failure }
    }

    /// False if the time was up, or none of those that have not all took anything for too long.
    private func waitForAll() throws -> Bool {
        let startMicros = Clock.monotonicMicros()
        var toldMicros = startMicros
        while true {
            shelf.writerWake.takeRings()
            if let failure = shelf.failure { throw failure }
            try log.flush()
            if log.groupLines == 0, shelf.isAllStored { return true }
            let now = Clock.monotonicMicros()
            if endMicros == nil, Signals.isStopAsked { endMicros = now + drainMicros }
            if let endMicros, now >= endMicros { return false }
            let last = behind.map(\.progress.takenMicros).max() ?? 0
            if now - max(last, startMicros) >= drainMicros { return false }
            if now - toldMicros >= SpoolTarget.tellMicros {
                toldMicros = now
                logger.notice("waiting for \(linesLeft)")
            }
            Descriptor.wait(for: waits, timeoutMillis: 100)
        }
    }

    private var behind: [(member: Member, progress: SpoolShelf.Progress)] {
        let end = shelf.end
        return zip(members, shelf.progress).filter { $1.next < end }.map { (member: $0, progress: $1) }
    }

    private var linesLeft: String {
        let end = shelf.end
        return behind.map { "\($0.member.target) (\(end - $0.progress.next) lines)" }.joined(separator: ", ")
    }

    private func giveUp() -> ToolFailure {
        try? log.sync()
        let trouble = behind.compactMap(\.progress.trouble).first
        let unspooled =
            log.groupLines > 0 ? "\(log.groupLines) lines are not in the spool (\(log.hindrance ?? "no room")), give them again; " : ""
        let told = behind.isEmpty ? "" : "the spool keeps lines for \(linesLeft)" + (trouble.map { ": \($0.message)" } ?? "")
        let advice = behind.isEmpty ? "" : "; run again with the same --spool and --to, also without input"
        let status = log.groupLines > 0 && behind.isEmpty ? .ioError : trouble?.status ?? .tryLater
        return ToolFailure(status, unspooled + told + advice)
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
