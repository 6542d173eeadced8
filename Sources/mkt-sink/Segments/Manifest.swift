import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

/// The file of a day's folder that tells of each sealed segment, a line each, only ever appended to.
struct Manifest {
    /// No record is longer.
    private static let recordBytesMax: Int64 = 1 << 16

    let path: String
    private let folder: String

    init(folder: String) {
        self.folder = folder
        path = "\(folder)/\(SegmentName.manifest)"
    }

    /// The names of its segments. A last line that was not finished is taken away, with a warning: its segment gets another.
    func names(_ logger: Logger) throws(ToolFailure) -> Set<String> {
        var descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        // An old day's folder may be protected; then nobody has begun a line in it either.
        let isProtected = descriptor < 0 && errno != ENOENT
        if isProtected { descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw ToolFailure(.cannotCreate, "cannot open \(path): \(SystemError.text()); check its permissions")
        }
        defer { close(descriptor) }
        guard Descriptor.isRegularFile(descriptor) else {
            throw ToolFailure(.cannotCreate, "\(path) is no file, and the manifest must be one; move it away")
        }
        if !isProtected { try mend(descriptor, logger) }
        lseek(descriptor, 0, SEEK_SET)
        var reader = LineReader(descriptor: descriptor, name: path)
        var names: Set<String> = []
        while true {
            switch reader.next() {
            case .line(let line), .unterminated(let line):
                if let record = SegmentRecord(line: line) { names.insert(record.name) }
            case .tooLong: break
            case .none:
                if reader.isAtEnd { return names }
                _ = try reader.fill()
            }
        }
    }

    /// Ends a last line that lacks its newline alone, and cuts any other that does.
    private func mend(_ descriptor: Int32, _ logger: Logger) throws(ToolFailure) {
        let (start, size) = try TornTail.find(descriptor, path)
        guard start < size else { return }
        var tail = [UInt8](repeating: 0, count: Int(min(size - start, Manifest.recordBytesMax)))
        let count = pread(descriptor, &tail, tail.count, off_t(start))
        let isWhole = Int64(count) == size - start && tail.withUnsafeBufferPointer { SegmentRecord(line: $0) != nil }
        guard isWhole else {
            let bytes = try TornTail.cut(descriptor, path)
            return logger.warning("\(path) ended inside a line; its last \(bytes) bytes were cut off")
        }
        var newline = ByteBuffer(capacity: 1)
        newline.append(UInt8(ascii: "\n"))
        lseek(descriptor, 0, SEEK_END)
        try DiskWrite.append(newline.bytes, to: descriptor, path)
        try DiskWrite.sync(descriptor, path)
    }

    /// Adds a line, which is on the disk afterwards. If that fails, the file ends where it did before.
    func append(_ record: SegmentRecord) throws(ToolFailure) {
        let isNew = access(path, F_OK) != 0
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot open \(path): \(SystemError.text()); check the directory of ndjson:")
        }
        defer { close(descriptor) }
        var line = ByteBuffer(capacity: 512)
        record.append(to: &line)
        try DiskWrite.append(line.bytes, to: descriptor, path)
        try DiskWrite.sync(descriptor, path)
        if isNew { try DiskWrite.syncDirectory(folder) }
    }
}
