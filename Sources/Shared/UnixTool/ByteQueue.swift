import Glibc

/// Bytes that wait for a slow reader, first in first out.
///
/// They lie in pieces of 256 KiB that are mapped when they are needed and given back when they are empty, all but one: a backlog of
/// 64 MiB is never moved, and is gone from the process when it has been written. As long as nothing waits nothing is held.
struct ByteQueue: ~Copyable {
    static let pieceBytes = 1 << 18

    private var pieces: [UnsafeMutableRawPointer] = []
    /// An empty piece that is kept for the next time, so that a queue that hovers at the edge of a piece maps nothing.
    private var spare: UnsafeMutableRawPointer?
    /// How much of the first piece is gone.
    private var taken = 0
    private(set) var count = 0

    deinit {
        for piece in pieces { munmap(piece, ByteQueue.pieceBytes) }
        if let spare { munmap(spare, ByteQueue.pieceBytes) }
    }

    /// The oldest bytes, as many of them as lie together; valid until the next change.
    var first: UnsafeRawBufferPointer {
        guard let piece = pieces.first else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: piece + taken, count: min(ByteQueue.pieceBytes - taken, count))
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            var used = taken + count - (pieces.count - 1) * ByteQueue.pieceBytes
            if pieces.isEmpty || used == ByteQueue.pieceBytes {
                pieces.append(takeSpare())
                used = 0
            }
            let part = min(rest.count, ByteQueue.pieceBytes - used)
            memcpy(pieces[pieces.count - 1] + used, rest.baseAddress!, part)
            count += part
            rest = UnsafeRawBufferPointer(rebasing: rest[part...])
        }
    }

    /// Forgets bytes of `first`.
    mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= first.count)
        taken += number
        count -= number
        guard count == 0 || taken == ByteQueue.pieceBytes else { return }
        taken = 0
        // None if nothing was there.
        if !pieces.isEmpty { keep(pieces.removeFirst()) }
    }

    /// Memory that is mapped.
    var heldBytes: Int { (pieces.count + (spare == nil ? 0 : 1)) * ByteQueue.pieceBytes }

    /// How many newlines wait.
    var lineCount: Int64 {
        var lines: Int64 = 0
        var left = count
        for (index, piece) in pieces.enumerated() {
            let start = index == 0 ? taken : 0
            let size = min(ByteQueue.pieceBytes - start, left)
            for byte in UnsafeRawBufferPointer(start: piece + start, count: size) where byte == 0x0A { lines += 1 }
            left -= size
        }
        return lines
    }

    private mutating func takeSpare() -> UnsafeMutableRawPointer {
        if let spare {
            self.spare = nil
            return spare
        }
        let piece = mmap(nil, ByteQueue.pieceBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let piece, piece != MAP_FAILED else { fatalError("the system gives no memory for what waits to be written") }
        return piece
    }

    private mutating func keep(_ piece: UnsafeMutableRawPointer) {
        if spare == nil { spare = piece } else { munmap(piece, ByteQueue.pieceBytes) }
    }
}
