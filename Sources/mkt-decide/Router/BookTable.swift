/// All books, by their numbers. A book stays where it is, at the beginning of a line of the processor's cache.
struct BookTable: ~Copyable {
    static let lineBytes = 64
    private static let chunkBooks = 64

    private var chunks: [UnsafeMutablePointer<BookSlot.Body>] = []
    private(set) var count = 0

    init() {}

    deinit {
        for (index, chunk) in chunks.enumerated() {
            chunk.deinitialize(count: min(count - index * BookTable.chunkBooks, BookTable.chunkBooks))
            UnsafeMutableRawPointer(chunk).deallocate()
        }
    }

    var indices: Range<Int> { 0..<count }

    /// Valid as long as the table is.
    @inline(__always)
    subscript(_ number: Int) -> BookSlot {
        precondition(number >= 0 && number < count, "no book has this number")
        return BookSlot(chunks[number / BookTable.chunkBooks] + number % BookTable.chunkBooks)
    }

    mutating func append(_ body: consuming BookSlot.Body) {
        if count % BookTable.chunkBooks == 0 { addChunk() }
        (chunks[count / BookTable.chunkBooks] + count % BookTable.chunkBooks).initialize(to: body)
        count += 1
    }

    private mutating func addChunk() {
        let byteCount = BookTable.chunkBooks * MemoryLayout<BookSlot.Body>.stride
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: BookTable.lineBytes)
        chunks.append(chunk.bindMemory(to: BookSlot.Body.self, capacity: BookTable.chunkBooks))
    }
}
