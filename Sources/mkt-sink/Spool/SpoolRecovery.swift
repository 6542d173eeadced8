import Glibc
import Logging
import UnixTool

/// What stands in a spool before a run: the files of the log, with the last one's torn tail cut off, and how far each database has come.
struct SpoolRecovery {
    private(set) var files: [SpoolFile] = []
    /// The number behind that of the last line.
    private(set) var end: Int64 = 0
    /// For each of the databases, the first line that it has not.
    private(set) var next: [Int64] = []

    static func rejectsPath(_ directory: String) -> String { "\(directory)/rejected.ndjson" }

    /// - Parameter positions: Of the databases that the run names.
    init(_ directory: String, _ positions: [SpoolPosition], _ logger: Logger) throws(ToolFailure) {
        guard let names = DirectoryListing.names(directory) else {
            throw ToolFailure(.cannotCreate, "cannot read the directory \(directory): \(SystemError.text()); check its permissions")
        }
        try findFiles(names, directory)
        try endLog(directory, logger)
        var told: [String: SpoolPosition.Told?] = [:]
        for name in names where name.hasSuffix(SpoolPosition.suffix) {
            let path = "\(directory)/\(name)"
            // What is no text is no position either.
            let position = (try? TextFile.read(path)).flatMap { $0 }.flatMap { SpoolPosition.Told($0) }
            told[path] = .some(position)
            end = max(end, position?.number ?? 0)
        }
        // Begun by a run that was killed.
        for name in names where name.contains("\(SpoolPosition.suffix).") && name.hasSuffix(".tmp") { unlink("\(directory)/\(name)") }
        try refuseStrangers(told, positions, directory)
        for position in positions {
            // Without any position nobody knows who has what: better given again than lost.
            let isLost = told.isEmpty && !files.isEmpty
            let number = try start(of: position, isLost ? .some(nil) : told[position.path], logger)
            next.append(number)
        }
        try DiskWrite.syncDirectory(directory)
    }

    private mutating func findFiles(_ names: [String], _ directory: String) throws(ToolFailure) {
        for name in names {
            guard let number = SpoolFile.firstNumber(of: name) else { continue }
            guard let status = FileStatus("\(directory)/\(name)"), status.isRegular else {
                throw ToolFailure(.configuration, "\(directory)/\(name) is no file, and the log of a spool must be; move it away")
            }
            files.append(SpoolFile(firstNumber: number, bytes: status.bytes))
        }
    }

    /// Cuts what a killed writer has begun, and finds the number of the next line.
    private mutating func endLog(_ directory: String, _ logger: Logger) throws(ToolFailure) {
        guard let last = files.last else { return }
        let path = "\(directory)/\(SpoolFile.name(last.firstNumber))"
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw ToolFailure(.cannotCreate, "cannot open \(path): \(SystemError.text()); check its permissions") }
        defer { close(descriptor) }
        let cut = try TornTail.cut(descriptor, path)
        if cut > 0 { logger.warning("\(path) ended inside a line; its last \(cut) bytes were cut off") }
        lseek(descriptor, 0, SEEK_SET)
        end = try SpoolRecovery.count(LineReader(descriptor: descriptor, name: path, lineBytesMax: .max / 2), from: last.firstNumber)
        // An empty file would have the name of the next one.
        guard end > last.firstNumber else {
            unlink(path)
            files.removeLast()
            return
        }
        try DiskWrite.sync(descriptor, path)
        files[files.count - 1].bytes = last.bytes - cut
    }

    private static func count(_ given: consuming LineReader, from firstNumber: Int64) throws(ToolFailure) -> Int64 {
        var reader = given
        var (number, damaged) = (firstNumber, Int64(0))
        while true {
            switch reader.next() {
            case .line(let bytes), .unterminated(let bytes):
                if let record = SpoolRecord(bytes) {
                    (number, damaged) = (max(number, record.number + 1), 0)
                } else {
                    damaged += 1
                }
            case .tooLong: damaged += 1
            case .none:
                if reader.isAtEnd { return number + damaged }
                _ = try reader.fill()
            }
        }
    }

    /// Lines for a database that the run does not name must not be lost for it.
    private func refuseStrangers(
        _ told: [String: SpoolPosition.Told?], _ positions: [SpoolPosition], _ directory: String
    ) throws(ToolFailure) {
        for (path, position) in told.sorted(by: { $0.key < $1.key }) where !positions.contains(where: { $0.path == path }) {
            guard let position, position.number >= end else {
                let lines =
                    position.map { "\(end - $0.number) lines for \($0.target)" } ?? "lines for a database that \(path) does not tell"
                throw ToolFailure(
                    .configuration,
                    "the spool \(directory) holds \(lines), which --to does not name; name it too, or remove \(path) if it is to do without them"
                )
            }
            unlink(path)
        }
    }

    /// The first line that a database has not. A database that is new gets what comes now.
    private func start(of position: SpoolPosition, _ told: SpoolPosition.Told??, _ logger: Logger) throws(ToolFailure) -> Int64 {
        guard let told else {
            try position.write(end)
            try position.sync()
            return end
        }
        if let told, told.target == position.target { return told.number }
        let first = files.first?.firstNumber ?? end
        logger.warning(
            "\(position.path) is not there, or cannot be understood; \(position.target) gets all that is in the spool, and keeps nothing twice"
        )
        // Shows at once where it cannot be written.
        try position.write(first)
        return first
    }
}
