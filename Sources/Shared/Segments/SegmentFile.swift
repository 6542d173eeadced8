import Glibc
public import MarketModel
public import UnixTool

/// A segment of a directory, which may be sealed or compressed while others are read.
public struct SegmentFile {
    /// What a segment may be compressed with: the end of its name, and the program that reads it.
    static let compressions = [(suffix: ".zst", program: "zstd"), (suffix: ".gz", program: "gzip")]
    /// It is sealed once and compressed once, so whoever looks a third time has seen every form.
    private static let looksMax = 3

    /// The path to the folder that it stands in.
    public let folder: String
    /// Its name in that folder.
    public let name: SegmentName
    /// What its manifest tells of it; nil where none does.
    public internal(set) var told: SegmentTold?
    /// A file that holds it in a form that is not read, such as `19-pm.ndjson.xz`.
    var other: String?
    /// It was written to and had no line yet; the sink takes such a one away.
    var wasEmpty = false

    init(folder: String, name: SegmentName) {
        self.folder = folder
        self.name = name
    }

    /// Where it stands once it is sealed, for messages.
    public var path: String { "\(folder)/\(name.file)" }

    /// Where it stands while it is written to.
    var openPath: String { "\(folder)/\(name.openFile)" }

    /// The least and the greatest `recv_us` that its lines may have, in microseconds since 1970.
    ///
    /// What the manifest tells counts; without it, the hour and the folder that the file stands in, if those are of a time.
    public var times: ClosedRange<Int64> {
        guard let told else { return SegmentTimes.ofLines(in: folder, hour: name.hour) ?? SegmentTimes.any }
        return min(told.first, told.last)...max(told.first, told.last)
    }

    /// Whether there is a file of it that can be read.
    var isThere: Bool {
        paths.contains { FileStatus($0)?.isRegular == true }
    }

    /// All of its files that could be read.
    var paths: [String] { [path, openPath] + SegmentFile.compressions.map { path + $0.suffix } }

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
    ///
    /// - Throws: What stands in the way of reading it, but for what `noteAbsence` tells.
    public func open() throws(ToolFailure) -> SegmentSource? {
        for _ in 0..<SegmentFile.looksMax {
            if let file = try descriptor(path) { return SegmentSource(path: path, descriptor: file, isGrowing: false) }
            if let source = try openCompressed() { return source }
            if let file = try descriptor(openPath) { return SegmentSource(path: openPath, descriptor: file, isGrowing: true) }
        }
        return nil
    }

    private func openCompressed() throws(ToolFailure) -> SegmentSource? {
        for compression in SegmentFile.compressions {
            let compressed = path + compression.suffix
            guard let file = try descriptor(compressed) else { continue }
            defer { close(file) }
            // It was not there yet when we looked for it: sealed in between, so this one may still be in the making.
            if FileStatus(path)?.isRegular == true { continue }
            return try SegmentSource(decompressing: compressed, file, with: compression.program)
        }
        return nil
    }

    /// nil if there is no such file, or not any more. Only regular ones are segments: any other could be waited for in vain.
    private func descriptor(_ path: String) throws(ToolFailure) -> Int32? {
        guard let status = FileStatus(path) else {
            if [ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(errno) { return nil }
            throw ToolFailure(.noInput, "cannot look at \(path): \(SystemError.text()); check its permissions")
        }
        guard status.isRegular else { return nil }
        let descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            if access(path, F_OK) != 0 { return nil }
            let advice = code == EMFILE ? "too many inputs overlap in time; raise ulimit -n" : "check the path"
            throw ToolFailure(.noInput, "cannot open \(path): \(SystemError.text(code)); \(advice)")
        }
        guard Descriptor.isRegularFile(descriptor) else {
            close(descriptor)
            return nil
        }
        guard !Descriptor.isStandardOutput(descriptor) else {
            close(descriptor)
            throw ToolFailure(.usage, "\(path) is also the output; write to another file and rename it")
        }
        return descriptor
    }

    /// Segments in the order in which lines of the same time go: by feed, then as they were begun.
    static func precedes(_ left: SegmentFile, _ right: SegmentFile) -> Bool {
        if left.name.feed != right.name.feed { return left.name.feed.utf8.lexicographicallyPrecedes(right.name.feed.utf8) }
        if left.folder != right.folder { return left.folder.utf8.lexicographicallyPrecedes(right.folder.utf8) }
        return (left.name.hour, left.name.number) < (right.name.hour, right.name.number)
    }
}
