import Glibc
import OpenSSL
import TestSupport
import Testing
import WebSocket

@testable import WebSocketClient

/// Against Debian's python3-websockets, which shares no code with ours.
@Suite struct LibraryServerTests {
    private static func session(_ server: PythonServer, _ path: String) throws -> Session {
        try Session("ws://127.0.0.1:\(server.port)\(path)")
    }

    @Test func messages_comeBack() throws {
        let server = try PythonServer("library")
        let session = try Self.session(server, "/echo")
        try session.open()
        let long = String(repeating: "0123456789", count: 20_000)
        for text in ["", "a", "grüße €", long] { session.client.send(text: text) }
        try session.run(until: "the echoes") { $0.texts.count == 4 }
        #expect(session.said.first == .opened)
        #expect(session.texts == ["", "a", "grüße €", long])
        [0, 255, 128].withUnsafeBufferPointer { session.client.send(binary: $0) }
        try session.run(until: "the bytes") { $0.said.last == .binary([0, 255, 128]) }
        session.client.close(code: 1000)
        #expect(try session.runToEnd() == .closed(code: 1000, reason: ""))
    }

    @Test func messagesOverTLS_comeBack() throws {
        let folder = TemporaryFolder()
        try TestAuthority(in: folder).issue()
        let server = try PythonServer("library", ["server.pem", "server.key"], in: folder)
        let session = try Session("wss://localhost:\(server.port)/echo", caFile: folder.file("ca.pem"))
        try session.open()
        let long = String(repeating: "0123456789", count: 100_000)
        for text in ["over TLS", long] { session.client.send(text: text) }
        try session.run(until: "the echoes") { $0.texts == ["over TLS", long] }
        session.client.close(code: 1000)
        #expect(try session.runToEnd() == .closed(code: 1000, reason: ""))
    }

    @Test(arguments: [false, true])
    func largeMessage_comesWhole(_ isSecure: Bool) throws {
        let folder = TemporaryFolder()
        if isSecure { try TestAuthority(in: folder).issue() }
        let server = try PythonServer("library", isSecure ? ["server.pem", "server.key"] : [], in: folder)
        let count = 20 << 20
        let session = try Session(
            "\(isSecure ? "wss" : "ws")://127.0.0.1:\(server.port)/big/\(count)", caFile: isSecure ? folder.file("ca.pem") : nil)
        try session.open()
        #expect(try session.runToEnd() == .closed(code: 1000, reason: ""))
        let text = try #require(session.texts.first)
        #expect(text.utf8.count == count)
        #expect(text.utf8.elementsEqual(String(repeating: "0123456789abcdef", count: count / 16).utf8))
    }

    @Test func messageBeyondTheLimit_isRefused_with1009() throws {
        let server = try PythonServer("library")
        var limits = Session.patient
        limits.messageBytesMax = 1000
        let session = try Session("ws://127.0.0.1:\(server.port)/big/1008", limits: limits)
        #expect(try session.runToEnd() == .protocolBroken(.messageTooLong))
        #expect(session.texts.isEmpty)
    }

    @Test func fragments_becomeMessages() throws {
        let server = try PythonServer("library")
        let session = try Self.session(server, "/fragments")
        #expect(try session.runToEnd() == .closed(code: 1000, reason: ""))
        #expect(session.said.dropLast() == [.opened, .text("one two three"), .binary([0, 255])])
    }

    @Test func headers_areSent() throws {
        let server = try PythonServer("library")
        let session = try Session("ws://127.0.0.1:\(server.port)/headers/X-One/X-Two/Host", headers: [("X-One", "1"), ("X-Two", "a b")])
        try session.runToEnd()
        #expect(session.texts == ["1", "a b", "127.0.0.1:\(server.port)"])
    }

    @Test func compression_isNotOffered() throws {
        let server = try PythonServer("library")
        let session = try Self.session(server, "/headers/Sec-WebSocket-Extensions")
        try session.runToEnd()
        #expect(session.texts == [""])
    }

    @Test func pings_areAnswered() throws {
        let server = try PythonServer("library")
        let session = try Self.session(server, "/ping")
        #expect(try session.runToEnd() == .closed(code: 1000, reason: ""))
        #expect(session.texts == ["the pong came"])
    }

    @Test func pong_movesTheLastReceiveTime_andIsNoEvent() throws {
        let server = try PythonServer("library")
        let session = try Self.session(server, "/greet")
        try session.open()
        try session.run(until: "the greeting") { $0.texts == ["hello"] }
        let before = session.client.lastReceivedMicros
        session.client.ping()
        try session.run(until: "the pong") { $0.client.lastReceivedMicros > before }
        #expect(session.said == [.opened, .text("hello")])
    }

    @Test(
        arguments: [(1000, ""), (1001, "going away"), (1013, "later"), (4000, "grüße"), (3999, String(repeating: "x", count: 123))]
            as [(UInt16, String)])
    func serversClose_isTold(_ code: UInt16, _ reason: String) throws {
        let server = try PythonServer("library")
        let path = "/close/\(code)/" + reason.replacing("ü", with: "%C3%BC").replacing("ß", with: "%C3%9F")
        let session = try Self.session(server, path.replacing(" ", with: "%20"))
        let told = reason.replacing("ü", with: "?").replacing("ß", with: "?")
        #expect(try session.runToEnd() == .closed(code: code, reason: told))
        #expect(!session.client.isOpen)
        #expect(session.client.deadlineMicros == nil)
    }

    @Test(arguments: [(1000, "1000"), (4321, "4321"), (nil, "1005")] as [(UInt16?, String)])
    func ourClose_reachesTheServer(_ code: UInt16?, _ seen: String) throws {
        let server = try PythonServer("library")
        let session = try Self.session(server, "/greet")
        try session.open()
        session.client.close(code: code)
        #expect(try session.runToEnd() == .closed(code: code, reason: ""))
        try Deadline.wait(for: "the server's word") { server.lines.contains { $0.hasPrefix("CLOSED \(seen) ") } }
    }

    @Test func untakenEvents_stopTheReading() throws {
        let server = try PythonServer("library")
        let session = try Self.session(server, "/count/20000")
        try session.open()
        try Deadline.wait(for: "bytes") {
            session.client.advance(at: Session.now())
            return session.client.hasPending
        }
        let before = session.client.lastReceivedMicros
        for turn in 1...50 { session.client.advance(at: before + Int64(turn)) }
        #expect(session.client.lastReceivedMicros == before)
        try session.runToEnd()
        #expect(session.texts.count == 20_000)
    }

    @Test func serverDate_isTold() throws {
        let server = try PythonServer("library")
        let session = try Self.session(server, "/greet")
        #expect(session.client.serverDateMicros == nil)
        try session.open()
        var now = time_t()
        time(&now)
        let date = try #require(session.client.serverDateMicros)
        #expect(abs(date / 1_000_000 - Int64(now)) <= 5)
    }
}
