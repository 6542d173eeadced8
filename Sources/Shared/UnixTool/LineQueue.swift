import JSON

/// Whole lines that wait for a reader, up to a limit of bytes. What does not fit is not taken: lines are lost whole, never in part.
struct LineQueue: ~Copyable {
    private var bytes = ByteQueue()
    private let bytesMax: Int
    /// The first bytes that wait are the rest of a line whose beginning is gone.
    private var isMidLine = false
    /// Lines that came, and of them those that are gone; ours among them.
    private var came: Int64 = 0
    private var gone: Int64 = 0
    /// Which of the lines that wait are ours, by how many came before.
    private var ours: [Int64] = []
    /// Lines that the reader took whole, without ours.
    private(set) var takenLines: Int64 = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var isEmpty: Bool { bytes.count == 0 }

    /// Less than half of it is taken.
    var isRoomy: Bool { bytes.count < bytesMax / 2 }

    /// The oldest bytes, as many as lie together; valid until the next change.
    var first: UnsafeRawBufferPointer { bytes.first }

    /// Takes a line, without its newline; false where there is no room for all of it. A line that meets an empty queue always fits.
    mutating func append(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard isEmpty || bytes.count + line.count + 1 <= bytesMax else { return false }
        put(line)
        return true
    }

    /// Takes a line of ours, which is counted nowhere and always fits.
    mutating func append(ours line: UnsafeBufferPointer<UInt8>) {
        ours.append(came)
        put(line)
    }

    private mutating func put(_ line: UnsafeBufferPointer<UInt8>) {
        bytes.append(UnsafeRawBufferPointer(line))
        withUnsafeBytes(of: UInt8(ascii: "\n")) { bytes.append($0) }
        came += 1
    }

    /// Forgets bytes of `first`: they are written.
    mutating func removeFirst(_ count: Int) {
        let written = bytes.first.prefix(count)
        if let last = written.last { isMidLine = last != UInt8(ascii: "\n") }
        for byte in written where byte == UInt8(ascii: "\n") {
            if !endLine() { takenLines += 1 }
        }
        bytes.removeFirst(count)
    }

    /// Whether the line that ends was ours.
    private mutating func endLine() -> Bool {
        defer { gone += 1 }
        guard ours.first == gone else { return false }
        ours.removeFirst()
        return true
    }

    /// Forgets the rest of a line whose beginning is gone, so that another reader begins with a whole one. Whether a line was lost by that.
    mutating func removeRestOfLine() -> Bool {
        guard isMidLine, !isEmpty else { return false }
        while isMidLine, !isEmpty {
            let newline = first.firstIndex(of: UInt8(ascii: "\n"))
            if newline != nil { isMidLine = false }
            bytes.removeFirst(newline.map { $0 + 1 } ?? first.count)
        }
        return !endLine()
    }

    /// Forgets everything; how many lines that were, without ours.
    mutating func removeAll() -> Int64 {
        let lines = came - gone - Int64(ours.count)
        while !isEmpty { bytes.removeFirst(first.count) }
        gone = came
        ours.removeAll()
        isMidLine = false
        return lines
    }
}
