import Glibc
import JSON
import Testing
import UnixTool

@Suite struct LineWriterTests {
    private let pipe = TestPipe()

    private func put(_ writer: inout LineWriter, _ line: String) throws {
        let start = writer.buffer.count
        writer.buffer.append(utf8: line + "\n")
        try writer.endLine(from: start)
    }

    @Test func lines_waitUntilTheyAreFlushed() throws {
        var writer = LineWriter(descriptor: pipe.writeEnd)
        try put(&writer, "a")
        try put(&writer, "b")
        #expect(pipe.received() == "")
        try writer.flush()
        #expect(pipe.received() == "a\nb\n")
        let (lines, bytes, waiting) = (writer.lineCount, writer.byteCount, writer.buffer.count)
        #expect(lines == 2 && bytes == 4 && waiting == 0)
        try writer.flush()
        #expect(pipe.received() == "")
    }

    @Test func lineBuffered_writesEveryLineAtOnce() throws {
        var writer = LineWriter(descriptor: pipe.writeEnd, isLineBuffered: true)
        try put(&writer, "a")
        #expect(pipe.received() == "a\n")
        try put(&writer, "b")
        #expect(pipe.received() == "b\n")
    }

    @Test func fullBuffer_isWritten_inWholeLines() throws {
        var writer = LineWriter(descriptor: pipe.writeEnd)
        let line = String(repeating: "x", count: 1023)
        for _ in 0..<63 { try put(&writer, line) }
        #expect(pipe.received() == "")
        try put(&writer, line)
        let received = pipe.received()
        #expect(received.utf8.count == 64 * 1024)
        #expect(received.hasSuffix("x\n"))
    }

    @Test func oldestLine_isWrittenAfterFiveMilliseconds() throws {
        var writer = LineWriter(descriptor: pipe.writeEnd)
        try writer.flushIfDue(nowMicros: 0)
        try put(&writer, "a")
        try writer.flushIfDue(nowMicros: 1000)
        try put(&writer, "b")
        try writer.flushIfDue(nowMicros: 5999)
        #expect(pipe.received() == "")
        try writer.flushIfDue(nowMicros: 6000)
        #expect(pipe.received() == "a\nb\n")
        try put(&writer, "c")
        try writer.flushIfDue(nowMicros: 20_000)
        #expect(pipe.received() == "")
        try writer.flushIfDue(nowMicros: 25_000)
        #expect(pipe.received() == "c\n")
    }

    @Test func linesBeyondTheLimit_areNotWritten() throws {
        var writer = LineWriter(descriptor: pipe.writeEnd, linesMax: 2)
        for line in ["a", "b", "c", "d"] { try put(&writer, line) }
        try writer.flush()
        #expect(pipe.received() == "a\nb\n")
        let (lines, isFull) = (writer.lineCount, writer.isFull)
        #expect(lines == 2 && isFull)
        var none = LineWriter(descriptor: pipe.writeEnd, linesMax: 0)
        let isFullAtOnce = none.isFull
        #expect(isFullAtOnce)
        try put(&none, "x")
        try none.flush()
        #expect(pipe.received() == "")
    }

    @Test func readerThatIsGone_isTheQuietEnd() throws {
        var writer = LineWriter(descriptor: pipe.writeEnd)
        try put(&writer, "a")
        pipe.closeRead()
        do {
            try writer.flush()
            Issue.record("the line went nowhere")
        } catch {
            #expect(error is ReaderGone)
        }
    }

    @Test func fullDisk_isAnIOError() throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        var writer = LineWriter(descriptor: full)
        try put(&writer, "a")
        #expect { try writer.flush() } throws: { ($0 as? ToolFailure)?.status == .ioError }
    }

    /// More than the pipe holds, on a pipe that somebody made non-blocking, read by a slow reader: every byte arrives once.
    @Test func nonBlockingPipe_isWaitedFor() async throws {
        let readEnd = pipe.readEnd
        _ = fcntl(pipe.writeEnd, F_SETFL, O_NONBLOCK)
        let lines = (0..<60_000).map { "line \($0)" }
        let reader = Task.detached {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4096)
            while case let count = read(readEnd, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
            return bytes
        }
        var writer = LineWriter(descriptor: pipe.writeEnd)
        for line in lines { try put(&writer, line) }
        try writer.flush()
        pipe.closeWrite()
        let expected = lines.joined(separator: "\n") + "\n"
        #expect(await reader.value == Array(expected.utf8))
        let bytes = writer.byteCount
        #expect(bytes == Int64(expected.utf8.count))
    }
}
