import Glibc
import Logging
import MarketModel
import UnixTool

/// The folder of a day: its segments, its manifest, and the numbers that are taken.
final class SegmentFolder {
    let path: String
    let manifest: Manifest
    /// The least free number by hour and feed, which is the name of the first segment.
    private var numbers: [String: Int] = [:]
    /// The sealed segments that the manifest tells of when the folder is opened.
    let told: Set<String>
    /// The names that stood in it then.
    let names: [String]

    /// Opens a folder, or makes it.
    init(_ path: String, _ logger: Logger) throws(ToolFailure) {
        self.path = path
        manifest = Manifest(folder: path)
        try DiskWrite.makeDirectory(path, option: "ndjson:")
        guard let names = DirectoryListing.names(path) else {
            throw ToolFailure(.cannotCreate, "cannot read the directory \(path): \(SystemError.text()); check its permissions")
        }
        self.names = names
        told = try manifest.names(logger)
        for name in names { note(name) }
        // A segment that was moved away keeps its name to itself.
        for name in told { note(name) }
    }

    /// A segment keeps its number, whatever compressed it.
    private func note(_ file: String) {
        guard let name = SegmentName.parts(of: file)?.name else { return }
        let first = SegmentName(hour: name.hour, number: 0, feed: name.feed).file
        numbers[first] = max(numbers[first] ?? 0, name.number + 1)
    }

    /// A name for a new segment, never given before.
    func takeName(hour: Int64, feed: String) -> SegmentName {
        let first = SegmentName(hour: hour, number: 0, feed: feed).file
        let number = numbers[first] ?? 0
        numbers[first] = number + 1
        return SegmentName(hour: hour, number: number, feed: feed)
    }

    /// Gives a segment that is on the disk its name, or the next free one if somebody has taken it, and its line.
    ///
    /// - Returns: What the manifest tells now; nil if the file is not there any more.
    func seal(_ told: SegmentRecord, _ given: SegmentName, open: String) throws(ToolFailure) -> SegmentRecord? {
        var (record, name) = (told, given)
        record.name = name.file
        naming: while true {
            switch try move(open, to: "\(path)/\(record.name)") {
            case .done: break naming
            case .gone: return nil
            case .taken:
                name = takeName(hour: name.hour, feed: name.feed)
                record.name = name.file
            }
        }
        try DiskWrite.syncDirectory(path)
        try manifest.append(record)
        return record
    }

    private enum Move {
        case done, taken, gone
    }

    /// Renames a file without ever writing over another: a link takes a name only if it is free.
    private func move(_ open: String, to sealed: String) throws(ToolFailure) -> Move {
        if link(open, sealed) == 0 {
            unlink(open)
            return .done
        }
        switch errno {
        case ENOENT: return .gone
        case EEXIST: return .taken
        // A file system without links; nobody else writes here.
        case EPERM, EMLINK, ENOSYS, EOPNOTSUPP:
            if access(sealed, F_OK) == 0 { return .taken }
            if rename(open, sealed) == 0 { return .done }
            if errno == ENOENT { return .gone }
        default: break
        }
        throw ToolFailure(.ioError, "cannot rename \(open) to \(sealed): \(SystemError.text()); check the directory")
    }
}
