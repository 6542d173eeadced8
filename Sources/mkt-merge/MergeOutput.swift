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
        let received = input.headReceived
        if received < newest { lateCount += 1 } else { newest = received }
        if input.kind == .live {
            latency.record(Timestamp(micros: wallMicros).micros(since: Timestamp(micros: received)))
        }
        lineCount += 1
        let start = writer.buffer.count
        writer.buffer.append(input.head)
        writer.buffer.append(UInt8(ascii: "\n"))
        try writer.endLine(from: start)
    }

    mutating func writeStatus(_ state: StaticString, _ counters: Counters) throws {
        try status.write(state, counters, at: Clock.now(), to: &writer)
        latency.removeAll()
    }

    mutating func flush() throws { try writer.flush() }

    mutating func flushIfDue(nowMicros: Int64) throws { try writer.flushIfDue(nowMicros: nowMicros) }
}
