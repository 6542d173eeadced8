public import JSON
public import MarketModel
import UnixTool

/// One line of a recording. Texts are valid until the next line is read.
public enum RecordingEntry {
    case opened(conn: Int64, at: Timestamp)
    case sent(conn: Int64, frame: JSONText, at: Timestamp)
    case received(conn: Int64, frame: JSONText, at: Timestamp)
    /// `retryMicros`: after how long the session tries again; nil where it does not, or does not tell.
    case closed(conn: Int64, code: Int64, reason: JSONText?, retryMicros: Int64?, at: Timestamp)
    case answered(path: JSONText, status: Int64, body: JSONText, at: Timestamp)

    public var time: Timestamp {
        switch self {
        case .opened(_, let time), .sent(_, _, let time), .received(_, _, let time), .closed(_, _, _, _, let time),
            .answered(_, _, _, let time):
            time
        }
    }
}

/// Why a line is not one of a recording.
public enum RecordingError: Error, Equatable, Sendable {
    case json(JSONError)
    /// A key is missing or of the wrong kind.
    case wrong(String)

    public var message: String {
        switch self {
        case .json(let error): "not JSON: \(error)"
        case .wrong(let what): what
        }
    }
}

/// Turns lines of a recording (`docs/unix.md`) into entries. Its memory for frames is used again for every line.
public struct RecordingReader: ~Copyable {
    private var frame = ByteBuffer(capacity: 1 << 16)

    public init() {}

    /// Reads one line. The frame's bytes are those that came over the socket: escapes are resolved here.
    public mutating func read(_ line: UnsafeBufferPointer<UInt8>) throws(RecordingError) -> RecordingEntry {
        if let received = readReceived(line) { return received }
        let fields: RecordingFields
        do {
            fields = try RecordingFields(line)
        } catch {
            throw .json(error)
        }
        if let path = fields.get {
            guard let status = fields.status, let body = fields.body, let time = fields.received else {
                throw .wrong("a REST answer without recv_us, status or body")
            }
            return .answered(path: path, status: status, body: unescaped(body), at: time)
        }
        guard let conn = fields.conn, conn >= 1 else { throw .wrong("\"conn\" is missing or not a number from 1 up") }
        if let sent = fields.sent {
            guard let time = fields.sentTime else { throw .wrong("\"sent_us\" is missing or no time") }
            return .sent(conn: conn, frame: unescaped(sent), at: time)
        }
        guard let time = fields.received else { throw .wrong("\"recv_us\" is missing or no time") }
        if let raw = fields.raw { return .received(conn: conn, frame: unescaped(raw), at: time) }
        if fields.isOpen { return .opened(conn: conn, at: time) }
        if let code = fields.close {
            return .closed(conn: conn, code: code, reason: fields.reason, retryMicros: fields.retryMicros, at: time)
        }
        throw .wrong("none of open, sent, raw, close and get")
    }

    private mutating func readReceived(_ line: UnsafeBufferPointer<UInt8>) -> RecordingEntry? {
        frame.removeAll()
        guard let (conn, time) = RecordingReader.takeReceived(line, onto: &frame) else { return nil }
        return .received(conn: conn, frame: frame.text, at: time)
    }

    /// Nearly every line: a frame that came, in the recorder's own spelling. nil for all else, and for what is wrong in any way.
    ///
    /// - Parameter frames: Gets the frame, escapes resolved, behind what it holds; nothing where the answer is nil.
    static func takeReceived(_ line: UnsafeBufferPointer<UInt8>, onto frames: inout ByteBuffer) -> (conn: Int64, time: Timestamp)? {
        let start = frames.count
        var scanner = JSONScanner(line)
        do {
            try scanner.beginObject()
            guard scanner.takeKey(spelled: "\"recv_us\":"), let micros = scanner.takeWhole(), let time = RecordingFields.moment(micros),
                scanner.takeKey(spelled: "\"conn\":"), let conn = scanner.takeWhole(), conn >= 1,
                scanner.takeKey(spelled: "\"raw\":")
            else { return nil }
            try scanner.takeString(unescapedOnto: &frames)
            if try scanner.nextKey() == nil {
                try scanner.finish()
                return (conn, time)
            }
        } catch {}
        frames.truncate(to: start)
        return nil
    }

    private mutating func unescaped(_ text: JSONText) -> JSONText {
        guard text.hasEscapes else { return text }
        frame.removeAll()
        frame.append(unescaping: text)
        return frame.text
    }
}

/// The keys of a recording's line.
private struct RecordingFields {
    var received: Timestamp?
    var sentTime: Timestamp?
    var conn: Int64?
    var isOpen = false
    var sent: JSONText?
    var raw: JSONText?
    var close: Int64?
    var reason: JSONText?
    var retryMicros: Int64?
    var get: JSONText?
    var status: Int64?
    var body: JSONText?

    init(_ line: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var scanner = JSONScanner(line)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "recv_us") {
                received = try RecordingFields.time(&scanner)
            } else if key.isEqual(to: "conn") {
                conn = try scanner.numberOrString().integer
            } else if key.isEqual(to: "raw") {
                raw = try scanner.string()
            } else if key.isEqual(to: "sent_us") {
                sentTime = try RecordingFields.time(&scanner)
            } else if key.isEqual(to: "sent") {
                sent = try scanner.string()
            } else if key.isEqual(to: "open") {
                _ = try scanner.string()
                isOpen = true
            } else if key.isEqual(to: "close") {
                close = try scanner.numberOrString().integer
            } else if key.isEqual(to: "reason") {
                reason = try scanner.takeNull() ? nil : scanner.string()
            } else if key.isEqual(to: "retry_in_us") {
                retryMicros = try scanner.numberOrString().integer
            } else if key.isEqual(to: "get") {
                get = try scanner.string()
            } else if key.isEqual(to: "status") {
                status = try scanner.numberOrString().integer
            } else if key.isEqual(to: "body") {
                body = try scanner.string()
            } else {
                try scanner.skipValue()
            }
        }
        try scanner.finish()
    }

    /// Microseconds that the contract can tell (whole numbers up to 2^53); nil for all others.
    private static func time(_ scanner: inout JSONScanner) throws(JSONError) -> Timestamp? {
        try scanner.numberOrString().integer.flatMap { moment($0) }
    }

    static func moment(_ micros: Int64) -> Timestamp? { micros >= 0 && micros <= 1 << 53 ? Timestamp(micros: micros) : nil }
}
