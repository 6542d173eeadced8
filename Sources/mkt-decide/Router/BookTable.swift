import JSON

/// All books, by their numbers. A book stays where it is, at the beginning of a line of the processor's cache.
struct BookTable: ~Copyable {
    static let lineBytes = 64
    private static let chunkBooks = 64
    private static let strideBytes = WatchPlan.aligned(MemoryLayout<BookSlot.Body>.size, lineBytes)

    /// As much of what rules remember as ten of them need at a line.
    private static let memoryLines = 4

    private var chunks: [UnsafeMutableRawPointer] = []
    private(set) var count = 0
    /// Where the memories of the rules are, by number of the book: a hint, to ask for them before the book is near that knows.
    private var memories: [UnsafeRawPointer] = []

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
        memories.append(self[count - 1].memoryStart)
    }

    /// Gives a book other rules (`BookSlot.take`): what they remember is elsewhere then.
    mutating func take(
        _ number: Int, _ plan: WatchPlan, _ assignments: [Assignment], _ reference: InstrumentReference?, changed: Set<Int> = []
    ) {
        self[number].take(plan, assignments, reference, changed: changed)
        memories[number] = self[number].memoryStart
    }

    /// Asks for a book and for what its rules remember.
    @inline(__always)
    func askForPlace(_ number: Int) {
        precondition(number >= 0 && number < count, "no book has this number")
        NearMemory.ask(lines: BookTable.strideBytes / BookTable.lineBytes, at: place(number))
        NearMemory.ask(lines: BookTable.memoryLines, at: memories[number])
    }
}
