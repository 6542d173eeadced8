/// All books, by their numbers: each at the beginning of a line of the processor's cache, and never copied.
struct BookTable: ~Copyable {
    static let lineBytes = 64

    private var base: UnsafeMutablePointer<BookSlot>
    private var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 64
        base = BookTable.allocate(capacity)
    }

    deinit {
        base.deinitialize(count: count)
        UnsafeMutableRawPointer(base).deallocate()
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<BookSlot> {
        UnsafeMutableRawPointer.allocate(byteCount: capacity * MemoryLayout<BookSlot>.stride, alignment: lineBytes)
            .bindMemory(to: BookSlot.self, capacity: capacity)
    }

    var indices: Range<Int> { 0..<count }

    subscript(_ number: Int) -> BookSlot {
        @inline(__always) _read {
            precondition(number >= 0 && number < count, "no book has this number")
            yield base[number]
        }
        @inline(__always) _modify {
            precondition(number >= 0 && number < count, "no book has this number")
            yield &base[number]
        }
    }

    mutating func append(_ slot: consuming BookSlot) {
        if count == capacity { grow() }
        (base + count).initialize(to: slot)
        count += 1
    }

    private mutating func grow() {
        let larger = BookTable.allocate(capacity * 2)
        larger.moveInitialize(from: base, count: count)
        UnsafeMutableRawPointer(base).deallocate()
        base = larger
        capacity *= 2
    }
}
