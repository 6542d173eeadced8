import Glibc
import UnixTool

/// What stands behind the last newline of a file: a line whose writer was killed.
enum TornTail {
    /// Where it begins, and the size of the file: the same if there is none.
    static func find(_ descriptor: Int32, _ path: String) throws(ToolFailure) -> (start: Int64, size: Int64) {
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var end = size
        while end > 0 {
            let from = max(end - Int64(chunk.count), 0)
            let count = pread(descriptor, &chunk, Int(end - from), off_t(from))
            guard count > 0 else { throw ToolFailure(.ioError, "cannot read \(path): \(SystemError.text()); check the disk") }
            if let newline = chunk[..<count].lastIndex(of: UInt8(ascii: "\n")) {
                return (from + Int64(newline) + 1, size)
            }
            end = from
        }
        return (0, size)
    }

    /// Takes it away; gives how many bytes it had.
    static func cut(_ descriptor: Int32, _ path: String) throws(ToolFailure) -> Int64 {
        let (start, size) = try find(descriptor, path)
        guard start < size else { return 0 }
        guard ftruncate(descriptor, off_t(start)) == 0 else {
            throw ToolFailure(.ioError, "cannot cut the torn last line of \(path): \(SystemError.text()); check the disk")
        }
        return size - start
    }
}
