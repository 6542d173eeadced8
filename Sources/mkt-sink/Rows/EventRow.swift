import JSON
import MarketModel

/// One line, checked and taken apart once for all targets: the cells of its row.
///
/// The cells are those of `EnvelopeCell`, then those of the table's `columns`. Texts point into the line and into the row's own memory and
/// are valid until the next line. A warmed-up row allocates nothing for books and trades.
struct EventRow: ~Copyable {
    /// More than any table has columns.
    private static let cellsMax = 40

    // Plain memory: an array would be retained and checked for every cell of every line.
    private let memory = UnsafeMutablePointer<Cell>.allocate(capacity: cellsMax)
    private(set) var count = 0
    /// Texts that do not stand in the line as they are meant: canonical JSON and resolved escapes.
    private var made = ByteBuffer()
    private(set) var kind = EventKind.bookDelta
    private(set) var received = Timestamp(micros: 0)

    init() {}

    deinit { memory.deallocate() }

    /// Starts the row of another line.
    mutating func begin(_ kind: EventKind, at received: Timestamp) {
        count = 0
        made.removeAll()
        self.kind = kind
        self.received = received
    }

    @inline(__always)
    private mutating func append(_ cell: Cell) {
        precondition(count < EventRow.cellsMax)
        (memory + count).initialize(to: cell)
        count += 1
    }

    mutating func append(integer value: Int64?) {
        append(value.map { .integer($0) } ?? .null)
    }

    mutating func append(text: JSONText?) {
        guard let text else { return append(.null) }
        guard text.hasEscapes else { return append(.text(text)) }
        let start = made.count
        made.append(unescaping: text)
        append(.made(start: start, count: made.count - start))
    }

    /// A text that `spell` writes behind what is in the buffer.
    mutating func append<Fault: Error>(spelledBy spell: (inout ByteBuffer) throws(Fault) -> Void) throws(Fault) {
        let start = made.count
        try spell(&made)
        append(.made(start: start, count: made.count - start))
    }

    mutating func append(levels: [Level]) {
        let start = made.count
        made.append(levels: levels)
        append(.made(start: start, count: made.count - start))
    }

    mutating func set(_ cell: EnvelopeCell, integer value: Int64) {
        precondition(cell.rawValue < count)
        memory[cell.rawValue] = .integer(value)
    }

    // MARK: For targets

    @inline(__always)
    func cell(_ index: Int) -> Cell {
        precondition(index < count)
        return memory[index]
    }

    /// The bytes of a text cell; nil for a null or a number. Valid until the next line.
    @inline(__always)
    func text(_ index: Int) -> UnsafeBufferPointer<UInt8>? {
        switch cell(index) {
        case .text(let text): text.bytes
        case .made(let start, let count): UnsafeBufferPointer(rebasing: made.bytes[start..<start + count])
        case .null, .integer: nil
        }
    }

    @inline(__always)
    func integer(_ place: EnvelopeCell) -> Int64? {
        if case .integer(let value) = cell(place.rawValue) { value } else { nil }
    }
}

extension ByteBuffer {
    /// Levels in the contract's spelling.
    fileprivate mutating func append(levels: [Level]) {
        append(UInt8(ascii: "["))
        for index in levels.indices {
            append(index > 0 ? ",[" : "[")
            append(millionths: levels[index].price.millionths)
            append(UInt8(ascii: ","))
            append(millionths: levels[index].size.millionths)
            append(UInt8(ascii: "]"))
        }
        append(UInt8(ascii: "]"))
    }
}
