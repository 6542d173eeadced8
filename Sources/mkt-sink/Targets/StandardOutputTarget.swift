import MarketModel
import UnixTool

/// `-`: lines as they came, so that the sink can stand in the middle of a pipeline.
final class StandardOutputTarget: Target {
    private var writer: LineWriter
    private let status = StageStatus(stage: MktSink.name)

    init(isLineBuffered: Bool, descriptor: Int32 = 1) {
        writer = LineWriter(descriptor: descriptor, isLineBuffered: isLineBuffered)
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws { try pass(on: line) }

    func takeUnknown(_ line: UnsafeBufferPointer<UInt8>, feed: UnsafeBufferPointer<UInt8>?, at received: Timestamp) throws {
        try pass(on: line)
    }

    private func pass(on line: UnsafeBufferPointer<UInt8>) throws {
        let start = writer.buffer.count
        writer.buffer.append(line)
        writer.buffer.append(UInt8(ascii: "\n"))
        try writer.endLine(from: start)
    }

    /// Readers do not wait for transactions: lines go on as soon as nothing more is there to read.
    func idle() throws { try writer.flush() }

    func pass(monotonicMicros: Int64) throws { try writer.flushIfDue(nowMicros: monotonicMicros) }

    func tell(_ state: StaticString, _ counters: Counters, at time: Timestamp) throws {
        try status.write(state, counters, at: time, to: &writer)
    }

    func commit() throws { try writer.flush() }

    func count(in counters: inout Counters) { counters.add("lines_out", writer.lineCount) }
}
