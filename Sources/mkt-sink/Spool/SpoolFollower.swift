import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

/// Brings the lines of the log into one database, on a thread of its own, at the database's pace.
///
/// A batch is tried until it is stored; one that holds a row which the database refuses is halved until that row stands alone and can be set aside.
final class SpoolFollower {
    /// What a follower is made of.
    struct Plan: Sendable {
        /// Its place among the databases of the spool.
        let place: Int
        let position: SpoolPosition
        /// The first line that the database has not.
        let next: Int64
        /// Opens the target; what it throws is tried again.
        let open: @Sendable () throws -> any Target
    }

    /// A line that is set aside.
    private struct Reject {
        let line: [UInt8]
        /// nil for what is no line of the log.
        let number: Int64?
        let counter: String
        let reason: String
    }

    /// A line that is set aside already.
    private struct Rejected {
        let checksum: UInt32
        /// By this run, which has counted it.
        let isCounted: Bool
    }

    private static let waitMicrosMax: Int64 = 5_000_000
    private static let tellMicros: Int64 = 60_000_000
    /// So many lines are set aside at most before that is noted.
    private static let rejectsMax = 200
    private static let rejectedBytesMax = 1 << 20

    private let plan: Plan
    private let settings: SpoolSettings
    private let shelf: SpoolShelf
    private let logger: Logger
    private var reader: SpoolReader
    private var faults: InputFaults
    private var target: (any Target)?
    /// Of targets that were given up.
    private var countersBefore = Counters()
    private var decoder = EventDecoder()
    private var encoder = RowEncoder()
    private var row = EventRow()

    // The batch: what was read since the last that was stored.
    private var stored: SpoolReader.Place
    private var rows: Int64 = 0
    private var lastRow: Int64 = 0
    private var rowsMax: Int64
    private var rejects: [Reject] = []
    /// Lines that stand in `rejected.ndjson` though they are not noted as done, by their numbers.
    private var rejectedBefore: [Int64: Rejected] = [:]
    private var rejectedBytes = 0
    /// Lines that were read for it.
    private var pieces: Int64 = 0
    /// Whether it ends with the line that was read last.
    private var isBatchOver = false
    /// Rows of the batch that the database has refused, and why: they are set aside when they come again.
    private var refused: [Int64: String] = [:]
    private var deadlineMicros: Int64?

    // Of failures.
    private var failures: Int64 = 0
    private var isTold = false
    private var toldMicros: Int64?
    private var troubleMicros: Int64 = 0

    init(_ plan: Plan, _ settings: SpoolSettings, _ common: CommonSettings, _ shelf: SpoolShelf, _ logger: Logger) throws(ToolFailure) {
        self.plan = plan
        self.settings = settings
        self.shelf = shelf
        self.logger = logger
        reader = SpoolReader(shelf, number: plan.next)
        stored = reader.place
        rowsMax = settings.batchLines
        faults = try InputFaults(
            isStrict: common.isStrict, rejectsPath: SpoolRecovery.rejectsPath(settings.directory), isMadeLate: true, logger: logger)
    }

    /// Until the shelf says `stopped`; a failure that cannot be waited for is told there.
    func run() {
        do {
            guard try begin() else { return }
            while shelf.look().phase != .stopped { try attempt() }
        } catch {
            shelf.fail(error as? ToolFailure ?? ToolFailure(.bug, "\(plan.position.target): \(error)"))
        }
        try? target?.end()
    }

    /// Opens the database the first time; false if that ends the run.
    private func begin() throws -> Bool {
        do {
            if plan.next < shelf.end { try findRejects() }
            target = try plan.open()
            shelf.noteOpening(plan.place, nil)
        } catch let failure as ToolFailure where failure.status != .bug {
            if shelf.noteOpening(plan.place, failure) { return false }
            suffer(failure)
        }
        return true
    }

    private func attempt() throws {
        do {
            try step()
        } catch let refusal as BatchRefusal {
            isolate(refusal)
        } catch let failure as ToolFailure where failure.status != .bug && failure.status != .badData {
            suffer(failure)
        }
    }

    private func step() throws {
        let (end, phase, isWriterWaiting) = shelf.look()
        while !isFull, try takePiece(before: end) {}
        guard reader.place.number > stored.number || isFull else {
            if isWriterWaiting, reader.isOpen {
                reader.rewind(to: reader.place)
                shelf.writerWake.ring()
            }
            return shelf.wait(plan.place, for: reader.place.number, in: phase, untilMicros: nil)
        }
        let now = Clock.monotonicMicros()
        let due = deadlineMicros ?? now + settings.batchDelayMicros
        deadlineMicros = due
        if !isFull, phase == .open, !isWriterWaiting, now < due {
            return shelf.wait(plan.place, for: reader.place.number, in: phase, untilMicros: due)
        }
        try store()
    }

    private var isFull: Bool {
        isBatchOver || rows >= rowsMax || pieces >= 4 * settings.batchLines || rejects.count >= SpoolFollower.rejectsMax
            || rejectedBytes >= SpoolFollower.rejectedBytesMax
    }

    /// False if no further line can be read now.
    private func takePiece(before end: Int64) throws -> Bool {
        switch try reader.next(before: end) {
        case .line(let record, let missing):
            if missing > 0 { reject([], nil, "spool_damage", "\(missing) lines before line \(record.number) of the spool are missing") }
            try take(record)
        case .damage(let bytes):
            reject(
                Array(bytes), nil, "spool_damage",
                "what stands behind line \(reader.place.number - 1) of the spool is not what was written to it")
        case .missing(let count): reject([], nil, "spool_damage", "\(count) lines at the end of the spool are missing")
        case .none: return false
        }
        pieces += 1
        return true
    }

    private func take(_ record: SpoolRecord) throws {
        if !refused.isEmpty, let reason = refused[record.number] {
            // Noted at once, so that it need not be found again.
            isBatchOver = true
            return reject(Array(record.line), record.number, "refused_row", reason)
        }
        do throws(EventError) {
            try decoder.decodeEvent(record.line)
            guard let kind = decoder.kind else { return }
            try encoder.encode(record.line, kind, decoder, into: &row, occurrence: record.occurrence)
        } catch {
            return reject(Array(record.line), record.number, error.counter, "\(error)")
        }
        do {
            if target == nil { target = try plan.open() }
            try target!.take(record.line, row)
        } catch let refusal as RowRefusal {
            return reject(Array(record.line), record.number, "refused_row", refusal.reason)
        } catch let refusal as BatchRefusal where refusal.isOfLastRow {
            lastRow = record.number
            throw refusal
        }
        rows += 1
        lastRow = record.number
    }

    private func reject(_ line: [UInt8], _ number: Int64?, _ counter: String, _ reason: String) {
        rejects.append(Reject(line: line, number: number, counter: counter, reason: reason))
        rejectedBytes += line.count
    }

    private func store() throws {
        if rows > 0 { try target?.commit() }
        if !rejects.isEmpty { try shelf.alone { () throws(ToolFailure) in try setAside() } }
        try plan.position.write(reader.place.number)
        stored = reader.place
        if !rejectedBefore.isEmpty { rejectedBefore = rejectedBefore.filter { $0.key >= stored.number } }
        forgetBatch()
        refused.removeAll()
        rowsMax = min(rowsMax * 2, settings.batchLines)
        if isTold {
            logger.notice("\(plan.position.target) takes lines again after \((Clock.monotonicMicros() - troubleMicros) / 1_000_000) s")
        }
        (failures, isTold) = (0, false)
        try shelf.advance(plan.place, to: stored.number, counters)
    }

    /// Puts on the disk what will not be in the log any more.
    private func setAside() throws(ToolFailure) {
        // Somebody may have moved the file away to look at it.
        try faults.reopen()
        for reject in rejects {
            try reject.line.withUnsafeBufferPointer { line throws(ToolFailure) in try setAside(reject, line) }
        }
        try faults.sync()
    }

    private func setAside(_ reject: Reject, _ line: UnsafeBufferPointer<UInt8>) throws(ToolFailure) {
        let checksum = CRC32C.extend(0, line)
        let before = reject.number.flatMap { rejectedBefore[$0] }.flatMap { $0.checksum == checksum ? $0 : nil }
        if before?.isCounted == true { return }
        let place = reject.number.map { SpoolFollower.placeWords($0) } ?? ""
        try faults.note(
            line, counter: reject.counter, message: "\(plan.position.target): \(place)\(reject.reason)", isKept: before != nil)
        if let number = reject.number { rejectedBefore[number] = Rejected(checksum: checksum, isCounted: true) }
    }

    /// Before the reason, for `findRejects` too.
    private static func placeWords(_ number: Int64) -> String { "line \(number) of the spool: " }

    /// A run that was killed may have set lines aside and not noted that; they are not to stand there twice.
    private func findRejects() throws {
        let path = SpoolRecovery.rejectsPath(settings.directory)
        guard access(path, F_OK) == 0 else { return }
        var lines = try LineReader.open(path, lineBytesMax: 3 * LineSplitter.lineBytesMax)
        defer { close(lines.descriptor) }
        while true {
            switch lines.next() {
            case .line(let line): findReject(line)
            case .unterminated, .tooLong: break
            case .none:
                if lines.isAtEnd { return }
                _ = try lines.fill()
            }
        }
    }

    private func findReject(_ line: UnsafeBufferPointer<UInt8>) {
        guard let told = try? RejectRecord(line), told.reason.hasPrefix("\(plan.position.target): line ") else { return }
        let rest = told.reason.dropFirst(plan.position.target.count + ": line ".count)
        guard let number = Int64(rest.prefix { $0.isNumber }), number >= plan.next else { return }
        rejectedBefore[number] = Rejected(checksum: told.checksum, isCounted: false)
    }

    private func forgetBatch() {
        (rows, pieces, isBatchOver) = (0, 0, false)
        rejects.removeAll()
        rejectedBytes = 0
        deadlineMicros = nil
    }

    private var counters: Counters {
        var counters = countersBefore
        target?.count(in: &counters)
        for (name, count) in faults.counters.sorted { counters.add(name, count) }
        return counters
    }

    /// Comes nearer to the row that is refused.
    private func isolate(_ refusal: BatchRefusal) {
        if refusal.isOfLastRow || rows <= 1 { refused[lastRow] = refusal.reason }
        // Those before a row that is known go as they are.
        rowsMax = max(refusal.isOfLastRow ? rows : rows / 2, 1)
        reader.rewind(to: stored)
        forgetBatch()
    }

    /// Takes the batch back, and waits longer from time to time.
    private func suffer(_ failure: ToolFailure) {
        target?.count(in: &countersBefore)
        target = nil
        // What was too much at a time may go in halves.
        if failures > 0, rows > 1 { rowsMax = max(rows / 2, 1) }
        reader.rewind(to: stored)
        forgetBatch()
        shelf.note(failure, of: plan.place)
        let now = Clock.monotonicMicros()
        if failures == 0 { troubleMicros = now }
        if toldMicros.map({ now - $0 >= SpoolFollower.tellMicros }) ?? true {
            (toldMicros, isTold) = (now, true)
            logger.warning("\(failure.message); \(shelf.end - stored.number) lines wait in the spool, and it is tried again")
        }
        shelf.pause(plan.place, micros: min(settings.pauseMicros << min(failures, 10), SpoolFollower.waitMicrosMax))
        failures += 1
    }
}
