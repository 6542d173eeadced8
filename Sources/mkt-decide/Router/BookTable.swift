import JSON

/// All books, by their numbers. A book stays where it is, at the beginning of a line of the processor's cache, and what its rules remember
/// stands behind it.
struct BookTable: ~Copyable {
    static let lineBytes = 64
    private static let chunkBooks = 64
    private static let bodyBytes = WatchPlan.aligned(MemoryLayout<BookSlot.Body>.size, lineBytes)
    private static let roomMax = 512
    /// A book, and as much of what rules remember as ten of them need at a line.
    private static let askedLines = bodyBytes / lineBytes + 4

    /// Behind each book, for what its rules remember.
    private let roomBytes: Int
    private var chunks: [UnsafeMutableRawPointer] = []
    private(set) var count = 0

    /// - Parameter plan: The rules that may come to look at a book. What those remember that find no room is elsewhere, as it is of rules that
    ///   come later: right, but farther.
    init(_ plan: WatchPlan) {
        roomBytes = WatchPlan.aligned(min(BookMemory.byteCount(plan), BookTable.roomMax), BookTable.lineBytes)
    }

    deinit {
        for number in indices { place(number).assumingMemoryBound(to: BookSlot.Body.self).deinitialize(count: 1) }
        for chunk in chunks { chunk.deallocate() }
    }

    @inline(__always)
    private var strideBytes: Int { BookTable.bodyBytes + roomBytes }

    @inline(__always)
    private func place(_ number: Int) -> UnsafeMutableRawPointer {
        chunks[number / BookTable.chunkBooks] + number % BookTable.chunkBooks * strideBytes
    }

    var indices: Range<Int> { 0..<count }

    /// Valid as long as the table is.
    @inline(__always)
    subscript(_ number: Int) -> BookSlot {
        precondition(number >= 0 && number < count, "no book has this number")
        return BookSlot(place(number).assumingMemoryBound(to: BookSlot.Body.self))
    }

    /// A book that has the next number; see `BookSlot.Body.init`.
    mutating func append(
        feed: Int, instrument: Int, isFollowed: Bool, _ plan: WatchPlan, _ assignments: [Assignment], _ reference: InstrumentReference?
    ) {
        if count % BookTable.chunkBooks == 0 {
            chunks.append(.allocate(byteCount: BookTable.chunkBooks * strideBytes, alignment: BookTable.lineBytes))
        }
        let place = place(count)
        let room = BookMemory.byteCount(plan) <= roomBytes ? place + BookTable.bodyBytes : nil
        place.bindMemory(to: BookSlot.Body.self, capacity: 1).initialize(
            to: BookSlot.Body(feed: feed, instrument: instrument, isFollowed: isFollowed, plan, assignments, reference, in: room))
        count += 1
    }

    /// Asks for a book and for what its rules remember.
    @inline(__always)
    func askForPlace(_ number: Int) {
        precondition(number >= 0 && number < count, "no book has this number")
        NearMemory.ask(lines: BookTable.askedLines, at: place(number))
    }
}
