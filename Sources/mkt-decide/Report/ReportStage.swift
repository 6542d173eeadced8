import Logging
import MarketModel
import UnixTool

/// `--report`: reads what a run of mkt-decide wrote and, at the end of input, writes a page about it.
final class ReportStage: LineStage {
    private var decoder = EventDecoder()
    private var tally = ReportTally()
    private var writer: LineWriter
    private var faults: InputFaults
    private var linesIn: Int64 = 0

    init(_ settings: CommonSettings, _ logger: Logger, output: Int32 = 1) throws(ToolFailure) {
        writer = LineWriter(descriptor: output)
        faults = try InputFaults(settings, logger: logger)
    }

    func take(_ line: UnsafeBufferPointer<UInt8>) throws {
        linesIn += 1
        do throws(EventError) {
            try decoder.decodeEvent(line)
            tally.take(try ReportLine(decoder), decoder)
        } catch {
            try faults.note(line, counter: error.counter, message: "line \(linesIn): \(error)")
        }
    }

    func skip(_ line: UnsafeBufferPointer<UInt8>, counter: String, message: String) throws {
        linesIn += 1
        try faults.note(line, counter: counter, message: "line \(linesIn): \(message)")
    }

    func idle() {}
    func pass(monotonicMicros: Int64) {}
    func beat(isLive: Bool) {}

    func finish(isLive: Bool) throws {
        tally.finish()
        ReportPage(tally, skipped: faults.counters).write(tally, to: &writer.buffer)
        try writer.flush()
    }

    func reopen() throws { try faults.reopen() }

    var isFull: Bool { false }

    var counters: Counters {
        var counters = faults.counters
        counters.set("lines_in", linesIn)
        counters.set("decisions", tally.rules.reduce(0) { $0 + $1.decisions })
        counters.set("passed_over", tally.otherLines)
        counters.set("bytes_out", writer.byteCount)
        return counters
    }
}

extension ReportStage {
    /// Refuses what makes no sense beside `--report`: it decides nothing.
    static func check(_ options: DecideOptions) throws(ToolFailure) {
        let others: [(name: String, isTyped: Bool)] = [
            ("--rules", options.rules != nil), ("--links", options.links != nil), ("--pass-through", options.passThrough),
            ("--explain", options.explain), ("--check", options.check), ("--verify", options.verify != nil),
            ("--db", options.db != nil), ("--paper", options.paper), ("--latency", options.latency != nil), ("--set", !options.set.isEmpty),
            ("--match", options.match), ("--limit", options.common.limit != nil), ("--line-buffered", options.common.lineBuffered),
        ]
        if let other = others.first(where: \.isTyped) {
            throw ToolFailure(
                .usage, "--report decides nothing and writes one page of what a run wrote on standard input; leave out \(other.name)")
        }
    }
}
