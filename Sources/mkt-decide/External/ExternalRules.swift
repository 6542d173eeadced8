import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

/// The programs of rules: lines go out to them, and what they answer comes back as decisions.
final class ExternalRules {
    /// One rule's program.
    private final class Runner {
        let rule: Rule
        let ruleIndex: Int
        let program: SupervisedProgram
        var refused: Int64 = 0
        /// Refused since that was told last.
        var untold: Int64 = 0
        var toldMicros: Int64?
        /// Lines that it lost since it was told last.
        var untoldLost: Int64 = 0

        init(_ rule: Rule, _ ruleIndex: Int, _ program: SupervisedProgram) {
            (self.rule, self.ruleIndex, self.program) = (rule, ruleIndex, program)
        }
    }

    private static let tellMicros: Int64 = 1_000_000

    private let runners: [Runner]
    /// By rule: its place among the runners.
    private let places: [Int: Int]
    private let logger: Logger
    private var status = ByteBuffer(capacity: 256)
    /// The latest time of a line that any of them was given.
    private var latest = Timestamp(micros: .min)

    /// Starts them. nil where no rule has one.
    init?(_ rules: RuleSet, isFile: Bool, _ logger: Logger) throws(ToolFailure) {
        var runners: [Runner] = []
        let environment = ProgramWords.environment(EnvironmentFile.process())
        for (index, rule) in rules.rules.enumerated() {
            guard let strategy = rule.strategy as? ExternalStrategy else { continue }
            let isAwaited = strategy.onSlow.map { $0 == .block } ?? isFile
            let program = SupervisedProgram(
                "the program of rule \(rule.name)", strategy.words, environment: environment, policy: isAwaited ? .awaited : .restarted,
                patienceMicros: strategy.patienceMicros, logger: logger)
            runners.append(Runner(rule, index, program))
        }
        guard !runners.isEmpty else { return nil }
        self.runners = runners
        self.logger = logger
        places = Dictionary(uniqueKeysWithValues: runners.enumerated().map { ($1.ruleIndex, $0) })
        for runner in runners { try runner.program.start(nowMicros: Clock.monotonicMicros()) }
    }

    typealias Take = (ProgramAnswer, Int) throws -> Void

    /// Whether a program that is waited for has no room for the next line.
    var isHeld: Bool { runners.contains { $0.program.policy == .awaited && $0.program.isCrowded } }

    /// Gives a line to the programs of these rules.
    func give(_ line: UnsafeBufferPointer<UInt8>, to rules: [Int], at received: Timestamp) {
        latest = max(latest, received)
        for rule in rules {
            guard let place = places[rule] else { continue }
            offer(line, to: runners[place], at: received)
        }
    }

    private func offer(_ line: UnsafeBufferPointer<UInt8>, to runner: Runner, at received: Timestamp) {
        if runner.untoldLost > 0, !runner.program.isCrowded { tellLost(runner, at: received) }
        // Once a line is lost the next ones are too, until there is room for many: one hole instead of a hundred.
        if runner.untoldLost > 0 {
            runner.program.lose()
            runner.untoldLost += 1
        } else if !runner.program.offer(line) {
            runner.untoldLost = 1
            logger.warning("\(runner.program.name) does not keep up: it loses lines until it has taken half of what waits for it")
        }
    }

    /// Where lines are missing the program finds a line that says so.
    private func tellLost(_ runner: Runner, at received: Timestamp) {
        status.removeAll()
        status.beginEvent(.stageStatus, EventOrigin(feed: DecideOptions.tool, venue: StageStatus.venue), received: received)
        status.append(.stage, string: DecideOptions.tool)
        status.append(.state, word: "lagging")
        status.append(.counters, counters: [(name: "lost", count: runner.untoldLost)])
        status.append("}")
        runner.program.tell(status.bytes)
        runner.untoldLost = 0
    }

    /// Moves bytes, without waiting, and takes what has been answered.
    func serve(nowMicros: Int64, _ take: Take) throws {
        for runner in runners {
            try runner.program.serve(nowMicros: nowMicros)
            try takeAnswers(of: runner, take)
        }
    }

    /// Nothing comes any more: hears them to their end, or until the time is over; nil for no such time.
    func finish(untilMicros: Int64?, _ take: Take) throws {
        let programs = runners.map(\.program)
        for runner in runners {
            if runner.untoldLost > 0 { tellLost(runner, at: latest) }
            runner.program.beginEnd(nowMicros: Clock.monotonicMicros())
        }
        while true {
            try serve(nowMicros: Clock.monotonicMicros(), take)
            let left = programs.filter(\.isRunning)
            if left.isEmpty { break }
            if let untilMicros, Clock.monotonicMicros() >= untilMicros { cut(left) }
            SupervisedProgram.wait(for: left, untilMicros: untilMicros)
        }
        for runner in runners {
            runner.program.close()
            tell(runner)
        }
    }

    private func cut(_ programs: [SupervisedProgram]) {
        for program in programs {
            logger.warning("\(program.name) has not ended when the run had to; it is ended")
            program.abandon()
        }
    }

    /// Ends them by force: nobody wants their answers any more.
    func abandon() {
        for runner in runners { runner.program.abandon() }
    }

    var waits: [pollfd] { runners.flatMap(\.program.waits) }

    var deadlineMicros: Int64? { runners.compactMap(\.program.deadlineMicros).min() }

    func count(in counters: inout Counters) {
        for runner in runners {
            counters.set("exec_lines_\(runner.rule.name)", runner.program.sentLines)
            counters.set("exec_lost_\(runner.rule.name)", runner.program.lostLines)
            counters.set("exec_refused_\(runner.rule.name)", runner.refused)
            counters.set("exec_starts_\(runner.rule.name)", runner.program.starts)
        }
    }

    // MARK: Answers

    private func takeAnswers(of runner: Runner, _ take: Take) throws {
        while true {
            switch runner.program.nextAnswer() {
            case .none: return
            case .tooLong(let bytes): refuse("is \(bytes) bytes long, more than 1 MiB", of: runner)
            case .line(let line), .unterminated(let line):
                if line.allSatisfy(ExternalRules.isBlank) { continue }
                if let answer = read(line, of: runner) { try take(answer, runner.ruleIndex) }
            }
        }
    }

    private func read(_ line: UnsafeBufferPointer<UInt8>, of runner: Runner) -> ProgramAnswer? {
        do throws(AnswerFault) {
            let answer = try AnswerReader.read(line)
            guard answer.received <= latest else {
                throw AnswerFault("stands on recv_us \(answer.received.micros), and no line that it has got is so late")
            }
            return answer
        } catch {
            refuse(error.text, of: runner)
            return nil
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private func refuse(_ reason: String, of runner: Runner) {
        runner.refused += 1
        runner.untold += 1
        let now = Clock.monotonicMicros()
        if let told = runner.toldMicros, now - told < ExternalRules.tellMicros { return }
        runner.toldMicros = now
        let more = runner.untold > 1 ? " (\(runner.untold) answers since this was told last)" : ""
        logger.warning("an answer of \(runner.program.name) is left out: it \(reason)\(more)")
        runner.untold = 0
    }

    private func tell(_ runner: Runner) {
        guard runner.untold > 0 else { return }
        logger.warning("\(runner.untold) more answers of \(runner.program.name) were left out")
        runner.untold = 0
    }
}
