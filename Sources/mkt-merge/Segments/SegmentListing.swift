import Glibc
import Logging
import MarketModel
import UnixTool

/// The segments in a directory of `mkt-sink --to ndjson:`, or in the folder of one of its years, months or days.
struct SegmentListing {
    /// Below the directory stand years, months and days.
    private static let depthMax = 3

    /// In the order in which lines of the same time go.
    private(set) var segments: [SegmentFile] = []
    /// Files that look like lines and are no segments.
    private var strangers: [String] = []

    init(_ path: String, _ logger: Logger) throws(ToolFailure) {
        try add(path, depth: 0)
        segments.sort(by: SegmentFile.precedes)
        if let first = strangers.first {
            let what = "\(strangers.count) files in \(path) are no segments and are left out, such as \(first)"
            logger.warning("\(what); name them as inputs too")
        }
        guard !segments.isEmpty else {
            throw ToolFailure(.noInput, "\(path) is a directory without segments of mkt-sink; name the files in it")
        }
    }

    private mutating func add(_ path: String, depth: Int) throws(ToolFailure) {
        guard let names = DirectoryListing.names(path) else {
            throw ToolFailure(.noInput, "cannot read the directory \(path): \(SystemError.text()); check its permissions")
        }
        var found: Set<SegmentName> = []
        for name in names where name != SegmentName.manifest {
            if let segment = SegmentName(SegmentListing.uncompressed(name)) {
                found.insert(segment)
            } else if name.hasSuffix(SegmentName.suffix) || SegmentListing.uncompressed(name) != name {
                strangers.append("\(path)/\(name)")
            } else if depth < SegmentListing.depthMax, !name.hasPrefix("."), SegmentListing.isDirectory("\(path)/\(name)") {
                try add("\(path)/\(name)", depth: depth + 1)
            }
        }
        guard !found.isEmpty else { return }
        let records = try SegmentListing.records(path)
        for name in found {
            let record = records[name.file]
            segments.append(SegmentFile(folder: path, name: name, first: record?.first ?? .min, last: record?.last))
        }
    }

    private static func uncompressed(_ name: String) -> String {
        SegmentFile.compressions.first { name.hasSuffix($0.suffix) }.map { String(name.dropLast($0.suffix.count)) } ?? name
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// What a folder's manifest tells, by name; nothing if there is none.
    private static func records(_ folder: String) throws(ToolFailure) -> [String: SegmentRecord] {
        let path = "\(folder)/\(SegmentName.manifest)"
        var records: [String: SegmentRecord] = [:]
        guard access(path, F_OK) == 0 else { return records }
        var reader = try LineReader.open(path)
        defer { close(reader.descriptor) }
        while true {
            switch reader.next() {
            case .line(let line): if let record = SegmentRecord(line: line) { records[record.name] = record }
            case .unterminated, .tooLong: break
            case .none:
                if reader.isAtEnd { return records }
                _ = try reader.fill()
            }
        }
    }
}
