import Glibc
import TestSupport
import Testing
import UnixTool

/// Each in a process of its own: signals belong to the whole process.
@Suite struct SignalsTests {
    /// What a tool does first; the threads of tests block all signals, those of tools none.
    private static func listen() {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        Signals.install()
    }

    @Test func firstStop_isNoted_andTheSecondEndsTheProcess() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            SignalsTests.listen()
            guard !Signals.isStopAsked else { exit(1) }
            raise(SIGINT)
            guard Signals.isStopAsked else { exit(2) }
            raise(SIGTERM)
            exit(3)
        }
    }

    @Test func reopenAndReport_areTakenOnceEach() async {
        await #expect(processExitsWith: .exitCode(0)) {
            SignalsTests.listen()
            raise(SIGHUP)
            guard !Signals.takeReport(), Signals.takeReopen(), !Signals.takeReopen() else { exit(1) }
            raise(SIGUSR1)
            guard !Signals.takeReopen(), Signals.takeReport(), !Signals.takeReport() else { exit(2) }
            exit(Signals.isStopAsked ? 3 : 0)
        }
    }

    @Test func aResizeIsTakenOnce_andEndsAWait() async {
        await #expect(processExitsWith: .exitCode(0)) {
            SignalsTests.listen()
            let pipe = TestPipe()
            raise(SIGWINCH)
            let start = Clock.monotonicMicros()
            guard Descriptor.waitReadable([pipe.readEnd], timeoutMillis: 20_000) == [false] else { exit(1) }
            guard Clock.monotonicMicros() - start < 10_000_000 else { exit(2) }
            guard Signals.takeResize(), !Signals.takeResize() else { exit(3) }
            exit(Signals.isStopAsked ? 4 : 0)
        }
    }

    @Test func brokenPipe_isNoSignal() async {
        await #expect(processExitsWith: .exitCode(0)) {
            SignalsTests.listen()
            let pipe = TestPipe()
            pipe.closeRead()
            exit(write(pipe.writeEnd, "x", 1) == -1 && errno == EPIPE ? 0 : 1)
        }
    }

    /// The signal comes after the loop has looked at its notes and before it waits: the wait must not last.
    @Test func signalBeforeTheWait_endsTheWaitAtOnce() async {
        await #expect(processExitsWith: .exitCode(0)) {
            SignalsTests.listen()
            let pipe = TestPipe()
            for number in [SIGHUP, SIGUSR1, SIGTERM] {
                raise(number)
                guard !Descriptor.isReadable(pipe.readEnd) else { exit(1) }
                let start = Clock.monotonicMicros()
                guard Descriptor.waitReadable([pipe.readEnd], timeoutMillis: 20_000) == [false] else { exit(2) }
                guard Clock.monotonicMicros() - start < 10_000_000 else { exit(3) }
            }
            // And the next wait is an ordinary one again.
            guard Descriptor.waitReadable([pipe.readEnd], timeoutMillis: 1) == [false] else { exit(4) }
            pipe.send("x")
            exit(Descriptor.waitReadable([pipe.readEnd], timeoutMillis: 20_000) == [true] ? 0 : 5)
        }
    }
}

@Suite struct DescriptorTests {
    private let folder = TemporaryFolder()

    @Test func kinds_areToldApart() {
        let pipe = TestPipe()
        let file = open(folder.write("a", "x"), O_RDONLY)
        let directory = open(folder.path, O_RDONLY)
        defer {
            close(file)
            close(directory)
        }
        #expect(Descriptor.isPipe(pipe.readEnd) && !Descriptor.isRegularFile(pipe.readEnd) && !Descriptor.isTerminal(pipe.readEnd))
        #expect(Descriptor.isRegularFile(file) && !Descriptor.isPipe(file))
        #expect(Descriptor.isDirectory(directory))
        #expect(!Descriptor.isPipe(-1) && !Descriptor.isRegularFile(-1))
    }

    @Test func waitReadable_tellsWhichOnes() {
        let (first, second) = (TestPipe(), TestPipe())
        #expect(Descriptor.waitReadable([first.readEnd, second.readEnd], timeoutMillis: 0) == [false, false])
        second.send("x")
        #expect(Descriptor.waitReadable([first.readEnd, second.readEnd], timeoutMillis: -1) == [false, true])
        first.closeWrite()
        #expect(Descriptor.waitReadable([first.readEnd, second.readEnd], timeoutMillis: -1) == [true, true])
        #expect(Descriptor.isReadable(first.readEnd))
    }

    @Test func pipe_isWidened_andOthersAreLeftAlone() {
        let pipe = TestPipe()
        Descriptor.widenPipe(pipe.writeEnd)
        #expect(fcntl(pipe.writeEnd, 1032) >= 1 << 16)
        Descriptor.widenPipe(-1)
    }
}
