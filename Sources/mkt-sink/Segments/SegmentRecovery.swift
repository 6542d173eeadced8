import Glibc
import Logging
import MarketModel
import UnixTool

/// What a run does first in a directory of segments: it ends what a killed one has begun.
///
/// A segment that was written to is cut behind its last whole line and sealed; a sealed one without its line in the manifest gets it.
struct SegmentRecovery {
    private let logger: Logger
    private(set) var sealedCount: Int64 = 0
    /// Sealed segments that are not compressed, oldest first.
    private(set) var plain: [String] = []

    /// Looks into every day's folder. The caller holds the lock of the directory.
    init(_ directory: String, _ logger: Logger) throws(ToolFailure) {
        self.logger = logger
        for year in SegmentRecovery.folders(directory) {
            for month in SegmentRecovery.folders(year) {
                for day in SegmentRecovery.folders(month) { try recover(SegmentFolder(day)) }
            }
        }
    }

    /// The folders of years, months or days.
    private static func folders(_ path: String) -> [String] {
        let names = DirectoryListing.names(path) ?? []
        return names.filter { Int64($0) != nil }.map { "\(path)/\($0)" }.filter { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    private mutating func recover(_ folder: SegmentFolder) throws(ToolFailure) {
        for file in folder.names {
            guard let name = SegmentName(file) else { continue }
            let path = "\(folder.path)/\(file)"
            if file == name.openFile {
                try seal(name, path, folder)
            } else if folder.told.contains(file) {
                plain.append(path)
            } else {
                try tell(name, path, folder)
            }
        }
    }

    private mutating func seal(_ name: SegmentName, _ path: String, _ folder: SegmentFolder) throws(ToolFailure) {
        let isTaken = folder.told.contains(name.file) || access("\(folder.path)/\(name.file)", F_OK) == 0
        let name = isTaken ? folder.takeName(hour: name.hour, feed: name.feed) : name
        let scan = try scan(path)
        guard let record = scan.record(name: name) else {
            // Nothing was committed to it.
            if scan.tally.lines == 0 { unlink(path) } else { logger.warning("\(path) holds no event and is left as it is") }
            return
        }
        guard try folder.seal(record, open: path) else { return }
        logger.notice("\(folder.path)/\(name.file) was not sealed by the run before; it is now, with \(record.lines) lines")
        sealedCount += 1
        plain.append("\(folder.path)/\(name.file)")
    }

    private mutating func tell(_ name: SegmentName, _ path: String, _ folder: SegmentFolder) throws(ToolFailure) {
        let scan = try scan(path)
        guard let record = scan.record(name: name) else {
            return logger.warning("\(path) holds no event and is left out of the manifest")
        }
        try folder.manifest.append(record)
        sealedCount += 1
        plain.append(path)
    }

    private func scan(_ path: String) throws(ToolFailure) -> SegmentScan {
        let scan = try SegmentScan(path: path)
        if scan.cutBytes > 0 { logger.warning("\(path) ended inside a line; its last \(scan.cutBytes) bytes were cut off") }
        return scan
    }
}
