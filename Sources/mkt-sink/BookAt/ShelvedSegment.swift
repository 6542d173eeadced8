import Glibc
import MarketModel
import UnixTool

/// A segment of a directory, which may be sealed or compressed while others are read.
struct ShelvedSegment {
    /// What a segment may be compressed with: the end of its name, and the program that reads it.
    static let compressions = [(suffix: ".zst", program: "zstd"), (suffix: ".gz", program: "gzip")]

    let folder: String
    let name: SegmentName

    private var path: String { "\(folder)/\(name.file)" }

    /// In the order in which they were begun, feed by feed.
    static func precedes(_ left: ShelvedSegment, _ right: ShelvedSegment) -> Bool {
        if left.name.feed != right.name.feed { return left.name.feed.utf8.lexicographicallyPrecedes(right.name.feed.utf8) }
        if left.folder != right.folder { return left.folder.utf8.lexicographicallyPrecedes(right.folder.utf8) }
        return (left.name.hour, left.name.number) < (right.name.hour, right.name.number)
    }

    /// Reads it as it is now. Beside an uncompressed file a compressed one does not count: it may be in the making.
    func read(_ take: (UnsafeBufferPointer<UInt8>, String) throws(ToolFailure) -> Void) throws(ToolFailure) {
        for _ in 0..<2 {
            if try readPlain(path, isOpen: false, take) { return }
            for compression in ShelvedSegment.compressions where access(path + compression.suffix, F_OK) == 0 {
                return try readCompressed(path + compression.suffix, with: compression.program, take)
            }
            if try readPlain("\(folder)/\(name.openFile)", isOpen: true, take) { return }
        }
        throw ToolFailure(.noInput, "\(path) was there when its directory was read and is gone; start again")
    }

    /// False if there is no such file, or not any more.
    private func readPlain(
        _ path: String, isOpen: Bool, _ take: (UnsafeBufferPointer<UInt8>, String) throws(ToolFailure) -> Void
    ) throws(ToolFailure) -> Bool {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw ToolFailure(.noInput, "cannot open \(path): \(SystemError.text()); check its permissions")
        }
        defer { close(descriptor) }
        guard Descriptor.isRegularFile(descriptor) else { throw ToolFailure(.noInput, "\(path) is no file; move it away") }
        try readLines(descriptor, path, isOpen: isOpen, take)
        return true
    }

    private func readCompressed(
        _ path: String, with program: String, _ take: (UnsafeBufferPointer<UInt8>, String) throws(ToolFailure) -> Void
    ) throws(ToolFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ToolFailure(.ioError, "no descriptor is left for a pipe: \(SystemError.text()); raise ulimit -n")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: FileProgram
        do throws(ToolFailure) {
            child = try FileProgram([program, "-dc", "--", path], output: ends[1])
        } catch {
            close(ends[1])
            throw ToolFailure(.noInput, "cannot read \(path): \(error.message); install it, or decompress the file first")
        }
        close(ends[1])
        try readLines(ends[0], path, isOpen: false, take)
        // A program that failed has not told all.
        guard let status = child.waitForEnd(), let fault = FileProgram.fault(ofEnd: status) else { return }
        throw ToolFailure(.ioError, "cannot decompress \(path): its program \(fault); check the file")
    }

    private func readLines(
        _ descriptor: Int32, _ path: String, isOpen: Bool, _ take: (UnsafeBufferPointer<UInt8>, String) throws(ToolFailure) -> Void
    ) throws(ToolFailure) {
        var reader = LineReader(descriptor: descriptor, name: path)
        while true {
            switch reader.next() {
            case .line(let line): try take(line, path)
            // Of a file that is written to it is no line yet.
            case .unterminated(let line): if !isOpen { try take(line, path) }
            case .tooLong: throw ToolFailure(.badData, "\(path) has a line of more than 4 MiB, which no sink has written; check the file")
            case .none:
                if reader.isAtEnd { return }
                _ = try reader.fill()
                guard !Signals.isStopAsked else { throw ToolFailure(.tryLater, "ended by a signal before all was read; start again") }
            }
        }
    }
}
