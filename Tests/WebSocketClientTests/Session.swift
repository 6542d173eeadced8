import Glibc
import OpenSSL
import TestSupport
import Testing
import WebSocket

@testable import WebSocketClient

/// The client under test, driven by poll as a feed drives it; what it says is kept.
final class Session {
    enum Said: Equatable {
        case opened
        case text(String)
        case binary([UInt8])
        case ended(WebSocketEnd)
    }

    let client: WebSocketClient
    private(set) var said: [Said] = []
    /// Called with each message at once.
    var onMessage: ((Session, Said) -> Void)?

    init(
        _ address: String, headers: [(name: String, value: String)] = [], caFile: String? = nil, proxy: HTTPProxy? = nil,
        limits: WebSocketLimits = Session.patient, resolve: @escaping NameLookup.Resolve = { NameLookup.addresses($0, port: $1) }
    ) throws {
        let address = try WebSocketAddress(address)
        client = try WebSocketClient(
            address, headers: headers, tls: address.isSecure ? TLSContext(caFile: caFile) : nil, proxy: proxy, limits: limits,
            at: Session.now(), resolve: resolve)
    }

    /// No test fails because the machine is busy.
    static var patient: WebSocketLimits {
        var limits = WebSocketLimits()
        (limits.openMicrosMax, limits.closeMicrosMax) = (60_000_000, 60_000_000)
        return limits
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    var end: WebSocketEnd? { if case .ended(let end) = said.last { end } else { nil } }

    var texts: [String] { said.compactMap { if case .text(let text) = $0 { text } else { nil } } }

    /// One turn of the loop.
    func turn(millisMax: Int64 = 50) {
        var polls: [pollfd] = []
        client.appendPolls(&polls)
        var millis = client.hasPending ? 0 : millisMax
        if let deadline = client.deadlineMicros { millis = max(0, min(millis, (deadline - Session.now() + 999) / 1000)) }
        poll(&polls, nfds_t(polls.count), Int32(millis))
        client.advance(at: Session.now())
        while let event = client.next() { take(event) }
    }

    private func take(_ event: WebSocketClient.Event) {
        let one: Said =
            switch event {
            case .opened: .opened
            case .text(let bytes): .text(String(decoding: bytes, as: UTF8.self))
            case .binary(let bytes): .binary(Array(bytes))
            case .ended(let end): .ended(end)
            }
        said.append(one)
        onMessage?(self, one)
    }

    func run(until what: String, _ condition: (Session) -> Bool) throws {
        let start = Session.now()
        while !condition(self) {
            turn()
            try #require(Session.now() - start < Int64(Deadline.millis) * 1000, "waited too long for \(what); it said \(said.suffix(3))")
        }
    }

    func open() throws {
        try run(until: "the opening") { $0.client.isOpen || $0.end != nil }
        try #require(client.isOpen, "\(said)")
    }

    @discardableResult
    func runToEnd() throws -> WebSocketEnd {
        try run(until: "the end") { $0.end != nil }
        return try #require(end)
    }
}
