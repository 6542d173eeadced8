import TestSupport
import Testing
import WebSocket

@Suite struct WebSocketHandshakeTests {
    @Test func keyOfTheRFC_isAccepted_andNoOther() {
        #expect(answer(Responses.switching()) == Answered(answer: .accepted, bodyOffset: Responses.switching().utf8.count))
        #expect(answer(Responses.switching(accept: "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=")).error == .accept)
    }

    @Test(arguments: [
        Responses.switching(upgrade: "UPGRADE:WebSocket"),
        Responses.switching(upgrade: "upgrade: \t websocket \t"),
        Responses.switching(connection: "connection: keep-alive, UPGRADE"),
        Responses.switching(connection: "Connection: keep-alive", more: "Connection: ,upgrade,"),
        Responses.switching(more: "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Set-Cookie: a=b", "Set-Cookie: c=d", "X-Empty:"),
        Responses.switching(more: "X-Foreign: \u{E9}", "Sec-WebSocket-Extensions:", "Sec-WebSocket-Protocol: "),
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + Responses.switching(),
        Responses.switching().replacing("101 Switching Protocols", with: "101"),
        Responses.switching().replacing("101 Switching Protocols", with: "101 "),
    ])
    func goodAnswers_areAccepted(_ response: String) {
        #expect(answer(response) == Answered(answer: .accepted, bodyOffset: response.utf8.count))
    }

    @Test(
        arguments: [
            (Responses.switching(more: "Date: Sun, 06 Nov 1994 08:49:37 GMT"), 784_111_777_000_000),
            ("HTTP/1.1 401 No\r\ndate: Sun, 06 Nov 1994 08:49:38 GMT\r\n\r\n", 784_111_778_000_000),
            (Responses.switching(more: "Date: yesterday"), nil),
            (Responses.switching(), nil),
        ] as [(String, Int64?)])
    func dateOfTheAnswer_isTold(_ response: String, _ micros: Int64?) throws {
        var handshake = WebSocketHandshake(random: Responses.nonce)
        #expect(handshake.dateMicros == nil)
        Array(response.utf8).withUnsafeBufferPointer { handshake.append($0) }
        _ = try handshake.next()
        #expect(handshake.dateMicros == micros)
    }

    static let bad: [(String, WebSocketHandshakeError)] = [
        (Responses.switching(upgrade: ""), .upgrade),
        (Responses.switching(upgrade: "Upgrade: h2c"), .upgrade),
        (Responses.switching(upgrade: "Upgrade: websocket, h2c"), .upgrade),
        (Responses.switching(more: "Upgrade: websocket"), .upgrade),
        (Responses.switching(connection: ""), .connection),
        (Responses.switching(connection: "Connection: keep-alive"), .connection),
        (Responses.switching(connection: "Connection: upgraded"), .connection),
        (Responses.switching(accept: ""), .accept),
        (Responses.switching(accept: "Sec-WebSocket-Accept: "), .accept),
        (Responses.switching(more: "Sec-WebSocket-Accept: \(Responses.accept)"), .accept),
        (Responses.switching(more: "Sec-WebSocket-Extensions: permessage-deflate"), .unaskedExtension),
        (Responses.switching(more: "Sec-WebSocket-Protocol: mqtt"), .unaskedSubprotocol),
        (Responses.switching(more: "X-Folded: a", " b"), .foldedHeader),
        (Responses.switching(more: "X-Folded: a", "\tb: c"), .foldedHeader),
        (Responses.switching(more: "No colon"), .headerLine),
        (Responses.switching(more: "Blank : before"), .headerLine),
        (Responses.switching(more: ": no name"), .headerLine),
        (Responses.switching(more: "X-Nul: \0"), .headerLine),
        (Responses.switching(more: "X-Escape: \u{1B}[2J"), .headerLine),
        (Responses.switching(more: "X-Delete: \u{7F}"), .headerLine),
        (Responses.switching(more: "X-Bare: a\rb"), .lineEnd),
        (Responses.switching(more: "X-Bare: a\nb: c"), .lineEnd),
        (Responses.switching(more: "X-Twice: a\r"), .lineEnd),
        (Responses.switching().replacing("1.1", with: "1.0"), .statusLine),
        (Responses.switching().replacing("1.1", with: "2.0"), .statusLine),
        (Responses.switching().replacing("1.1", with: "1.x"), .statusLine),
        (Responses.switching().replacing(" 101", with: "  101"), .statusLine),
        (Responses.switching().replacing(" 101", with: " 1010"), .statusLine),
        (Responses.switching().replacing(" 101", with: " +10"), .statusLine),
        (Responses.switching().replacing(" 101", with: " 600"), .statusLine),
        (Responses.switching().replacing(" 101", with: " 099"), .statusLine),
        ("HTTP/1.1\r\n\r\n", .statusLine),
        ("\r\n" + Responses.switching(), .statusLine),
        ("HTTP/1.1 100 Continue\r\n\r\n\r\n", .statusLine),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .contentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .contentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", .contentLength),
    ]

    @Test(arguments: bad)
    func badAnswers_areRefused_wholeAndByteByByte(_ response: String, _ error: WebSocketHandshakeError) {
        #expect(answer(response).error == error)
        #expect(answer(drip(Array(response.utf8))).error == error)
    }

    @Test func whatIsNotHTTP_isRefused_atItsFirstByte() {
        #expect(answer([[0x15]]).error == .statusLine)
        #expect(answer("HTTP/2").error == .statusLine)
        #expect(answer("HTTP/1") == Answered())
    }

    @Test func firstFramesBehindTheHeader_areKept_whereverItIsCut() {
        let frames = Frames.frame(1, Array("first\r\n\r\n".utf8)) + Frames.frame(9)
        let head = Array(Responses.switching().utf8)
        let bytes = head + frames
        let expected = Answered(answer: .accepted, rest: frames, bodyOffset: head.count)
        for cut in 0...bytes.count {
            let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
            if answer(pieces) != expected { Issue.record("cut at \(cut)") }
        }
        let dripped = answer(drip(bytes))
        #expect(dripped == expected)
        #expect(decode([dripped.rest]) == [.text("first\r\n\r\n"), .ping([])])
    }

    @Test func headAtTheLimit_isTaken_andOneByteMoreIsNot() {
        let response = Array(Responses.switching(more: "X-Long: " + String(repeating: "a", count: 300)).utf8)
        let frames = Frames.frame(2, Array(repeating: 7, count: 1000))
        for pieces in [[response + frames], drip(response + frames)] {
            #expect(answer(pieces, headBytesMax: response.count).answer == .accepted)
            #expect(answer(pieces, headBytesMax: response.count).rest == frames)
            #expect(answer(pieces, headBytesMax: response.count - 1).error == .headTooLong)
        }
        let endless = Array("HTTP/1.1 101 ".utf8) + Array(repeating: 0x61, count: 64 << 10)
        #expect(answer([endless]).error == .headTooLong)
        let interim = Array(String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 3000).utf8)
        #expect(answer([interim]).error == .headTooLong)
    }

    @Test func mutatedAnswers_neverCrash_andGiveTheSameHoweverCut() {
        var random = SeededGenerator(seed: 7)
        let good = Array((Responses.switching(more: "Date: now", "Retry-After: 5") + "\u{1}rest").utf8)
        for round in 0..<20_000 {
            var bytes = good
            for _ in 0..<random.below(4) {
                let at = random.below(bytes.count)
                switch random.below(3) {
                case 0: bytes[at] = random.pick(Array("\r\n :\0\t,129".utf8) + [0xFF])
                case 1: bytes.remove(at: at)
                default: bytes.insert(random.pick(Array("\r\n :".utf8)), at: at)
                }
            }
            let whole = answer([bytes])
            let cut = answer(pieces(bytes, &random))
            if whole.answer != cut.answer || whole.error != cut.error || whole.bodyOffset != cut.bodyOffset {
                Issue.record("round \(round)")
            }
            if whole.error == nil, whole.rest != cut.rest { Issue.record("round \(round): rest") }
        }
    }

    @Test func errors_haveOneLineEach() {
        let errors: [WebSocketHandshakeError] = [
            .headTooLong, .statusLine, .lineEnd, .headerLine, .foldedHeader, .contentLength, .upgrade, .connection, .accept,
            .unaskedExtension, .unaskedSubprotocol,
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(errors.allSatisfy { !$0.description.contains("\n") })
    }
}
