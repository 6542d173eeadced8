import Glibc
import TestSupport
import Testing

@testable import WebSocketClient

/// Names, addresses and which of them answers.
@Suite struct DiallingTests {
    /// A resolver that names addresses with ports of their own.
    private static func resolver(_ places: [(String, Int)]) -> NameLookup.Resolve {
        { _, _ in
            .found(
                places.flatMap { host, port -> [SocketAddress] in
                    if case .found(let found)? = NameLookup.literal(host, port: port) { found } else { [] }
                })
        }
    }

    /// Dials with a clock that stands still, until the system has nothing more to say or a connection is there.
    private static func dial(_ dialler: Dialler, at micros: Int64, until isEnough: (Dialler.Outcome) -> Bool) throws -> Dialler.Outcome {
        var outcome = Dialler.Outcome.waiting
        try Deadline.wait(for: "a connection") {
            outcome = dialler.advance(at: micros)
            return isEnough(outcome)
        }
        return outcome
    }

    private static func dialler(_ places: [(String, Int)]) -> Dialler? {
        if case .found(let addresses) = resolver(places)("", 0) { Dialler(addresses, at: 1_000_000) } else { nil }
    }

    @Test func refusedAddress_givesWay_atOnce() throws {
        let server = try PythonServer("library")
        let dialler = try #require(Self.dialler([("::1", ClosedPort.number), ("127.0.0.1", server.port)]))
        let outcome = try Self.dial(dialler, at: 1_000_000) { $0 != .waiting }
        guard case .connected(let descriptor) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        var (value, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        #expect(getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &size) == 0 && value != 0)
        #expect(getsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &value, &size) == 0 && value != 0)
        #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC)
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(dialler.deadlineMicros == nil)
        close(descriptor)
    }

    @Test(arguments: ["::1", "127.0.0.1"])
    func silentAddress_givesWay_after250Milliseconds(_ silent: String) throws {
        let server = try PythonServer("library")
        let blackhole = try PythonServer("blackhole", [silent])
        let dialler = try #require(Self.dialler([(silent, blackhole.port), ("127.0.0.1", server.port)]))
        var polls: [pollfd] = []
        for micros: Int64 in [1_000_000, 1_249_999] {
            #expect(dialler.advance(at: micros) == .waiting)
            #expect(dialler.deadlineMicros == 1_250_000)
            polls = []
            dialler.appendPolls(&polls)
            #expect(polls.count == 1)
        }
        let outcome = try Self.dial(dialler, at: 1_250_000) { $0 != .waiting }
        guard case .connected(let descriptor) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        close(descriptor)
        polls = []
        dialler.appendPolls(&polls)
        #expect(polls.isEmpty)
    }

    @Test(arguments: ["::1", "127.0.0.1"])
    func silentAddress_doesNotKeepUsFromTheServer(_ silent: String) throws {
        let server = try PythonServer("library")
        let blackhole = try PythonServer("blackhole", [silent])
        let session = try Session(
            "ws://venue.example/greet", resolve: Self.resolver([(silent, blackhole.port), ("127.0.0.1", server.port)]))
        try session.open()
        try session.run(until: "the greeting") { $0.texts == ["hello"] }
    }

    @Test func unreachableHost_tellsEachReasonOnce() throws {
        let session = try Session(
            "ws://venue.example/",
            resolve: Self.resolver([("::1", ClosedPort.number), ("127.0.0.1", ClosedPort.number), ("0.0.0.0", ClosedPort.number)]))
        #expect(try session.runToEnd() == .unreachable("venue.example:80 cannot be reached: connection refused"))
    }

    @Test func silentHost_isUnreachable_whenTheTimeIsOver() throws {
        let blackhole = try PythonServer("blackhole")
        var limits = Session.patient
        limits.openMicrosMax = 400_000
        let session = try Session(
            "ws://venue.example/", limits: limits,
            resolve: Self.resolver([("127.0.0.1", blackhole.port), ("127.0.0.1", ClosedPort.number)]))
        let end = try session.runToEnd()
        #expect(end == .unreachable("venue.example:80 cannot be reached: connection refused, timed out"))
    }

    @Test func families_takeTurns() throws {
        let hosts = ["::1", "::2", "::3", "127.0.0.1", "127.0.0.2"]
        let addresses = hosts.compactMap { host -> SocketAddress? in
            if case .found(let found) = NameLookup.literal(host, port: 1) { found[0] } else { nil }
        }
        #expect(SocketAddress.interleaved(addresses).map(\.family) == [AF_INET6, AF_INET, AF_INET6, AF_INET, AF_INET6])
        #expect(SocketAddress.interleaved(Array(addresses[3...])).count == 2)
    }

    @Test func unknownName_isUnresolved() throws {
        let session = try Session("wss://nonexistent.invalid/")
        guard case .unresolved("nonexistent.invalid", let reason, _) = try session.runToEnd() else {
            Issue.record("\(session.said)")
            return
        }
        #expect(!reason.isEmpty)
        #expect(session.said.count == 1)
    }

    @Test(arguments: [true, false])
    func resolversReason_isTold(_ isTemporary: Bool) throws {
        let session = try Session("wss://venue.example/") { _, _ in .failed(reason: "for a reason", isTemporary: isTemporary) }
        #expect(try session.runToEnd() == .unresolved(host: "venue.example", reason: "for a reason", isTemporary: isTemporary))
    }

    @Test func silentResolver_isNotWaitedFor() throws {
        var limits = Session.patient
        limits.openMicrosMax = 100_000
        let gate = Gate()
        let session = try Session("wss://venue.example/", limits: limits) { _, _ in
            gate.wait()
            return .failed(reason: "too late", isTemporary: false)
        }
        guard case .unresolved(_, "no answer within 100 ms", true) = try session.runToEnd() else {
            Issue.record("\(session.said)")
            return
        }
        gate.open()
    }

    @Test func localhost_isResolved() throws {
        let server = try PythonServer("library")
        let session = try Session("ws://localhost:\(server.port)/greet")
        try session.open()
    }
}
