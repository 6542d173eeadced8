import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

/// Drives an engine from a recording: the same code path as live, as fast as it can.
public struct Replay<V: Venue> {
    private let engine: FeedEngine<V>
    private let settings: CommonSettings
    private let metrics: MetricsFile?
    private let aheadBytes: Int
    private var recording = RecordingReaderBox()
    private var lineNumber = 0
    private var first: Timestamp?

    public init(_ engine: FeedEngine<V>) { self.init(engine, aheadBytes: RecordingFiller<V.Reader>.batchBytes) }

    /// - Parameter aheadBytes: How much of a file a thread beside this one reads at a time; 0 for no such thread.
    init(_ engine: FeedEngine<V>, aheadBytes: Int) {
        self.engine = engine
        self.aheadBytes = aheadBytes
        settings = engine.output.settings.common
        metrics = settings.metricsPath.map {
            MetricsFile(path: $0, tool: engine.output.settings.tool, feed: engine.output.settings.name)
        }
    }

    /// Reads the recording to its end, to `--limit` or `--duration` (of the recording's time), or to a signal.
    public mutating func run(path: String) throws {
        var reader = try LineReader.open(path, lineBytesMax: Replay.lineBytesMax)
        let ahead = readAhead(reader.descriptor, name: reader.name)
        defer { ahead?.stop() }
        let here = ahead == nil ? LinesHere(batch: Batch(bytesMax: Replay.hereBytes), frameReader: engine.venue.makeReader()) : nil
        while !Signals.isStopAsked, try takeMore(ahead, here, &reader) {
            let micros = Clock.monotonicMicros()
            try engine.output.writer.flushIfDue(nowMicros: micros)
            if Signals.takeReport() { engine.output.logger.notice("counters: \(engine.output.allCounters.line)") }
            if Signals.takeReopen() { try engine.output.faults.reopen() }
        }
        try engine.stop()
        try metrics?.write(engine.output.allCounters)
        engine.output.logger.info("done: \(engine.output.allCounters.line)")
    }

    /// A frame of 64 MiB, escaped, is the longest line of a recording.
    private static var lineBytesMax: Int { 160 << 20 }

    private typealias Batch = RecordingBatch<V.Reader.Frames>

    /// What this thread needs to read lines itself.
    private struct LinesHere {
        let batch: Batch
        let frameReader: V.Reader
    }

    /// So much is read before it is taken in where no other thread reads ahead: enough to know what comes next.
    private static var hereBytes: Int { 1 << 14 }

    /// A thread that reads ahead; nil where this one has to read: what comes through a pipe is taken in as it comes, and a system
    /// without a thread or descriptor to spare is no reason not to replay.
    func readAhead(_ descriptor: Int32, name: String) -> RecordingAhead<V.Reader>? {
        guard aheadBytes > 0, Descriptor.isRegularFile(descriptor) else { return nil }
        return try? ReadAhead(
            descriptor: descriptor, name: name, lineBytesMax: Replay.lineBytesMax, batchBytes: aheadBytes, engine.venue.makeReader())
    }

    private mutating func takeMore(_ ahead: RecordingAhead<V.Reader>?, _ here: LinesHere?, _ reader: inout LineReader) throws -> Bool {
        if let ahead { return try takeBatch(of: ahead) }
        guard let here else { return false }
        return try takeLines(here, &reader)
    }

    /// Takes the lines of one batch, if there is one before a signal comes. False when all is done.
    private mutating func takeBatch(of ahead: RecordingAhead<V.Reader>) throws -> Bool {
        guard let batch = ahead.take() else { return true }
        guard try take(batch) else { return false }
        switch batch.sequel {
        case .more:
            ahead.giveBack(batch)
            return true
        case .end: return false
        case .failure(let failure): throw failure
        }
    }

    /// Takes the lines that are here, then reads once. False when all is done.
    private mutating func takeLines(_ here: LinesHere, _ reader: inout LineReader) throws -> Bool {
        while true {
            here.batch.fill(fromHere: &reader, bytesMax: Replay.hereBytes, here.frameReader)
            guard here.batch.lines.isEmpty else {
                guard try take(here.batch) else { return false }
                continue
            }
            if reader.isAtEnd { return false }
            if !Descriptor.isReadable(reader.descriptor) { try engine.output.writer.flush() }
            _ = try reader.fill()
            return true
        }
    }

    /// Takes the lines of a batch. False when the run is over.
    private mutating func take(_ batch: Batch) throws -> Bool {
        var frameNumber = 0
        for index in 0..<batch.lines.count {
            switch batch.lines[index] {
            case .received(let conn, let frame, let time):
                lineNumber += 1
                guard try isInTime(time) else { return false }
                engine.venue.expect(batch.frames, frameNumber)
                try engine.take(JSONText(batch.bytes(frame)), read: batch.frames, frameNumber, conn: conn, at: time)
                if engine.output.isFull { return false }
                frameNumber += 1
            case .other(let line):
                guard try take(batch.bytes(line)) else { return false }
            case .tooLong(let bytes):
                try skip(tooLong: bytes)
            }
        }
        return true
    }

    private mutating func skip(tooLong bytes: Int) throws {
        lineNumber += 1
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        try engine.output.reject(
            nothing, counter: "recording_line", message: "recording line \(lineNumber) is too long (\(bytes) bytes)",
            at: engine.time)
    }

    /// Takes one line of the recording. False when the run is over.
    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) throws -> Bool {
        lineNumber += 1
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return true }
        do {
            return try take(try recording.reader.read(line))
        } catch let error as RecordingError {
            try engine.output.reject(
                line, counter: "recording_line", message: "recording line \(lineNumber): \(error.message)", at: engine.time)
        }
        return !engine.output.isFull
    }

    /// Takes what a line tells. False when the run is over.
    private mutating func take(_ entry: RecordingEntry) throws -> Bool {
        guard try isInTime(entry.time) else { return false }
        try engine.take(entry)
        return !engine.output.isFull
    }

    /// Whether `--duration` is not over yet; where it is, every timer up to its end has run.
    private mutating func isInTime(_ time: Timestamp) throws -> Bool {
        let start = first ?? time
        first = start
        guard let duration = settings.durationMicros, time.micros(since: start) >= duration else { return true }
        try engine.pass(to: start.advanced(byMicros: duration))
        return false
    }
}

/// Holds the reader, whose memory is its own, inside a struct that can be copied.
private final class RecordingReaderBox {
    var reader = RecordingReader()
}
