import Glibc
import UnixTool

/// What stands behind the last newline of a file: a line whose writer was killed.
enum TornTail {
    /// Takes it away; gives how many bytes it had.
    static func cut(_ descriptor: Int32, _ path: String) throws(ToolFailure) -> Int64 {
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var end = size
        while end > 0 {
            let from = max(end - Int64(chunk.count), 0)
            let count = pread(descriptor, &chunk, Int(end - from), off_t(from))
            guard count > 0 else { throw ToolFailure(.ioError, "cannot read \(path): \(SystemError.text()); check the disk") }
            if let newline = chunk[..<count].lastIndex(of: UInt8(ascii: "\n")) {
                end = from + Int64(newline) + 1
                break
            }
            end = from
        }
        guard end < size else { return 0 }
        guard ftruncate(descriptor, off_t(end)) == 0 else {
            throw ToolFailure(.ioError, "cannot cut the torn last line of \(path): \(SystemError.text()); check the disk")
        }
        return size - end
    }
}
