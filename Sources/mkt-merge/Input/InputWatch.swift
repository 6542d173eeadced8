import Glibc
import UnixTool

/// The one place where the process waits: for live inputs, for a signal, and for the reader of our output to go away.
struct InputWatch {
    private static let waitMicrosMax: Int64 = 3_600_000_000

    private var polls: [pollfd] = []
    /// The input of each of the first entries of `polls`.
    private(set) var watched: [Int] = []
    /// Standard output where the end of its reader can be seen, of pipes and sockets; else -1, which `poll` passes over.
    private let output: Int32

    init() {
        var status = stat()
        let kind = fstat(1, &status) == 0 ? status.st_mode & S_IFMT : 0
        output = kind == S_IFIFO || kind == S_IFSOCK ? 1 : -1
    }

    /// Starts a new list of inputs to wait for.
    mutating func begin() {
        polls.removeAll(keepingCapacity: true)
        watched.removeAll(keepingCapacity: true)
    }

    mutating func add(_ input: Int, descriptor: Int32) {
        polls.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        watched.append(input)
    }

    /// Waits until an input of the list can be read or has ended, a signal comes, or `waitMicros` are over; false if nobody could look.
    ///
    /// - Throws: `ReaderGone` once nobody reads our output any more, even if there is nothing to write.
    mutating func wait(micros waitMicros: Int64) throws -> Bool {
        polls.append(pollfd(fd: Signals.wakeDescriptor, events: Int16(POLLIN), revents: 0))
        polls.append(pollfd(fd: output, events: 0, revents: 0))
        // Rounded up: a wait that ends too early would only be waited again.
        let millis = (min(max(waitMicros, 0), InputWatch.waitMicrosMax) + 999) / 1000
        guard poll(&polls, nfds_t(polls.count), Int32(millis)) >= 0 else { return false }
        if polls[watched.count].revents != 0 { Signals.takeWake() }
        if polls[watched.count + 1].revents & Int16(POLLERR | POLLHUP) != 0 { throw ReaderGone() }
        return true
    }

    /// Whether reading the input at `place` of the list would give something or the end.
    func isReadable(at place: Int) -> Bool { polls[place].revents != 0 }
}
