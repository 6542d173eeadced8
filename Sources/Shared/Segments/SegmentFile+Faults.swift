import Glibc
public import UnixTool

extension SegmentFile {
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
}
