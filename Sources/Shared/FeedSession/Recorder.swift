import Glibc
import JSON
import MarketModel
public import UnixTool

/// Writes a recording (`docs/unix.md`) while a session runs: everything that came and went, as it was, credentials masked.
///
/// Lines are appended, so that a file may hold several runs; each line is written whole.
public struct Recorder: ~Copyable {
    private static let flushBytes = 1 << 16

    private let path: String
    private var descriptor: Int32
    private var buffer = ByteBuffer(capacity: 1 << 17)

    public init(path: String) throws(ToolFailure) {
        self.path = path
        descriptor = try Recorder.open(path)
    }

    deinit { close(descriptor) }

    private static func open(_ path: String) throws(ToolFailure) -> Int32 {
        // Only for its owner: what came on private channels is in it.
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot open \(path) for --record: \(SystemError.text()); check the path")
        }
        return descriptor
    }

    /// Opens the path anew: logrotate has moved the file.
    public mutating func reopen() throws(ToolFailure) {
        try flush()
        let fresh = try Recorder.open(path)
        close(descriptor)
        descriptor = fresh
    }

    /// Notes what happened, in the order in which it did.
    public mutating func write(_ entry: RecordingEntry, address: String = "") throws(ToolFailure) {
        switch entry {
        case .opened(let conn, let time):
            begin("{\"recv_us\":", time, conn)
            buffer.append(",\"open\":")
            buffer.append(string: address)
        case .sent(let conn, let frame, let time):
            begin("{\"sent_us\":", time, conn)
            buffer.append(",\"sent\":")
            buffer.append(quoting: frame.bytes)
        case .received(let conn, let frame, let time):
            begin("{\"recv_us\":", time, conn)
            buffer.append(",\"raw\":")
            buffer.append(quoting: frame.bytes)
        case .closed(let conn, let code, let reason, let retryMicros, let time):
            begin("{\"recv_us\":", time, conn)
            buffer.append(",\"close\":")
            buffer.append(integer: code)
            buffer.append(",\"reason\":")
            buffer.append(quoting: reason?.bytes ?? UnsafeBufferPointer(start: nil, count: 0))
            if let retryMicros {
                buffer.append(",\"retry_in_us\":")
                buffer.append(integer: retryMicros)
            }
        case .answered(let path, let status, let body, let time):
            buffer.append("{\"recv_us\":")
            buffer.append(integer: time.micros)
            buffer.append(",\"get\":")
            buffer.append(quoting: path.bytes)
            buffer.append(",\"status\":")
            buffer.append(integer: status)
            buffer.append(",\"body\":")
            buffer.append(quoting: body.bytes)
        }
        buffer.append("}\n")
        if buffer.count >= Recorder.flushBytes { try flush() }
    }

    private mutating func begin(_ opening: StaticString, _ time: Timestamp, _ conn: Int64) {
        buffer.append(opening)
        buffer.append(integer: time.micros)
        buffer.append(",\"conn\":")
        buffer.append(integer: conn)
    }

    /// Writes what waits.
    public mutating func flush() throws(ToolFailure) {
        var written = 0
        defer {
            buffer.removeFirst(written)
            buffer.giveBack()
        }
        while written < buffer.count {
            let count = Glibc.write(descriptor, buffer.bytes.baseAddress! + written, buffer.count - written)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ToolFailure(.ioError, "cannot write to \(path): \(SystemError.text()); give --record another place")
            }
            written += count
        }
    }
}
