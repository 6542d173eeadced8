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
        var seen: Set<FileStatus.Identity> = []
        for year in folders(directory) {
            for month in folders(year) {
                for day in folders(month) {
                    guard let identity = FileStatus(day)?.identity, seen.insert(identity).inserted else { continue }
                    guard let folder = open(day) else { continue }
                    try recover(folder)
                }
            }
        }
    }

    /// The folders of years, months or days; none where they cannot be listed, which stops no line of this run.
    private func folders(_ path: String) -> [String] {
        guard let names = DirectoryListing.names(path) else {
            logger.warning("cannot read the directory \(path): \(SystemError.text()); what is in it is left as it is")
            return []
        }
        return names.filter(SegmentName.isFolder).map { "\(path)/\($0)" }.filter { FileStatus($0)?.isDirectory == true }
    }

    /// What cannot be read is left alone: no line of this run need go there.
    private func open(_ day: String) -> SegmentFolder? {
        do throws(ToolFailure) {
            return try SegmentFolder(day, logger)
        } catch {
            logger.warning("\(error.message); what is in its folder is left as it is")
            return nil
        }
    }

    private mutating func recover(_ folder: SegmentFolder) throws(ToolFailure) {
        for file in folder.names {
            guard let name = SegmentName(file) else { continue }
            let path = "\(folder.path)/\(file)"
            guard FileStatus(path)?.isRegular != false else {
                logger.warning("\(path) has the name of a segment and is no file; it is left as it is")
                continue
            }
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
        let sealed = FileStatus("\(folder.path)/\(name.file)")
        // Killed while it was given its name: it has both.
        if let sealed, sealed.identity == FileStatus(path)?.identity {
            unlink(path)
            return
        }
        let isTaken = folder.told.contains(name.file) || sealed != nil
        let name = isTaken ? folder.takeName(hour: name.hour, feed: name.feed) : name
        guard let scan = scan(path, isSealed: false) else { return }
        guard let record = scan.record(name: name) else {
            // Nothing was committed to it.
            if scan.tally.lines == 0 { unlink(path) } else { logger.warning("\(path) holds no event and is left as it is") }
            return
        }
        guard let told = try folder.seal(record, name, open: path) else { return }
        logger.notice("\(folder.path)/\(told.name) was not sealed by the run before; it is now, with \(told.lines) lines")
        sealedCount += 1
        plain.append("\(folder.path)/\(told.name)")
    }

    private mutating func tell(_ name: SegmentName, _ path: String, _ folder: SegmentFolder) throws(ToolFailure) {
        guard let scan = scan(path, isSealed: true) else { return }
        guard let record = scan.record(name: name) else {
            return logger.warning("\(path) holds no event and is left out of the manifest")
        }
        try folder.manifest.append(record)
        sealedCount += 1
        plain.append(path)
    }

    /// nil if it cannot be read, or cut, as one of another owner: the rest goes on.
    private func scan(_ path: String, isSealed: Bool) -> SegmentScan? {
        do throws(ToolFailure) {
            let scan = try SegmentScan(path: path, isSealed: isSealed)
            if scan.cutBytes > 0 { logger.warning("\(path) ended inside a line; its last \(scan.cutBytes) bytes were cut off") }
            if scan.isUnterminated { logger.warning("\(path) ends without a newline; it is told of as it is") }
            return scan
        } catch {
            // A program that an earlier run has started may have compressed it just now.
            if access(path, F_OK) == 0 { logger.warning("\(error.message); it is left as it is") }
            return nil
        }
    }
}
