import Glibc
import UnixTool

/// That one program alone compresses a segment: a lock on the file itself, which the program holds on when we are killed.
final class CompressorLock {
    /// What is left by a program that was ended before its time has one of these behind the segment's name.
    private static let suffixes = [".zst", ".gz", ".xz", ".bz2", ".lz4"]

    /// Whether a segment can be compressed now.
    enum Attempt {
        case locked(CompressorLock)
        /// A program that outlived its sink is at work on it.
        case busy
        /// The file is not there any more: such a program has done it.
        case gone
        case failed(String)
    }

    /// For the program to hold; closed here, the lock stays as long as the program has it.
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    static func attempt(_ path: String) -> Attempt {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? .gone : .failed("it cannot be opened: \(SystemError.text())") }
        let lock = CompressorLock(descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            return errno == EWOULDBLOCK ? .busy : .failed("it cannot be locked: \(SystemError.text())")
        }
        // The program that had the lock before may have ended, and taken the file away, since it was opened.
        guard let there = FileStatus(path), there.identity == FileStatus(descriptor: descriptor)?.identity else { return .gone }
        return .locked(lock)
    }

    /// Takes away what was begun and not ended: the segment is there and no program works on it, so it is no loss.
    ///
    /// Programs such as gzip refuse to write over a file.
    func removeLeftovers(of path: String) {
        for suffix in CompressorLock.suffixes { unlink(path + suffix) }
    }
}
