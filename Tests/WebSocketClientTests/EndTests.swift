import Glibc
import TestSupport
import Testing
import WebSocket

@testable import WebSocketClient

/// How connections end, by servers that do what no library would.
@Suite struct EndTests {
    private static func session(_ server: PythonServer, limits: WebSocketLimits = Session.patient) throws -> Session {
        try Session("ws://127.0.0.1:\(server.port)/", limits: limits)
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func bytesOneByOne_areMessages() throws {
        let server = try PythonServer("raw", ["dribble"])
        let session = try Self.session(server)
        #expect(try session.runToEnd() == .closed(code: 4001, reason: "ta ?[31m"))
        #expect(
            session.said.dropLast() == [.opened, .text("one"), .text("two halves €"), .binary([UInt8](repeating: 0, count: 200))])
        let told = [
            "CLIENT 10 \(Self.hex(Array("ping".utf8)))", "CLIENT 10 \(Self.hex(Array("in between".utf8)))", "CLIENT 8 0fa1",
        ]
        try Deadline.wait(for: "the pongs and the close") { server.lines.dropFirst() == told.map { Substring($0) }[...] }
    }

    @Test func framesBehindTheAnswer_areNotLost() throws {
        let server = try PythonServer("raw", ["together"])
        let session = try Self.session(server)
        #expect(try session.runToEnd() == .closed(code: 1000, reason: ""))
        #expect(session.said.dropLast() == [.opened, .text("early")])
    }

    @Test(
        arguments: [
            ("8102 c328", .invalidUTF8, "03ef"),
            ("8103 616263 c100", .reservedBits, "03ea"),
            ("8300", .reservedOpcode(3), "03ea"),
            ("8181 00000000 61", .maskedFrame, "03ea"),
            ("8001 61", .unexpectedContinuation, "03ea"),
            ("0101 61 8101 62", .unfinishedMessage, "03ea"),
            ("8801 03", .closeTooShort, "03ea"),
            ("8802 03ed", .closeCode(1005), "03ea"),
            ("827f 0000000100000000", .frameTooLong, "03f1"),
            ("897e 0000", .controlTooLong, "03ea"),
        ] as [(String, WebSocketError, String)])
    func brokenRule_endsTheConnection_andIsTold(_ bytes: String, _ error: WebSocketError, _ code: String) throws {
        let server = try PythonServer("raw", ["send-frames", bytes.replacing(" ", with: "")])
        var limits = Session.patient
        limits.closeMicrosMax = .max / 2
        // The server ends when we do, not when the time is over.
        let session = try Self.session(server, limits: limits)
        #expect(try session.runToEnd() == .protocolBroken(error))
        try Deadline.wait(for: "the close code") { server.lines.contains("CLIENT 8 \(code)") && server.lines.contains("CLIENT ended") }
        #expect(session.texts == (bytes.contains("c100") ? ["abc"] : []))
    }

    @Test func closeWithoutCode_isAnsweredAlike() throws {
        let server = try PythonServer("raw", ["send-frames", "8800"])
        var limits = Session.patient
        limits.closeMicrosMax = 300_000
        let session = try Self.session(server, limits: limits)
        #expect(try session.runToEnd() == .closed(code: nil, reason: ""))
        #expect(session.end?.description == "the server closed the connection without a code")
        try Deadline.wait(for: "our answer") { server.lines.contains("CLIENT 8 -") }
    }

    @Test func unansweredClose_isCut_andMessagesStillCome() throws {
        let server = try PythonServer("raw", ["never-answers-close"])
        var limits = Session.patient
        limits.closeMicrosMax = 300_000
        let session = try Self.session(server, limits: limits)
        try session.run(until: "the greeting") { $0.texts == ["hello"] }
        let start = Session.now()
        session.client.close(code: 1000)
        #expect(!session.client.isOpen)
        #expect(try session.runToEnd() == .timedOut("the server did not answer the close frame within 300 ms"))
        #expect(Session.now() - start >= 300_000)
        #expect(session.texts == ["hello", "still here"])
        try Deadline.wait(for: "the end at the server") { server.lines.contains("CLIENT ended") }
    }

    @Test func serverThatKeepsTheConnection_isCut_afterItsClose() throws {
        let server = try PythonServer("raw", ["never-ends"])
        var limits = Session.patient
        limits.closeMicrosMax = 300_000
        let session = try Self.session(server, limits: limits)
        #expect(try session.runToEnd() == .closed(code: 1001, reason: ""))
        try Deadline.wait(for: "the end at the server") { server.lines.contains("CLIENT ended") }
        #expect(server.lines.contains("CLIENT 8 03e9"))
    }

    @Test(arguments: ["", "810568656c6c6f", "8105 6865", "01056865 6c6c6f"])
    func endWithoutClose_isBroken(_ bytes: String) throws {
        let server = try PythonServer("raw", ["end-after", "fin", bytes.replacing(" ", with: "")])
        let session = try Self.session(server)
        #expect(try session.runToEnd() == .broken("the server ended the connection without a close frame"))
        #expect(session.texts == (bytes == "810568656c6c6f" ? ["hello"] : []))
    }

    @Test func reset_isBroken() throws {
        let server = try PythonServer("raw", ["end-after", "reset", "810568656c6c6f"])
        let session = try Self.session(server)
        try session.run(until: "the greeting") { $0.texts == ["hello"] }
        session.client.ping()
        #expect(try session.runToEnd() == .broken("the connection broke without a close frame: connection reset by peer"))
    }

    @Test func writingToNobody_raisesNoSignal_andHidesNoMessage() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_UNBLOCK, &all, nil)
            let server = try PythonServer("raw", ["end-after", "fin", "810568656c6c6f"])
            let session = try Session("ws://127.0.0.1:\(server.port)/")
            try session.open()
            try Deadline.wait(for: "a failed write") {
                session.client.send(text: "to nobody")
                return session.client.outputFault != nil
            }
            guard try session.runToEnd() == .broken("the server ended the connection without a close frame"), session.texts == ["hello"]
            else {
                throw TestFault("\(session.said)")
            }
        }
    }

    @Test func silentServer_isNotEnded_andTheLastReceiveTimeStands() throws {
        let server = try PythonServer("raw", ["stay"])
        let session = try Self.session(server)
        try session.open()
        let before = session.client.lastReceivedMicros
        session.client.ping()
        for _ in 0..<5 { session.turn() }
        #expect(session.client.isOpen)
        #expect(session.client.deadlineMicros == nil && !session.client.hasPending)
        #expect(session.client.lastReceivedMicros == before)
    }

    @Test func serverThatDoesNotRead_isLeft() throws {
        let server = try PythonServer("raw", ["stay"])
        let session = try Self.session(server)
        try session.open()
        let megabyte = String(repeating: "x", count: 1 << 20)
        var sent = 0
        while session.client.isOpen, sent < 64 {
            session.client.send(text: megabyte)
            sent += 1
        }
        #expect(try session.runToEnd() == .broken("the server reads too slowly: more than 4194304 bytes wait to be sent"))
        session.client.send(text: "to nobody")
        session.turn()
        #expect(session.said.count == 2)
    }

    @Test func closeBeforeTheOpening_endsAtOnce() throws {
        let server = try PythonServer("raw", ["mute"])
        let session = try Self.session(server)
        session.client.close(code: 1000)
        #expect(session.client.hasPending)
        #expect(try session.runToEnd() == .broken("closed from this side before the connection was open"))
    }

    /// The cut leaves exactly the messages that went out whole, whatever the pieces were.
    @Test func randomCuts_loseNothingThatWasWhole() throws {
        let server = try PythonServer("raw", ["cuts"])
        for seed in 0..<60 {
            let session = try Session("ws://127.0.0.1:\(server.port)/\(seed)")
            let end = try session.runToEnd()
            try Deadline.wait(for: "what was sent") { server.lines.contains { $0.hasPrefix("CUT \(seed) ") } }
            let told = try #require(server.lines.first { $0.hasPrefix("CUT \(seed) ") }).split(separator: " ")
            #expect(session.texts.count == Int(told[2]), "seed \(seed)")
            for (number, text) in session.texts.enumerated() {
                let lead = "\(number):"
                #expect(text.hasPrefix(lead) && text.dropFirst(lead.count).allSatisfy { $0 == "é" }, "seed \(seed)")
            }
            let place = told[3] == "1" ? "before it answered the upgrade" : "without a close frame"
            #expect(end == .broken("the server ended the connection \(place)"), "seed \(seed)")
        }
    }
}
