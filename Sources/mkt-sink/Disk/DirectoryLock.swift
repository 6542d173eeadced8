import Glibc
import UnixTool

/// That nobody else writes into a directory, for as long as this lives.
///
/// The lock is the directory's own, so that none is left behind by a kill and no file stands beside the segments.
final class DirectoryLock {
    private let descriptor: Int32

    /// The directory is there.
    ///
    /// - Parameter option: What names it on the command line, for messages: `ndjson:`.
    init(_ path: String, option: StaticString) throws(ToolFailure) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot open the directory \(path): \(SystemError.text()); check its permissions")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK {
                throw ToolFailure(.tryLater, "\(path) is written by another program; give \(option) another directory, or wait")
            }
            let reason = SystemError.text(code)
            throw ToolFailure(.cannotCreate, "cannot lock the directory \(path): \(reason); give \(option) one on a local disk")
        }
    }

    deinit { close(descriptor) }

    /// Whether the directory of that path is still the locked one.
    func isOf(_ path: String) -> Bool {
        guard let there = FileStatus(path) else { return false }
        return FileStatus(descriptor: descriptor)?.identity == there.identity
    }
}
