import Glibc
import Logging
import UnixTool

/// Runs `--compress` on sealed segments, one at a time and beside the stream.
///
/// A failure is a warning: the segment stays as it is, and a later run tries again.
final class Compressor {
    /// How often the end looks after a program at the least.
    private static let lookMillis: Int64 = 100

    /// The program and its arguments; the path of the segment comes behind them.
    private let words: [String]
    private let logger: Logger
    private var waiting: [String] = []
    private var running: (program: FileProgram, path: String)?
    private(set) var doneCount: Int64 = 0
    private(set) var failureCount: Int64 = 0

    init(_ words: [String], _ logger: Logger) {
        self.words = words
        self.logger = logger
    }

    var waitingCount: Int64 { Int64(waiting.count) + (running == nil ? 0 : 1) }

    func add(_ path: String) { waiting.append(path) }

    /// Takes the end of what ran, and starts the next.
    func pass() {
        while true {
            if let (program, path) = running {
                guard let status = program.takeEnd() else { return }
                running = nil
                note(FileProgram.fault(ofEnd: status), path)
            }
            guard !waiting.isEmpty else { return }
            start(waiting.removeFirst())
        }
    }

    /// A program outlives our kill, and may take the file away once it has done; so no second one works on the same file.
    private func start(_ path: String) {
        let lock: CompressorLock
        switch CompressorLock.attempt(path) {
        case .locked(let own): lock = own
        case .busy: return logger.notice("\(path) is being compressed by a program that an earlier run has started; it is left to that")
        case .gone: return
        case .failed(let reason): return note(reason, path)
        }
        lock.removeLeftovers(of: path)
        do throws(ToolFailure) {
            running = (try FileProgram(words + [path], keeping: lock.descriptor), path)
        } catch {
            note(error.message, path)
        }
    }

    private func note(_ fault: String?, _ path: String) {
        guard let fault else { return doneCount += 1 }
        failureCount += 1
        let rest = access(path, F_OK) == 0 ? "\(path) stays as it is and is tried again by the next run" : "\(path) is not there any more"
        logger.warning("--compress \(words[0]): \(fault); \(rest)")
    }

    /// Waits for what is left, for so long at most; then the program that runs is ended.
    func finish(microsMax: Int64) {
        let deadline = Clock.monotonicMicros() + microsMax
        pass()
        while let (program, path) = running {
            let left = deadline - Clock.monotonicMicros()
            guard left > 0 else {
                program.end()
                running = nil
                note("did not end within \(Durations.text(microsMax)) of the end of input and was ended", path)
                break
            }
            // Its end ends the wait, where signals are noted.
            Descriptor.wait(for: [], timeoutMillis: Int32(min(left / 1000 + 1, Compressor.lookMillis)))
            pass()
        }
        guard !waiting.isEmpty else { return }
        logger.warning("\(waiting.count) segments are not compressed yet; the next run does it")
        waiting.removeAll()
    }
}
