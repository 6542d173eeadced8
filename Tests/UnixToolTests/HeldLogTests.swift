import Glibc
import TestSupport
import Testing

@testable import UnixTool

/// Each in a process of its own: standard error belongs to the whole process.
@Suite struct HeldLogTests {
    @Test func linesWaitInOrder_andAreWrittenAtRelease() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let pipe = TestPipe()
            dup2(pipe.writeEnd, 2)
            HeldLog.hold()
            for number in 0..<(HeldLog.linesMax + 50) { StderrLog.write(line: "line \(number)\u{1B}") }
            guard !Descriptor.isReadable(pipe.readEnd) else { exit(1) }
            guard HeldLog.count == HeldLog.linesMax + 50, HeldLog.latest(1) == ["line \(HeldLog.linesMax + 49)?"] else { exit(2) }
            HeldLog.release()
            StderrLog.write(line: "after")
            var bytes = [UInt8](repeating: 0, count: 65536)
            let count = read(pipe.readEnd, &bytes, bytes.count)
            let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
            guard lines.count == HeldLog.linesMax + 2, lines.first?.hasPrefix("(50 earlier lines") == true else { exit(3) }
            exit(lines.last == "after" && lines[1] == "line 50?" && HeldLog.count == 0 ? 0 : 4)
        }
    }
}
