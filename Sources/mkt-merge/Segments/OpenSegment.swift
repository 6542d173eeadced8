import Glibc
import UnixTool

/// A segment that is read: its input, and the program that decompresses it, if one does.
final class OpenSegment {
    /// How long a program is waited for before clocks and signals are looked at.
    private static let lookMillis: Int32 = 50

    let input: MergeInput
    private let program: FileProgram?
    /// The largest `recv_us` so far.
    var newest = Int64.min
    /// Its head is known and has not gone.
    var hasHead = false
    /// All of it was read.
    var isEnded = false
    /// Its program had nothing to give when it was looked at last, and had not ended.
    private(set) var isStalled = false

    init(_ source: InputSource, program: FileProgram?) {
        input = MergeInput(source)
        self.program = program
    }

    /// Reads through the system's program, such as `zstd -dc`. It has the file as its input, which is ours to close.
    convenience init(decompressing file: InputSource, with program: String) throws(ToolFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ToolFailure(.ioError, "no descriptor is left for a pipe: \(SystemError.text()); raise ulimit -n")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { Glibc.close(ends[1]) }
        let child: FileProgram
        do throws(ToolFailure) {
            child = try FileProgram([program, "-dc"], input: file.descriptor, output: ends[1])
        } catch {
            Glibc.close(ends[0])
            throw ToolFailure(.noInput, "cannot read \(file.path): \(error.message); install it, or decompress the file first")
        }
        let source = InputSource(path: file.path, name: file.path, descriptor: ends[0], kind: .recorded, isNamedPipe: false)
        self.init(source, program: child)
    }

    /// Reads once; false if its program has nothing to give for now.
    func fill() throws(ToolFailure) -> Bool {
        if program != nil {
            isStalled = !Descriptor.waitReadable([input.descriptor], timeoutMillis: OpenSegment.lookMillis)[0]
            if isStalled { return false }
        }
        return try input.fill(keepingHead: false, nowMicros: 0)
    }

    /// Closes what was read to its end; false while its program has not ended. One that failed has not told all.
    func finish() throws(ToolFailure) -> Bool {
        guard let program else {
            input.close()
            return true
        }
        var end = program.takeEnd()
        if end == nil {
            // Its end is a signal, which ends the wait.
            Descriptor.wait(for: [], timeoutMillis: OpenSegment.lookMillis)
            end = program.takeEnd()
        }
        isStalled = end == nil
        guard let end else { return false }
        input.close()
        guard let fault = FileProgram.fault(ofEnd: end) else { return true }
        throw ToolFailure(.ioError, "cannot decompress \(input.path): its program \(fault); check the file")
    }
}
