import Glibc
public import OpenSSL
import UnixTool
public import WebSocketClient

/// Opens one socket, says something and waits for an answer: for `--check`.
public final class SocketProbe {
    private let client: WebSocketClient
    /// When it came up, by the monotonic clock; nil if it did not.
    public private(set) var openedMicros: Int64?
    public private(set) var end: WebSocketEnd?

    public init(
        _ address: WebSocketAddress, headers: [(name: String, value: String)], tls: TLSContext, environment: [String: String]
    ) throws {
        let proxy = try HTTPProxy.find(for: address, environment: environment)
        client = try WebSocketClient(
            address, headers: headers, tls: tls, proxy: proxy, limits: WebSocketLimits(), at: Clock.monotonicMicros())
    }

    deinit { client.abandon() }

    /// The server's time, as its answer to the upgrade told it.
    public var serverDateMicros: Int64? { client.serverDateMicros }

    public func send(_ text: String) { client.send(text: text) }

    /// Waits until the socket is up. False if it does not come up.
    public func open() -> Bool { wait(micros: 15_000_000) { _ in false } || openedMicros != nil }

    /// Waits until a text satisfies `isAnswer`. False if none does within the time, or if the socket ends.
    public func wait(micros: Int64, _ isAnswer: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        let deadline = Clock.monotonicMicros() + micros
        let wasOpen = openedMicros != nil
        var polls: [pollfd] = []
        while end == nil, !Signals.isStopAsked, Clock.monotonicMicros() < deadline {
            client.advance(at: Clock.monotonicMicros())
            while let event = client.next() {
                switch event {
                case .opened:
                    openedMicros = Clock.monotonicMicros()
                    if !wasOpen { return false }
                case .text(let bytes): if isAnswer(bytes) { return true }
                case .binary: break
                case .ended(let end): self.end = end
                }
            }
            if client.hasPending || end != nil { continue }
            polls.removeAll(keepingCapacity: true)
            polls.append(pollfd(fd: Signals.wakeDescriptor, events: Int16(POLLIN), revents: 0))
            client.appendPolls(&polls)
            let due = min(deadline, client.deadlineMicros ?? deadline)
            _ = poll(&polls, nfds_t(polls.count), Int32(clamping: max(0, due - Clock.monotonicMicros() + 999) / 1000))
        }
        return false
    }
}
