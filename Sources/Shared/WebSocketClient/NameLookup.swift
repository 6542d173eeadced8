internal import Glibc
internal import Synchronization

/// The addresses of a name, looked up on a thread of its own because the system's resolver waits (getaddrinfo(3)).
///
/// Whoever no longer wants to know lets it go: the thread keeps what it needs, and drops it when the resolver comes back.
final class NameLookup {
    enum Outcome: Sendable {
        /// At least one.
        case found([SocketAddress])
        case failed(reason: String, isTemporary: Bool)
    }

    typealias Resolve = @Sendable (_ host: String, _ port: Int) -> Outcome

    /// What the thread leaves behind, and the socket whose closing tells that it did.
    private final class Job: Sendable {
        let host: String
        let port: Int
        let resolve: Resolve
        let telling: Int32
        let outcome = Mutex<Outcome?>(nil)

        init(_ host: String, _ port: Int, _ resolve: @escaping Resolve, telling: Int32) {
            (self.host, self.port, self.resolve, self.telling) = (host, port, resolve, telling)
        }
    }

    private let job: Job
    /// Becomes readable when the outcome is there.
    let descriptor: Int32

    /// Begins a lookup; nil if the system has no thread or no descriptor for it.
    init?(_ host: String, port: Int, resolve: @escaping Resolve = { NameLookup.addresses($0, port: $1) }) {
        var ends: [Int32] = [-1, -1]
        // A pair of sockets, because Swift does not see pipe2(2), which alone would keep a pipe from other programs.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else { return nil }
        descriptor = ends[0]
        job = Job(host, port, resolve, telling: ends[1])
        guard NameLookup.start(job) else {
            close(ends[1])
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Nil as long as the resolver has not come back.
    var outcome: Outcome? { job.outcome.withLock { $0 } }

    private static func start(_ job: Job) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // The process's signals belong to the thread that polls.
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let context = Unmanaged.passRetained(job)
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, { NameLookup.run($0) }, context.toOpaque())
        if status != 0 { context.release() }
        return status == 0
    }

    private static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
        let outcome = job.resolve(job.host, job.port)
        job.outcome.withLock { $0 = outcome }
        // Closing tells it; writing would raise SIGPIPE if nobody wants to know any more.
        close(job.telling)
        return nil
    }

    /// What a text names that is an address already; nil if it is a name. Never waits.
    static func literal(_ host: String, port: Int) -> Outcome? {
        if case .found(let found) = addresses(host, port: port, flags: AI_NUMERICHOST) { .found(found) } else { nil }
    }

    /// Asks the system's resolver, and waits for it.
    static func addresses(_ host: String, port: Int, flags: Int32 = 0) -> Outcome {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        let systemError = errno
        guard status == 0 else {
            let reason = status == EAI_SYSTEM ? String(cString: strerror(systemError)) : String(cString: gai_strerror(status))
            return .failed(reason: reason.lowercased(), isTemporary: [EAI_AGAIN, EAI_SYSTEM, EAI_MEMORY].contains(status))
        }
        defer { freeaddrinfo(list) }
        let found = sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }
            .compactMap { entry in entry.flatMap { SocketAddress($0.pointee.ai_addr, byteCount: $0.pointee.ai_addrlen) } }
        return found.isEmpty ? .failed(reason: "it has no address", isTemporary: false) : .found(found)
    }
}
