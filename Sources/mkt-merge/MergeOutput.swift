import MarketModel
import UnixTool

/// The merged stream: lines as they came, status lines between them, and what is counted of both.
struct MergeOutput: ~Copyable {
    private var writer: LineWriter
    private let status = StageStatus(stage: "mkt-merge")
    /// Lines of inputs that were written.
    private(set) var lineCount: Int64 = 0
    /// Lines that the filter left out.
    private(set) var filteredCount: Int64 = 0
    /// Lines written behind a newer one: out of order in their input, or later than the window.
    private(set) var lateCount: Int64 = 0
    private var newest = Int64.min
    /// How old live lines were when they were written, since the last heartbeat.
    private(set) var latency = LatencyHistogram()

    init(_ settings: CommonSettings) {
        writer = LineWriter(isLineBuffered: settings.isLineBuffered, linesMax: settings.linesMax)
    }

    /// Whether `--limit` is reached.
    var isFull: Bool { writer.isFull }

    /// Writes the head of an input, or leaves it out.
    @inline(__always)
    mutating func write(headOf input: MergeInput, wallMicros: Int64) throws {
        guard input.isHeadPassed else {
            filteredCount += 1
            return
        }
        note(received: input.headReceived, wallMicros: input.kind == .live ? wallMicros : nil)
        let start = writer.buffer.count
        writer.buffer.append(input.head)
        writer.buffer.append(UInt8(ascii: "\n"))
        try writer.endLine(from: start)
    }

    /// Writes the head of an input, or leaves it out by its names; its time has been looked at.
    mutating func write(headOf input: MergeInput, ifNamedBy filter: LineFilter, wallMicros: Int64) throws {
        if filter.needsNames, !(LineKeys.find(in: input.head, names: true).map(filter.passes) ?? false) { return filteredCount += 1 }
        try write(headOf: input, wallMicros: wallMicros)
    }

    /// Writes what the merged feed says, or leaves it out.
    ///
    /// - Parameter wallMicros: nil for lines of files, which are of any age.
    mutating func write(_ lines: borrowing MergedLines, _ filter: LineFilter, wallMicros: Int64?) throws {
        var first = 0
        for end in lines.ends {
            let line = UnsafeBufferPointer(rebasing: lines.bytes[first..<end.offset])
            first = end.offset
            if filter.needsNames, !(LineKeys.find(in: line, names: true).map(filter.passes) ?? false) {
                filteredCount += 1
                continue
            }
            note(received: end.received, wallMicros: wallMicros)
            let start = writer.buffer.count
            writer.buffer.append(line)
            try writer.endLine(from: start)
        }
    }

    @inline(__always)
    private mutating func note(received: Int64, wallMicros: Int64?) {
        if received < newest { lateCount += 1 } else { newest = received }
        if let wallMicros { latency.record(Timestamp(micros: wallMicros).micros(since: Timestamp(micros: received))) }
        lineCount += 1
    }

    mutating func writeStatus(_ state: StaticString, _ counters: Counters) throws {
        try status.write(state, counters, at: Clock.now(), to: &writer)
        latency.removeAll()
    }

    mutating func flush() throws { try writer.flush() }

    mutating func flushIfDue(nowMicros: Int64) throws { try writer.flushIfDue(nowMicros: nowMicros) }
}
