import Glibc
import Logging
import MarketModel
import UnixTool

/// `ndjson:DIR`: every line as it came, in segments by its feed and its own `recv_us` (`docs/storage.md`).
///
/// Segments are only ever appended to; the same input twice stands there twice.
final class NDJSONTarget: Target {
    private static let segmentsMax = 64
    /// How long a segment whose span is over may still get lines, and must have got none, before the clock seals it.
    static let graceMicros: Int64 = 5_000_000

    private let settings: SegmentSettings
    private let logger: Logger
    private var lock: DirectoryLock
    private let compressor: Compressor?
    private var segments: [Segment] = []
    /// The one of the line before, if it is open.
    private var latest: Segment?
    /// Of the days that segments are open in, and those before.
    private var folders: [String: SegmentFolder] = [:]
    private var takes: Int64 = 0
    private var sealedCount: Int64 = 0
    private let recoveredCount: Int64
    /// When the clock is due to seal a segment.
    private(set) var deadlineMicros: Int64?

    init(_ settings: SegmentSettings, _ logger: Logger) throws(ToolFailure) {
        self.settings = settings
        self.logger = logger
        try DiskWrite.makeDirectory(settings.directory, option: "ndjson:")
        lock = try DirectoryLock(settings.directory, option: "ndjson:")
        compressor = settings.compressWords.isEmpty ? nil : Compressor(settings.compressWords, logger)
        let recovery = try SegmentRecovery(settings.directory, logger)
        recoveredCount = recovery.sealedCount
        for path in recovery.plain { compressor?.add(path) }
        compressor?.pass()
    }

    /// Whether a directory, by any of its names, is the one that is written to.
    func isIn(_ directory: String) -> Bool { lock.isOf(directory) }

    // MARK: Lines

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {
        try put(line, feed: row.text(EnvelopeCell.feed.rawValue)!, at: row.received)
    }

    /// An archive keeps what a later version may know, also where a line names no feed.
    func takeUnknown(_ line: UnsafeBufferPointer<UInt8>, feed: UnsafeBufferPointer<UInt8>?, at received: Timestamp) throws {
        try put(line, feed: feed ?? UnsafeBufferPointer(start: nil, count: 0), at: received)
    }

    private func put(_ line: UnsafeBufferPointer<UInt8>, feed: UnsafeBufferPointer<UInt8>, at received: Timestamp) throws(ToolFailure) {
        let start = settings.rotation.spanStart(of: received)
        var segment = find(start, feed)
        if let full = segment, full.isFull(for: line.count, settings.rotation) {
            try seal { $0 === full }
            segment = nil
        }
        if segment == nil { segment = try open(start, feed) }
        takes += 1
        latest = segment
        segment?.lastUse = takes
        try segment?.take(line, at: received)
    }

    /// Most lines go where the one before went.
    private func find(_ start: Int64, _ feed: UnsafeBufferPointer<UInt8>) -> Segment? {
        if let latest, latest.isOf(start, feed) { return latest }
        return segments.first { $0.isOf(start, feed) }
    }

    private func open(_ start: Int64, _ feed: UnsafeBufferPointer<UInt8>) throws(ToolFailure) -> Segment {
        let mine = segments.filter { $0.feed.elementsEqual(feed) }
        // A feed that has gone on to a later span than all of its own is done with them.
        if !mine.isEmpty, mine.allSatisfy({ $0.spanStart < start }) { try seal { $0.feed.elementsEqual(feed) } }
        if segments.count >= NDJSONTarget.segmentsMax {
            let oldest = segments.min { $0.lastUse < $1.lastUse }
            try seal { $0 === oldest }
        }
        let time = Timestamp(micros: start)
        let folder = try folder("\(settings.directory)/\(SegmentName.folder(of: time))")
        let name = folder.takeName(hour: CivilTime(time).hour, feed: SegmentName.safe(feed))
        let segment = try Segment(name, in: folder, spanStart: start, feed: Array(feed), nowMicros: settings.clocks.monotonicMicros())
        segments.append(segment)
        return segment
    }

    private func folder(_ path: String) throws(ToolFailure) -> SegmentFolder {
        if let folder = folders[path], access(path, F_OK) == 0 { return folder }
        if folders.count >= NDJSONTarget.segmentsMax { folders.removeAll() }
        let folder = try SegmentFolder(path, logger)
        folders[path] = folder
        return folder
    }

    func commit() throws {
        for segment in segments { try segment.flush() }
    }

    // MARK: Ends of segments

    /// Seals the segments that are meant, in the order in which they were begun.
    private func seal(_ isMeant: (Segment) -> Bool) throws(ToolFailure) {
        for segment in segments where isMeant(segment) {
            segments.removeAll { $0 === segment }
            if latest === segment { latest = nil }
            guard let record = try segment.finish() else {
                unlink(segment.path)
                continue
            }
            guard let told = try tell(segment, record) else {
                logger.warning("\(segment.path) was moved away while it was written to; the next run in its directory tells of it")
                continue
            }
            sealedCount += 1
            compressor?.add("\(segment.folder.path)/\(told.name)")
        }
        compressor?.pass()
    }

    /// nil if the file or its folder is not there any more, which is no reason to end.
    private func tell(_ segment: Segment, _ record: SegmentRecord) throws(ToolFailure) -> SegmentRecord? {
        do throws(ToolFailure) {
            return try segment.folder.seal(record, segment.name, open: segment.path)
        } catch {
            if access(segment.folder.path, F_OK) != 0 { return nil }
            throw error
        }
    }

    /// Where lines come as they happen, a span ends by the clock too; what is fed from before is over when it is quiet.
    func pass(monotonicMicros now: Int64) throws {
        compressor?.pass()
        guard settings.isLive, !segments.isEmpty else { return deadlineMicros = nil }
        for segment in segments where segment.isTouched {
            segment.quietSinceMicros = now
            segment.isTouched = false
        }
        let wall = settings.clocks.wallMicros()
        let due = { self.dueMicros($0, now, wall) }
        try seal { due($0) <= now }
        deadlineMicros = segments.lazy.map(due).min()
    }

    /// When the clock seals a segment, by the monotonic one.
    private func dueMicros(_ segment: Segment, _ now: Int64, _ wall: Int64) -> Int64 {
        let end = settings.rotation.spanEnd(of: segment.spanStart)
        // A span may be over since long before our clock began.
        let over = Timestamp(micros: now).advanced(byMicros: end > wall - now ? end - wall : -now)
        return max(over, Timestamp(micros: segment.quietSinceMicros)).advanced(byMicros: NDJSONTarget.graceMicros).micros
    }

    func reopen() throws {
        try seal { _ in true }
        folders.removeAll()
        // The directory may have been moved away: then there is another one to lock.
        try DiskWrite.makeDirectory(settings.directory, option: "ndjson:")
        if !lock.isOf(settings.directory) { lock = try DirectoryLock(settings.directory, option: "ndjson:") }
    }

    func end() throws {
        try seal { _ in true }
        compressor?.finish(microsMax: settings.drainMicros)
    }

    func count(in counters: inout Counters) {
        counters.add("ndjson_lines", takes)
        counters.add("ndjson_segments", sealedCount)
        if recoveredCount > 0 { counters.add("ndjson_recovered", recoveredCount) }
        guard let compressor else { return }
        counters.add("compressed_segments", compressor.doneCount)
        counters.add("compress_failures", compressor.failureCount)
        counters.add("compress_waiting_now", compressor.waitingCount)
    }
}
