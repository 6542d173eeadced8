import Glibc
import Synchronization
import Testing

@testable import UnixTool

@Suite struct BackgroundThreadTests {
    @Test func join_waitsForTheEnd_orGivesUp() throws {
        let gate = try WakePipe()
        let blocked = Atomic<Bool>(false)
        let thread = try BackgroundThread {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            blocked.store(sigismember(&mask, SIGTERM) == 1, ordering: .relaxed)
            var polls = pollfd(fd: gate.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&polls, 1, 60_000)
        }
        #expect(!thread.join(millisMax: 0))
        gate.ring()
        #expect(thread.join(millisMax: 60_000))
        #expect(thread.join(millisMax: 0))
        // Else a signal would end the wait of a thread that does not look for it.
        let isBlocked = blocked.load(ordering: .relaxed)
        #expect(isBlocked)
    }

    @Test func wake_staysUntilItIsTaken_howeverOftenItRings() throws {
        let pipe = try WakePipe()
        #expect(!Descriptor.isReadable(pipe.descriptor))
        // More than fit.
        for _ in 0..<10_000 { pipe.ring() }
        #expect(Descriptor.isReadable(pipe.descriptor))
        pipe.takeRings()
        #expect(!Descriptor.isReadable(pipe.descriptor))
        pipe.ring()
        #expect(Descriptor.isReadable(pipe.descriptor))
    }
}
