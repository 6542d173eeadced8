import Glibc
import Logging
import MarketModel
import UnixTool

/// `ndjson:DIR`: every line as it came, in a file for its feed and hour, by the line's own `recv_us`.
///
/// Files are only ever appended to; the same input twice stands there twice.
final class NDJSONTarget: Target {
    private static let filesMax = 32

    private let directory: String
    private let logger: Logger
    private var files: [HourFile] = []
    private var takes: Int64 = 0

    init(directory: String, _ logger: Logger) throws(ToolFailure) {
        self.directory = directory
        self.logger = logger
        try NDJSONTarget.makeDirectory(directory)
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {
        try put(line, feed: row.text(EnvelopeCell.feed.rawValue)!, at: row.received)
    }

    /// An archive keeps what a later version may know.
    func takeUnknown(_ line: UnsafeBufferPointer<UInt8>, feed: UnsafeBufferPointer<UInt8>?, at received: Timestamp) throws {
        if let feed { try put(line, feed: feed, at: received) }
    }

    private func put(_ line: UnsafeBufferPointer<UInt8>, feed: UnsafeBufferPointer<UInt8>, at received: Timestamp) throws {
        let hour = HourPath.hour(of: received)
        let file = try files.first { $0.hour == hour && $0.feed.elementsEqual(feed) } ?? open(hour, feed)
        takes += 1
        file.lastUse = takes
        try file.take(line)
    }

    private func open(_ hour: Int64, _ feed: UnsafeBufferPointer<UInt8>) throws(ToolFailure) -> HourFile {
        if files.count >= NDJSONTarget.filesMax {
            let oldest = files.indices.min { files[$0].lastUse < files[$1].lastUse }!
            try files[oldest].flush()
            files.remove(at: oldest)
        }
        let day = "\(directory)/\(HourPath.directory(hour: hour))"
        try NDJSONTarget.makeDirectory(day)
        let path = "\(day)/\(HourPath.file(hour: hour, feed: feed))"
        let file = try HourFile(path: path, hour: hour, feed: Array(feed))
        if file.cutBytes > 0 { logger.warning("\(path) ended inside a line; its last \(file.cutBytes) bytes were cut off") }
        files.append(file)
        return file
    }

    /// Makes a directory and those above it.
    private static func makeDirectory(_ path: String) throws(ToolFailure) {
        if mkdir(path, 0o755) == 0 { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makeDirectory(String(path[..<slash]))
            if mkdir(path, 0o755) == 0 { return }
        }
        let code = errno
        var status = stat()
        guard code == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            let reason = code == EEXIST ? "it is a file" : SystemError.text(code)
            throw ToolFailure(.cannotCreate, "cannot make the directory \(path): \(reason); give ndjson: another one")
        }
    }

    func commit() throws {
        for file in files { try file.flush() }
    }

    func reopen() throws {
        try commit()
        files.removeAll()
    }

    func count(in counters: inout Counters) { counters.add("ndjson_lines", takes) }
}
