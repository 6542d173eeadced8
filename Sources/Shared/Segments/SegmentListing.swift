import Logging
import MarketModel
public import UnixTool

/// The segments in a directory of `mkt-sink --to ndjson:`, or in the folder of one of its years, months or days.
///
/// A sink may seal and compress them meanwhile. Each folder is listed twice and its manifest is read after that: a file that gets
/// another name during a listing may be passed over by it, and the name that the other listing misses is told of by then.
public struct SegmentListing {
    /// Below the directory stand years, months and days.
    private static let depthMax = 3

    /// In the order in which lines of the same time go.
    public private(set) var segments: [SegmentFile] = []
    /// The directories in it that are read, itself included, by the path to each.
    public private(set) var folders: [FileStatus.Identity: String] = [:]
    /// Where is told what cannot be read.
    public let faults: SegmentFaults
    private let advice: Advice
    private let others: [FileStatus.Identity: String]
    /// Files that look like lines and are no segments.
    private var strangers: [String] = []
    /// Folders of no year, month or day.
    private var strangeFolders: [String] = []

    /// What is advised where a directory is not what was expected, behind a semicolon.
    public struct Advice: Sendable {
        let strangers: String
        let noSegments: String

        /// - Parameters:
        ///   - strangers: About files that look like lines and are no segments.
        ///   - noSegments: About a directory without a segment.
        public init(strangers: String, noSegments: String) { (self.strangers, self.noSegments) = (strangers, noSegments) }
    }

    /// Lists a directory and all below it that is of a year, month or day.
    ///
    /// - Parameters:
    ///   - others: Directories that are read already, by the path to each.
    ///   - faults: Where is told what cannot be read, now and later.
    /// - Throws: If the directory cannot be read, is read already, or holds no segment that can be read.
    public init(
        _ path: String, others: [FileStatus.Identity: String] = [:], advice: Advice, _ faults: SegmentFaults
    ) throws(ToolFailure) {
        self.others = others
        self.advice = advice
        self.faults = faults
        if let identity = FileStatus(path)?.identity, let other = others[identity] {
            throw ToolFailure(.usage, "\(path) is a directory that is read already, as \(other); name each one once")
        }
        try add(path, depth: 0)
        segments.sort(by: SegmentFile.precedes)
        tellStrangers(path)
        guard segments.contains(where: \.isThere) else {
            let form = segments.lazy.compactMap { file in file.other.map { "\(file.folder)/\($0)" } }.first
            let advice = form.map { "decompress those in other forms, such as \($0)" } ?? advice.noSegments
            throw ToolFailure(.noInput, "\(path) is a directory without segments of mkt-sink that can be read; \(advice)")
        }
    }

    private func tellStrangers(_ path: String) {
        if let first = strangers.first {
            let what = "\(strangers.count) files in \(path) are no segments and are left out, such as \(first)"
            faults.logger.warning("\(what); \(advice.strangers)")
        }
        if let first = strangeFolders.first {
            let what = "\(strangeFolders.count) folders in \(path) are those of no year, month or day and are not looked into"
            faults.logger.notice("\(what), such as \(first)")
        }
    }

    private mutating func add(_ path: String, depth: Int) throws(ToolFailure) {
        guard let identity = FileStatus(path)?.identity else { throw SegmentListing.unreadable(path) }
        if let other = others[identity] ?? folders[identity] {
            return faults.logger.warning("\(path) is a directory that is read already, as \(other); it is not read twice")
        }
        folders[identity] = path
        let names = try SegmentListing.names(path)
        var found: [SegmentName: SegmentFile] = [:]
        for name in names where name != SegmentName.manifest {
            if let (segment, ending) = SegmentName.parts(of: name) {
                found[segment, default: SegmentFile(folder: path, name: segment)].note(name, ending)
            } else if SegmentListing.looksLikeLines(name) {
                strangers.append("\(path)/\(name)")
            } else if !name.hasPrefix("."), FileStatus("\(path)/\(name)")?.isDirectory == true {
                guard depth < SegmentListing.depthMax, SegmentName.isFolder(name) else {
                    strangeFolders.append("\(path)/\(name)")
                    continue
                }
                try add("\(path)/\(name)", depth: depth + 1)
            }
        }
        for (name, told) in try ManifestReading.read(path, faults) {
            found[name, default: SegmentFile(folder: path, name: name)].told = told
        }
        for file in found.values { try file.noteShadowed(faults) }
        segments += found.values
    }

    /// All names that were there from before the first listing on, whatever the sink does meanwhile, and maybe newer ones.
    private static func names(_ path: String) throws(ToolFailure) -> [String] {
        guard let first = DirectoryListing.names(path), let second = DirectoryListing.names(path) else { throw unreadable(path) }
        return first == second ? first : Set(first).union(second).sorted()
    }

    private static func unreadable(_ path: String) -> ToolFailure {
        ToolFailure(.noInput, "cannot read the directory \(path): \(SystemError.text()); check its permissions")
    }

    /// Whether nobody would expect a file to be passed over in silence. Hidden ones are in the making, but for ours.
    private static func looksLikeLines(_ name: String) -> Bool {
        // What is not UTF-8 comes with this in its place, and cannot be opened.
        if name.unicodeScalars.contains("\u{FFFD}") || name.hasSuffix(SegmentName.suffix) { return true }
        if name.hasPrefix(".") { return name.hasSuffix("\(SegmentName.suffix).open") }
        return name.contains("\(SegmentName.suffix).") || SegmentFile.compressions.contains { name.hasSuffix($0.suffix) }
    }
}
