import Glibc

/// Holds a thread until the test lets it go.
final class Gate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit { semaphore.deallocate() }

    func wait() { sem_wait(semaphore) }

    func open() { sem_post(semaphore) }
}
