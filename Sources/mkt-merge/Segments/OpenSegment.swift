import Glibc
import UnixTool

/// A segment that is read: its input, and the program that decompresses it, if one does.
final class OpenSegment {
    let input: MergeInput
    private let program: FileProgram?
    /// The largest `recv_us` so far.
    var newest = Int64.min
    /// Its head is known and has not gone.
    var hasHead = false
    /// All of it was read.
    var isEnded = false

    init(_ source: InputSource, program: FileProgram?) {
        input = MergeInput(source)
        self.program = program
    }

    /// Reads through the system's program, such as `zstd -dc`.
    convenience init(decompressing path: String, with program: String) throws(ToolFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ToolFailure(.ioError, "no descriptor is left for a pipe: \(SystemError.text()); raise ulimit -n")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { Glibc.close(ends[1]) }
        let child: FileProgram
        do throws(ToolFailure) {
            child = try FileProgram([program, "-dc", "--", path], output: ends[1])
        } catch {
            Glibc.close(ends[0])
            throw ToolFailure(.noInput, "cannot read \(path): \(error.message); install it, or decompress the file first")
        }
        let source = InputSource(path: path, name: path, descriptor: ends[0], kind: .recorded, isNamedPipe: false)
        self.init(source, program: child)
    }

    /// Closes what was read to its end. A program that failed has not told all.
    func finish() throws(ToolFailure) {
        input.close()
        guard let status = program?.waitForEnd(), let fault = FileProgram.fault(ofEnd: status) else { return }
        throw ToolFailure(.ioError, "cannot decompress \(input.path): its program \(fault); check the file")
    }
}
