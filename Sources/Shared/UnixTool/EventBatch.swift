public import MarketModel

/// Lines of a file that were read and decoded ahead, and every byte that they are made of.
public final class EventBatch: @unchecked Sendable {
    // @unchecked: one thread has it at a time. It changes hands through `BatchQueue`, whose lock orders what one thread wrote before what
    // the other one reads, and whoever has put it there touches it no more.

    /// A line in the order of the file.
    enum Piece {
        /// Its place in `lines`.
        case line(Int)
        /// A line that was left out, and how long it was.
        case tooLong(bytes: Int)
    }

    /// What was read of each line.
    public private(set) var lines = DecodedLines()
    private(set) var pieces: [Piece] = []
    private(set) var sequel = BatchSequel.more
    /// What the lines point into.
    private var memory: LineSplitter

    init(readBytes: Int) { memory = LineSplitter(capacity: readBytes) }

    /// Forgets what it holds and reads on to a line at least, or to the end. False where nothing follows.
    func fill(from reader: inout LineReader, with decoder: inout EventDecoder) -> Bool {
        lines.removeAll()
        pieces.removeAll(keepingCapacity: true)
        sequel = .more
        takePieces(of: &reader, with: &decoder)
        while pieces.isEmpty, case .more = sequel {
            sequel = reader.readOnce()
            takePieces(of: &reader, with: &decoder)
        }
        reader.changeMemory(with: &memory)
        if case .more = sequel { return true }
        return false
    }

    private func takePieces(of reader: inout LineReader, with decoder: inout EventDecoder) {
        while true {
            switch reader.next() {
            case .line(let line), .unterminated(let line):
                pieces.append(.line(lines.count))
                decoder.expect(reader.behindNext())
                decoder.decodeEvent(line, onto: &lines)
            case .tooLong(let bytes): pieces.append(.tooLong(bytes: bytes))
            case .none: return
            }
        }
    }
}

/// Reads and decodes lines into batches.
struct EventFiller: BatchFiller, ~Copyable {
    /// Large enough for few wakes, small enough for the cores' caches.
    static let readBytes = 1 << 17

    private var reader: LineReader
    private var decoder = EventDecoder()

    init(_ reader: consuming LineReader) { self.reader = reader }

    mutating func fill(_ batch: EventBatch, isLate: Bool) -> Bool { batch.fill(from: &reader, with: &decoder) }
}
