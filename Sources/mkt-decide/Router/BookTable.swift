/// All books, by their numbers. A book stays where it is, at the beginning of a line of the processor's cache.
struct BookTable: ~Copyable {
    static let lineBytes = 64
    private static let chunkBooks = 64
    private static let strideBytes = WatchPlan.aligned(MemoryLayout<BookSlot.Body>.size, lineBytes)

    private var chunks: [UnsafeMutableRawPointer] = []
    private(set) var count = 0

    init() {}

    deinit {
        for number in indices { place(number).assumingMemoryBound(to: BookSlot.Body.self).deinitialize(count: 1) }
        for chunk in chunks { chunk.deallocate() }
    }

    @inline(__always)
    private func place(_ number: Int) -> UnsafeMutableRawPointer {
        chunks[number / BookTable.chunkBooks] + number % BookTable.chunkBooks * BookTable.strideBytes
    }

    var indices: Range<Int> { 0..<count }

    /// Valid as long as the table is.
    @inline(__always)
    subscript(_ number: Int) -> BookSlot {
        precondition(number >= 0 && number < count, "no book has this number")
        return BookSlot(place(number).assumingMemoryBound(to: BookSlot.Body.self))
    }

    mutating func append(_ body: consuming BookSlot.Body) {
        if count % BookTable.chunkBooks == 0 {
            chunks.append(.allocate(byteCount: BookTable.chunkBooks * BookTable.strideBytes, alignment: BookTable.lineBytes))
        }
        place(count).bindMemory(to: BookSlot.Body.self, capacity: 1).initialize(to: body)
        count += 1
    }
}
