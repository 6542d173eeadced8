import FeedSession
import JSON
import MarketModel

/// The user channel as the feed sees it: which connections are of it, and what their frames say.
///
/// A connection is of the channel when the first frame that we sent on it says so; its key stands there as a fingerprint.
final class PolymarketUserChannel {
    private let output: FeedOutput
    private let mapper: PolymarketUserMapper
    /// Connections, and whether anything has come on them.
    private var conns: [Int64: Bool] = [:]
    private var key: String?
    /// When the channel was first asked for.
    private var start: Timestamp?

    init(_ output: FeedOutput, _ registry: PolymarketRegistry) {
        self.output = output
        mapper = PolymarketUserMapper(output, registry)
    }

    func isCarried(by conn: Int64) -> Bool { conns[conn] != nil }

    /// Whether anything has come on a connection of the channel.
    func isLive(_ conn: Int64) -> Bool { conns[conn] ?? false }

    /// Takes a frame that we sent; false if it is none of this channel's.
    func takes(sent frame: JSONText, on conn: Int64, at time: Timestamp) -> Bool {
        if conns[conn] != nil { return true }
        guard let apiKey = PolymarketUserChannel.apiKey(frame) else { return false }
        conns[conn] = false
        // A recording of somebody else's may have it in clear.
        key = apiKey.string.hasPrefix(PolymarketCredentials.fingerprintPrefix) ? apiKey.string : PolymarketCredentials.fingerprint(apiKey)
        start = start ?? time
        return true
    }

    /// The key of `{"auth":{"apiKey":…},"type":"user"}`; nil for any other frame.
    private static func apiKey(_ frame: JSONText) -> JSONText? {
        guard frame.bytes.first == UInt8(ascii: "{") else { return nil }
        var isUser = false
        var found: JSONText?
        do {
            var scanner = JSONScanner(frame)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                if key.isEqual(to: "type"), try scanner.peekKind() == .string {
                    isUser = try scanner.string().isEqual(to: "user")
                } else if key.isEqual(to: "auth"), try scanner.peekKind() == .object {
                    try scanner.beginObject()
                    while let name = try scanner.nextKey() {
                        if name.isEqual(to: "apiKey") { found = try scanner.string() } else { try scanner.skipValue() }
                    }
                } else {
                    try scanner.skipValue()
                }
            }
        } catch {
            return nil
        }
        return isUser ? found : nil
    }

    func close(_ conn: Int64) { conns[conn] = nil }

    /// A frame of the channel. A heartbeat counts: on a channel that may be silent for hours it is the only proof.
    func receive(_ frame: JSONText, conn: Int64, at time: Timestamp) throws {
        if conns[conn] == false {
            conns[conn] = true
            try output.status(FeedStatus(.live, conn: conn, reason: "own orders and fills"), at: time)
        }
        guard let first = frame.bytes.first(where: { $0 > 0x20 }) else { return }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return try takeControlText(frame, at: time) }
        do {
            // Read whole first, so that nothing of a torn frame is used.
            var scanner = JSONScanner(frame)
            let value = try scanner.value()
            try scanner.finish()
            guard first == UInt8(ascii: "[") else { return try take(value, conn, time) }
            var elements = JSONScanner(value)
            try elements.beginArray()
            while try elements.nextElement() { try take(try elements.value(), conn, time) }
        } catch let error as JSONError {
            try output.reject(
                frame.bytes, counter: "malformed_json", message: "a frame of the user channel is not JSON: \(error)", at: time)
        }
    }

    private func take(_ object: JSONText, _ conn: Int64, _ time: Timestamp) throws {
        var scanner = JSONScanner(object)
        guard try scanner.peekKind() == .object else {
            return try output.reject(object.bytes, counter: "wrong_element", message: "an array element is no object", at: time)
        }
        let message = try PolymarketUserMessage(&scanner)
        do {
            try mapper.map(message, object, key: key, conn: conn, at: time)
        } catch PolymarketFault.unknownType {
            try output.faults.keep(object.bytes, reason: PolymarketFault.unknownType.message, at: time)
        } catch let fault as PolymarketFault {
            let name = message.eventType.map { PolymarketMapper.printable($0) } ?? "message"
            try output.reject(
                object.bytes, counter: "own_\(fault.counter)", message: "\(name) of the user channel: \(fault.message)", at: time)
        }
    }

    private func takeControlText(_ frame: JSONText, at time: Timestamp) throws {
        output.counters.add("control_text")
        let end = frame.bytes.lastIndex { $0 > 0x20 } ?? 0
        if JSONText(base: frame.base, count: end + 1).isEqual(to: "PONG") { return }
        output.logger.warning("the venue says on the user channel: \(String(frame.string.prefix(200)))")
        try output.faults.keep(frame.bytes, reason: "control text", at: time)
    }

    /// Takes an answer to the question for own trades; false if it is another one's.
    func takes(answer body: JSONText, path: JSONText, at time: Timestamp) throws -> Bool {
        guard path.string.prefix(while: { $0 != "?" }) == PolymarketUserCatchUp.path else { return false }
        guard let start else {
            // The recording was cut: which of these are ours is not known.
            output.counters.add("own_trades_unasked")
            return true
        }
        try mapper.takeTrades(body, key: key, start: start, at: time)
        return true
    }
}
