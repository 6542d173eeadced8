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

    private var openPath: String { "\(folder)/\(name.openFile)" }

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

    // MARK: Faults

    /// Tells that it could not be opened, and why; nothing of one that had no line yet.
    public func noteAbsence(_ faults: SegmentFaults) throws(ToolFailure) {
        var link = stat()
        for path in paths where lstat(path, &link) == 0 && FileStatus(path)?.isRegular != true {
            return try note(.unreadable, path, "\(path) has the name of a segment and is no file; it is left out: move it away", faults)
        }
        if let other, access("\(folder)/\(other)", F_OK) == 0 {
            let forms = SegmentFile.compressions.map(\.suffix).joined(separator: " and ")
            let what = "\(folder)/\(other) is no form of a segment that is read (\(forms) are); decompress it"
            return try note(.unreadable, "\(folder)/\(other)", what, faults)
        }
        if let told {
            let what = "\(path) is not there, though the manifest tells of it"
            return try note(.missing, path, "\(what); its \(told.lines) lines are missing: bring it back, or start again", faults)
        }
        guard !wasEmpty else { return }
        try note(.missing, path, "\(path) was there when its directory was read and is gone; start again", faults)
    }

    /// Tells if lines are written to a file that another one stands in the way of, so that they are not read.
    func noteShadowed(_ faults: SegmentFaults) throws(ToolFailure) {
        // Whoever seals it gives it both names for a moment.
        guard let written = FileStatus(openPath), let sealed = FileStatus(path), written.identity != sealed.identity else { return }
        guard written.isRegular, sealed.isRegular, written.bytes > 0 else { return }
        let what = "\(openPath) is left out, since \(path) has the name that it is to get"
        let message = "\(what); the next mkt-sink in this directory gives it another"
        // What the manifest tells is of the other one.
        let times = SegmentTimes.ofLines(in: folder, hour: name.hour) ?? SegmentTimes.any
        try faults.note(SegmentFault(.unreadable, openPath, feed: name.feed, times, message))
    }

    /// Tells if what was read is not what was sealed.
    ///
    /// - Parameters:
    ///   - lines: How many were read, one without a newline at the end too.
    ///   - bytes: How many were read, newlines too.
    ///   - sha256: Of those bytes, in lower-case hex; nil if nobody has made it.
    ///   - newest: The greatest `recv_us` that counts of what was read; nil for that of the manifest.
    public func compare(
        lines: Int64, bytes: Int64, sha256: String? = nil, newest: Int64? = nil, _ faults: SegmentFaults
    ) throws(ToolFailure) {
        guard let told else { return }
        let what: String
        if told.lines != lines || told.bytes != bytes {
            what = "\(path) has \(lines) lines and \(bytes) bytes, and its manifest tells of \(told.lines) and \(told.bytes)"
        } else if let sha256, !told.sha256.isEmpty, told.sha256 != sha256 {
            what = "\(path) has other bytes than its manifest tells of, though as many"
        } else {
            return
        }
        let times = times.lowerBound...max(times.upperBound, newest ?? .min)
        let message = "\(what); it is not what was sealed: take it from a copy"
        try faults.note(SegmentFault(.differing, path, feed: name.feed, times, message))
    }

    private func note(_ kind: SegmentFault.Kind, _ path: String, _ message: String, _ faults: SegmentFaults) throws(ToolFailure) {
        try faults.note(SegmentFault(kind, path, feed: name.feed, times, message))
    }

    /// Segments in the order in which lines of the same time go: by feed, then as they were begun.
    static func precedes(_ left: SegmentFile, _ right: SegmentFile) -> Bool {
        if left.name.feed != right.name.feed { return left.name.feed.utf8.lexicographicallyPrecedes(right.name.feed.utf8) }
        if left.folder != right.folder { return left.folder.utf8.lexicographicallyPrecedes(right.folder.utf8) }
        return (left.name.hour, left.name.number) < (right.name.hour, right.name.number)
    }
}
