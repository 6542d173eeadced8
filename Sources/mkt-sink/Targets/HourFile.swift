import Glibc
import JSON
import UnixTool

/// One open file of lines, appended to, a whole number of lines in every write.
final class HourFile {
    private static let flushBytes = 1 << 16

    let hour: Int64
    let feed: [UInt8]
    private let path: String
    private let descriptor: Int32
    private var buffer = ByteBuffer(capacity: HourFile.flushBytes * 2)
    /// When it was last written to, in takes of the target.
    var lastUse: Int64 = 0
    /// Bytes of a torn last line that were cut off when the file was opened.
    let cutBytes: Int64

    /// Opens a file that may be there already; its directory is.
    init(path: String, hour: Int64, feed: [UInt8]) throws(ToolFailure) {
        self.path = path
        self.hour = hour
        self.feed = feed
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot open \(path): \(SystemError.text()); check the directory of ndjson:")
        }
        do throws(ToolFailure) {
            // Cutting a tail that somebody else is still writing would lose their line.
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw ToolFailure(.tryLater, "\(path) is written by another program; give ndjson: another directory, or wait")
            }
            cutBytes = try HourFile.cutTornLine(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Takes away what stands behind the last newline: a line whose writer was killed.
    private static func cutTornLine(_ descriptor: Int32, _ path: String) throws(ToolFailure) -> Int64 {
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var end = size
        while end > 0 {
            let from = max(end - Int64(chunk.count), 0)
            let count = pread(descriptor, &chunk, Int(end - from), off_t(from))
            guard count > 0 else { throw ToolFailure(.ioError, "cannot read \(path): \(SystemError.text())") }
            if let newline = chunk[..<count].lastIndex(of: UInt8(ascii: "\n")) {
                end = from + Int64(newline) + 1
                break
            }
            end = from
        }
        guard end < size else { return 0 }
        guard ftruncate(descriptor, off_t(end)) == 0 else {
            throw ToolFailure(.ioError, "cannot cut the torn last line of \(path): \(SystemError.text())")
        }
        return size - end
    }

    func take(_ line: UnsafeBufferPointer<UInt8>) throws(ToolFailure) {
        buffer.append(line)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= HourFile.flushBytes { try flush() }
    }

    /// Writes what waits. If that fails, the file ends where it did before.
    func flush() throws(ToolFailure) {
        var written = 0
        defer { buffer.removeAll() }
        while written < buffer.count {
            let count = write(descriptor, buffer.bytes.baseAddress! + written, buffer.count - written)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = SystemError.text()
                _ = ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - off_t(written))
                throw ToolFailure(.ioError, "cannot write \(path): \(reason); free some space and go on from its last line")
            }
            written += count
        }
    }
}
