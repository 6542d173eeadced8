public import Glibc
public import Logging

/// An external program that gets lines and answers with lines.
///
/// `offer` puts a line into a queue; `serve`, called whenever there is time, moves bytes both ways without ever waiting and notices the
/// program's end. One that moves nothing for its patience while lines wait for it is hung, and is ended. After each `serve` its answers
/// are taken with `nextAnswer` until there is none.
public final class SupervisedProgram {
    public enum Policy: Sendable {
        /// It never holds up whoever gives the lines: what does not fit is lost to it. When it ends it is started again, 1 s later, then
        /// 2 s, 4 s … 30 s, and 1 s again once it has run for a minute.
        case restarted
        /// Whoever gives the lines waits while it `isCrowded`. It runs once: with 0 it says that it wants no more lines; any other end is an error.
        case awaited
    }

    /// What waits for the program at most: twice the longest line.
    public static let queueBytesMax = 2 * (LineSplitter.lineBytesMax + 1)
    /// More than any pipe holds.
    private static let lastPiecesMax = 1024
    /// Its longest answer.
    public static let answerBytesMax = 1 << 20

    /// For messages: `the program of rule mine`.
    public let name: String
    public let policy: Policy
    private let words: [String]
    private let environment: [String: String]
    private let patienceMicros: Int64
    private let logger: Logger
    private var process: PipedProgram?
    private var queue = LineQueue(bytesMax: SupervisedProgram.queueBytesMax)
    private var answers = LineSplitter(lineBytesMax: SupervisedProgram.answerBytesMax)
    private var plan = RestartPlan()
    /// It wants no more lines.
    private var isDone = false
    private var isFinishing = false
    public private(set) var starts: Int64 = 0
    /// Lines that were written to it whole.
    public var sentLines: Int64 { queue.takenLines }
    /// Lines that it did not get.
    public private(set) var lostLines: Int64 = 0

    /// - Parameters:
    ///   - words: Its name and its arguments.
    ///   - environment: All of its environment.
    ///   - patienceMicros: How long it may move nothing while lines wait for it, or after the last one.
    public init(
        _ name: String, _ words: [String], environment: [String: String], policy: Policy, patienceMicros: Int64, logger: Logger
    ) {
        self.name = name
        self.words = words
        self.environment = environment
        self.policy = policy
        self.patienceMicros = patienceMicros
        self.logger = logger
    }

    /// Starts it for the first time.
    public func start(nowMicros: Int64) throws(ToolFailure) {
        process = try PipedProgram(words, environment: environment, nowMicros: nowMicros)
        starts += 1
    }

    public var isRunning: Bool { process != nil }

    // MARK: Lines to it

    /// Whether the next line might not fit.
    public var isCrowded: Bool { !isDone && !queue.isRoomy }

    /// Puts a line into its queue; false where there is no room, and then the line is lost to it.
    public func offer(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        if isDone || queue.append(line) { return true }
        lostLines += 1
        return false
    }

    /// Notes that a line is not given to it.
    public func lose() { lostLines += 1 }

    /// Puts a line of ours among the others, which counts nowhere and for which there is always room.
    public func tell(_ line: UnsafeBufferPointer<UInt8>) {
        if !isDone { queue.append(ours: line) }
    }

    /// Moves bytes, notices its end, and starts it again when that is due.
    public func serve(nowMicros: Int64) throws(ToolFailure) {
        if process == nil, !isFinishing, let due = plan.dueMicros, due <= nowMicros { restart(nowMicros) }
        guard let process else { return }
        write(to: process, nowMicros)
        if isFinishing, queue.isEmpty { process.closeInput() }
        read(from: process, nowMicros)
        if let status = process.takeEnd() { return try noteEnd(of: process, status, nowMicros) }
        if let force = process.forceMicros {
            if force <= nowMicros { process.end() }
        } else if isFinishing || !queue.isEmpty, nowMicros - process.progressMicros >= patienceMicros {
            logger.warning("\(name) has moved nothing for \(Durations.text(patienceMicros)); it is ended")
            process.askToEnd(nowMicros)
        }
    }

    /// Nothing comes any more: from now on its standard input is closed when it has all, and it is not started again.
    ///
    /// `serve` goes on until `isRunning` is false; then `close` counts what it did not get.
    public func beginEnd(nowMicros: Int64) {
        isFinishing = true
        process?.progressMicros = nowMicros
    }

    /// Counts the lines that it did not get before its end.
    public func close() {
        let lines = queue.removeAll()
        guard lines > 0 else { return }
        lostLines += lines
        logger.warning("\(name) did not get the last \(lines) lines")
    }

    /// Ends it by force: nobody wants its answers any more.
    public func abandon() { process = nil }

    // MARK: Lines of it

    /// The next line that it said.
    public func nextAnswer() -> LineSplitter.Piece { answers.next() }

    // MARK: Waiting

    /// What a wait should end for: it says something, or takes something.
    public var waits: [pollfd] {
        guard let process else { return [] }
        var waits: [pollfd] = []
        if process.output >= 0 { waits.append(pollfd(fd: process.output, events: Int16(POLLIN), revents: 0)) }
        if process.input >= 0, !queue.isEmpty { waits.append(pollfd(fd: process.input, events: Int16(POLLOUT), revents: 0)) }
        return waits
    }

    /// When `serve` must be called at the latest; nil for whenever. That it ends is told by SIGCHLD (`Signals`).
    public var deadlineMicros: Int64? {
        guard let process else { return isFinishing ? nil : plan.dueMicros }
        if let force = process.forceMicros { return force }
        return isFinishing || !queue.isEmpty ? process.progressMicros + patienceMicros : nil
    }

    /// Waits until one of several programs says something, takes something, ends, or is to be served.
    public static func wait(for programs: [SupervisedProgram], untilMicros: Int64? = nil) {
        let deadline = (programs.map(\.deadlineMicros) + [untilMicros]).compactMap { $0 }.min()
        let left = deadline.map { max($0 - Clock.monotonicMicros(), 0) / 1000 + 1 } ?? .max
        // A look now and then costs nothing, and helps where a signal went to somebody else.
        Descriptor.wait(for: programs.flatMap(\.waits), timeoutMillis: Int32(min(left, 500)))
    }

    // MARK: Bytes

    private func write(to process: PipedProgram, _ nowMicros: Int64) {
        while !queue.isEmpty, process.input >= 0 {
            let bytes = queue.first
            let count = Glibc.write(process.input, bytes.baseAddress, bytes.count)
            guard count > 0 else {
                // It does not read any more: that it ends is seen elsewhere, and one that does not is hung.
                if count < 0, errno == EPIPE { process.closeInput() }
                return
            }
            queue.removeFirst(count)
            process.progressMicros = nowMicros
        }
    }

    /// One piece only: one that never stops speaking must not keep us. Whether there may be more.
    @discardableResult
    private func read(from process: PipedProgram, _ nowMicros: Int64) -> Bool {
        guard process.output >= 0 else { return false }
        let readBytes = 1 << 16
        let count = Glibc.read(process.output, answers.spare(readBytes), readBytes)
        if count > 0 {
            answers.commit(count)
            process.progressMicros = nowMicros
            return true
        }
        if count < 0, errno == EINTR { return true }
        if count == 0 || errno != EAGAIN { process.closeOutput() }
        return false
    }

    // MARK: Ends

    private func noteEnd(of process: PipedProgram, _ status: Int32, _ nowMicros: Int64) throws(ToolFailure) {
        // What it said last is still in the pipe, which holds little; what it has started may speak on.
        var pieces = 0
        while pieces < SupervisedProgram.lastPiecesMax, read(from: process, nowMicros) { pieces += 1 }
        answers.end()
        self.process = nil
        let text = ProgramStart.text(ofEnd: status)
        let isWell = status == 0 && process.forceMicros == nil
        switch policy {
        case .awaited:
            guard isWell else {
                throw ToolFailure(.unavailable, "\(name) \(text), so that its decisions are not whole; mend it and run again")
            }
            isDone = true
            if !isFinishing || !queue.isEmpty { logger.notice("\(name) \(text) before the last line; it gets no more") }
            _ = queue.removeAll()
        case .restarted where isFinishing:
            if !isWell { logger.warning("\(name) \(text)") }
        case .restarted:
            let wait = plan.note(startMicros: process.startMicros, nowMicros: nowMicros)
            logger.warning("\(name) \(text); it is started again in \(Durations.text(wait))")
        }
    }

    private func restart(_ nowMicros: Int64) {
        if queue.removeRestOfLine() { lostLines += 1 }
        answers = LineSplitter(lineBytesMax: SupervisedProgram.answerBytesMax)
        do throws(ToolFailure) {
            try start(nowMicros: nowMicros)
        } catch {
            let wait = plan.note(startMicros: nowMicros, nowMicros: nowMicros)
            logger.warning("\(name): \(error.message); tried again in \(Durations.text(wait))")
        }
    }
}
