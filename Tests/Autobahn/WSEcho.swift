import CountedAllocation
import Glibc
import OpenSSL
import WebSocketClient

/// A client that sends every message back, for servers that test clients.
///
/// usage: `ws-echo cases ADDRESS AGENT`, which walks the cases of an Autobahn fuzzing server, or `ws-echo echo ADDRESS [CA.pem]`
@main enum WSEcho {
    static func main() throws {
        let words = CommandLine.arguments.dropFirst()
        switch (words.first, words.count) {
        case ("cases", 3): try walk(words[2], agent: words[3])
        case ("echo", 2...3): try echo(words[2], caFile: words.count > 2 ? words[3] : nil)
        default:
            print("usage: ws-echo cases ADDRESS AGENT | ws-echo echo ADDRESS [CA.pem]")
            exit(64)
        }
    }

    /// Autobahn's own order: how many cases there are, each of them, then the report.
    private static func walk(_ address: String, agent: String) throws {
        var count: Int?
        let end = try run(address + "/getCaseCount") { _, event in
            if case .text(let bytes) = event { count = Int(String(decoding: bytes, as: UTF8.self)) }
        }
        guard let count else { return fail("no number of cases came: \(end)") }
        for number in 1...count {
            let end = try run(address + "/runCase?case=\(number)&agent=\(agent)", onEvent: sendBack)
            if case .unreachable(let reason) = end { return fail(reason) }
        }
        _ = try run(address + "/updateReports?agent=\(agent)") { _, _ in }
        print("\(count) cases")
    }

    private static func echo(_ address: String, caFile: String?) throws {
        var messages = 0
        let end = try run(address, caFile: caFile) { client, event in
            if case .text = event { messages += 1 }
            sendBack(client, event)
        }
        print("\(messages) messages, \(mktpipe_allocation_count()) allocations; \(end)")
    }

    private static func fail(_ reason: String) {
        print("ws-echo: \(reason)")
        exit(1)
    }

    private static func sendBack(_ client: WebSocketClient, _ event: WebSocketClient.Event) {
        switch event {
        case .text(let bytes): client.send(text: bytes)
        case .binary(let bytes): client.send(binary: bytes)
        case .opened, .ended: break
        }
    }

    /// One connection, to its end.
    private static func run(
        _ address: String, caFile: String? = nil, onEvent: (WebSocketClient, WebSocketClient.Event) -> Void
    ) throws -> WebSocketEnd {
        var limits = WebSocketLimits()
        limits.sendBytesMax = 64 << 20
        let address = try WebSocketAddress(address)
        let client = try WebSocketClient(
            address, tls: address.isSecure ? TLSContext(caFile: caFile) : nil, limits: limits, at: monotonicMicros())
        var polls: [pollfd] = []
        while true {
            polls.removeAll(keepingCapacity: true)
            client.appendPolls(&polls)
            var millis: Int64 = client.hasPending ? 0 : 30_000
            if let deadline = client.deadlineMicros { millis = max(0, min(millis, (deadline - monotonicMicros() + 999) / 1000)) }
            poll(&polls, nfds_t(polls.count), Int32(millis))
            client.advance(at: monotonicMicros())
            while let event = client.next() {
                if case .ended(let end) = event { return end }
                onEvent(client, event)
            }
        }
    }

    private static func monotonicMicros() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
