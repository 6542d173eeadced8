internal import Glibc

/// Connects to the first of several addresses that answers: the next one is tried when one has failed, or has not answered in 250 ms,
/// and the earlier ones go on (RFC 8305 §5).
final class Dialler {
    enum Outcome: Equatable {
        case waiting
        /// A connected socket, now the caller's.
        case connected(Int32)
        /// Every address has failed.
        case failed
    }

    private static let nextMicros: Int64 = 250_000

    private var untried: ArraySlice<SocketAddress>
    private var attempts: [Int32] = []
    private var nextMicros: Int64
    private var reasons: [String] = []

    /// At least one address, in the order in which they are tried.
    init(_ addresses: [SocketAddress], at monotonicMicros: Int64) {
        untried = addresses[...]
        nextMicros = monotonicMicros
    }

    deinit { giveUp() }

    /// When `advance` has something to do though no socket tells; nil if every address has been tried.
    var deadlineMicros: Int64? { untried.isEmpty ? nil : nextMicros }

    /// Why the addresses failed so far, each reason once.
    func reason(waitingFor waiting: String? = nil) -> String {
        (reasons + (attempts.isEmpty ? [] : [waiting].compactMap { $0 })).joined(separator: ", ")
    }

    func appendPolls(_ polls: inout [pollfd]) {
        for descriptor in attempts { polls.append(pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)) }
    }

    func advance(at monotonicMicros: Int64) -> Outcome {
        if let connected = connectedAttempt() { return win(connected) }
        while let address = untried.first, attempts.isEmpty || monotonicMicros >= nextMicros {
            untried.removeFirst()
            nextMicros = monotonicMicros + Dialler.nextMicros
            if let connected = begin(address) { return win(connected) }
        }
        return attempts.isEmpty ? .failed : .waiting
    }

    /// Closes every socket.
    func giveUp() {
        attempts.forEach { close($0) }
        attempts = []
        untried = []
    }

    private func win(_ descriptor: Int32) -> Outcome {
        attempts.removeAll { $0 == descriptor }
        giveUp()
        return .connected(descriptor)
    }

    /// An attempt that has come through; those that have failed are dropped, and make way for the next at once.
    private func connectedAttempt() -> Int32? {
        for descriptor in attempts {
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, 0) == 1 else { continue }
            var (error, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
            if error == 0 { return descriptor }
            attempts.removeAll { $0 == descriptor }
            drop(descriptor, error)
            nextMicros = .min
        }
        return nil
    }

    /// Begins an attempt; gives the socket if it is connected already.
    private func begin(_ address: SocketAddress) -> Int32? {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else {
            note(errno)
            return nil
        }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size)
        switch address.connect(descriptor) {
        case 0: return descriptor
        case EINPROGRESS: attempts.append(descriptor)
        case let error: drop(descriptor, error)
        }
        return nil
    }

    private func drop(_ descriptor: Int32, _ error: Int32) {
        close(descriptor)
        note(error)
    }

    private func note(_ error: Int32) {
        let reason = String(cString: strerror(error)).lowercased()
        if !reasons.contains(reason) { reasons.append(reason) }
    }
}
