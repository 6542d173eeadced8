import Glibc
import MarketModel
import UnixTool

/// Reads the lines of the log for one database, in order, and finds what is damaged or missing.
struct SpoolReader: ~Copyable {
    enum Piece {
        /// The next line, and how many are missing before it.
        case line(SpoolRecord, missing: Int64)
        /// A line that is not what was written.
        case damage(UnsafeBufferPointer<UInt8>)
        /// Lines at the end that are not there.
        case missing(Int64)
        /// None before the number that was given.
        case none
    }

    /// Where a line begins.
    struct Place {
        /// The next line that was not read, as the last good record tells.
        fileprivate(set) var number: Int64
        fileprivate var file: Int64?
        fileprivate var offset: Int64 = 0
        /// The number that the next line of the file should have; only a guess behind a damaged one.
        fileprivate var guess: Int64 = 0
        /// Damaged lines since the last good record.
        fileprivate var damaged: Int64 = 0

        fileprivate init(number: Int64, file: Int64? = nil) {
            self.number = number
            self.file = file
        }
    }

    private static let readBytes = 1 << 18

    private let shelf: SpoolShelf
    private(set) var place: Place
    private var descriptor: Int32 = -1
    private var splitter = SpoolReader.splitter()

    /// Begins at a line, which may be one behind the end.
    init(_ shelf: SpoolShelf, number: Int64) {
        self.shelf = shelf
        place = Place(number: number)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func splitter() -> LineSplitter {
        LineSplitter(lineBytesMax: LineSplitter.lineBytesMax + SpoolRecord.frameBytesMax, capacity: 2 * readBytes)
    }

    /// Goes back to a place where it was.
    mutating func rewind(to place: Place) {
        self.place = place
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// Whether it holds a file open, whose room on the disk is not free before it is closed.
    var isOpen: Bool { descriptor >= 0 }

    /// The next piece that begins before line `end`; the bytes are valid until the next call.
    mutating func next(before end: Int64) throws(ToolFailure) -> Piece {
        while place.number < end {
            if descriptor < 0, try !open() { return skipToEnd(end) }
            switch splitter.next() {
            case .line(let bytes), .unterminated(let bytes):
                place.offset += Int64(bytes.count) + 1
                if let piece = examine(bytes) { return piece }
            case .tooLong(let bytes):
                place.offset += Int64(bytes) + 1
                if let piece = damage(UnsafeBufferPointer(start: nil, count: 0)) { return piece }
            case .none:
                if try fill() { continue }
                guard let next = shelf.file(after: place.file ?? -1) else { return skipToEnd(end) }
                var start = Place(number: place.number, file: next)
                (start.guess, start.damaged) = (next, place.damaged)
                rewind(to: start)
            }
        }
        return .none
    }

    private mutating func skipToEnd(_ end: Int64) -> Piece {
        let missing = end - place.number - place.damaged
        (place.number, place.damaged) = (end, 0)
        return missing > 0 ? .missing(missing) : .none
    }

    /// nil for a line before those that are asked for.
    private mutating func examine(_ bytes: UnsafeBufferPointer<UInt8>) -> Piece? {
        guard let record = SpoolRecord(bytes) else { return damage(bytes) }
        place.guess = record.number + 1
        // Before the place where reading began; or one that stands in the log again.
        guard record.number >= place.number else { return nil }
        let missing = max(record.number - place.number - place.damaged, 0)
        (place.number, place.damaged) = (record.number + 1, 0)
        return .line(record, missing: missing)
    }

    /// nil for a line before those that are asked for. Damage never moves the number: it may have more newlines than there were lines.
    private mutating func damage(_ bytes: UnsafeBufferPointer<UInt8>) -> Piece? {
        place.guess += 1
        guard place.guess > place.number else { return nil }
        place.damaged += 1
        return .damage(bytes)
    }

    /// Opens the file of the place; false if the log has none.
    private mutating func open() throws(ToolFailure) -> Bool {
        while true {
            let isKnown = place.file != nil
            if !isKnown {
                place.file = shelf.file(of: place.number)
                (place.offset, place.guess, place.damaged) = (0, place.file ?? 0, 0)
            }
            guard let file = place.file else { return false }
            let path = shelf.path(file)
            descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            if descriptor >= 0, lseek(descriptor, off_t(place.offset), SEEK_SET) >= 0 { break }
            // All before the place may have been stored and taken away since.
            guard isKnown, errno == ENOENT else {
                throw ToolFailure(.ioError, "cannot open \(path) of the spool: \(SystemError.text()); check the directory of --spool")
            }
            place.file = nil
        }
        splitter = SpoolReader.splitter()
        return true
    }

    private mutating func fill() throws(ToolFailure) -> Bool {
        while true {
            let count = read(descriptor, splitter.spare(SpoolReader.readBytes), SpoolReader.readBytes)
            if count > 0 { splitter.commit(count) }
            if count >= 0 { return count > 0 }
            guard errno == EINTR else {
                throw ToolFailure(.ioError, "cannot read \(shelf.path(place.file ?? 0)): \(SystemError.text()); check the disk")
            }
        }
    }
}
