import Glibc
import JSON
import MarketModel
import UnixTool

/// The file of a day's folder that tells of each sealed segment, a line each, only ever appended to.
struct Manifest {
    let path: String
    private let folder: String

    init(folder: String) {
        self.folder = folder
        path = "\(folder)/\(SegmentName.manifest)"
    }

    /// The names of its segments. A last line that was not finished is taken away: its segment gets another.
    func names() throws(ToolFailure) -> Set<String> {
        var descriptor = open(path, O_RDWR | O_CLOEXEC)
        // An old day's folder may be protected; then nobody has begun a line in it either.
        let isProtected = descriptor < 0 && errno != ENOENT
        if isProtected { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw ToolFailure(.cannotCreate, "cannot open \(path): \(SystemError.text()); check its permissions")
        }
        defer { close(descriptor) }
        if !isProtected { _ = try TornTail.cut(descriptor, path) }
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
