import JSON

/// Whole lines that wait for a reader, up to a limit of bytes. What does not fit is not taken: lines are lost whole, never in part.
struct LineQueue: ~Copyable {
    private var bytes = ByteQueue()
    private let bytesMax: Int
    /// The first bytes that wait are the rest of a line whose beginning is gone.
    private var isMidLine = false

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var isEmpty: Bool { bytes.count == 0 }

    /// Less than half of it is taken.
    var isRoomy: Bool { bytes.count < bytesMax / 2 }

    /// The oldest bytes, as many as lie together; valid until the next change.
    var first: UnsafeRawBufferPointer { bytes.first }

    /// Lines that wait; one of which a part is gone counts.
    var lineCount: Int64 { bytes.lineCount }

    /// Takes a line, without its newline; false where there is no room for all of it. A line that meets an empty queue always fits.
    mutating func append(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard isEmpty || bytes.count + line.count + 1 <= bytesMax else { return false }
        bytes.append(UnsafeRawBufferPointer(line))
        withUnsafeBytes(of: UInt8(ascii: "\n")) { bytes.append($0) }
        return true
    }

    /// Forgets bytes of `first`: they are written. Gives how many lines ended among them.
    mutating func removeFirst(_ count: Int) -> Int64 {
        let written = bytes.first.prefix(count)
        if let last = written.last { isMidLine = last != UInt8(ascii: "\n") }
        let lines = written.reduce(Int64(0)) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        bytes.removeFirst(count)
        return lines
    }

    /// Forgets the rest of a line whose beginning is gone, so that another reader begins with a whole one.
    mutating func removeRestOfLine() {
        while isMidLine, !isEmpty {
            let newline = first.firstIndex(of: UInt8(ascii: "\n"))
            let count = newline.map { $0 + 1 } ?? first.count
            if newline != nil { isMidLine = false }
            bytes.removeFirst(count)
        }
        isMidLine = false
    }

    mutating func removeAll() {
        while !isEmpty { bytes.removeFirst(first.count) }
        isMidLine = false
    }
}
