import Glibc

/// A thread beside the loop, for what waits. Signals stay with the thread that polls.
public final class BackgroundThread: Sendable {
    private final class Job: Sendable {
        let body: @Sendable () -> Void
        /// Rung when the body is done.
        let end: WakePipe

        init(_ body: @escaping @Sendable () -> Void, _ end: WakePipe) {
            self.body = body
            self.end = end
        }
    }

    private let end: WakePipe

    /// Starts it. It ends when `body` does.
    public init(_ body: @escaping @Sendable () -> Void) throws(ToolFailure) {
        end = try WakePipe()
        guard BackgroundThread.start(Job(body, end)) else {
            throw ToolFailure(.ioError, "the system gives no thread: \(SystemError.text()); raise ulimit -u")
        }
    }

    /// Waits for its end; false where it did not come in time. Then it is left to itself.
    public func join(millisMax: Int32) -> Bool {
        let deadline = Clock.monotonicMicros() + Int64(millisMax) * 1000
        var polls = pollfd(fd: end.descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let left = max(deadline - Clock.monotonicMicros(), 0)
            let count = poll(&polls, 1, Int32(left / 1000))
            if count > 0 { return true }
            if left < 1000 { return false }
        }
    }

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
        let status = pthread_create(&thread, &attributes, { BackgroundThread.run($0) }, context.toOpaque())
        if status != 0 { context.release() }
        return status == 0
    }

    private static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
        job.body()
        job.end.ring()
        return nil
    }
}
