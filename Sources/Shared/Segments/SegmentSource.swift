import Glibc
public import UnixTool

/// A segment that is open for reading: its file, or the pipe of the program that decompresses it.
///
/// Whoever reads it asks `isReadable` before each read, so that a program that hangs holds up neither clocks nor signals. When nobody
/// holds it any more, the program is ended and the descriptor closed.
public final class SegmentSource {
    /// How long a program is waited for before clocks and signals are looked at.
    private static let lookMillis: Int32 = 50

    /// The file that is read, for messages.
    public let path: String
    /// Where its lines are read from; no read of it ever waits.
    public let descriptor: Int32
    /// Whether somebody may write to it still, so that what stands behind its last newline is no line yet.
    public let isGrowing: Bool
    /// Whether its program had nothing to give when it was looked at last, and had not ended.
    public private(set) var isStalled = false
    private let program: FileProgram?
    private var isClosed = false

    init(path: String, descriptor: Int32, isGrowing: Bool) {
        (self.path, self.descriptor, self.isGrowing, program) = (path, descriptor, isGrowing, nil)
    }

    /// Reads through the system's program, such as `zstd -dc`. It has the file as its input, which is the caller's to close.
    init(decompressing path: String, _ file: Int32, with program: String) throws(ToolFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ToolFailure(.ioError, "no descriptor is left for a pipe: \(SystemError.text()); raise ulimit -n")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { Glibc.close(ends[1]) }
        do throws(ToolFailure) {
            self.program = try FileProgram([program, "-dc"], input: file, output: ends[1])
        } catch {
            Glibc.close(ends[0])
            throw ToolFailure(.noInput, "cannot read \(path): \(error.message); install it, or decompress the file first")
        }
        (self.path, descriptor, isGrowing) = (path, ends[0], false)
    }

    deinit { close() }

    /// Whether a read gives something or the end now; false if its program has nothing to give for 50 ms, or a signal came.
    public func isReadable() -> Bool {
        guard program != nil else { return true }
        isStalled = !Descriptor.waitReadable([descriptor], timeoutMillis: SegmentSource.lookMillis)[0]
        return !isStalled
    }

    /// Closes what was read to its end; false while its program has not ended, which is waited for 50 ms each time.
    ///
    /// - Throws: What the program failed with: it has not told all then.
    public func finish() throws(ToolFailure) -> Bool {
        guard let program else {
            close()
            return true
        }
        var end = program.takeEnd()
        if end == nil {
            // Its end is a signal, which ends the wait.
            Descriptor.wait(for: [], timeoutMillis: SegmentSource.lookMillis)
            end = program.takeEnd()
        }
        isStalled = end == nil
        guard let end else { return false }
        close()
        guard let fault = FileProgram.fault(ofEnd: end) else { return true }
        throw ToolFailure(.ioError, "cannot decompress \(path): its program \(fault); check the file")
    }

    /// Gives up reading; a second time does nothing.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        Glibc.close(descriptor)
    }
}
