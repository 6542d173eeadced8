import Glibc
import MarketModel
import UnixTool

/// The manifest of a day's folder, read beside a sink that may be adding to it.
struct ManifestReading {
    /// A line that is being written is whole at the next look.
    private static let looksMax = 3

    private(set) var told: [SegmentName: SegmentTold] = [:]
    /// What cannot be read of it, in words.
    private var faults: [String] = []
    /// The last line lacks its newline and is no record.
    private var isTorn = false

    /// What a folder's manifest tells, by name; nothing if there is none.
    static func read(_ folder: String, _ faults: SegmentFaults) throws(ToolFailure) -> [SegmentName: SegmentTold] {
        let path = "\(folder)/\(SegmentName.manifest)"
        var reading = try ManifestReading(path)
        for _ in 1..<looksMax where reading.isTorn { reading = try ManifestReading(path) }
        for fault in reading.faults {
            let times = SegmentTimes.ofLines(inDay: folder) ?? SegmentTimes.any
            try faults.note(SegmentFault(.manifest, path, feed: nil, times, fault))
        }
        return reading.told
    }

    private init(_ path: String) throws(ToolFailure) {
        // A FIFO would be waited for.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw ToolFailure(.noInput, "cannot open \(path): \(SystemError.text()); check its permissions")
        }
        defer { close(descriptor) }
        guard Descriptor.isRegularFile(descriptor) else {
            faults.append("\(path) is no file, and the manifest must be one; segments are read without it")
            return
        }
        try take(LineReader(descriptor: descriptor, name: path))
    }

    private mutating func take(_ given: consuming LineReader) throws(ToolFailure) {
        var reader = given
        var number = 0
        while true {
            switch reader.next() {
            case .line(let line):
                number += 1
                if !take(line) { note(reader.name, number) }
            case .unterminated(let line):
                number += 1
                isTorn = !take(line)
                if isTorn { note(reader.name, number) }
            case .tooLong:
                number += 1
                note(reader.name, number)
            case .none:
                if reader.isAtEnd { return }
                _ = try reader.fill()
            }
        }
    }

    /// False if it is no record of a segment.
    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let record = SegmentRecord(line: line), let name = SegmentName(record.name), name.file == record.name else { return false }
        told[name] = SegmentTold(record)
        return true
    }

    private mutating func note(_ path: String, _ number: Int) {
        faults.append("\(path):\(number): no record of a segment; one that it was meant for is read without it")
    }
}
