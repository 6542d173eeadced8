import Glibc
import MarketModel
import UnixTool

/// A segment of a directory, which may be sealed or compressed while we read others.
struct SegmentFile {
    /// What a segment may be compressed with: the end of its name, and the program that reads it.
    static let compressions = [(suffix: ".zst", program: "zstd"), (suffix: ".gz", program: "gzip")]
    /// It is sealed once and compressed once, so whoever looks a third time has seen every form.
    private static let looksMax = 3

    let folder: String
    let name: SegmentName
    /// nil where no manifest tells of it.
    var told: SegmentTold?
    /// A file that holds it in a form that is not read, such as `19-pm.ndjson.xz`.
    var other: String?
    /// It was written to and had no line yet; the sink takes such a one away.
    var wasEmpty = false

    init(folder: String, name: SegmentName) {
        self.folder = folder
        self.name = name
    }

    /// For messages; where it stands once it is sealed.
    var path: String { "\(folder)/\(name.file)" }

    private var openPath: String { "\(folder)/\(name.openFile)" }

    /// Whether there is a file of it that can be read.
    var isThere: Bool {
        paths.contains { FileStatus($0)?.isRegular == true }
    }

    /// All of its files that could be read.
    private var paths: [String] { [path, openPath] + SegmentFile.compressions.map { path + $0.suffix } }

    /// Takes notice of one of its files.
    ///
    /// - Parameter ending: What stands behind the segment's own name.
    mutating func note(_ file: String, _ ending: Substring) {
        if !ending.isEmpty, !SegmentFile.compressions.contains(where: { $0.suffix == ending }) { other = file }
        if file == name.openFile, FileStatus(openPath)?.bytes == 0 { wasEmpty = true }
    }

    /// Opens it as it is now; nil if it is nowhere.
    ///
    /// Beside an uncompressed file a compressed one does not count: it may be in the making.
    func open() throws(ToolFailure) -> OpenSegment? {
        for _ in 0..<SegmentFile.looksMax {
            if let source = try source(path) { return OpenSegment(source, program: nil) }
            if let segment = try openCompressed() { return segment }
            if let source = try source(openPath) { return OpenSegment(source.growing(true), program: nil) }
        }
        return nil
    }

    private func openCompressed() throws(ToolFailure) -> OpenSegment? {
        for compression in SegmentFile.compressions {
            guard let source = try source(path + compression.suffix) else { continue }
            defer { close(source.descriptor) }
            // It was not there yet when we looked for it: sealed in between, so this one may still be in the making.
            if FileStatus(path)?.isRegular == true { continue }
            return try OpenSegment(decompressing: source, with: compression.program)
        }
        return nil
    }

    /// nil if there is no such file, or not any more. Only regular ones are segments: any other could be waited for in vain.
    private func source(_ path: String) throws(ToolFailure) -> InputSource? {
        guard let status = FileStatus(path) else {
            if [ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(errno) { return nil }
            throw ToolFailure(.noInput, "cannot look at \(path): \(SystemError.text()); check its permissions")
        }
        guard status.isRegular else { return nil }
        let source: InputSource
        do throws(ToolFailure) {
            source = try InputSource.open(path)
        } catch {
            if access(path, F_OK) != 0 { return nil }
            throw error
        }
        guard source.kind == .recorded else {
            close(source.descriptor)
            return nil
        }
        return source
    }

    /// Tells that it could not be opened, and why.
    func noteAbsence(_ faults: SegmentFaults) throws(ToolFailure) {
        var link = stat()
        for path in paths where lstat(path, &link) == 0 && FileStatus(path)?.isRegular != true {
            return try faults.note(.unreadable, "\(path) has the name of a segment and is no file; it is left out: move it away")
        }
        if let other, access("\(folder)/\(other)", F_OK) == 0 {
            let forms = SegmentFile.compressions.map(\.suffix).joined(separator: " and ")
            return try faults.note(.unreadable, "\(folder)/\(other) is no form of a segment that is read (\(forms) are); decompress it")
        }
        if let told {
            let what = "\(path) is not there, though the manifest tells of it"
            return try faults.note(.missing, "\(what); its \(told.lines) lines are missing: bring it back, or start again")
        }
        guard !wasEmpty else { return }
        try faults.note(.missing, "\(path) was there when its directory was read and is gone; start again")
    }

    /// Tells if lines are written to a file that another one stands in the way of, so that they are not read.
    func noteShadowed(_ faults: SegmentFaults) throws(ToolFailure) {
        // Whoever seals it gives it both names for a moment.
        guard let written = FileStatus(openPath), let sealed = FileStatus(path), written.identity != sealed.identity else { return }
        guard written.isRegular, sealed.isRegular, written.bytes > 0 else { return }
        let what = "\(openPath) is left out, since \(path) has the name that it is to get"
        try faults.note(.unreadable, "\(what); the next mkt-sink in this directory gives it another")
    }

    /// Tells if what was read is not what was sealed.
    func compare(lines: Int64, bytes: Int64, _ faults: SegmentFaults) throws(ToolFailure) {
        guard let told, told.lines != lines || told.bytes != bytes else { return }
        let what = "\(path) has \(lines) lines and \(bytes) bytes, and its manifest tells of \(told.lines) and \(told.bytes)"
        try faults.note(.differing, "\(what); it is not what was sealed: take it from a copy")
    }

    /// Segments in the order in which lines of the same time go: by feed, then as they were begun.
    static func precedes(_ left: SegmentFile, _ right: SegmentFile) -> Bool {
        if left.name.feed != right.name.feed { return left.name.feed.utf8.lexicographicallyPrecedes(right.name.feed.utf8) }
        if left.folder != right.folder { return left.folder.utf8.lexicographicallyPrecedes(right.folder.utf8) }
        return (left.name.hour, left.name.number) < (right.name.hour, right.name.number)
    }
}
