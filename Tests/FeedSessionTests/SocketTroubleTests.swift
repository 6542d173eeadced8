import OpenSSL
import Testing
import WebSocketClient

@testable import FeedSession
@testable import WebSocket

/// What each end of a socket means to the session.
@Suite struct SocketTroubleTests {
    private static let date: Int64 = 1_790_000_000_000_000

    private func refused(_ status: Int, _ headers: String = "") throws -> SocketTrouble {
        let lines = ["HTTP/1.1 \(status) Word"] + (headers.isEmpty ? [] : [headers])
        let refusal = try WebSocketRefusal(HTTPResponseHead(lines: lines.map { ArraySlice(Array($0.utf8)) }))
        return SocketTrouble(.refused(refusal, body: "<html>"), dateMicros: SocketTroubleTests.date)
    }

    private func trouble(_ end: WebSocketEnd) -> SocketTrouble { SocketTrouble(end, dateMicros: SocketTroubleTests.date) }

    @Test(arguments: [
        (401, SocketTrouble.Kind.credentials), (403, .credentials), (429, .busy), (503, .busy), (301, .refusal), (400, .refusal),
        (404, .refusal), (500, .refusal), (502, .refusal), (200, .refusal),
    ])
    func httpStatus_isItsKind(status: Int, kind: SocketTrouble.Kind) throws {
        let trouble = try refused(status)
        #expect(trouble.kind == kind && trouble.code == 1006 && trouble.retryAfterMicros == nil)
        #expect(trouble.words.contains("\(status)"))
    }

    @Test(arguments: [
        ("Retry-After: 7", 7_000_000 as Int64?), ("Retry-After: 0", 0), ("Retry-After: 999999999999999999999", 3_600_000_000),
        // 1790000000 is Mon, 21 Sep 2026 14:13:20 GMT.
        ("Retry-After: Mon, 21 Sep 2026 14:13:50 GMT", 30_000_000), ("Retry-After: Mon, 21 Sep 2026 14:13:00 GMT", 0),
        ("Retry-After: soon", nil), ("X-Other: 7", nil),
    ])
    func retryAfter_isSecondsOrADate_notInThePast_atMostAnHour(header: String, micros: Int64?) throws {
        #expect(try refused(429, header).retryAfterMicros == micros)
        #expect(try refused(500, header).retryAfterMicros == micros)
    }

    @Test func closes_areLost_withTheirCode() {
        #expect(trouble(.closed(code: 1013, reason: "slow consumer")).code == 1013)
        #expect(trouble(.closed(code: 1000, reason: "all subscribed assets resolved")).words.contains("all subscribed assets resolved"))
        // No code in the frame is 1005, no frame at all 1006 (RFC 6455 §7.1.5).
        #expect(trouble(.closed(code: nil, reason: "")).code == 1005)
        #expect(trouble(.broken("reset")).code == 1006)
        #expect(trouble(.protocolBroken(.invalidUTF8)).code == 1007)
        for end in [.closed(code: 1008, reason: ""), .broken("x"), .protocolBroken(.maskedFrame)] as [WebSocketEnd] {
            #expect(trouble(end).kind == .lost)
        }
    }

    @Test func absenceOfTheVenue_isTheNetworks() {
        for isTemporary in [true, false] {
            #expect(trouble(.unresolved(host: "h", reason: "r", isTemporary: isTemporary)).kind == .network)
        }
        #expect(trouble(.unreachable("refused")).kind == .network && trouble(.timedOut("late")).kind == .network)
        #expect(trouble(.proxy("407")).kind == .refusal && trouble(.handshake(.statusLine)).kind == .refusal)
    }

    @Test(arguments: [
        (TLSError.expired(host: "h", on: "d"), SocketTrouble.Kind.untrusted), (.notYetValid(host: "h", until: "d"), .untrusted),
        (.nameMismatch(host: "h", names: ["x"]), .untrusted), (.unknownAuthority(host: "h", issuer: "i"), .untrusted),
        (.selfSigned(host: "h"), .untrusted), (.protocolTooOld(host: "h", reason: "r"), .untrusted),
        (.weakKey(host: "h", reason: "r"), .untrusted), (.certificate(host: "h", reason: "r"), .untrusted),
        (.caFile(path: "p", reason: "r"), .final), (.hostName("h"), .final), (.notTLS(host: "h"), .refusal),
        (.refused(host: "h", reason: "r"), .refusal), (.truncated(host: "h"), .lost), (.socket(host: "h", reason: "r"), .lost),
    ])
    func tlsErrors_keepTheirWords(error: TLSError, kind: SocketTrouble.Kind) {
        #expect(trouble(.tls(error)) == SocketTrouble(kind, error.description))
    }

    @Test func failures_areOneLine_withAStatusThatIsNotOurFault() {
        for failure in [SessionFailure.noNetwork("x"), .neverOpened("x"), .credentialsRefused("x"), .refused("x")] {
            #expect(!failure.toolFailure.message.contains("\n") && failure.toolFailure.message.contains("x"))
            #expect(failure.toolFailure.status == (failure == .credentialsRefused("x") ? .credentialsRefused : .unavailable))
        }
    }
}
