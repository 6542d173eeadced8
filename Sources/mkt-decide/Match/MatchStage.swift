import Logging
import MarketModel
import UnixTool

/// mkt-decide as a stage that proposes links (`--match`): it reads instruments to their end and writes a links file.
final class MatchStage: LineStage {
    private let settings: MatchSettings
    private let logger: Logger
    private var decoder = EventDecoder()
    private var listed = ListedMarkets()
    private var writer = LineWriter()
    private var faults: InputFaults
    private var tallies = Counters()

    init(_ settings: MatchSettings, _ common: CommonSettings, _ logger: Logger) throws(ToolFailure) {
        self.settings = settings
        self.logger = logger
        faults = try InputFaults(common, logger: logger)
    }

    func take(_ line: UnsafeBufferPointer<UInt8>) throws {
        tallies.add("lines_in")
        do throws(EventError) {
            try decoder.decodeEvent(line)
            guard decoder.kind == .instrument else { return }
            let instrument = try ListedInstrument(decoder)
            tallies.add(MatchStage.tally(instrument))
            if instrument.isNameable { listed.add(instrument) }
        } catch {
            try faults.note(line, counter: error.counter, message: "line \(tallies["lines_in"]): \(error)")
        }
    }

    /// Under which name an instrument is counted.
    private static func tally(_ instrument: ListedInstrument) -> String {
        guard instrument.isNameable else { return "instruments_unsafe_name" }
        guard let question = instrument.question, instrument.outcome != nil else { return "instruments_without_question" }
        return question.utf8.count > Question.bytesMax ? "instruments_question_too_long" : "instruments"
    }

    func skip(_ line: UnsafeBufferPointer<UInt8>, counter: String, message: String) throws {
        tallies.add("lines_in")
        try faults.note(line, counter: counter, message: "line \(tallies["lines_in"]): \(message)")
    }

    func idle() throws {}
    func pass(monotonicMicros: Int64) throws {}
    func beat(isLive: Bool) throws {}
    func reopen() throws { try faults.reopen() }
    var isFull: Bool { false }

    func finish(isLive: Bool) throws {
        var matcher = Matcher(listed.markets, settings)
        let proposals = matcher.proposals()
        tallies.set("questions", Int64(matcher.questionCount))
        tallies.set("proposals", Int64(proposals.count))
        tallies.set("ambiguous", Int64(matcher.ambiguousCount))
        tallies.set("uncompared", Int64(matcher.uncomparedCount))
        if matcher.uncomparedCount > 0 {
            logger.warning("\(matcher.uncomparedCount) questions have only words that are too common to compare them; list fewer at a time")
        }
        for text in [Proposal.header] + proposals.map(\.line) {
            let start = writer.buffer.count
            writer.buffer.append(utf8: text)
            writer.buffer.append(UInt8(ascii: "\n"))
            try writer.endLine(from: start)
        }
        try writer.flush()
    }

    var counters: Counters {
        var counters = faults.counters
        for (name, count) in tallies.sorted { counters.set(name, count) }
        return counters
    }
}
