import JSON
import MarketModel
import UnixTool

/// Lines of a recording that were read ahead, every byte that they are made of, and what their frames say.
final class RecordingBatch<Frames: ReadFrames>: @unchecked Sendable {
    // @unchecked: one thread has it at a time. It changes hands through `BatchQueue`, whose lock orders what one thread wrote before what
    // the other one reads, and whoever has put it there touches it no more.

    /// A line of the recording. Ranges are of `bytes`.
    enum Line {
        /// A frame that came, escapes resolved.
        case received(conn: Int64, frame: Range<Int>, at: Timestamp)
        /// Any other line, or one that is no use, as it stands.
        case other(Range<Int>)
        /// A line that was left out, and how long it was.
        case tooLong(bytes: Int)
    }

    /// Full at so many lines, however short they are.
    private static var linesMax: Int { 4096 }

    private(set) var lines: [Line] = []
    /// What the frames say, each that came in the order of `lines`.
    let frames = Frames()
    private(set) var sequel = BatchSequel.more
    private var bytes: ByteBuffer
    private var readBytesMax = Int.max

    init(bytesMax: Int) { bytes = ByteBuffer(capacity: bytesMax + bytesMax / 4) }

    /// The bytes of a line, valid until the batch is filled anew.
    func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes.bytes[range]) }

    /// Forgets what it holds and reads until it holds `bytesMax` bytes or more, or to the end. False where nothing follows.
    ///
    /// - Parameter readBytesMax: Frames behind so many bytes are left to whoever takes the batch in.
    func fill(
        from reader: inout LineReader, bytesMax: Int, readBytesMax: Int = .max, _ frameReader: some FrameReader<Frames>
    ) -> Bool {
        begin()
        self.readBytesMax = readBytesMax
        while !takeHere(from: &reader, bytesMax: bytesMax, frameReader) {
            sequel = reader.readOnce()
            guard case .more = sequel else { return false }
        }
        return true
    }

    /// Forgets what it holds and takes the lines that were read already, up to `bytesMax` bytes; none where there are none. Never reads.
    func fill(fromHere reader: inout LineReader, bytesMax: Int, _ frameReader: some FrameReader<Frames>) {
        begin()
        _ = takeHere(from: &reader, bytesMax: bytesMax, frameReader)
    }

    private func begin() {
        lines.removeAll(keepingCapacity: true)
        bytes.removeAll()
        bytes.giveBack()
        frames.removeAll()
        sequel = .more
        readBytesMax = .max
    }

    /// True when it is full; false where no more is here.
    private func takeHere(from reader: inout LineReader, bytesMax: Int, _ frameReader: some FrameReader<Frames>) -> Bool {
        while bytes.count < bytesMax, lines.count < RecordingBatch.linesMax {
            switch reader.next() {
            case .line(let line), .unterminated(let line):
                append(line, frameReader)
            case .tooLong(let count):
                lines.append(.tooLong(bytes: count))
            case .none:
                return false
            }
        }
        return true
    }

    private func append(_ line: UnsafeBufferPointer<UInt8>, _ frameReader: some FrameReader<Frames>) {
        let start = bytes.count
        if let (conn, time) = RecordingReader.takeReceived(line, onto: &bytes) {
            lines.append(.received(conn: conn, frame: start..<bytes.count, at: time))
            if start < readBytesMax {
                // Now, while its bytes are near.
                frameReader.read(JSONText(bytes(start..<bytes.count)), onto: frames)
            } else {
                frameReader.leave(onto: frames)
            }
        } else {
            bytes.append(line)
            lines.append(.other(start..<bytes.count))
        }
    }
}
