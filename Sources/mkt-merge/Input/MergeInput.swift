import Glibc
import JSON
import UnixTool

/// One of the inputs: its descriptor, its bytes, and the line at its head.
///
/// A class, because a reader owns its memory and there are many of them.
final class MergeInput {
    /// What comes next from the bytes that are here.
    enum Advance {
        /// A line, which is now the head.
        case line
        /// A piece that is no line to merge.
        case fault(InputFault)
        /// Nothing before more is read.
        case none
        /// Nothing will ever come.
        case ended
    }

    /// Reading stops when so much waits: a slow input must not make a fast one fill the memory.
    static let backlogBytesMax = 4 << 20

    private let ownName: String
    let path: String
    let kind: MergeOrder.Kind
    let isNamedPipe: Bool
    private(set) var reader: LineReader
    private var marks = ArrivalMarks()
    /// Bytes that were read, whatever became of them; of a directory none.
    private(set) var readBytes = 0
    private var ownLineNumber: Int64 = 0
    private let isGrowing: Bool
    /// What is read in its place, if it is a directory.
    private let segments: SegmentMerge?

    /// The line at the head, without its newline.
    private(set) var head = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// Its `recv_us`.
    private(set) var headReceived: Int64 = 0
    /// Whether the filter lets it through.
    private(set) var isHeadPassed = true
    /// The head's own bytes once the reader's memory may have moved.
    private var kept = ByteBuffer(capacity: 64)

    /// - Parameter times: What of a directory's segments need not be looked at.
    init(_ source: InputSource, times: LineFilter = LineFilter()) {
        ownName = source.name
        isGrowing = source.isGrowing
        segments = source.segments.map { SegmentMerge($0, times: times) }
        path = source.path
        kind = source.kind
        isNamedPipe = source.isNamedPipe
        reader = LineReader(descriptor: source.descriptor, name: source.name)
    }

    /// For messages, as the next: of a directory, the segment that is read.
    var name: String { segments?.current?.name ?? ownName }

    /// The segment whose program is waited for; nil if none is.
    var stalledPath: String? { segments?.stalledPath }

    /// Number of the line at the head.
    var lineNumber: Int64 { segments?.current?.ownLineNumber ?? ownLineNumber }

    var descriptor: Int32 { reader.descriptor }

    /// Whether to read before lines have gone: neither is the end seen, nor does too much wait already.
    var isReadWorthwhile: Bool { !reader.isAtEnd && reader.pendingCount <= MergeInput.backlogBytesMax }

    /// Steps to the next line that is here.
    @inline(__always)
    func advance(_ filter: LineFilter) -> Advance {
        if let segments { return advance(segments, filter) }
        while true {
            switch reader.next() {
            case .line(let line):
                ownLineNumber += 1
                guard let keys = LineKeys.find(in: line, names: filter.needsNames), keys.type != nil || !filter.needsType else {
                    if MergeInput.isBlank(line) { continue }
                    return .fault(.malformed(line))
                }
                return take(line, keys, filter)
            case .unterminated(let line):
                ownLineNumber += 1
                if isGrowing || MergeInput.isBlank(line) { continue }
                return last(line, filter)
            case .tooLong(let bytes):
                ownLineNumber += 1
                return .fault(.tooLong(bytes: bytes))
            case .none:
                return reader.isAtEnd ? .ended : .none
            }
        }
    }

    private func advance(_ segments: SegmentMerge, _ filter: LineFilter) -> Advance {
        let step = segments.advance(filter)
        if case .line = step, let current = segments.current {
            head = current.head
            headReceived = current.headReceived
            isHeadPassed = current.isHeadPassed
        }
        return step
    }

    /// The last line, which lacks its newline: only if every bracket and quote of it is there was it not cut short.
    private func last(_ line: UnsafeBufferPointer<UInt8>, _ filter: LineFilter) -> Advance {
        var scanner = JSONScanner(line)
        let isWhole = (try? scanner.skipValue()) != nil && (try? scanner.finish()) != nil
        guard isWhole else { return .fault(line.first == UInt8(ascii: "{") ? .torn(line) : .malformed(line)) }
        guard let keys = LineKeys.find(in: line, names: filter.needsNames), keys.type != nil || !filter.needsType else {
            return .fault(.malformed(line))
        }
        return take(line, keys, filter)
    }

    @inline(__always)
    private func take(_ line: UnsafeBufferPointer<UInt8>, _ keys: LineKeys, _ filter: LineFilter) -> Advance {
        head = line
        headReceived = keys.received
        isHeadPassed = filter.passes(keys)
        return .line
    }

    private static func isBlank(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }

    /// What follows the line behind the head, as far as it is here: nothing where that line is not here to its end. Of a directory nothing.
    func behindNext() -> UnsafeBufferPointer<UInt8> { reader.behindNext() }

    /// When all of the head had arrived.
    func headArrivedMicros() -> Int64 {
        kind == .recorded ? 0 : marks.micros(ofBytes: readBytes - reader.pendingCount)
    }

    /// Reads once. A recorded input waits for the disk; a live one was seen to be readable, or is a FIFO of ours, which never waits.
    ///
    /// - Returns: False where a program that decompresses has nothing to give for now: clocks and signals come first then.
    @discardableResult
    func fill(keepingHead: Bool, nowMicros: Int64) throws(ToolFailure) -> Bool {
        if let segments { return try segments.fill() }
        if keepingHead, head.baseAddress != kept.bytes.baseAddress {
            kept.removeAll()
            kept.append(head)
            head = kept.bytes
        }
        let before = reader.pendingCount
        guard try reader.fill() else { return true }
        readBytes += reader.pendingCount - before
        if kind == .live { marks.add(bytes: readBytes, micros: nowMicros) }
        return true
    }

    /// Closes what was read to its end.
    func close() {
        if let segments { return segments.close() }
        if reader.descriptor != 0 { Glibc.close(reader.descriptor) }
    }

    /// A followed FIFO has lost its last writer: opens it anew, since the old descriptor would tell of the hang-up for ever.
    ///
    /// The new one is opened before the old one is closed, so a writer that comes in between finds a reader. False if the FIFO is gone.
    func reopen() -> Bool {
        guard let source = try? InputSource.open(path) else { return false }
        guard source.isNamedPipe else {
            Glibc.close(source.descriptor)
            return false
        }
        Glibc.close(reader.descriptor)
        reader = LineReader(descriptor: source.descriptor, name: ownName)
        marks = ArrivalMarks()
        readBytes = 0
        return true
    }
}
