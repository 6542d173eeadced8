import Glibc
import JSON
public import MarketModel

/// Every input that was left out, verbatim, with time and reason: the dead-letter file of `--rejects`.
///
/// A line is `{"recv_us":…,"reason":"…","raw":"…"}`; bytes that are not UTF-8 stand as `"raw_base64"` instead.
public struct RejectsFile: ~Copyable {
    private let path: String
    private var descriptor: Int32
    private var buffer = ByteBuffer()

    /// - Parameter isMadeLate: Whether it is not to be there before something is left out.
    public init(path: String, isMadeLate: Bool = false) throws(ToolFailure) {
        self.path = path
        descriptor = isMadeLate ? -1 : try RejectsFile.open(path)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func open(_ path: String) throws(ToolFailure) -> Int32 {
        // What was left out may be about own orders.
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot open \(path) for what is left out: \(SystemError.text()); check the path")
        }
        return descriptor
    }

    /// Opens the path anew: logrotate has moved the file.
    public mutating func reopen() throws(ToolFailure) {
        guard descriptor >= 0 else { return }
        let fresh = try RejectsFile.open(path)
        close(descriptor)
        descriptor = fresh
    }

    /// Writes one input at once: rejects are rare, and wanted most after a crash.
    public mutating func write(_ bytes: UnsafeBufferPointer<UInt8>, reason: String, at time: Timestamp) throws(ToolFailure) {
        buffer.removeAll()
        buffer.append("{\"recv_us\":")
        buffer.append(integer: time.micros)
        buffer.append(",\"reason\":")
        buffer.append(string: reason)
        if String(validating: bytes, as: UTF8.self) != nil {
            buffer.append(",\"raw\":")
            buffer.append(quoting: bytes)
        } else {
            buffer.append(",\"raw_base64\":\"")
            buffer.append(base64: bytes)
            buffer.append("\"")
        }
        buffer.append("}\n")
        if descriptor < 0 { descriptor = try RejectsFile.open(path) }
        var written = 0
        while written < buffer.count {
            let count = Glibc.write(descriptor, buffer.bytes.baseAddress! + written, buffer.count - written)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = SystemError.text()
                // Half a line would spoil the next one too.
                if written > 0 { _ = ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - off_t(written)) }
                throw ToolFailure(.ioError, "cannot write to \(path): \(reason); check the disk")
            }
            written += count
        }
    }

    /// Puts on the disk what was written.
    func sync() throws(ToolFailure) {
        guard descriptor >= 0, fsync(descriptor) != 0, errno != EINVAL else { return }
        throw ToolFailure(.ioError, "cannot write \(path) to the disk: \(SystemError.text()); check the disk")
    }
}

extension ByteBuffer {
    /// RFC 4648 section 4, with padding.
    mutating func append(base64 bytes: UnsafeBufferPointer<UInt8>) {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        var at = 0
        while at < bytes.count {
            let count = min(3, bytes.count - at)
            let group = (0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32($1 < count ? bytes[at + $1] : 0) }
            for index in 0..<4 {
                let digit = index <= count ? alphabet.utf8Start[Int(group >> UInt32(18 - 6 * index)) & 63] : UInt8(ascii: "=")
                append(digit)
            }
            at += count
        }
    }
}
