import Glibc
import Synchronization
import UnixTool

/// What the thread of the stream, which writes the log, and those of the databases, which read it, know of each other.
///
/// The writer's part is for its thread, the readers' for theirs. Nothing waits but what says so: `waitForOpenings`, `wait`, `pause`, `alone`.
final class SpoolShelf: Sendable {
    enum Phase {
        /// More lines may come.
        case open
        /// None will.
        case ending
        /// Readers are to go home as they are.
        case stopped
    }

    /// How far a database has come.
    struct Progress {
        /// The first line it has not.
        var next: Int64
        /// When it had all last, by the monotonic clock; nil while it has all.
        var behindSinceMicros: Int64?
        /// When it last took something.
        var takenMicros: Int64 = 0
        /// Why it takes nothing now.
        var trouble: ToolFailure?
        var retries: Int64 = 0
        /// What its target and its faults count.
        var counters = Counters()
        fileprivate var isWaiting = false
    }

    private struct State {
        var files: [SpoolFile]
        /// The number behind that of the last line that can be read.
        var end: Int64
        var readers: [Progress]
        var phase = Phase.open
        var failure: ToolFailure?
        var isWriterWaiting = false
        /// Databases that were opened, or could not be.
        var openings: Set<Int> = []
        /// Whether a failure to open one ends the run.
        var isStarting = true

        var leastNext: Int64 { readers.map(\.next).min() ?? end }
    }

    let directory: String
    private let positions: [SpoolPosition]
    /// Rung when the writer may go on, and when a reader has failed.
    let writerWake: WakePipe
    private let readerWakes: [WakePipe]
    private let state: Mutex<State>
    private let rejecting = Mutex(())

    /// - Parameter next: The first line that each of the databases has not.
    init(_ directory: String, files: [SpoolFile], end: Int64, positions: [SpoolPosition], next: [Int64]) throws(ToolFailure) {
        self.directory = directory
        self.positions = positions
        writerWake = try WakePipe()
        var wakes: [WakePipe] = []
        for _ in next { wakes.append(try WakePipe()) }
        readerWakes = wakes
        let now = Clock.monotonicMicros()
        state = Mutex(State(files: files, end: end, readers: next.map { Progress(next: $0, behindSinceMicros: $0 < end ? now : nil) }))
    }

    func path(_ firstNumber: Int64) -> String { "\(directory)/\(SpoolFile.name(firstNumber))" }

    // MARK: For the writer

    /// A file was begun: the lines from `end` on stand in it.
    func begin() { state.withLock { $0.files.append(SpoolFile(firstNumber: $0.end, bytes: 0)) } }

    /// Lines were written to the last file.
    func add(lines: Int64, bytes: Int64) {
        let now = Clock.monotonicMicros()
        let waiting = state.withLock { state in
            state.files[state.files.count - 1].bytes += bytes
            state.end += lines
            for index in state.readers.indices where state.readers[index].behindSinceMicros == nil {
                state.readers[index].behindSinceMicros = now
            }
            return state.readers.indices.filter { state.readers[$0].isWaiting }
        }
        for index in waiting { readerWakes[index].ring() }
    }

    /// No line follows, or nothing at all.
    func go(to phase: Phase) {
        state.withLock { if $0.phase != .stopped { $0.phase = phase } }
        for wake in readerWakes { wake.ring() }
    }

    /// From now on readers store what they have at once, and ring when they have.
    func setWriterWaiting(_ isWaiting: Bool) {
        let readers = state.withLock { state in
            defer { state.isWriterWaiting = isWaiting }
            return isWaiting && !state.isWriterWaiting ? state.readers.indices.filter { state.readers[$0].isWaiting } : []
        }
        for index in readers { readerWakes[index].ring() }
    }

    var end: Int64 { state.withLock { $0.end } }
    var bytes: Int64 { state.withLock { $0.files.reduce(0) { $0 + $1.bytes } } }
    var isAllStored: Bool { state.withLock { $0.leastNext >= $0.end } }
    var failure: ToolFailure? { state.withLock { $0.failure } }
    var progress: [Progress] { state.withLock { $0.readers } }

    /// Removes the files that every database has stored, the last one only if asked: it may be written to.
    func removeStored(withLast: Bool = false) throws(ToolFailure) {
        let gone = state.withLock { state in
            let least = state.leastNext
            var count = 0
            while count < state.files.count {
                let isLast = count == state.files.count - 1
                guard isLast ? withLast && least >= state.end : state.files[count + 1].firstNumber <= least else { break }
                count += 1
            }
            return state.files[..<count].map(\.firstNumber)
        }
        guard !gone.isEmpty else { return }
        // First what says that the lines are stored: without it, after the machine's end, they would look lost.
        for position in positions { try position.sync() }
        try DiskWrite.syncDirectory(directory)
        for number in gone { unlink(path(number)) }
        state.withLock { state in state.files.removeAll { gone.contains($0.firstNumber) } }
    }

    /// Waits until every database was opened or could not be, for so long at most; what no waiting mends is thrown.
    func waitForOpenings(micros: Int64) throws(ToolFailure) {
        let until = Clock.monotonicMicros() + micros
        while true {
            let (isDone, failure) = state.withLock { ($0.openings.count == $0.readers.count, $0.failure) }
            if let failure { throw failure }
            let left = until - Clock.monotonicMicros()
            if isDone || left <= 0 || Signals.isStopAsked { break }
            Descriptor.wait(
                for: [pollfd(fd: writerWake.descriptor, events: Int16(POLLIN), revents: 0)], timeoutMillis: Int32(left / 1000 + 1))
            writerWake.takeRings()
        }
        let failure = state.withLock { state in
            state.isStarting = false
            return state.failure
        }
        if let failure { throw failure }
    }

    // MARK: For readers

    /// A database was opened the first time, or could not be. True if that ends the run.
    @discardableResult
    func noteOpening(_ reader: Int, _ failure: ToolFailure?) -> Bool {
        defer { writerWake.ring() }
        return state.withLock { state in
            state.openings.insert(reader)
            guard let failure, failure.status != .tryLater, state.isStarting else { return false }
            if state.failure == nil { state.failure = failure }
            return true
        }
    }

    /// Which lines can be read now: those before `end`; and whether the writer waits for room.
    func look() -> (end: Int64, phase: Phase, isWriterWaiting: Bool) { state.withLock { ($0.end, $0.phase, $0.isWriterWaiting) } }

    /// Does something that no two threads may do at once.
    func alone<Fault: Error>(_ body: () throws(Fault) -> Void) throws(Fault) { try rejecting.withLock { _ throws(Fault) in try body() } }

    /// The file that holds a line, or else the first one behind it.
    func file(of number: Int64) -> Int64? {
        state.withLock { state in
            state.files.last { $0.firstNumber <= number }?.firstNumber ?? state.files.first?.firstNumber
        }
    }

    func file(after firstNumber: Int64) -> Int64? {
        state.withLock { state in state.files.first { $0.firstNumber > firstNumber }?.firstNumber }
    }

    /// A database has stored all before `next`.
    func advance(_ reader: Int, to next: Int64, _ counters: Counters) throws(ToolFailure) {
        let now = Clock.monotonicMicros()
        let isWriterWaiting = state.withLock { state in
            state.readers[reader].next = next
            state.readers[reader].takenMicros = now
            state.readers[reader].trouble = nil
            state.readers[reader].counters = counters
            if next >= state.end { state.readers[reader].behindSinceMicros = nil }
            return state.isWriterWaiting || (state.phase != .open && next >= state.end)
        }
        try removeStored()
        if isWriterWaiting { writerWake.ring() }
    }

    func note(_ trouble: ToolFailure, of reader: Int) {
        state.withLock { state in
            state.readers[reader].trouble = trouble
            state.readers[reader].retries += 1
        }
    }

    /// The run cannot go on.
    func fail(_ failure: ToolFailure) {
        state.withLock { if $0.failure == nil { $0.failure = failure } }
        writerWake.ring()
    }

    /// Waits until lines from `number` on can be read or the phase is another, or a time by the monotonic clock has come.
    func wait(_ reader: Int, for number: Int64, in phase: Phase, untilMicros: Int64?) {
        let isHere = state.withLock { state in
            let isHere = state.end > number || state.phase != phase
            state.readers[reader].isWaiting = !isHere
            return isHere
        }
        guard !isHere else { return }
        sleep(reader, untilMicros: untilMicros)
        state.withLock { $0.readers[reader].isWaiting = false }
    }

    /// Waits for a time, or until the phase changes.
    func pause(_ reader: Int, micros: Int64) {
        let until = Clock.monotonicMicros() + micros
        let phase = look().phase
        while phase == look().phase, Clock.monotonicMicros() < until { sleep(reader, untilMicros: until) }
    }

    private func sleep(_ reader: Int, untilMicros: Int64?) {
        let millis = untilMicros.map { min(max($0 - Clock.monotonicMicros(), 0) / 1000 + 1, 60_000) } ?? 60_000
        readerWakes[reader].wait(millisMax: Int32(millis))
        readerWakes[reader].takeRings()
    }
}
