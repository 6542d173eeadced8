import Glibc
import UnixTool

/// Writing that is either done or undone, and on the disk when it says so.
enum DiskWrite {
    /// Writes all bytes behind the end of a file. If that fails, the file ends where it did before.
    static func append(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32, _ path: String) throws(ToolFailure) {
        let code = attempt(bytes, to: descriptor)
        guard code == 0 else {
            throw ToolFailure(
                .ioError, "cannot write \(path): \(SystemError.text(code)); free some space and go on from each feed's last line")
        }
    }

    /// The same; gives a number of `errno`, 0 if all is written.
    static func attempt(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) -> Int32 {
        var written = 0
        while written < bytes.count {
            let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let code = errno
                _ = ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - off_t(written))
                return code
            }
            written += count
        }
        return 0
    }

    static func sync(_ descriptor: Int32, _ path: String) throws(ToolFailure) {
        guard fsync(descriptor) == 0 else {
            throw ToolFailure(.ioError, "cannot write \(path) to the disk: \(SystemError.text()); check the disk")
        }
    }

    /// Puts the names of a directory on the disk. Where a file system knows no such thing there is nothing to do.
    static func syncDirectory(_ path: String) throws(ToolFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ToolFailure(.ioError, "cannot open the directory \(path): \(SystemError.text()); check its permissions")
        }
        defer { close(descriptor) }
        if fsync(descriptor) != 0, errno != EINVAL {
            throw ToolFailure(.ioError, "cannot write \(path) to the disk: \(SystemError.text()); check the disk")
        }
    }

    /// Makes a directory and those above it.
    ///
    /// - Parameter option: What names it on the command line, for messages: `ndjson:`.
    static func makeDirectory(_ path: String, option: StaticString) throws(ToolFailure) {
        if mkdir(path, 0o755) == 0 { return try syncParent(of: path) }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makeDirectory(String(path[..<slash]), option: option)
            if mkdir(path, 0o755) == 0 { return try syncParent(of: path) }
        }
        let code = errno
        var status = stat()
        guard code == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            let reason = code == EEXIST ? "it is a file" : SystemError.text(code)
            throw ToolFailure(.cannotCreate, "cannot make the directory \(path): \(reason); give \(option) another one")
        }
    }

    private static func syncParent(of path: String) throws(ToolFailure) {
        guard let slash = path.lastIndex(of: "/") else { return try syncDirectory(".") }
        try syncDirectory(slash == path.startIndex ? "/" : String(path[..<slash]))
    }
}
