import Glibc
import JSON
import Logging
import UnixTool

/// The end of the log that is written to, on the thread of the stream.
final class SpoolLog {
    /// So many bytes are gathered at most before they are written.
    private static let groupBytes = 1 << 18
    private static let tellMicros: Int64 = 60_000_000

    private let settings: SpoolSettings
    private let shelf: SpoolShelf
    private let logger: Logger
    private var descriptor: Int32 = -1
    private var path = ""
    private var fileBytes: Int64 = 0
    private var group = ByteBuffer(capacity: 2 * groupBytes)
    private var scratch = ByteBuffer(capacity: 256)
    /// The number of the next line.
    private var next: Int64
    /// Lines in the group.
    private(set) var groupLines: Int64 = 0
    /// When the first of the bytes that are not on the disk was written.
    private var unsyncedMicros: Int64?
    private var toldMicros: Int64?
    /// Lines that were taken.
    private(set) var lineCount: Int64 = 0
    /// How often there was no room.
    private(set) var waitCount: Int64 = 0
    /// Writing has failed: nothing more is written.
    private var broken: ToolFailure?
    /// Why there is no room; nil while there is.
    private(set) var hindrance: String?

    init(_ settings: SpoolSettings, _ shelf: SpoolShelf, _ logger: Logger) {
        self.settings = settings
        self.shelf = shelf
        self.logger = logger
        next = shelf.end
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// When `syncIfDue` must be called at the latest.
    var deadlineMicros: Int64? {
        guard case .after(let micros) = settings.sync, let unsyncedMicros else { return nil }
        return unsyncedMicros + micros
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, occurrence: Int64) throws(ToolFailure) {
        SpoolRecord.append(line, number: next, occurrence: occurrence, to: &group, scratch: &scratch)
        next += 1
        groupLines += 1
        lineCount += 1
        if group.count >= SpoolLog.groupBytes { try flush() }
    }

    /// Writes the group; afterwards databases see it. Where there is no room it stays, and `hindrance` says why.
    func flush() throws(ToolFailure) {
        if let broken { throw broken }
        do {
            try put()
        } catch {
            // What a failed write or sync has left on the disk nobody knows: it is not tried over it.
            broken = error
            throw error
        }
    }

    private func put() throws(ToolFailure) {
        guard groupLines > 0 else { return }
        if descriptor >= 0, fileBytes >= settings.fileBytes { try endFile() }
        if descriptor < 0, try !beginFile() { return }
        var code = DiskWrite.attempt(group.bytes, to: descriptor)
        if SpoolLog.isFull(code), shelf.isAllStored {
            // Nobody needs what stands before it.
            try endFile()
            try shelf.removeStored(withLast: true)
            guard try beginFile() else { return }
            code = DiskWrite.attempt(group.bytes, to: descriptor)
        }
        guard !SpoolLog.isFull(code) else { return hinder(SystemError.text(code), "until there is some") }
        guard code == 0 else { throw failure(code, path) }
        fileBytes += Int64(group.count)
        if settings.sync == .each {
            try DiskWrite.sync(descriptor, path)
        } else if unsyncedMicros == nil {
            unsyncedMicros = Clock.monotonicMicros()
        }
        shelf.add(lines: groupLines, bytes: Int64(group.count))
        group.removeAll()
        group.giveBack()
        groupLines = 0
        if hindrance != nil { shelf.setWriterWaiting(false) }
        hindrance = nil
    }

    /// Looks whether what one read brings would make the log longer than it may be; if so there is a hindrance.
    ///
    /// What was taken already is always written: it may not be to be had again.
    func lookForRoom() throws(ToolFailure) {
        guard groupLines == 0 else { return }
        if try hasRoom() {
            if hindrance != nil { shelf.setWriterWaiting(false) }
            hindrance = nil
        } else {
            hinder("it has --spool-max \(settings.bytesMax) bytes", "until a database has stored some")
        }
    }

    private func hasRoom() throws(ToolFailure) -> Bool {
        let most = settings.bytesMax - min(Int64(SpoolLog.groupBytes), settings.bytesMax / 4)
        if shelf.bytes <= most { return true }
        // From now on whoever stores something rings; so what was stored before this look is seen by it.
        shelf.setWriterWaiting(true)
        guard shelf.isAllStored else { return shelf.bytes <= most }
        try endFile()
        try shelf.removeStored(withLast: true)
        return true
    }

    private func hinder(_ reason: String, _ until: String) {
        shelf.setWriterWaiting(true)
        if hindrance == nil { waitCount += 1 }
        hindrance = reason
        let now = Clock.monotonicMicros()
        if let toldMicros, now - toldMicros < SpoolLog.tellMicros { return }
        toldMicros = now
        logger.warning("the spool \(settings.directory) has no room: \(reason); standard input waits \(until)")
    }

    private static func isFull(_ code: Int32) -> Bool { code == ENOSPC || code == EDQUOT }

    private func failure(_ code: Int32, _ path: String) -> ToolFailure {
        ToolFailure(
            .ioError,
            "cannot write \(path): \(SystemError.text(code)); \(groupLines) lines are not in the spool, give --spool another place, and these lines again"
        )
    }

    /// False where the disk has no room for another file.
    private func beginFile() throws(ToolFailure) -> Bool {
        path = shelf.path(shelf.end)
        let fresh = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o644)
        guard fresh >= 0 else {
            let code = errno
            guard SpoolLog.isFull(code) else { throw failure(code, path) }
            hinder(SystemError.text(code), "until there is some")
            return false
        }
        descriptor = fresh
        fileBytes = 0
        shelf.begin()
        if settings.sync != .never { try DiskWrite.syncDirectory(settings.directory) }
        return true
    }

    private func endFile() throws(ToolFailure) {
        guard descriptor >= 0 else { return }
        if settings.sync != .never { try sync() }
        close(descriptor)
        descriptor = -1
        try shelf.removeStored()
    }

    func syncIfDue(nowMicros: Int64) throws(ToolFailure) {
        if let deadlineMicros, nowMicros >= deadlineMicros { try sync() }
    }

    /// Puts what was written on the disk.
    func sync() throws(ToolFailure) {
        if let broken { throw broken }
        unsyncedMicros = nil
        guard descriptor >= 0 else { return }
        do {
            try DiskWrite.sync(descriptor, path)
        } catch {
            broken = error
            throw error
        }
    }
}
