import Glibc
import JSON

/// Cuts a stream of bytes into lines, wherever the pieces end.
///
/// Memory is bounded: a line longer than `lineBytesMax` is stepped over and told as `tooLong` once its end is seen.
public struct LineSplitter: ~Copyable {
    /// 4 MiB, the contract's longest line, without its newline.
    public static let lineBytesMax = 4 << 20

    public enum Piece {
        /// A line without its newline; valid until the next call.
        case line(UnsafeBufferPointer<UInt8>)
        /// The last line of the stream, which has no newline; valid until the next call.
        case unterminated(UnsafeBufferPointer<UInt8>)
        /// A line that was too long was left out; `bytes` is how long it was.
        case tooLong(bytes: Int)
        /// No further line before more bytes come.
        case none
    }

    private var buffer: ByteBuffer
    private let lineBytesMax: Int
    /// Bytes at the front that were given out already.
    private var taken = 0
    /// Bytes after `taken` in which no newline was found.
    private var searched = 0
    /// A newline follows these.
    private var isFound = false
    /// Bytes of a line that is too long, already thrown away; 0 when not inside one.
    private var skipped = 0
    private var isEnded = false

    public init(lineBytesMax: Int = LineSplitter.lineBytesMax, capacity: Int = 1 << 16) {
        self.lineBytesMax = lineBytesMax
        buffer = ByteBuffer(capacity: capacity)
    }

    /// Bytes that wait for their newline or to be given out.
    public var pendingCount: Int { buffer.count - taken }

    /// What follows the line that comes next, as far as it is here: nothing where that line is not here to its end.
    @inline(__always)
    public mutating func behindNext() -> UnsafeBufferPointer<UInt8> {
        guard let newline = findNewline() else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(rebasing: buffer.bytes[(taken + newline + 1)...])
    }

    /// How far behind `taken` the next newline is, which is looked for once.
    @inline(__always)
    private mutating func findNewline() -> Int? {
        if isFound { return searched }
        let start = buffer.bytes.baseAddress! + taken
        let available = buffer.count - taken
        guard let newline = memchr(start + searched, 0x0A, available - searched) else {
            searched = available
            return nil
        }
        searched = UnsafePointer(newline.assumingMemoryBound(to: UInt8.self)) - start
        isFound = true
        return searched
    }

    /// Where the next bytes of the stream go; `commit` tells how many came.
    public mutating func spare(_ room: Int) -> UnsafeMutablePointer<UInt8> {
        // Only when at least half goes: with a backlog, small reads would otherwise move all of it each time.
        if taken > 0, taken >= pendingCount {
            buffer.removeFirst(taken)
            taken = 0
        }
        return buffer.spare(room)
    }

    public mutating func commit(_ count: Int) { buffer.commit(count) }

    /// The stream has ended; what is left is the last line.
    public mutating func end() { isEnded = true }

    /// The next line that is complete.
    public mutating func next() -> Piece {
        let start = buffer.bytes.baseAddress! + taken
        if let count = findNewline() {
            taken += count + 1
            searched = 0
            isFound = false
            if skipped > 0 || count > lineBytesMax {
                let bytes = skipped + count
                skipped = 0
                return .tooLong(bytes: bytes)
            }
            return .line(UnsafeBufferPointer(start: start, count: count))
        }
        let available = buffer.count - taken
        if available > lineBytesMax || skipped > 0 {
            skipped += available
            taken = buffer.count
            searched = 0
        }
        guard isEnded else { return .none }
        return last(UnsafeBufferPointer(start: start, count: buffer.count - taken))
    }

    /// Gives what no line was made of yet to `next`, which is empty, and begins anew itself. The lines that were given out stay valid until
    /// it is used again.
    mutating func handRest(to next: inout LineSplitter) {
        next.buffer.removeAll()
        next.buffer.giveBack()
        next.buffer.append(UnsafeBufferPointer(rebasing: buffer.bytes[taken...]))
        (next.taken, next.searched, next.isFound, next.skipped) = (0, searched, isFound, skipped)
        (taken, searched, isFound, skipped) = (0, 0, false, 0)
        buffer.removeAll()
    }

    private mutating func last(_ rest: UnsafeBufferPointer<UInt8>) -> Piece {
        taken = buffer.count
        searched = 0
        if skipped > 0 {
            let bytes = skipped
            skipped = 0
            return .tooLong(bytes: bytes)
        }
        return rest.isEmpty ? .none : .unterminated(rest)
    }
}
