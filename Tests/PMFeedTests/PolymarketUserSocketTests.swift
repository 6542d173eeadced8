import MarketModel
import Testing
import UnixTool
import WebSocketClient

@testable import FeedSession
@testable import pm_feed

@Suite struct PolymarketCredentialsTests {
    private func credentials(_ more: [String: String] = [:]) throws -> PolymarketCredentials {
        let values = [
            "POLYMARKET_API_KEY": "11111111-2222-3333-4444-555555555555", "POLYMARKET_API_SECRET": String(repeating: "A", count: 43) + "=",
            "POLYMARKET_API_PASSPHRASE": "a-passphrase-of-some-length", "POLYMARKET_ADDRESS": "0x71",
        ]
        return try PolymarketCredentials(.init(values: values.merging(more) { $1 }))
    }

    /// The vector of the venue's own client (dossier §3.2).
    @Test func headers_areSignedAsTheVenuesClientDoes() throws {
        let headers = try #require(
            try credentials().headers(method: "test-sign", path: "/orders", body: #"{"hash": "0x123"}"#, atSeconds: 1_000_000))
        let values = Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) })
        #expect(values["POLY_SIGNATURE"] == "ZwAdJKvoYRlEKDkNMwd5BuwNNtg93kNaR_oU2HrfVvc=")
        #expect(values["POLY_TIMESTAMP"] == "1000000")
        #expect(values["POLY_API_KEY"] == "11111111-2222-3333-4444-555555555555")
        #expect(values["POLY_PASSPHRASE"] == "a-passphrase-of-some-length")
        #expect(values["POLY_ADDRESS"] == "0x71")
    }

    @Test func withoutAddress_nothingIsSigned_andTheSecretNeedBeNoBase64() throws {
        let credentials = try credentials(["POLYMARKET_ADDRESS": "", "POLYMARKET_API_SECRET": "this-is-no-base64!"])
        #expect(credentials.headers(method: "GET", path: "/", atSeconds: 1) == nil)
    }

    @Test func maskedFrame_hasTheFingerprintOnly() throws {
        let credentials = try credentials()
        // printf 11111111-2222-3333-4444-555555555555 | sha256sum
        let fingerprint = "sha256:666ff6ccaa5b3c07feaa3a95d3a4bd2c46ac9e9abdb09ca9133528d3dc1e8952"
        #expect(credentials.maskedFrame == #"{"auth":{"apiKey":"\#(fingerprint)","secret":"****","passphrase":"****"},"type":"user"}"#)
        #expect(credentials.firstFrame.hasPrefix(#"{"auth":{"apiKey":"11111111-2222-3333-4444-555555555555","secret":"AAA"#))
    }

    @Test func whatTheVenueRepeats_isMasked_theKeyByTheBeginningOfItsFingerprint() throws {
        let credentials = try credentials()
        #expect(credentials.secrets.mask("11111111-2222-3333-4444-555555555555") == "sha256:666ff6ccaa5b3c07feaa3a95d3a4b")
        let masked = credentials.secrets.mask(credentials.firstFrame)
        #expect(!masked.contains("11111111-2222") && !masked.contains("AAAA") && !masked.contains("a-passphrase"))
        let long = try self.credentials(["POLYMARKET_API_KEY": String(repeating: "k", count: 100)])
        #expect(long.secrets.mask(String(repeating: "k", count: 100)).hasSuffix(String(repeating: "*", count: 29)))
    }

    @Test(arguments: PolymarketCredentials.Source.names) func whatIsTooShortToBeMasked_is78(name: String) throws {
        let failure = #expect(throws: ToolFailure.self) { _ = try credentials([name: String(repeating: "B", count: 15)]) }
        #expect(failure?.status == .configuration && failure?.message.contains("\(name) is shorter than 16") == true)
        #expect(failure?.message.contains("BBBB") == false)
        _ = try credentials([name: String(repeating: "B", count: 16)])
    }

    @Test(arguments: [
        ("POLYMARKET_API_KEY", ""), ("POLYMARKET_API_KEY", "a b"), ("POLYMARKET_API_SECRET", "\""), ("POLYMARKET_API_PASSPHRASE", "x\\"),
        ("POLYMARKET_API_SECRET", "this-is-no-base64!"), ("POLYMARKET_ADDRESS", "0x 1"),
    ])
    func whatCannotBeSent_is78_andNotRepeated(name: String, value: String) {
        #expect {
            _ = try credentials([name: value])
        } throws: { error in
            guard let failure = error as? ToolFailure, failure.status == .configuration else { return false }
            return failure.message.contains(name) && (value.isEmpty || !failure.message.contains(value))
        }
    }
}

@Suite struct PolymarketUserSocketTests {
    private static let start = Timestamp(micros: 1_790_000_000_000_000)

    /// A socket, and what it asks the session to send.
    private final class Paper {
        var socket: PolymarketUserSocket
        let control = LiveControl(FeedSession.Session(SessionRules(), at: 0), random: SystemRandomNumberGenerator())
        var now = PolymarketUserSocketTests.start

        init() throws {
            let values = Dictionary(uniqueKeysWithValues: PolymarketCredentials.Source.names.map { ($0, "0123456789abcdef") })
            socket = PolymarketUserSocket(
                try WebSocketAddress("wss://localhost/ws/user"), try PolymarketCredentials(.init(values: values)))
        }

        /// What is sent after so long; `user` for the first frame.
        func sent(after micros: Int64) -> [String] {
            now = now.advanced(byMicros: micros)
            _ = socket.act(control, at: now)
            return control.takeWishes().map { wish in
                guard case .send(_, let text, let masked) = wish else { return "?" }
                return text == "PING" ? text : masked == nil ? "unmasked" : "user"
            }
        }

        func open(_ conn: Int64) { socket.opened(conn, at: now) }

        func end(_ conn: Int64, code: Int64 = 1006, kind: SocketTrouble.Kind = .lost, hasSpoken: Bool = false) -> SocketTrouble.Kind {
            let judged = socket.judge(conn, SocketTrouble(kind, "the end", code: code), hasSpoken: hasSpoken).kind
            _ = socket.ended(conn)
            return judged
        }
    }

    @Test func firstFrameFirst_thenPINGEveryTenSeconds() throws {
        let paper = try Paper()
        paper.open(1)
        #expect(paper.sent(after: 0) == ["user"])
        #expect(paper.sent(after: 9_999_999) == [])
        #expect(paper.sent(after: 1) == ["PING"])
        #expect(paper.sent(after: 9_999_999) == [])
        #expect(paper.sent(after: 1) == ["PING"])
    }

    @Test(arguments: [1008, 3000, 4001] as [Int64])
    func closeThatSaysSo_isARefusal(code: Int64) throws {
        let paper = try Paper()
        paper.open(1)
        _ = paper.sent(after: 0)
        #expect(paper.end(1, code: code) == .credentials)
    }

    @Test(arguments: [1000, 1005, 1006] as [Int64])
    func silentEnd_isASuspicion_andARefusalOnceTheFrameWasHeldBack(code: Int64) throws {
        let paper = try Paper()
        paper.open(1)
        _ = paper.sent(after: 0)
        #expect(paper.end(1, code: code) == .lost)
        for conn in [2, 3] as [Int64] {
            paper.open(conn)
            #expect(paper.sent(after: 1_999_999) == [])
            #expect(paper.sent(after: 1) == ["user"])
            #expect(paper.end(conn, code: code) == .credentials)
        }
    }

    @Test func cutBeforeTheHeldFrame_isNoRefusal() throws {
        let paper = try Paper()
        paper.open(1)
        _ = paper.sent(after: 0)
        #expect(paper.end(1) == .lost)
        for conn in 2...20 as ClosedRange<Int64> {
            paper.open(conn)
            #expect(paper.sent(after: 1_000_000) == [])
            #expect(paper.end(conn) == .lost)
        }
    }

    @Test(arguments: [1001, 1011, 1012, 1013] as [Int64])
    func venueInTrouble_isNoRefusal_howeverOften(code: Int64) throws {
        let paper = try Paper()
        for conn in 1...5 as ClosedRange<Int64> {
            paper.open(conn)
            #expect(paper.sent(after: 0) == ["user"])
            #expect(paper.end(conn, code: code) == .lost)
        }
    }

    @Test func endAfterAWord_orAfterFiveSeconds_isNoRefusal() throws {
        let paper = try Paper()
        paper.open(1)
        _ = paper.sent(after: 0)
        #expect(paper.end(1, code: 1008, hasSpoken: true) == .lost)
        paper.open(2)
        _ = paper.sent(after: 0)
        _ = paper.sent(after: 5_000_000)
        #expect(paper.end(2, code: 1008) == .lost)
        paper.open(3)
        #expect(paper.sent(after: 0) == ["user"], "nothing is held back")
    }

    @Test func neverUp_isNotAboutTheKey() throws {
        let paper = try Paper()
        #expect(paper.end(1, kind: .network) == .network)
        #expect(paper.end(2, kind: .busy) == .busy)
    }
}
