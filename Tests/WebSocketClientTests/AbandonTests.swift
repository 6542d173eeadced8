import Glibc
import TestSupport
import Testing

@testable import WebSocketClient

/// Letting a connection go leaves nothing behind; each in a process of its own, where nobody else opens descriptors.
@Suite struct AbandonTests {
    /// The sockets of this process; the runtime opens other things when it likes.
    private static func sockets() -> Set<String> {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        let own = "\(dirfd(folder))"
        var target = [CChar](repeating: 0, count: 4096)
        var links: Set<String> = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            guard name != ".", name != "..", name != own else { continue }
            let count = readlink("/proc/self/fd/\(name)", &target, target.count)
            let link = String(decoding: target.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            if link.hasPrefix("socket:") { links.insert(link) }
        }
        return links
    }

    /// Brings connections to a state, lets them go in one way or the other, and looks for what stays.
    private static func expectNothingStays(_ make: () throws -> Session, until isThere: (Session) -> Bool) throws {
        let before = sockets()
        for isDropped in [false, true, false] {
            var session: Session? = try make()
            try session?.run(until: "the state", isThere)
            guard !sockets().isSubset(of: before) else { throw TestFault("nothing was open") }
            if isDropped {
                session = nil
            } else {
                session?.client.abandon()
                var polls: [pollfd] = []
                session?.client.appendPolls(&polls)
                let isQuiet = polls.isEmpty && session?.client.hasPending == false && session?.client.deadlineMicros == nil
                guard isQuiet else { throw TestFault("an abandoned client wants something") }
                session?.client.advance(at: Session.now())
                session?.client.close(code: 1000)
                guard session?.client.next() == nil else { throw TestFault("an abandoned client speaks") }
            }
            try Deadline.wait(for: "the sockets \(sockets().subtracting(before)) to be closed") { sockets().isSubset(of: before) }
        }
    }

    @Test func whileResolving() async {
        await #expect(processExitsWith: .success) {
            let gate = Gate()
            try Self.expectNothingStays {
                try Session("ws://venue.example/") { _, _ in
                    gate.wait()
                    return .failed(reason: "too late", isTemporary: false)
                }
            } until: { _ in
                // The thread comes back while or after the client is let go.
                gate.open()
                return true
            }
        }
    }

    @Test func whileDialling() async {
        await #expect(processExitsWith: .success) {
            let blackhole = try PythonServer("blackhole")
            try Self.expectNothingStays {
                try Session("ws://127.0.0.1:\(blackhole.port)/")
            } until: {
                if case .dialling = $0.client.phase { true } else { false }
            }
        }
    }

    @Test func whileTunnelling() async {
        await #expect(processExitsWith: .success) {
            let server = try PythonServer("proxy", ["mute"])
            let proxy = try HTTPProxy.find(
                for: WebSocketAddress("ws://venue.example"), environment: ["http_proxy": "127.0.0.1:\(server.port)"])
            try Self.expectNothingStays {
                try Session("ws://venue.example/", proxy: proxy)
            } until: {
                if case .tunnelling = $0.client.phase { true } else { false }
            }
        }
    }

    @Test func whileSecuring() async {
        await #expect(processExitsWith: .success) {
            let server = try PythonServer("raw", ["mute"])
            try Self.expectNothingStays {
                try Session("wss://127.0.0.1:\(server.port)/")
            } until: {
                if case .securing = $0.client.phase { true } else { false }
            }
        }
    }

    @Test func whileUpgrading() async {
        await #expect(processExitsWith: .success) {
            let server = try PythonServer("raw", ["mute"])
            try Self.expectNothingStays {
                try Session("ws://127.0.0.1:\(server.port)/")
            } until: {
                if case .upgrading = $0.client.phase { true } else { false }
            }
        }
    }

    @Test func whileRefused() async {
        await #expect(processExitsWith: .success) {
            let server = try PythonServer("raw", ["answer", #"HTTP/1.1 403 No\r\n\r\nbecause"#, "stay"])
            try Self.expectNothingStays {
                try Session("ws://127.0.0.1:\(server.port)/")
            } until: {
                if case .refused = $0.client.phase { true } else { false }
            }
        }
    }

    @Test func whileOpen_overTLS() async {
        await #expect(processExitsWith: .success) {
            let folder = TemporaryFolder()
            try TestAuthority(in: folder).issue()
            let server = try PythonServer("raw", ["--tls", "server.pem", "server.key", "stay"], in: folder)
            try Self.expectNothingStays {
                try Session("wss://localhost:\(server.port)/", caFile: folder.file("ca.pem"))
            } until: {
                $0.client.isOpen
            }
        }
    }

    @Test func whileClosing() async {
        await #expect(processExitsWith: .success) {
            let server = try PythonServer("raw", ["stay"])
            try Self.expectNothingStays {
                try Session("ws://127.0.0.1:\(server.port)/")
            } until: { session in
                if session.client.isOpen { session.client.close(code: 1000) }
                return if case .closing = session.client.phase { true } else { false }
            }
        }
    }

    @Test func whileLingering() async {
        await #expect(processExitsWith: .success) {
            let server = try PythonServer("raw", ["never-ends"])
            try Self.expectNothingStays {
                try Session("ws://127.0.0.1:\(server.port)/")
            } until: {
                if case .lingering = $0.client.phase { true } else { false }
            }
        }
    }
}
