import Glibc
import Logging
import MarketModel
import UnixTool

/// The segments of a directory of `ndjson:` that may hold lines of a span of time, in the order in which they were begun.
struct SegmentShelf {
    /// Below the directory stand years, months and days.
    private static let depthMax = 3

    private let question: BookQuestion
    private(set) var segments: [ShelvedSegment] = []
    /// Files that look like lines and are no segments.
    private var strangers: [String] = []
    private var count = 0

    init(_ path: String, _ question: BookQuestion, _ logger: Logger) throws(ToolFailure) {
        self.question = question
        try add(path, depth: 0)
        segments.sort(by: ShelvedSegment.precedes)
        if let first = strangers.first {
            logger.warning("\(strangers.count) files in \(path) are no segments and are left out, such as \(first)")
        }
        guard count > 0 else {
            throw ToolFailure(.noInput, "\(path) is a directory without segments; give --to ndjson: the directory that mkt-sink writes to")
        }
    }

    private mutating func add(_ path: String, depth: Int) throws(ToolFailure) {
        guard let names = DirectoryListing.names(path) else {
            throw ToolFailure(.noInput, "cannot read the directory \(path): \(SystemError.text()); check the path and its permissions")
        }
        var found: Set<SegmentName> = []
        for name in names where name != SegmentName.manifest {
            if let segment = SegmentName(SegmentShelf.uncompressed(name)) {
                found.insert(segment)
            } else if name.hasSuffix(SegmentName.suffix) || SegmentShelf.uncompressed(name) != name {
                strangers.append("\(path)/\(name)")
            } else if depth < SegmentShelf.depthMax, !name.hasPrefix("."), FileStatus("\(path)/\(name)")?.isDirectory == true {
                try add("\(path)/\(name)", depth: depth + 1)
            }
        }
        guard !found.isEmpty else { return }
        count += found.count
        let records = try SegmentShelf.records(path)
        for name in found where mayHoldLines(records[name.file], name, in: path) {
            segments.append(ShelvedSegment(folder: path, name: name))
        }
    }

    private static func uncompressed(_ name: String) -> String {
        ShelvedSegment.compressions.first { name.hasSuffix($0.suffix) }.map { String(name.dropLast($0.suffix.count)) } ?? name
    }

    /// What the manifest tells counts; of what it does not tell, the hour in which the segment's span begins.
    private func mayHoldLines(_ record: SegmentRecord?, _ name: SegmentName, in folder: String) -> Bool {
        if let record { return record.first <= question.time.micros && record.last >= question.first.micros }
        let day = folder.split(separator: "/").suffix(3).map { Int64($0) }
        guard day.count == 3, let year = day[0], let month = day[1], let date = day[2] else { return true }
        let civil = CivilTime(question.time)
        return (year, month, date, name.hour) <= (civil.year, civil.month, civil.day, civil.hour)
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
