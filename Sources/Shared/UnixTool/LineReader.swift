import Glibc
import JSON

/// Lines of a file descriptor.
public struct LineReader: ~Copyable {
    /// As much as one read asks for.
    public static let readBytes = 1 << 18

    public let descriptor: Int32
    /// For messages: a path, or `standard input`.
    public let name: String
    private let readBytes: Int
    private var splitter: LineSplitter
    public private(set) var isAtEnd = false

    public init(
        descriptor: Int32, name: String, lineBytesMax: Int = LineSplitter.lineBytesMax, readBytes: Int = LineReader.readBytes
    ) {
        self.descriptor = descriptor
        self.name = name
        self.readBytes = readBytes
        splitter = LineSplitter(lineBytesMax: lineBytesMax, capacity: readBytes)
        Descriptor.widenPipe(descriptor)
    }

    /// Opens a file, a FIFO, or standard input (`-`).
    public static func open(_ path: String, lineBytesMax: Int = LineSplitter.lineBytesMax) throws(ToolFailure) -> LineReader {
        if path == "-" { return LineReader(descriptor: 0, name: "standard input", lineBytesMax: lineBytesMax) }
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ToolFailure(.noInput, "cannot open \(path): \(SystemError.text()); check the path")
        }
        guard !Descriptor.isDirectory(descriptor) else {
            close(descriptor)
            throw ToolFailure(.noInput, "\(path) is a directory; name the files in it")
        }
        return LineReader(descriptor: descriptor, name: path, lineBytesMax: lineBytesMax)
    }

    /// Bytes that were read and not yet given out.
    public var pendingCount: Int { splitter.pendingCount }

    /// What follows the line that comes next, as far as it is here: nothing where that line is not here to its end.
    @inline(__always)
    public mutating func behindNext() -> UnsafeBufferPointer<UInt8> { splitter.behindNext() }

    /// The next line that is already here.
    public mutating func next() -> LineSplitter.Piece { splitter.next() }

    /// Leaves the lines that were given out, and their memory, to `other`, and goes on in what `other` had. They stay valid until it comes back.
    mutating func changeMemory(with other: inout LineSplitter) {
        swap(&splitter, &other)
        other.handRest(to: &splitter)
    }

    /// Reads once, waiting for bytes if there are none. False at the end of input, or when a signal came instead.
    public mutating func fill() throws(ToolFailure) -> Bool {
        guard !isAtEnd else { return false }
        let count = read(descriptor, splitter.spare(readBytes), readBytes)
        if count > 0 {
            splitter.commit(count)
            return true
        }
        if count == 0 {
            isAtEnd = true
            splitter.end()
            return false
        }
        guard errno == EINTR || errno == EAGAIN else {
            throw ToolFailure(.ioError, "cannot read \(name): \(SystemError.text())")
        }
        return false
    }
}
