internal import Glibc

/// Waiting for one socket, with an end and a way to be woken.
enum SocketWait {
    enum Outcome {
        case ready, timedOut, woken
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Waits until `descriptor` is ready, or `wake` (-1 for none) is readable, or the time is there.
    static func wait(_ descriptor: Int32, writing: Bool, until deadlineMicros: Int64, wake: Int32) -> Outcome {
        var polls = [
            pollfd(fd: descriptor, events: Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let left = deadlineMicros - now()
            guard left > 0 else { return .timedOut }
            let count = poll(&polls, 2, Int32(min(left / 1000 + 1, 60_000)))
            if count > 0 { return polls[1].revents != 0 ? .woken : .ready }
        }
    }

    /// Whether reading would give something, or the end, at once.
    static func isReadable(_ descriptor: Int32) -> Bool {
        var polls = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polls, 1, 0) > 0
    }
}
